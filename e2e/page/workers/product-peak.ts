/** Times a graph of plain matrix products in the runtime that the scoring worker uses: the most that any model could reach. */
import { startRuntime } from "../../../worker/session.ts";

export interface PeakRequest {
  readonly graph: Uint8Array;
  /** [rows, columns] of its only input `x`, uint8. */
  readonly shape: readonly [number, number];
  readonly threads: number;
  readonly rounds: number;
}

self.onmessage = async ({ data }: MessageEvent<PeakRequest>) => {
  try {
    const { graph, shape, threads, rounds } = data;
    const ort = await startRuntime({ device: "wasm", threads });
    const session = await ort.InferenceSession.create(graph, { executionProviders: ["wasm"] });
    const codes = Uint8Array.from({ length: shape[0] * shape[1] }, (_, at) => (at * 37) % 251);
    const x = new ort.Tensor("uint8", codes, shape);
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const startedAt = performance.now();
      await session.run({ x });
      times.push(performance.now() - startedAt);
    }
    self.postMessage({ times });
  } catch (error) {
    self.postMessage({ error: String(error) });
  }
};
