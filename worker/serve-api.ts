import { expose } from "comlink";
import { toWireResult } from "../src/core/errors.ts";
import type { WorkerApi } from "../src/core/protocol.ts";

/** Answers the page's calls from now on; messages sent before that would be lost. */
export function serveApi<Api extends WorkerApi>(calls: Omit<Api, keyof WorkerApi> & Pick<WorkerApi, "cancel">): void {
  expose({ ...calls, hello: () => toWireResult(holdLifeLock, "worker-crashed") });
}

/**
 * Takes a lock that only the end of this worker gives back, so that the page learns even of an end that raises no
 * event. Locks need a secure context; elsewhere the name is empty.
 */
async function holdLifeLock(): Promise<{ readonly lockName: string }> {
  const locks = navigator.locks as LockManager | undefined;
  if (locks === undefined) return { lockName: "" };
  const lockName = `sunwi-worker-${crypto.randomUUID()}`;
  await new Promise<void>((granted, refused) => {
    const untilTheEnd = locks.request(lockName, () => {
      granted();
      return new Promise<never>(() => undefined);
    });
    untilTheEnd.catch(refused);
  });
  return { lockName };
}
