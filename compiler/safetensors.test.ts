import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SafetensorsFile } from "./safetensors.ts";
import { encodeSafetensors } from "./testing/tiny-checkpoint.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "safetensors-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function open(bytes: Uint8Array): Promise<SafetensorsFile> {
  const path = join(folder, "model.safetensors");
  await writeFile(path, bytes);
  return SafetensorsFile.open(path);
}

/** A file with `header` as it is, and four bytes behind it. */
function withHeader(header: string): Uint8Array {
  const length = new Uint8Array(BigUint64Array.of(BigInt(header.length)).buffer);
  return Buffer.concat([length, Buffer.from(header), Buffer.from([0, 0, 128, 63])]);
}

function halves(...words: number[]): Uint8Array {
  return new Uint8Array(Uint16Array.from(words).buffer);
}

const small = encodeSafetensors(
  new Map([
    ["single", { dtype: "F32", shape: [2, 2], bytes: new Uint8Array(Float32Array.of(1, -2.5, 3e-8, 0).buffer) }],
    // 1, -2, largest, smallest denormal, infinity, negative zero
    ["half", { dtype: "F16", shape: [6], bytes: halves(0x3c00, 0xc000, 0x7bff, 0x0001, 0x7c00, 0x8000) }],
    ["brain", { dtype: "BF16", shape: [1, 3], bytes: halves(0x3f80, 0xc049, 0x0001) }],
    ["count", { dtype: "I64", shape: [1], bytes: new Uint8Array(8) }],
  ]),
);

describe("SafetensorsFile", () => {
  it("reads F32, F16 and BF16 as fp32", async () => {
    const file = await open(small);
    expect([...file.tensors.keys()]).toEqual(["single", "half", "brain", "count"]);
    expect(file.tensors.get("single")?.shape).toEqual([2, 2]);
    expect(await file.read("single")).toEqual(Float32Array.of(1, -2.5, 3e-8, 0));
    expect(await file.read("half")).toEqual(Float32Array.of(1, -2, 65504, 2 ** -24, Infinity, -0));
    expect(await file.read("brain")).toEqual(Float32Array.of(1, -3.140625, 2 ** -133));
    await file.close();
  });

  it("reads NaN from F16", async () => {
    const bytes = halves(0x7e00);
    const file = await open(encodeSafetensors(new Map([["a", { dtype: "F16", shape: [1], bytes }]])));
    expect(await file.read("a")).toEqual(Float32Array.of(Number.NaN));
    await file.close();
  });

  it("opens a file with other types, but does not read them", async () => {
    const file = await open(small);
    await expect(file.read("count")).rejects.toMatchObject({ code: "model-invalid", message: /I64.*only F32, F16/ });
    await expect(file.read("absent")).rejects.toThrow(/no tensor "absent"/);
    await file.close();
  });

  it.each([
    ["an empty file", new Uint8Array(0), /shorter than/],
    ["a length beyond the file", small.subarray(0, 20), /header is longer than the file/],
    ["a file cut off", small.subarray(0, small.length - 1), /"count" ends beyond the file/],
    ["a header that is not JSON", withHeader("{broken"), /not JSON/],
    ["a header that is no object", withHeader("[1, 2]"), /does not describe tensors/],
    ["a tensor without a shape", withHeader('{"a": {"dtype": "F32", "data_offsets": [0, 4]}}'), /does not describe/],
  ])("refuses %s", async (_, bytes, message) => {
    await expect(open(bytes)).rejects.toMatchObject({ code: "model-invalid", message });
  });

  it("refuses a tensor whose bytes do not make its shape", async () => {
    const file = await open(withHeader('{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}'));
    await expect(file.read("a")).rejects.toThrow(/"a" has 4 bytes/);
    await file.close();
  });
});
