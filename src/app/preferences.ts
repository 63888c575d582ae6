import type { DeviceChoice } from "../core/protocol.ts";
import type { Locale } from "./format.ts";
import type { ModelChoice } from "./models.ts";
import { Observable } from "./observable.ts";

export type Theme = "system" | "light" | "dark";

/** What the page remembers of its user's wishes. */
export interface Preferences {
  readonly locale: Locale;
  readonly theme: Theme;
  readonly device: DeviceChoice;
  /** Whether to blend in the first stage's score where the model has a weight for it. */
  readonly blend: boolean;
  /** Whether this page answers rerank calls of its origin's pages. */
  readonly endpoint: boolean;
  /** Whether a service worker may add the headers that threads need, where the host does not send them. */
  readonly threads: boolean;
  /** The model to use; the embedded one where absent. */
  readonly model?: ModelChoice | undefined;
}

const DEFAULT_PREFERENCES: Preferences = {
  locale: "ko",
  theme: "system",
  device: "auto",
  blend: true,
  endpoint: false,
  threads: true,
};
const STORAGE_KEY = "sunwi.preferences";

const LOCALES: readonly Locale[] = ["ko", "en"];
const THEMES: readonly Theme[] = ["system", "light", "dark"];
const DEVICES: readonly DeviceChoice[] = ["auto", "webgpu", "wasm"];

/** Preferences that outlive the page, where storage is allowed. */
export class PreferencesStore extends Observable<Preferences> {
  readonly #storage: Storage | undefined;

  constructor(storage: Storage | undefined) {
    super(readPreferences(storage));
    this.#storage = storage;
  }

  change(changes: Partial<Preferences>): void {
    this.set({ ...this.value, ...changes });
    try {
      this.#storage?.setItem(STORAGE_KEY, JSON.stringify(this.value));
    } catch {
      // A full or blocked storage only costs the memory of the choice.
    }
  }
}

/** Stored preferences, each checked by itself: what an older or newer page left must not break this one. */
function readPreferences(storage: Storage | undefined): Preferences {
  let stored: unknown;
  try {
    stored = JSON.parse(storage?.getItem(STORAGE_KEY) ?? "null");
  } catch {
    stored = undefined;
  }
  const known: Readonly<Record<string, unknown>> = typeof stored === "object" && stored !== null ? { ...stored } : {};
  const pick = <T>(options: readonly T[], value: unknown, fallback: T): T =>
    options.find((option) => option === value) ?? fallback;
  return {
    locale: pick(LOCALES, known["locale"], DEFAULT_PREFERENCES.locale),
    theme: pick(THEMES, known["theme"], DEFAULT_PREFERENCES.theme),
    device: pick(DEVICES, known["device"], DEFAULT_PREFERENCES.device),
    blend: pick([true, false], known["blend"], DEFAULT_PREFERENCES.blend),
    endpoint: pick([true, false], known["endpoint"], DEFAULT_PREFERENCES.endpoint),
    threads: pick([true, false], known["threads"], DEFAULT_PREFERENCES.threads),
    ...(isModelChoice(known["model"]) && { model: known["model"] }),
  };
}

function isModelChoice(value: unknown): value is ModelChoice {
  if (typeof value !== "object" || value === null || !("name" in value) || !("url" in value)) return false;
  return typeof value.name === "string" && typeof value.url === "string" && URL.canParse(value.url);
}
