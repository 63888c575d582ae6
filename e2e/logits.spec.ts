import { expect, test } from "./fixtures.ts";
import { absoluteErrors, referencePairs, scoreReference } from "./logits.ts";

test("WASM logits agree with PyTorch's, alone and in padded batches", async ({ driven: page }) => {
  const pairs = referencePairs();
  expect(pairs.length).toBeGreaterThanOrEqual(16);
  const { model, alone, together, oneByOne } = await scoreReference(page, "wasm", pairs);
  const error = absoluteErrors(
    alone,
    pairs.map(({ logit }) => logit),
  );
  console.log(`WASM against PyTorch: mean ${error.mean.toFixed(4)}, max ${error.max.toFixed(4)}`);
  expect(model.device).toBe("wasm");
  expect(error.mean).toBeLessThanOrEqual(0.05);
  // A pair's score must not depend on the pairs it is batched with.
  expect(absoluteErrors(together, oneByOne).max).toBeLessThanOrEqual(1e-4);
});
