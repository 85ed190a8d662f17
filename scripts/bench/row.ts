/** A row of the bench: two ways to do something, what one takes of the other's time, and what it is meant to take. */
import { median } from "../../harness/run/durations";

/** What doing something once took; what wasn't looked at is absent. */
export interface Sample {
  /** Milliseconds. */
  readonly wall?: number;
  /** Milliseconds of processor time, of all processes that took part. */
  readonly cpu?: number;
  /** Bytes. */
  readonly memory?: number;
}

/** What is compared. */
export type Measure = keyof Sample;

/** Samples in the order in which they were taken; those of the same place stand beside each other in time. */
export interface Pairs {
  readonly a: readonly Sample[];
  readonly b: readonly Sample[];
}

/** How often both are done. */
export interface Rounds {
  /** Rounds before the first that counts: compilers, caches and connections warm up. */
  readonly warmUp: number;
  readonly counted: number;
}

/** What is aimed at: of the ratio, or of how much more it takes (milliseconds or bytes). */
export type Aim = { readonly of: Measure } & (
  | { readonly atMost: number }
  | { readonly atLeast: number }
  | { readonly atMostMore: number }
);

/** A row of the table. */
export interface Row {
  /** By which it is chosen: `synth`, `local-aws-token`; a part before a hyphen chooses all that begin with it. */
  readonly name: string;
  /** What is measured, `a`. */
  readonly what: string;
  /** What it is measured against, `b`, in the same run. */
  readonly against: string;
  /** Costs: what `a` takes of `b`. Rates: how often `a` is done while `b` is done once. @default cost */
  readonly as?: "cost" | "rate";
  /** @default - none: it is reported */
  readonly aims?: readonly Aim[];
  readonly rounds: Rounds;
  /** @throws NotMeasuredError when something is missing that it is measured with */
  measure(rounds: Rounds): Promise<Pairs>;
}

/** A row cannot be measured on this machine; the message is shown in its place. */
export class NotMeasuredError extends Error {
  override readonly name = "NotMeasuredError";
}

/** The median and how far values are spread. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** What came out for one measure. */
export interface Figure {
  readonly a: Spread;
  readonly b: Spread;
  /** Of the medians, and of each round's pair from the least to the greatest. */
  readonly ratio: Spread;
}

/** What became of an aim. */
export interface Judged {
  readonly aim: Aim;
  readonly value: number;
  readonly met: boolean;
}

/** A row that was measured. */
export interface Measured {
  readonly rounds: number;
  readonly figures: Readonly<Partial<Record<Measure, Figure>>>;
  readonly aims: readonly Judged[];
}

/** Computes what is shown of a row. */
export function evaluate({ as, aims = [] }: Pick<Row, "as" | "aims">, pairs: Pairs): Measured {
  const figures = Object.fromEntries(
    (["wall", "cpu", "memory"] as const).flatMap((measure) => {
      const [a, b] = [pairs.a, pairs.b].map((samples) =>
        samples.map((sample) => sample[measure]).filter((value) => value !== undefined),
      ) as [number[], number[]];
      return a.length === 0 || a.length !== b.length ? [] : [[measure, figureOf(a, b, as === "rate")]];
    }),
  ) as Measured["figures"];
  return { rounds: pairs.a.length, figures, aims: aims.map((aim) => judge(aim, figures[aim.of])) };
}

function figureOf(a: readonly number[], b: readonly number[], isRate: boolean): Figure {
  const quotient = (ofA: number, ofB: number) => (isRate ? ofB / ofA : ofA / ofB);
  const ratios = a.map((value, round) => quotient(value, b[round] ?? Number.NaN));
  const [ofA, ofB] = [spread(a), spread(b)];
  return { a: ofA, b: ofB, ratio: { ...spread(ratios), median: quotient(ofA.median, ofB.median) } };
}

function spread(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

function judge(aim: Aim, figure: Figure | undefined): Judged {
  if (figure === undefined) {
    throw new Error(`The row has an aim of ${aim.of}, and tells nothing of it.`);
  }
  if ("atMostMore" in aim) {
    const value = figure.a.median - figure.b.median;
    return { aim, value, met: value <= aim.atMostMore };
  }
  const value = figure.ratio.median;
  return { aim, value, met: "atMost" in aim ? value <= aim.atMost : value >= aim.atLeast };
}
