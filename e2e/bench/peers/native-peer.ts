/** Our pipeline with onnxruntime-node in the place of ONNX Runtime Web: what this CPU can do without a browser. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import type { PackedBatch } from "../../../src/model/batching.ts";
import { parseManifest } from "../../../src/model/manifest.ts";
import { CompiledCrossEncoder } from "../../../worker/cross-encoder.ts";
import type { ScoringSession } from "../../../worker/session.ts";
import { createTokenizer } from "../../../worker/tokenizer.ts";
import type { ScoringTask, TimedRun } from "../../page/speed-task.ts";

/** As in the browser, see worker/load-model.ts. */
const LIMITS = {
  wasm: { tokenBudget: 512, maxPairs: 16, lengthMultiple: 4 },
  webgpu: { tokenBudget: 8192, maxPairs: 64, lengthMultiple: 16 },
};

export interface NativePeer {
  time(tasks: readonly ScoringTask[]): Promise<TimedRun>;
  close(): Promise<void>;
}

/** @param device `wasm` runs that variant's graph on the CPU, `webgpu` the other by the bundled WebGPU provider */
export async function openNativePeer(folder: string, device: "wasm" | "webgpu", threads: number): Promise<NativePeer> {
  const manifest = parseManifest(JSON.parse(await readFile(join(folder, "manifest.json"), "utf8")));
  const variant = manifest.variants.find((one) => one.device === device);
  if (variant === undefined) throw new Error(`${folder} has no variant for ${device}`);
  const session = await InferenceSession.create(join(folder, variant.graph), {
    executionProviders: [device === "wasm" ? "cpu" : "webgpu"],
    intraOpNumThreads: threads,
    graphOptimizationLevel: "all",
    logSeverityLevel: 3,
  });
  const tokenizer = createTokenizer(await readFile(join(folder, manifest.tokenizer)));
  const encoder = new CompiledCrossEncoder(asScoringSession(session), tokenizer, manifest.input, LIMITS[device]);
  return {
    time: async (tasks) => {
      const logits: number[] = [];
      const startedAt = performance.now();
      for (const { query, documents } of tasks) {
        const scores = await encoder.score(documents.map((document) => ({ query, document })));
        logits.push(...scores.logits);
      }
      return { ms: performance.now() - startedAt, logits };
    },
    close: () => encoder.dispose(),
  };
}

function asScoringSession(session: InferenceSession): ScoringSession {
  return {
    runtime: "wasm",
    version: "onnxruntime-node",
    threads: 1,
    run: async (batch) => {
      const { logits } = await session.run(feeds(batch));
      if (logits?.data instanceof Float32Array) return logits.data;
      throw new Error("the graph has no fp32 output called logits");
    },
    release: () => session.release(),
  };
}

function feeds({ pairs, tokens, inputIds, tokenTypeIds, positionIds, keyBias }: PackedBatch): Record<string, Tensor> {
  return {
    input_ids: new Tensor("int32", inputIds, [pairs, tokens]),
    position_ids: new Tensor("int32", positionIds, [tokens]),
    key_bias: new Tensor("float32", keyBias, [pairs, 1, 1, tokens]),
    query_zeros: new Tensor("float32", new Float32Array(tokens), [1, 1, tokens, 1]),
    ...(tokenTypeIds && { token_type_ids: new Tensor("int32", tokenTypeIds, [pairs, tokens]) }),
  };
}
