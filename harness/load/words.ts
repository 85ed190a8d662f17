/** What a load run says in words, for the console and for every report. */
import type { LoadReport } from "../report";
import { formatDuration } from "../run/durations";

/** Writes a number as people read it, e.g. `1,000`. */
export function figure(value: number): string {
  return value.toLocaleString("en-US");
}

/** Says who came and what became of them. */
export function loadSentence(load: LoadReport): string {
  const { users, rate, arrivalMs, passed, failed, unfinished, perSecond, waited, atATime } = load;
  return [
    `${figure(users)} users, ${figure(rate)} arrivals a second for ${formatDuration(arrivalMs)}: ${figure(passed)} walks passed`,
    `${figure(failed)} failed`,
    ...(unfinished > 0 ? [`${figure(unfinished)} not finished`] : []),
    `${figure(perSecond)} a second`,
    ...(waited > 0
      ? [
          `${figure(waited)} waited for their turn, as ${figure(atATime)} were walking: the deployment or this machine did not keep up`,
        ]
      : []),
  ].join(", ");
}

type Limit = LoadReport["limits"][number];

/** Finds the limits that were missed. */
export function missedLimits(load: LoadReport | undefined): readonly Limit[] {
  return (load?.limits ?? []).filter(({ passed }) => !passed);
}

/** Says what a limit asks for and what came. */
export function limitSentence({ what, limit, actual }: Limit): string {
  return `${what} is ${actual}, at most ${limit}`;
}

/** Lists the limits that were missed, a sentence each. */
export function loadProblems(load: LoadReport | undefined): string[] {
  return missedLimits(load).map(limitSentence);
}

/** The columns of {@link loadRows}. */
export const LOAD_COLUMNS = ["Step", "Passed", "Failed", "Repeated calls", "p50", "p95", "p99", "Longest"];

/** Puts each step into a row of texts. */
export function loadRows({ steps }: LoadReport): string[][] {
  const time = (ms: number | null) => (ms === null ? "–" : formatDuration(ms));
  return steps.map(({ name, passed, failed, repeated, p50Ms, p95Ms, p99Ms, maxMs }) => [
    name,
    ...[passed, failed, repeated].map(figure),
    ...[p50Ms, p95Ms, p99Ms, maxMs].map(time),
  ]);
}

/** Says why walks failed, a line for each class of errors. */
export function loadErrors({ errors }: LoadReport): string[] {
  return errors.map(
    ({ step, class: kind, count, example }) => `${figure(count)} × ${kind} at ${step}, the first: ${example}`,
  );
}
