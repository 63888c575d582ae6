import type { RerankerState } from "../client/reranker-state.ts";
import type { DeviceChoice } from "../core/protocol.ts";

export interface LoadRerankerOptions {
  /** URL of a model package's folder, relative ones against the page. @default the model that comes with the package */
  readonly model?: string;
  /** @default "auto": hardware WebGPU, else WASM */
  readonly device?: DeviceChoice;
  /** Threads for WASM. @default half the cores, 2 to 4; 1 where the page is not cross-origin isolated */
  readonly threads?: number;
  /** Most bytes to download; a load that needs more rejects with code `consent-needed`. @default no limit */
  readonly maxDownloadBytes?: number;
  /** Told of each change of state while the model loads. */
  readonly onState?: (state: RerankerState) => void;
  /** Stops waiting. The load itself goes on for others who wait for it. */
  readonly signal?: AbortSignal;
}
