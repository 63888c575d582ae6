/** Systems take turns at the same texts, so that a busy spell of the machine hits all alike. */
import type { ScoringTask } from "../../page/speed-task.ts";
import { OURS, type BenchSystem } from "./systems.ts";
import { WORKLOADS, type Workload, type WorkloadSource } from "./workloads.ts";

export interface SpeedRounds {
  readonly pairs: Readonly<Record<Workload, number>>;
  /** Pairs per second by workload and system, round by round. */
  readonly speeds: Readonly<Record<Workload, ReadonlyMap<string, readonly number[]>>>;
  /** Mean and largest absolute difference of logits from the reference's, over all rounds, by system. */
  readonly errors: ReadonlyMap<string, LogitErrors>;
}

interface LogitErrors {
  readonly mean: number;
  readonly largest: number;
}

export interface RoundOptions {
  readonly rounds: number;
  readonly questions: number;
  /** Name of the system with the same weights in fp32. */
  readonly reference: string;
  readonly say: (line: string) => void;
}

export async function takeTurns(
  systems: readonly BenchSystem[],
  source: WorkloadSource,
  { rounds, questions, reference, say }: RoundOptions,
): Promise<SpeedRounds> {
  const speeds = { mixed: newSpeeds(systems), latency: newSpeeds(systems), bulk: newSpeeds(systems) };
  const pairs = { mixed: 0, latency: 0, bulk: 0 };
  const differences = new Map(systems.map(({ name }) => [name, [] as number[]]));
  for (const system of systems) await system.time(source.tasks("latency", 0, 1));
  for (let round = 1; round <= rounds; round += 1) {
    for (const workload of WORKLOADS) {
      const tasks = source.tasks(workload, round, questions);
      pairs[workload] = tasks.reduce((sum, { documents }) => sum + documents.length, 0);
      const present = systems.filter((system) => round <= (system.rounds ?? rounds));
      const logits = await timeAll(turned(present, round), tasks, pairs[workload], speeds[workload]);
      for (const { name, isPlain } of systems) {
        if (isPlain) differences.get(name)?.push(...distances(logits.get(name), logits.get(reference)));
      }
      say(`round ${String(round)} of ${String(rounds)}, ${workload}: ${told(speeds[workload])}`);
    }
  }
  return { pairs, speeds, errors: new Map([...differences].map(([name, all]) => [name, errorsOf(all)])) };
}

async function timeAll(
  systems: readonly BenchSystem[],
  tasks: readonly ScoringTask[],
  pairs: number,
  speeds: ReadonlyMap<string, number[]>,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const logits = new Map<string, readonly number[]>();
  for (const system of systems) {
    const run = await system.time(tasks);
    logits.set(system.name, run.logits);
    speeds.get(system.name)?.push((1000 * pairs) / run.ms);
  }
  return logits;
}

/** Another one begins each round: heat and boost clocks favour whoever comes first. */
function turned<T>(all: readonly T[], by: number): readonly T[] {
  return [...all.slice(by % all.length), ...all.slice(0, by % all.length)];
}

function newSpeeds(systems: readonly BenchSystem[]): Map<string, number[]> {
  return new Map(systems.map(({ name }) => [name, []]));
}

function told(speeds: ReadonlyMap<string, readonly number[]>): string {
  return [...speeds].map(([name, all]) => `${name} ${(all.at(-1) ?? 0).toFixed(1)}`).join(", ");
}

function distances(logits: readonly number[] = [], reference: readonly number[] = []): readonly number[] {
  return reference.map((logit, at) => Math.abs(logit - (logits[at] ?? Number.NaN)));
}

function errorsOf(all: readonly number[]): LogitErrors {
  return { mean: all.reduce((sum, one) => sum + one, 0) / all.length, largest: Math.max(...all) };
}

/** By workload and peer. */
export type Ratios = Readonly<Record<Workload, Readonly<Record<string, number>>>>;

/** Our pairs per second over each other system's in the same round; the median. */
export function ratiosOf({ speeds }: SpeedRounds): Ratios {
  const of = (workload: Workload): Readonly<Record<string, number>> => {
    const ours = speeds[workload].get(OURS) ?? [];
    const others = [...speeds[workload]].filter(([name]) => name !== OURS);
    return Object.fromEntries(
      others.map(([name, theirs]) => [name, median(theirs.map((speed, at) => (ours[at] ?? Number.NaN) / speed))]),
    );
  };
  return { mixed: of("mixed"), latency: of("latency"), bulk: of("bulk") };
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}
