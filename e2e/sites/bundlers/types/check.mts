// Compiled, never run: what the declarations say to somebody who has installed no other package.
import { loadReranker, rerank, RerankError, type LoadedModel, type RerankResponse } from "sunwi";
import type { RerankedDetail, SunwiRerank } from "sunwi/element";

const response: RerankResponse = await rerank({ query: "환불", documents: ["환불"], top_n: 1 });
export const logit: number | undefined = response.results[0]?.logit;
// @ts-expect-error -- no documents
await rerank({ query: "환불" });

const reranker = await loadReranker({ device: "wasm" });
export const model: LoadedModel = reranker.model;
export const isOurs = (error: unknown): boolean => error instanceof RerankError && error.code === "aborted";

const element: SunwiRerank = document.createElement("sunwi-rerank");
document.body.append(element);
element.hidden = true;
// @ts-expect-error -- no such method
element.misspelt();
element.addEventListener("sunwi-reranked", ({ detail }) => {
  const told: RerankedDetail = detail;
  console.log(told.after.length, told.applied);
});
