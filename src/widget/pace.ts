/** How fast this device scores, remembered from visit to visit. */
const STORAGE_KEY = "sunwi.pace";
const MOST_ENTRIES = 8;
/** A device that was too slow is tried again after so long: browsers and pages change. */
const FORGOTTEN_AFTER_MS = 7 * 24 * 3600 * 1000;
/** How much the newest measurement counts. */
const NEWEST = 0.4;

interface Entry {
  readonly msPerPair: number;
  readonly at: number;
}

/** Milliseconds per pair of a model on this device; undefined where nothing fresh is known. */
export function knownPace(model: string): number | undefined {
  const entry = readEntries()[model];
  return entry !== undefined && Date.now() - entry.at < FORGOTTEN_AFTER_MS ? entry.msPerPair : undefined;
}

export function rememberPace(model: string, msPerPair: number): void {
  const known = knownPace(model);
  const smoothed = known === undefined ? msPerPair : known + NEWEST * (msPerPair - known);
  const others = Object.entries(readEntries()).filter(([name]) => name !== model);
  const kept = [...others, [model, { msPerPair: smoothed, at: Date.now() }] as const].slice(-MOST_ENTRIES);
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(Object.fromEntries(kept)));
  } catch {
    // Storage is blocked: it is measured again on the next visit.
  }
}

function readEntries(): Readonly<Record<string, Entry>> {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "{}");
    if (typeof stored !== "object" || stored === null) return {};
    const entries = Object.entries(stored as Record<string, Partial<Entry> | null>);
    return Object.fromEntries(
      entries.flatMap(([model, entry]) =>
        typeof entry?.msPerPair === "number" && typeof entry.at === "number"
          ? [[model, { msPerPair: entry.msPerPair, at: entry.at }] as const]
          : [],
      ),
    );
  } catch {
    return {};
  }
}

/** Fewer pairs than this are not worth a new order. */
const LEAST_PAIRS = 5;

/** How many of `wanted` pairs a device scores within the budget; 0 where that is too few to be of use. */
export function affordablePairs(wanted: number, budgetMs: number, msPerPair: number | undefined): number {
  if (msPerPair === undefined) return wanted;
  const affordable = Math.floor(budgetMs / msPerPair);
  return affordable >= Math.min(wanted, LEAST_PAIRS) ? Math.min(wanted, affordable) : 0;
}
