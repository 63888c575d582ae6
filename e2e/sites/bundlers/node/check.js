// Importing on a server does nothing, and a call says why it cannot. The element is for browsers only.
import assert from "node:assert/strict";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const entries = Object.keys(require("sunwi/package.json").exports).filter((entry) => !/element|json/.test(entry));
const before = [Reflect.ownKeys(globalThis), process.getActiveResourcesInfo()];
for (const entry of entries) {
  const exported = Object.values(await import(entry.replace(".", "sunwi")));
  assert.ok(exported.length > 0 && exported.every((value) => typeof value === "function"), entry);
}
assert.deepEqual([Reflect.ownKeys(globalThis), process.getActiveResourcesInfo()], before);

const { rerank, RerankError } = await import("sunwi");
await assert.rejects(rerank({ query: "환불", documents: ["환불"] }), RerankError);
// Node has been able to since 20.19.
assert.equal(require("sunwi").rerank, rerank);
console.log(entries.join(" "));
