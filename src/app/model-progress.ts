import type { RerankerState } from "../client/reranker-state.ts";
import type { DownloadProgress, LoadEvent } from "../core/protocol.ts";
import type { Messages } from "./messages/ko.ts";

/** How far loading has come: in words, and as a share where one is known. */
export interface LoadProgress {
  readonly text: string;
  /** 0 to 1; absent while unknown. */
  readonly fraction?: number;
}

/** @returns nothing for a model that is not being loaded */
export function loadProgress(state: RerankerState, t: Messages): LoadProgress | undefined {
  if (state.type === "idle") return { text: t.model.idle };
  if (state.type !== "loading") return undefined;
  return state.event === undefined ? { text: t.model.starting } : describeLoadEvent(state.event, t);
}

function describeLoadEvent(event: LoadEvent, { model }: Messages): LoadProgress {
  switch (event.type) {
    case "manifest":
      return { text: model.preparing(event.downloadBytes) };
    case "device":
      return { text: model.choosing(event.variant) };
    case "download": {
      const loadedBytes = event.storedBytes + event.transferredBytes;
      return {
        text: downloadWords(event, model),
        fraction: event.totalBytes === 0 ? 1 : loadedBytes / event.totalBytes,
      };
    }
    case "session":
      return { text: model.creating };
    case "self-test":
      return {
        text: model.selfTest(event.scoredPairs, event.totalPairs),
        fraction: event.totalPairs === 0 ? 1 : event.scoredPairs / event.totalPairs,
      };
    case "downgrade":
      return { text: model.downgrading(event.from) };
  }
}

function downloadWords(
  { storedBytes, transferredBytes, totalBytes, isWaiting }: DownloadProgress,
  model: Messages["model"],
): string {
  if (isWaiting) return model.loadingElsewhere;
  if (storedBytes === totalBytes && totalBytes > 0) return model.loadingStored(totalBytes);
  return model.downloading(storedBytes + transferredBytes, totalBytes);
}
