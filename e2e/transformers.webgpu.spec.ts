/** The same models of the hub on WebGPU, which the CPU plays here. */
import { hubModelUrl } from "../src/model/hub-model-url.ts";
import { expect, test } from "./fixtures.ts";
import { COMMIT, expectedPairs, HubHost } from "./hub-host.ts";
import { openPage, servePage } from "./store-page.ts";

test("logits on WebGPU are PyTorch's, a GPU that gives others is refused, and 8-bit models run in WASM", async ({
  page,
  serve,
}) => {
  const hub = await serve({ roots: [], intercept: new HubHost("modernbert", "xlm-roberta").intercept });
  await openPage(page, (await servePage(serve)).url);
  const load = (name: string, dtype: "fp32" | "q8") =>
    page.evaluate(
      async ({ modelUrl, pairs }) => {
        const reranker = new window.sunwi.WorkerReranker({ name: "hub", modelUrl, device: "webgpu" });
        const model = await reranker.load();
        const logits: number[] = [];
        for (const [index, { query }] of pairs.entries()) {
          const scores = await reranker.scorePairs(
            query,
            pairs.map(({ document }) => document),
          );
          logits.push(scores.logits[index] ?? Number.NaN);
        }
        await reranker.dispose();
        return { model, logits };
      },
      {
        modelUrl: hubModelUrl({ host: hub.url, repository: `owner/${name}`, revision: COMMIT, dtype }),
        pairs: expectedPairs(name),
      },
    );
  for (const name of ["xlm-roberta", "modernbert"]) {
    const { model, logits } = await load(name, "fp32");
    // ONNX Runtime 1.30 gives other numbers for ModernBERT on this adapter, and no error: WASM takes over.
    const isRefused = name === "modernbert";
    expect(model).toMatchObject({ device: isRefused ? "wasm" : "webgpu", variant: "fp32" });
    expect(model.downgrades.map(({ reason }) => reason.includes("differ from the CPU"))).toEqual(
      isRefused ? [true] : [],
    );
    const errors = expectedPairs(name).map(({ logits: [right = NaN] }, i) => Math.abs(right - (logits[i] ?? NaN)));
    expect(Math.max(...errors)).toBeLessThan(1e-3);
  }
  expect((await load("modernbert", "q8")).model).toMatchObject({ device: "wasm", variant: "q8" });
});
