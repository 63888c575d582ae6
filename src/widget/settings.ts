import { RerankError } from "../core/errors.ts";
import type { DeviceChoice } from "../core/protocol.ts";
import type { LibraryRerankOptions } from "../library/loaded-reranker.ts";

/** What the attributes of `<sunwi-rerank>` say, with their defaults. */
export interface WidgetSettings {
  /** `for`: selector of the result list. */
  readonly list: string;
  /** `items`: selector of results within it. @default its children */
  readonly items: string;
  /** `text`: selector of what to read in a result; several parts are read in the page's order. @default all of it */
  readonly text: string | undefined;
  /** `query-from`: selector of an input, or "?q" for a parameter of the page's address. */
  readonly queryFrom: string;
  /** `model`: URL of a model package's folder. @default the one that comes with the package */
  readonly model: string | undefined;
  readonly device: DeviceChoice;
  /** `top`: results that are reordered, 2 to 200; those below stay. @default 20 */
  readonly top: number;
  /** `budget`: milliseconds after which a new order comes too late. @default 1000 */
  readonly budgetMs: number;
  /** `min-query`: characters below which a query is not reranked for. @default 2 */
  readonly minQuery: number;
  /** `consent`: bytes of model files up to which nobody is asked. @default no limit */
  readonly consentBytes: number | undefined;
  /** `late="apply"`: a new order that comes too late is shown all the same. @default it is not */
  readonly appliesLate: boolean;
  /** `score`: attribute of a result that holds the search's own score, 0 or more. */
  readonly scoreAttribute: string | undefined;
  /** `blend`: see `LibraryRerankOptions`. @default "scores" where all results have one, else "list" */
  readonly blend: LibraryRerankOptions["blend"];
  /** `show-rank`: results tell their former rank. */
  readonly showsRank: boolean;
  /** `judge`: the owner's mode, in which results are marked as right. */
  readonly judges: boolean;
  /** `debug`: says on the console what happens. */
  readonly debug: boolean;
}

/** Attributes that are read, for a custom element to observe. */
export const ATTRIBUTES = [
  "for",
  "items",
  "text",
  "query-from",
  "model",
  "device",
  "top",
  "budget",
  "min-query",
  "consent",
  "late",
  "score",
  "blend",
  "show-rank",
  "judge",
  "debug",
] as const;

/** @throws RerankError `invalid-input` that names the attribute and what it takes */
export function readSettings(element: Element): WidgetSettings {
  const text = (name: string): string | undefined => {
    const value = element.getAttribute(name)?.trim() ?? "";
    return value === "" ? undefined : value;
  };
  const required = (name: string, takes: string): string => text(name) ?? refuse(name, takes);
  const blend = text("blend");
  return {
    list: selector("for", required("for", "a selector of the result list")) ?? "",
    items: selector("items", text("items")) ?? ":scope > *",
    text: selector("text", text("text")),
    queryFrom: queryFrom(required("query-from", 'a selector of the search box, or "?q"')),
    model: text("model"),
    device: oneOf("device", text("device") ?? "auto", ["auto", "webgpu", "wasm"]),
    top: number("top", text("top"), { least: 2, most: 200, standard: 20 }),
    budgetMs: number("budget", text("budget"), { least: 1, most: 600_000, standard: 1000 }),
    minQuery: number("min-query", text("min-query"), { least: 1, most: 1000, standard: 2 }),
    consentBytes: element.hasAttribute("consent") ? readBytes(text("consent") ?? "0") : undefined,
    appliesLate: oneOf("late", text("late") ?? "drop", ["drop", "apply"]) === "apply",
    scoreAttribute: text("score"),
    blend:
      blend === undefined
        ? undefined
        : oneOf<NonNullable<WidgetSettings["blend"]>>("blend", blend, ["scores", "local", "order", "list", "none"]),
    showsRank: element.hasAttribute("show-rank"),
    judges: element.hasAttribute("judge"),
    debug: element.hasAttribute("debug"),
  };
}

function refuse(name: string, takes: string): never {
  throw new RerankError("invalid-input", `<sunwi-rerank>: the attribute "${name}" takes ${takes}.`, {
    details: { problem: name },
  });
}

function queryFrom(value: string): string {
  return value.startsWith("?") ? value : (selector("query-from", value) ?? "");
}

function selector(name: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  try {
    document.createDocumentFragment().querySelector(value);
    return value;
  } catch {
    return refuse(name, `a CSS selector, which "${value}" is not`);
  }
}

function oneOf<T extends string>(name: string, value: string, choices: readonly T[]): T {
  return choices.find((choice) => choice === value) ?? refuse(name, `one of: ${choices.join(", ")}`);
}

function number(
  name: string,
  value: string | undefined,
  { least, most, standard }: { readonly least: number; readonly most: number; readonly standard: number },
): number {
  if (value === undefined) return standard;
  const read = Number(value);
  if (Number.isInteger(read) && read >= least && read <= most) return read;
  return refuse(name, `a whole number from ${String(least)} to ${String(most)}`);
}

const UNITS: Readonly<Record<string, number>> = { "": 1, B: 1, KB: 1e3, MB: 1e6, GB: 1e9 };

function readBytes(value: string): number {
  const [, digits = "", unit = ""] = /^(\d+(?:\.\d+)?)\s*([kKmMgG]?[bB]?)$/.exec(value) ?? [];
  const size = UNITS[unit.toUpperCase()];
  if (digits === "" || size === undefined) return refuse("consent", 'a size such as "10MB"');
  return Number(digits) * size;
}
