import { afterEach, describe, expect, it, vi } from "vitest";
import { stage } from "./testing/stage.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Answers each URL with what `statusOf` says, and an empty object. */
function stubFetch(statusOf: (url: string) => number): string[] {
  const fetched: string[] = [];
  vi.stubGlobal("fetch", (url: string) => {
    fetched.push(url);
    return Promise.resolve(new Response("{}", { status: statusOf(url) }));
  });
  return fetched;
}

describe("PackageInquiry", () => {
  it("downloads nothing but the manifest before the user agrees", async () => {
    const { app, rerankers, store } = await stage();
    const fetched = stubFetch(() => 200);
    await app.inquiry.ask("./models/other");
    expect(fetched).toEqual(["https://page.test/models/other/manifest.json"]);
    expect(app.inquiry.state.value).toMatchObject({ type: "refused", error: { code: "model-invalid" } });
    await app.inquiry.ask("javascript:alert(1)");
    expect(app.inquiry.state.value).toMatchObject({ type: "refused", error: { details: { reason: "address" } } });
    await app.inquiry.accept(true);
    expect(rerankers).toHaveLength(1);
    expect(store.jobs).toEqual([]);
  });

  it("says of a repository with a checkpoint that it must be compiled, and how", async () => {
    const { app } = await stage();
    stubFetch((url) => (/manifest\.json|index\.json/.test(url) ? 404 : 200));
    await app.inquiry.ask("owner/name");
    expect(app.inquiry.state.value).toMatchObject({
      type: "refused",
      error: { details: { reason: "checkpoint", command: "npm run compile-model -- owner/name --out DIR" } },
    });
  });

  it.each([
    [404, "repository-empty"],
    [401, "repository-closed"],
    [403, "repository-closed"],
  ])("tells what HTTP %i of the hub means", async (status, reason) => {
    const { app } = await stage();
    stubFetch(() => status);
    await app.inquiry.ask("owner/name");
    expect(app.inquiry.state.value).toMatchObject({ type: "refused", error: { details: { reason } } });
  });

  it("offers an ONNX model of the hub in the precisions that run here, pinned to a commit", async () => {
    const { app, store } = await stage();
    const answers: Readonly<Record<string, unknown>> = {
      "api/models/owner/name/revision/main": { sha: "c0", cardData: { license: "mit" }, safetensors: { total: 7 } },
      "api/models/owner/name/tree/c0?recursive=1": [
        ...["config.json", "tokenizer.json", "tokenizer_config.json"].map((path) => ({ type: "file", path, size: 1 })),
        { type: "file", path: "onnx/model.onnx", size: 90 },
        { type: "file", path: "onnx/model_fp16.onnx", size: 50 },
        { type: "file", path: "onnx/model_quantized.onnx", size: 30 },
      ],
      "owner/name/resolve/c0/config.json": { model_type: "bert", id2label: { 0: "a" } },
    };
    vi.stubGlobal("fetch", (url: string) => {
      const answer = answers[url.replace("https://hub.test/", "")];
      return Promise.resolve(new Response(JSON.stringify(answer), { status: answer === undefined ? 404 : 200 }));
    });
    await app.inquiry.ask("owner/name");
    const state = app.inquiry.state.value;
    const choices = state.type === "offered" ? state.choices : [];
    expect(choices.map(({ name, variants: [variant] }) => [name, variant?.device, variant?.bytes])).toEqual([
      ["owner/name (q8)", "wasm", 33],
      ["owner/name (fp32)", "webgpu", 93],
    ]);
    expect(choices[0]).toMatchObject({
      url: "transformers:q8:https://hub.test/owner/name/resolve/c0/",
      licence: "mit",
      parameters: 7,
    });
    app.inquiry.choose(choices[1]?.url ?? "");
    expect(app.inquiry.state.value).toMatchObject({ offer: { name: "owner/name (fp32)" } });
    await app.inquiry.accept(false);
    expect(app.library.listed.map(({ choice }) => choice.name)).toContain("owner/name (fp32)");
    expect(store.jobs).toEqual([]);
  });
});
