/** Calls of the page's API to copy, each in the words of its service. */
type EndpointExample = "fetch" | "cohere" | "tei";

/** What the examples ask, and the try-it button: read by the model, so in Korean whatever the page speaks. */
export const EXAMPLE_CALL = {
  model: "sunwi-mini",
  query: "환불은 며칠 안에 되나요?",
  documents: ["배송은 이틀 걸립니다.", "환불은 7일 안에 됩니다.", "회원 등급은 매달 바뀝니다."],
  top_n: 2,
};

const { query, documents, model } = EXAMPLE_CALL;
const quoted = (value: unknown): string => JSON.stringify(value);
const inLine = `[${documents.map(quoted).join(", ")}]`;
const list = documents.map((text) => `    ${quoted(text)},`).join("\n");

/** @param baseUrl ends in a slash */
export function endpointSnippets(baseUrl: string): readonly (readonly [EndpointExample, string])[] {
  return [
    [
      "fetch",
      `const response = await fetch("${baseUrl}v2/rerank", {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({
    query: ${quoted(query)},
    documents: ${inLine},
    top_n: 2,
  }),
});
const { results } = await response.json();
// [{ index: 1, relevance_score: … }, …]`,
    ],
    [
      "cohere",
      `import { CohereClientV2 } from "cohere-ai";

const cohere = new CohereClientV2({ token: "none", baseUrl: "${baseUrl.replace(/\/$/, "")}" });
const { results } = await cohere.rerank({
  model: ${quoted(model)},
  query: ${quoted(query)},
  documents: [
${list}
  ],
});`,
    ],
    [
      "tei",
      `const response = await fetch("${baseUrl}rerank", {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ query: ${quoted(query)}, texts: ${inLine} }),
});
const ranks = await response.json();
// [{ index: 1, score: … }, …]`,
    ],
  ];
}
