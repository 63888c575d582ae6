/**
 * Locks between all tabs and workers of this site, given back by a crash too. Where the browser has none (an insecure
 * context, in which nothing is shared either) the work simply runs.
 */
import { abortReason } from "../../src/core/errors.ts";

const PREFIX = "sunwi-store-";

export interface LockOptions {
  readonly signal?: AbortSignal;
  /** Called where another holds the lock, before waiting for it. */
  readonly onWait?: () => void;
}

/** Runs `body` while nobody else holds `name`. */
export async function whileLocked<T>(
  name: string,
  body: () => Promise<T>,
  { signal, onWait }: LockOptions = {},
): Promise<T> {
  const locks = lockManager();
  if (locks === undefined) return body();
  const atOnce = await locks.request(PREFIX + name, { ifAvailable: true }, async (lock) =>
    lock === null ? undefined : { value: await body() },
  );
  if (atOnce !== undefined) return atOnce.value;
  onWait?.();
  try {
    return await locks.request(PREFIX + name, { ...(signal && { signal }) }, body);
  } catch (error) {
    if (signal?.aborted === true) throw abortReason(signal);
    throw error;
  }
}

/** Runs `body` while holding `names` together with any others who do; `ifUnused` passes over them meanwhile. */
export async function whileUsing<T>(names: readonly string[], body: () => Promise<T>): Promise<T> {
  const locks = lockManager();
  const [name, ...others] = names;
  if (locks === undefined || name === undefined) return body();
  return locks.request(PREFIX + name, { mode: "shared" }, () => whileUsing(others, body));
}

/** Runs `body`, unless somebody is using `name`. */
export async function ifUnused(name: string, body: () => Promise<void>): Promise<void> {
  const locks = lockManager();
  if (locks === undefined) return body();
  await locks.request(PREFIX + name, { ifAvailable: true }, async (lock) => {
    if (lock !== null) await body();
  });
}

function lockManager(): LockManager | undefined {
  return navigator.locks;
}
