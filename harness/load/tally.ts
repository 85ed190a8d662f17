/** Counts what many users saw, and judges it: percentiles and a histogram for each step, errors by their class, limits that must hold. */
import { LOAD_STEP_NAMES, type LoadReport } from "../report";
import { formatDuration } from "../run/durations";
import type { LoadStepName, Walk, WalkFailure } from "./walk";

/** What is asked of the deployment, and what must hold. Times are in milliseconds. */
export interface LoadPlan {
  readonly users: number;
  /** Arrivals a second. */
  readonly rate: number;
  readonly arrivalMs: number;
  readonly atATime: number;
  /** Share of walks that may fail, from 0 to 1. */
  readonly maxErrorRate: number;
  /** Time within which 95 of a hundred pass a step. */
  readonly p95: Readonly<Partial<Record<LoadStepName, number>>>;
}

/** How many arrive in all. */
export function arrivalsOf({ rate, arrivalMs }: Pick<LoadPlan, "rate" | "arrivalMs">): number {
  return Math.round((rate * arrivalMs) / 1000);
}

/** Bounds of the histogram within each power of ten, about as far from each other as the eye tells bars. */
const BOUNDS = [1, 1.5, 2, 3, 5, 7];
/** Milliseconds, from 1 to 70,000; a call ends long before. */
const HISTOGRAM_BOUNDS = [1, 10, 100, 1000, 10_000].flatMap((power) => BOUNDS.map((bound) => bound * power));

/** Collects walks as they end. */
export class Tally {
  readonly errors = new Map<string, { count: number; readonly first: WalkFailure }>();
  passed = 0;
  failed = 0;
  private begun = 0;
  private waited = 0;
  private readonly times = new Map<LoadStepName, number[]>();
  private readonly failures = new Map<LoadStepName, number>();
  private readonly repeats = new Map<LoadStepName, number>();

  constructor(private readonly plan: LoadPlan) {}

  /** Counts a walk that begins. */
  begin(): void {
    this.begun += 1;
  }

  /** Counts a walk that ended. */
  end({ waitedMs, steps, failure }: Walk): void {
    this.waited += waitedMs > 0 ? 1 : 0;
    for (const { name, durationMs, repeats } of steps) {
      this.repeats.set(name, (this.repeats.get(name) ?? 0) + repeats);
      if (name !== failure?.step) {
        const times = this.times.get(name) ?? [];
        times.push(durationMs);
        this.times.set(name, times);
      }
    }
    if (failure === undefined) {
      this.passed += 1;
      return;
    }
    this.failed += 1;
    this.failures.set(failure.step, (this.failures.get(failure.step) ?? 0) + 1);
    const key = `${failure.step}\0${failure.class}`;
    const error = this.errors.get(key) ?? { count: 0, first: failure };
    error.count += 1;
    this.errors.set(key, error);
  }

  /** Tells how it stands, in a line. @param elapsedMs since the first arrival */
  line(elapsedMs: number): string {
    const { passed, failed, begun } = this;
    const latest = (this.times.get("call") ?? []).slice(-100);
    const p95 = percentile(latest.toSorted(ascending), 0.95);
    return [
      `${formatDuration(elapsedMs)}`,
      `${passed + failed} of ${arrivalsOf(this.plan)} walks`,
      `${begun - passed - failed} walking`,
      `${failed} failed`,
      ...(p95 === null ? [] : [`p95 of the latest calls ${formatDuration(p95)}`]),
    ].join(" · ");
  }

  /** Judges it all. @param elapsedMs from the first arrival to the end of the last walk */
  report(elapsedMs: number): LoadReport {
    const { plan, passed, failed, begun, waited } = this;
    const { users, rate, arrivalMs, atATime, maxErrorRate } = plan;
    const steps = LOAD_STEP_NAMES.map((name) => this.step(name));
    const errorRate = failed / Math.max(1, passed + failed);
    return {
      users,
      rate,
      arrivalMs,
      atATime,
      passed,
      failed,
      unfinished: begun - passed - failed,
      waited,
      perSecond: elapsedMs > 0 ? Math.round(((passed + failed) / elapsedMs) * 10_000) / 10 : 0,
      steps,
      errors: [...this.errors.values()]
        .toSorted((one, other) => other.count - one.count)
        .map(({ count, first }) => ({ step: first.step, class: first.class, count, example: first.message })),
      limits: [
        {
          what: "error rate",
          limit: percent(maxErrorRate),
          actual: percent(errorRate),
          passed: errorRate <= maxErrorRate,
        },
        ...Object.entries(plan.p95).map(([name, limit]) => {
          const p95 = steps.find((step) => step.name === name)?.p95Ms ?? null;
          return {
            what: `p95 of ${name}`,
            limit: formatDuration(limit),
            actual: p95 === null ? "nobody passed" : formatDuration(p95),
            passed: p95 !== null && p95 <= limit,
          };
        }),
      ],
    };
  }

  private step(name: LoadStepName): LoadReport["steps"][number] {
    const times = (this.times.get(name) ?? []).toSorted(ascending);
    const at = (share: number) => percentile(times, share);
    return {
      name,
      passed: times.length,
      failed: this.failures.get(name) ?? 0,
      repeated: this.repeats.get(name) ?? 0,
      p50Ms: at(0.5),
      p95Ms: at(0.95),
      p99Ms: at(0.99),
      maxMs: at(1),
      histogram: histogramOf(times),
    };
  }
}

/** Writes a share as people read it, e.g. `0.5 %`. */
export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

/** Finds the value that this share of them does not exceed, in whole milliseconds; null of none. @param sorted from the least */
function percentile(sorted: readonly number[], share: number): number | null {
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  return value === undefined ? null : Math.round(value);
}

/** Counts values by bounds; empty bars before the first value and after the last are left out. @param sorted from the least */
function histogramOf(sorted: readonly number[]): LoadReport["steps"][number]["histogram"] {
  const bars = [0, ...HISTOGRAM_BOUNDS].map((aboveMs, index) => {
    const toMs = HISTOGRAM_BOUNDS[index] ?? null;
    const within = (value: number) => value <= (toMs ?? Number.POSITIVE_INFINITY);
    return {
      aboveMs,
      toMs,
      count: sorted.filter((value) => (value > aboveMs || aboveMs === 0) && within(value)).length,
    };
  });
  const filled = bars.map(({ count }) => count > 0);
  return filled.includes(true) ? bars.slice(filled.indexOf(true), filled.lastIndexOf(true) + 1) : [];
}

function ascending(one: number, other: number): number {
  return one - other;
}
