import { DefaultContextGenerator } from "@llamaindex/core/chat-engine";
import type { BaseNodePostprocessor } from "@llamaindex/core/postprocessor";
import { BaseRetriever } from "@llamaindex/core/retriever";
import { TextNode, type NodeWithScore } from "@llamaindex/core/schema";
import { expect, test } from "vitest";
import { createNodePostprocessor } from "./llamaindex.ts";
import { WordReranker } from "./testing/word-reranker.ts";

const QUERY = "환불 기한";

function nodes(scores: readonly (number | undefined)[] = []): NodeWithScore[] {
  const texts = ["배송은 이틀 걸립니다.", "환불은 고객 센터에서 합니다.", "환불 기한은 7일입니다."];
  return texts.map((text, at) => ({
    node: new TextNode({ id_: `n${String(at)}`, text, metadata: { file: `${String(at)}.md` } }),
    ...(at in scores && { score: scores[at] }),
  }));
}

class ListRetriever extends BaseRetriever {
  readonly #found: NodeWithScore[];

  constructor(found: NodeWithScore[]) {
    super();
    this.#found = found;
  }

  override _retrieve(): Promise<NodeWithScore[]> {
    return Promise.resolve(this.#found);
  }
}

test("a chat engine reads its nodes in the model's order", async () => {
  const postprocessor: BaseNodePostprocessor = createNodePostprocessor(new WordReranker(), { topN: 2 });
  const retriever = new ListRetriever(nodes([0.9, 0.8, 0.7]));
  const generator = new DefaultContextGenerator({ retriever, nodePostprocessors: [postprocessor] });
  const context = await generator.generate(QUERY);
  expect(context.nodes.map(({ node }) => node.id_)).toEqual(["n2", "n1"]);
  expect(JSON.stringify(context.message.content)).toMatch(/환불 기한은 7일입니다.[^]*환불은 고객 센터에서 합니다./);
});

test("the nodes are the same, their score is the model's, and the list given stays as it was", async () => {
  const given = nodes([0.9, 0.8, 0.7]);
  const found = await createNodePostprocessor(new WordReranker()).postprocessNodes(given, QUERY);
  expect(found.map(({ node }) => node)).toEqual([given[2]?.node, given[1]?.node, given[0]?.node]);
  expect(found[0]?.node).toBe(given[2]?.node);
  expect(found[0]?.score).toBeCloseTo(1 / (1 + Math.exp(-2)), 12);
  expect(given.map(({ score }) => score)).toEqual([0.9, 0.8, 0.7]);
});

test("metadata is read where it was asked for", async () => {
  const reranker = new WordReranker();
  await createNodePostprocessor(reranker).postprocessNodes(nodes(), QUERY);
  await createNodePostprocessor(reranker, { metadataMode: "ALL" }).postprocessNodes(nodes(), QUERY);
  expect(reranker.calls.map(({ documents }) => documents[0]?.text)).toEqual([
    "배송은 이틀 걸립니다.",
    "file: 0.md\n\n배송은 이틀 걸립니다.",
  ]);
});

test("of a query in parts, the texts are read", async () => {
  const reranker = new WordReranker();
  const postprocessor: BaseNodePostprocessor = createNodePostprocessor(reranker);
  await postprocessor.postprocessNodes(nodes(), [
    { type: "text", text: "환불" },
    { type: "image", data: "", mimeType: "image/png" },
    { type: "text", text: "기한" },
  ]);
  expect(reranker.calls[0]?.query).toBe("환불\n기한");
});

test.each([
  { scores: [9, 1, 1], useScores: true, expected: ["n0", "n2", "n1"] },
  { scores: [9, 1, 1], useScores: false, expected: ["n2", "n1", "n0"] },
  { scores: [9, undefined, 1], useScores: true, expected: ["n2", "n1", "n0"] },
  { scores: [9, 1, -1], useScores: true, expected: ["n2", "n1", "n0"] },
  { scores: [9, 1, Number.POSITIVE_INFINITY], useScores: true, expected: ["n2", "n1", "n0"] },
])("first-stage scores $scores, useScores $useScores", async ({ scores, useScores, expected }) => {
  const found = await createNodePostprocessor(new WordReranker(), { useScores }).postprocessNodes(nodes(scores), QUERY);
  expect(found.map(({ node }) => node.id_)).toEqual(expected);
});

test("signals and limits are passed on", async () => {
  const reranker = new WordReranker();
  reranker.waits = true;
  const controller = new AbortController();
  const { signal } = controller;
  const postprocessor = createNodePostprocessor(reranker, { topN: 3, maxTokensPerDoc: 64, blend: "none" });
  const outcome = expect(postprocessor.postprocessNodes(nodes(), QUERY, { signal, topN: 1 })).rejects.toMatchObject({
    code: "aborted",
  });
  controller.abort();
  await outcome;
  expect(reranker.calls[0]?.options).toEqual({ signal, topN: 1, maxTokensPerDoc: 64, blend: "none" });
});

test("an empty list stays one", async () => {
  const reranker = new WordReranker();
  expect(await createNodePostprocessor(reranker).postprocessNodes([], QUERY)).toEqual([]);
  expect(reranker.calls).toEqual([]);
});

test.each([
  { given: nodes(), query: undefined, message: "postprocessNodes was given no query to rank the nodes by" },
  { given: nodes(), query: [{ type: "image" }], message: "the query is empty" },
  { given: "a", query: QUERY, message: "nodes must be an array" },
])("bad input is refused: $message", async ({ given, query, message }) => {
  const postprocessor = createNodePostprocessor(new WordReranker());
  await expect(postprocessor.postprocessNodes(given as NodeWithScore[], query)).rejects.toMatchObject({
    code: "invalid-input",
    message: `Nothing was reranked: ${message}.`,
  });
});
