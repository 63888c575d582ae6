import { parseArgs } from "node:util";
import type { DeviceChoice } from "../src/core/protocol.ts";
import { COLUMN_ROLES, type ColumnRole } from "../src/eval/columns.ts";
import { METRIC_FAMILIES, metricNamed } from "../src/eval/metrics.ts";

export const USAGE = `npm run evaluate -- [files or folders] [options]

  files                    CSV, TSV, JSON lines, Parquet, ZIP; or the files or the folder of a BEIR or TREC collection
                                                                (default: the bundled sample)
  --model DIR_OR_ID        folder of a model package, or an id; may be repeated   (default: sunwi-mini)
  --device auto|wasm|webgpu                                     (default: wasm)
  --candidates N           documents reranked per question      (default: 20)
  --metric NAME            what is compared: ${METRIC_FAMILIES.join(", ")}, with @ and a cut  (default: MRR@10)
  --windows                read long documents in overlapping windows as well
  --origin                 measure by the origin project's protocol as well: contexts of 4,096 characters, 9 reranked to 6
  --column ROLE=NAME       what a column holds; may be repeated. Roles: ${COLUMN_ROLES.join(", ")}
  --limit N                evaluate only the first N questions
  --bootstrap N, --seed N  draws of bootstrap and randomisation, and their seed
  --json FILE, --csv FILE, --report FILE.html, --trec FOLDER    write the comparison as well
  --locale ko|en           language of the table                (default: from LANG)
`;

export interface EvaluateOptions {
  readonly paths: readonly string[];
  readonly models: readonly string[];
  readonly device: DeviceChoice;
  readonly candidates: number;
  readonly metric: string;
  readonly windows: boolean;
  readonly origin: boolean;
  readonly columns: Readonly<Partial<Record<ColumnRole, string>>>;
  readonly limit: number | undefined;
  readonly draws: number | undefined;
  readonly seed: number | undefined;
  readonly json: string | undefined;
  readonly csv: string | undefined;
  readonly report: string | undefined;
  readonly trec: string | undefined;
  readonly locale: "ko" | "en";
}

/** @throws Error that says which option is wrong, and what it takes */
export function readEvaluateOptions(args: string[]): EvaluateOptions | "help" {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      model: { type: "string", multiple: true, default: ["sunwi-mini"] },
      device: { type: "string", default: "wasm" },
      candidates: { type: "string", default: "20" },
      metric: { type: "string", default: "MRR@10" },
      windows: { type: "boolean", default: false },
      origin: { type: "boolean", default: false },
      column: { type: "string", multiple: true, default: [] },
      limit: { type: "string" },
      bootstrap: { type: "string" },
      seed: { type: "string" },
      json: { type: "string" },
      csv: { type: "string" },
      report: { type: "string" },
      trec: { type: "string" },
      locale: { type: "string", default: process.env["LANG"]?.startsWith("ko") === true ? "ko" : "en" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  if (metricNamed(values.metric) === undefined) {
    throw new Error(`--metric takes one of ${METRIC_FAMILIES.join(", ")} with a cut, such as MRR@10 or nDCG@5.`);
  }
  const { json, csv, report, trec, windows, origin, metric } = values;
  return {
    paths: positionals,
    models: values.model,
    device: oneOf("--device", values.device, ["auto", "wasm", "webgpu"]),
    candidates: positiveInteger("--candidates", values.candidates) ?? 20,
    limit: positiveInteger("--limit", values.limit),
    draws: positiveInteger("--bootstrap", values.bootstrap),
    seed: positiveInteger("--seed", values.seed),
    columns: Object.fromEntries(values.column.map(readColumn)),
    locale: oneOf("--locale", values.locale, ["ko", "en"]),
    ...{ json, csv, report, trec, windows, origin, metric },
  };
}

function readColumn(text: string): readonly [ColumnRole, string] {
  const [role, ...name] = text.split("=");
  return [oneOf("--column", role ?? "", COLUMN_ROLES), name.join("=")];
}

function oneOf<T extends string>(option: string, value: string, choices: readonly T[]): T {
  const choice = choices.find((known) => known === value);
  if (choice === undefined) throw new Error(`${option} takes one of: ${choices.join(", ")}.`);
  return choice;
}

function positiveInteger(option: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new Error(`${option} takes a whole number above 0.`);
  return number;
}
