/** What an owner puts into their page. */
export interface EmbedChoice {
  /** Selectors, as `<sunwi-rerank>` takes them; "" leaves an attribute out. */
  readonly list: string;
  readonly items: string;
  readonly text: string;
  readonly queryFrom: string;
  /** URL of the model's package; undefined for the one that comes with the package. */
  readonly modelUrl: string | undefined;
  readonly device: "auto" | "webgpu" | "wasm";
  readonly top: number;
  readonly budgetMs: number;
  readonly blend: "auto" | "none";
  readonly consentMb: number | undefined;
  readonly appliesLate: boolean;
  readonly showsRank: boolean;
}

export const STANDARD_EMBED: EmbedChoice = {
  list: "#results",
  items: "",
  text: "",
  queryFrom: "#search",
  modelUrl: undefined,
  device: "auto",
  top: 20,
  budgetMs: 1000,
  blend: "auto",
  consentMb: undefined,
  appliesLate: false,
  showsRank: false,
};

/** Where an owner's copy of the package lies. */
const SCRIPT_URL = "/sunwi/element.js";

/** What a site's Content-Security-Policy must allow where the package lies on the site itself. */
export const CSP = "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'";

/** Attributes of `<sunwi-rerank>`, those that say what holds anyway left out; "" for one that needs no value. */
export function embedAttributes(choice: EmbedChoice): readonly (readonly [name: string, value: string])[] {
  const { list, items, text, queryFrom, modelUrl, device, top, budgetMs, blend, consentMb } = choice;
  const given: readonly (readonly [string, string, boolean])[] = [
    ["for", list, true],
    ["items", items, items !== ""],
    ["text", text, text !== ""],
    ["query-from", queryFrom, true],
    ["model", modelUrl ?? "", modelUrl !== undefined],
    ["device", device, device !== STANDARD_EMBED.device],
    ["top", String(top), top !== STANDARD_EMBED.top],
    ["budget", String(budgetMs), budgetMs !== STANDARD_EMBED.budgetMs],
    ["blend", blend, blend !== STANDARD_EMBED.blend],
    ["consent", `${String(consentMb ?? 0)}MB`, consentMb !== undefined],
    ["late", "apply", choice.appliesLate],
    ["show-rank", "", choice.showsRank],
  ];
  return given.flatMap(([name, value, isTold]) => (isTold ? [[name, value] as const] : []));
}

/** HTML to copy. */
export function embedSnippet(choice: EmbedChoice): string {
  const attributes = embedAttributes(choice).map(([name, value]) =>
    value === ""
      ? name
      : `${name}="${value.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;")}"`,
  );
  return [
    `<script type="module" src="${SCRIPT_URL}"></script>`,
    `<sunwi-rerank ${attributes.join(" ")}></sunwi-rerank>`,
    "",
  ].join("\n");
}
