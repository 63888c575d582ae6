/** `import "sunwi/element"`, or a script tag: registers `<sunwi-rerank>`. */
import type { WidgetEvents } from "../widget/list-reranker.ts";
import { SunwiRerank } from "../widget/rerank-element.ts";

export { SunwiRerank } from "../widget/rerank-element.ts";
export type { RerankedDetail } from "../widget/list-reranker.ts";

declare global {
  interface HTMLElementTagNameMap {
    "sunwi-rerank": SunwiRerank;
  }
  interface GlobalEventHandlersEventMap {
    "sunwi-reranked": CustomEvent<WidgetEvents["sunwi-reranked"]>;
    "sunwi-error": CustomEvent<WidgetEvents["sunwi-error"]>;
    "sunwi-off": CustomEvent<WidgetEvents["sunwi-off"]>;
  }
}

SunwiRerank.loadLibrary = () => import("./index.ts");
// Two copies of the script on a page are one too many, but no reason to fail.
if (customElements.get("sunwi-rerank") === undefined) customElements.define("sunwi-rerank", SunwiRerank);
