const STORAGE_KEY = "sunwi.passed-self-tests";
const MOST_KEYS = 16;

/** Keys of self-tests passed in full in this browser, newest last. Empty where storage is blocked. */
export function passedSelfTests(): readonly string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "[]");
    return Array.isArray(stored) ? stored.filter((key) => typeof key === "string") : [];
  } catch {
    return [];
  }
}

/** Remembers a self-test passed in full, so that the next load repeats two pairs only. */
export function rememberSelfTest(key: string): void {
  try {
    const keys = [...passedSelfTests().filter((known) => known !== key), key].slice(-MOST_KEYS);
    localStorage.setItem(STORAGE_KEY, JSON.stringify(keys));
  } catch {
    // Without storage the full test simply runs again.
  }
}
