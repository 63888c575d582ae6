import { readFileSync } from "node:fs";
import type { Browser } from "@playwright/test";

/** Peak resident memory of a process in bytes, as Linux keeps it (VmHWM); undefined elsewhere, or when it is gone. */
export function peakBytes(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${String(pid)}/status`, "utf8");
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}

/** Calls `read` until the process ends; the last value is its peak, for the peak only grows. */
export function watchPeak(pid: number): { readonly stop: () => number | undefined } {
  let last = peakBytes(pid);
  const timer = setInterval(() => (last = peakBytes(pid) ?? last), 100);
  return {
    stop: () => {
      clearInterval(timer);
      return last;
    },
  };
}

export interface TabMemory {
  /** Largest of the renderer processes: the tab with its workers. */
  readonly rendererPeakBytes: number | undefined;
  /** The process that holds what lies on the GPU, where the GPU is emulated. */
  readonly gpuPeakBytes: number | undefined;
}

/** Peaks of a running Chromium's processes, which its DevTools protocol names. */
export async function tabMemory(browser: Browser): Promise<TabMemory> {
  const devtools = await browser.newBrowserCDPSession();
  const { processInfo } = await devtools.send("SystemInfo.getProcessInfo");
  await devtools.detach();
  const largest = (type: string): number | undefined => {
    const peaks = processInfo.flatMap((it) => (it.type === type ? (peakBytes(it.id) ?? []) : []));
    return peaks.length === 0 ? undefined : Math.max(...peaks);
  };
  return { rendererPeakBytes: largest("renderer"), gpuPeakBytes: largest("GPU") };
}
