import { describe, expect, it } from "vitest";
import { pairFormatOf, pairTokens, readClassifierConfig, relevanceLogits } from "./classifier.ts";

const BERT = { model_type: "bert", architectures: ["BertForSequenceClassification"], max_position_embeddings: 512 };

describe("readClassifierConfig", () => {
  it("takes one label or two, or none told", () => {
    expect(readClassifierConfig({ ...BERT, id2label: { 0: "a" } }).labels).toBe(1);
    expect(readClassifierConfig({ ...BERT, num_labels: 2 }).labels).toBe(2);
    expect(readClassifierConfig(BERT).labels).toBeUndefined();
  });

  it.each([
    [
      { ...BERT, id2label: { 0: "a", 1: "b", 2: "c" } },
      { reason: "labels", found: 3 },
    ],
    [
      { ...BERT, num_labels: 0 },
      { reason: "labels", found: 0 },
    ],
    [
      { ...BERT, architectures: ["BertModel"] },
      { reason: "architecture", found: "BertModel" },
    ],
    [{}, { problem: "config.json" }],
    [null, { problem: "config.json" }],
  ])("refuses %j", (config, details) => {
    expect(() => readClassifierConfig(config)).toThrow(
      expect.objectContaining({ code: "model-invalid", details: expect.objectContaining(details) as unknown }),
    );
  });

  it("leaves out the positions that XLM-RoBERTa keeps for padding", () => {
    const config = { model_type: "xlm-roberta", max_position_embeddings: 514, pad_token_id: 1 };
    expect(readClassifierConfig(config)).toMatchObject({ positions: 512, padTokenId: 1 });
    expect(pairTokens(readClassifierConfig(config), 8192)).toBe(512);
    expect(pairTokens(readClassifierConfig(BERT), 128)).toBe(128);
    expect(pairTokens(readClassifierConfig({ model_type: "deberta-v2" }), 1e30)).toBe(2048);
  });
});

describe("relevanceLogits", () => {
  it("takes one label's logit as it is, and of two the second's less the first's", () => {
    expect([...relevanceLogits(Float32Array.of(1, -2, 3), 3)]).toEqual([1, -2, 3]);
    expect([...relevanceLogits(Float32Array.of(1, -2, 3, 5), 2)]).toEqual([-3, 2]);
  });

  it("refuses other numbers of labels", () => {
    for (const [length, rows] of [
      [6, 2],
      [3, 2],
      [0, 2],
    ] as const) {
      expect(() => relevanceLogits(new Float32Array(length), rows)).toThrow(/one label or two/);
    }
  });
});

describe("pairFormatOf", () => {
  const query = [7, 8];
  const document = [9];

  it("finds out one separator or two, and segments", () => {
    expect(pairFormatOf({ pair: [0, 7, 8, 2, 2, 9, 2], query, document })).toEqual({
      clsTokenId: 0,
      sepTokenId: 2,
      middleSeparators: 2,
      tokenTypes: "none",
    });
    const pair = [1, 7, 8, 2, 9, 2];
    expect(pairFormatOf({ pair, tokenTypes: [0, 0, 0, 0, 1, 1], query, document })).toMatchObject({
      middleSeparators: 1,
      tokenTypes: "segments",
    });
    expect(pairFormatOf({ pair, tokenTypes: [0, 0, 0, 0, 0, 0], query, document })).toMatchObject({
      tokenTypes: "none",
    });
  });

  it.each([
    [[7, 8, 9], undefined],
    [[1, 7, 8, 9, 2], undefined],
    [[1, 7, 8, 3, 9, 2], undefined],
    [[1, 9, 2, 7, 8, 2], undefined],
    [[1, 7, 8, 2, 2, 2, 9, 2], undefined],
    [
      [1, 7, 8, 2, 9, 2],
      [0, 0, 0, 1, 1, 1],
    ],
    [[], undefined],
  ])("refuses what it cannot do itself: %j", (pair, tokenTypes) => {
    expect(() => pairFormatOf({ pair, query, document, ...(tokenTypes && { tokenTypes }) })).toThrow(
      expect.objectContaining({ code: "model-invalid" }),
    );
  });
});
