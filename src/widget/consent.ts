const STORAGE_KEY = "sunwi.consent";

/** What a visitor said to a model's download; undefined before, and where storage is blocked and nothing was said. */
export function readConsent(model: string): boolean | undefined {
  return answers()[model] ?? said.get(model);
}

export function rememberConsent(model: string, isAgreed: boolean): void {
  said.set(model, isAgreed);
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify({ ...answers(), [model]: isAgreed }));
  } catch {
    // Holds for this page, then.
  }
}

const said = new Map<string, boolean>();

function answers(): Readonly<Record<string, boolean>> {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "{}");
    const entries: [string, unknown][] = typeof stored === "object" && stored !== null ? Object.entries(stored) : [];
    return Object.fromEntries(entries.flatMap(([model, is]) => (typeof is === "boolean" ? [[model, is]] : [])));
  } catch {
    return {};
  }
}
