/**
 * Runs `job` for each item, `limit` at a time. After the first failure the others are aborted and waited for, so that
 * nothing goes on behind the caller's back.
 */
export async function sideBySide<Item, Result>(
  items: readonly Item[],
  limit: number,
  outer: AbortSignal | undefined,
  job: (item: Item, signal: AbortSignal) => Promise<Result>,
): Promise<readonly Result[]> {
  const failed = new AbortController();
  const signal = outer ? AbortSignal.any([outer, failed.signal]) : failed.signal;
  const results: Result[] = [];
  const failures: unknown[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < items.length && failures.length === 0; index = next++) {
      try {
        results[index] = await job(items[index] as Item, signal);
      } catch (error) {
        failures.push(error);
        failed.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: limit }, work));
  if (failures.length > 0) throw failures[0];
  return results;
}
