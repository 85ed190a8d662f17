/** Compares what two ways to do the same take: time, and work of the processor, which other programs disturb less. */
import { median } from "../../harness/run/durations";

/** One of two ways to do the same. */
export interface Contender {
  readonly name: string;
  /** Does it once; setting up and tidying away belong outside. */
  readonly run: () => Promise<void>;
}

/** How often both are run. */
export interface Rounds {
  /** Rounds before the first that counts: compilers, caches and connections warm up. */
  readonly warmUp: number;
  readonly counted: number;
}

/** How long both took: milliseconds of each counted round. */
export interface Comparison {
  readonly a: readonly number[];
  readonly b: readonly number[];
  /** The same of the processor, all threads of this process together. */
  readonly cpu: { readonly a: readonly number[]; readonly b: readonly number[] };
}

/** Runs both in turn, A B A B, so that what slows the machine down for a while slows down both. */
export async function compare(a: Contender, b: Contender, rounds: Rounds): Promise<Comparison> {
  const times = { a: [] as number[], b: [] as number[], cpu: { a: [] as number[], b: [] as number[] } };
  for (let round = -rounds.warmUp; round < rounds.counted; round += 1) {
    const ofA = await timed(a);
    const ofB = await timed(b);
    if (round >= 0) {
      times.a.push(ofA.wall);
      times.b.push(ofB.wall);
      times.cpu.a.push(ofA.cpu);
      times.cpu.b.push(ofB.cpu);
    }
  }
  return times;
}

async function timed({ run }: Contender): Promise<{ wall: number; cpu: number }> {
  const used = process.cpuUsage();
  const started = performance.now();
  await run();
  const wall = performance.now() - started;
  const { user, system } = process.cpuUsage(used);
  return { wall, cpu: (user + system) / 1000 };
}

/** Writes a table of two rows and the ratio: of the medians, and of each round's pair from the least to the greatest. */
export function comparisonLines(a: Contender, b: Contender, { a: timesA, b: timesB }: Comparison): string[] {
  const width = Math.max(a.name.length, b.name.length);
  const row = (name: string, ...cells: readonly string[]) =>
    `  ${name.padEnd(width)}${cells.map((cell) => cell.padStart(12)).join("")}`;
  const times = (values: readonly number[]) =>
    [median(values), Math.min(...values), Math.max(...values)].map((value) => `${value.toFixed(1)} ms`);
  const ratios = timesA.map((time, round) => time / (timesB[round] ?? Number.NaN));
  const ratio = median(timesA) / median(timesB);
  return [
    row("", "median", "min", "max"),
    row(a.name, ...times(timesA)),
    row(b.name, ...times(timesB)),
    row("ratio", ...[ratio, Math.min(...ratios), Math.max(...ratios)].map((value) => value.toFixed(2))),
  ];
}
