/** What reports say in words: the outcome in a sentence, how long things took, and texts of servers made visible. */
import { accessProblems, cellSentence, failedCells } from "../access/words";
import { figure, limitSentence, missedLimits } from "../load/words";
import { UNDOCUMENTED } from "../refusals/refusal";
import type { Report, Status, StepResult } from "../report";
import { formatDuration } from "../run/durations";
import { firstLine } from "../run/errors";

/**
 * Writes the outcome in a sentence without its full stop, the first that a person reads: of a failure what happened, and how many
 * more there are.
 */
export function headline(report: Report): string {
  const [first, ...others] = failures(report);
  switch (report.outcome) {
    case "passed":
      return `The flow works: ${counts(report)}`;
    case "failed":
      return [
        first?.sentence ?? "Failed",
        ...(others.length > 0 ? [`${others.length} more failure${others.length > 1 ? "s" : ""}`] : []),
      ].join("; ");
    case "error":
      return stopped(report);
  }
}

/** What failed a run. */
export interface Failure extends Readonly<Record<"expected" | "actual" | "hint", string | null>> {
  /** The same in every run in which this fails. */
  readonly name: string;
  /** What happened, without a full stop. */
  readonly sentence: string;
}

/** Lists what failed the run, steps and refusals before the access matrix and what a load run found. */
export function failures(report: Report): readonly Failure[] {
  const results = failedResults(report).map((result) => ({ ...result, sentence: failure(report, result) }));
  const cells = failedCells(report.access).map((cell) => ({
    name: `access ${cell.route} ${cell.caller}`,
    sentence: cellSentence(cell),
    expected: cell.expected,
    actual: cell.observed,
    hint: null,
  }));
  const undeclared = (report.access?.undeclared ?? []).map((sentence) => ({
    name: `undeclared ${sentence}`,
    sentence,
    expected: null,
    actual: null,
    hint: "Declare the route, or remove it from the API.",
  }));
  const limits = results.length === 0 ? missedLimits(report.load) : [];
  const load = limits.map((missed) => ({
    name: `load ${missed.what}`,
    sentence: limitSentence(missed),
    expected: `at most ${missed.limit}`,
    actual: missed.actual,
    hint: null,
  }));
  return [...results, ...cells, ...undeclared, ...load].map(({ name, sentence, expected, actual, hint }) => ({
    name,
    sentence: sentence.charAt(0).toUpperCase() + sentence.slice(1),
    expected,
    actual,
    hint,
  }));
}

/** Writes in a sentence what happened in a step or a refusal that is to blame. */
export function failure({ steps, load }: Pick<Report, "steps" | "load">, result: StepResult): string {
  const { title, status, actual, hint } = result;
  const number = steps.indexOf(result) + 1;
  const what = title.replace(/, signed$/, "");
  const who = what.includes(", ") ? `${what},` : what;
  if (status === "degraded") {
    return `Too slow: ${number > 0 ? `step ${number}, ` : ""}${who} took ${timing(result)}`;
  }
  if (number === 0 && actual === "answer: not refused") {
    return `Not refused: ${what}`;
  }
  const cause = /^.{1,90}?(?=[.:;](?:\s|$))/
    .exec(hint ?? "")?.[0]
    .replace(/^[A-Z](?=[a-z]* )/, (letter) => letter.toLowerCase());
  const answer = answered(result);
  const seen = answer && `${who} answered ${answer.status}${cause === undefined ? answer.errorClass : ""}`;
  const failed = `${number > 0 ? `Step ${number}` : "Check"} failed`;
  const borne = load?.steps.find(({ name }) => name === result.name);
  if (borne !== undefined) {
    const slow = load?.limits.find(({ what, passed }) => what === `p95 of ${result.name}` && !passed);
    return cause === undefined && slow !== undefined
      ? `Step ${number} too slow: p95 of ${result.name} is ${slow.actual}, at most ${slow.limit}`
      : `${failed} for ${figure(borne.failed)} of ${figure(borne.passed + borne.failed)}${cause === undefined ? "" : `: ${cause}`}`;
  }
  if (seen !== undefined) {
    return `${failed}: ${cause === undefined ? seen : `${seen}, ${cause}`}`;
  }
  return number > 0 && cause !== undefined
    ? `${failed}: ${cause}`
    : `${failed}: ${what}: ${cause ?? firstLine(actual ?? "no answer")}`;
}

/** How an answer begins: as a service refuses, or after the assertion's subject. */
const ANSWER =
  /^(?:(?:answer|status.*?|own path|words of the refusal|[A-Z]+ \S+): )?([1-5]\d\d)( \w+)?(?::|$)/;

/** Reads status and error class of the answer that came; undefined when none did, or it was looked into. */
export function answered({
  actual,
}: StepResult): { readonly status: number; readonly errorClass: string } | undefined {
  const [, status, errorClass = ""] = ANSWER.exec(actual ?? "") ?? [];
  return status === undefined ? undefined : { status: Number(status), errorClass };
}

const ERRORS: Readonly<Record<NonNullable<Report["error"]>["kind"], string>> = {
  settings: "settings or credentials cannot be used",
  unreachable: "no answer came",
  timeout: "the time limit of the run passed",
  interrupted: "interrupted",
};

/** Writes where the walk ended and why. */
function stopped({ error, steps, refusals, load }: Report): string {
  const why = ERRORS[error?.kind ?? "interrupted"];
  if (load !== undefined) {
    return `Stopped after ${figure(load.passed + load.failed)} walks: ${why}`;
  }
  const [last] = [...steps, ...refusals].filter(({ status }) => status === "failed").slice(-1);
  if (last === undefined) {
    return `Not walked: ${why}`;
  }
  const number = steps.indexOf(last) + 1;
  return `Stopped at ${number > 0 ? `step ${number}, ` : ""}${last.title}: ${why}`;
}

/** Finds the steps and refusals to blame: those that failed, or those that were too slow when that alone (`--strict`) failed the run. */
export function failedResults(report: Report): readonly StepResult[] {
  const failed = named(report, "failed");
  const tooSlow =
    failed.length === 0 && report.outcome === "failed" && accessProblems(report.access).length === 0;
  return tooSlow ? named(report, "degraded") : failed;
}

function named(report: Report, status: Status): readonly StepResult[] {
  return [...report.steps, ...report.refusals].filter((result) => result.status === status);
}

function counts(report: Report): string {
  const refused = report.refusals.filter(({ status }) => status !== "skipped").length;
  const slow = named(report, "degraded");
  return [
    `all ${report.steps.length} steps passed`,
    ...(refused > 0 ? [`all ${refused} refusals as expected`] : []),
    ...(report.access === undefined ? [] : ["who may call what as declared"]),
    ...(report.load === undefined
      ? []
      : [`${figure(report.load.passed)} of ${figure(report.load.passed + report.load.failed)} walks passed`]),
    ...(slow.length > 0 ? [`slower than budgeted: ${slow.map(({ name }) => name).join(", ")}`] : []),
  ].join("; ");
}

/** Counts those that are as they should be. */
export function passed(results: readonly { readonly status: Status }[]): number {
  return results.filter(({ status }) => status === "passed" || status === "degraded").length;
}

/** What {@link isUncertain} means, once for all that are. */
export const UNCERTAIN = `${UNDOCUMENTED}: more than one answer counts as a refusal, and what came is shown.`;

/** Tells whether AWS's answer is not documented for certain, so that what came is worth a look. */
export function isUncertain({ notes }: StepResult): boolean {
  return notes.some((note) => note.startsWith(UNDOCUMENTED));
}

/** Lists the notes but the one of {@link isUncertain}, which repeats the answer. */
export function remarks({ notes }: StepResult): string[] {
  return notes.filter((note) => !note.startsWith(UNDOCUMENTED));
}

/** Writes how long it took and under what circumstances. */
export function timing(result: StepResult): string {
  return result.status === "skipped"
    ? "skipped"
    : [formatDuration(result.durationMs), ...circumstances(result)].join(", ");
}

/** Writes how often it was tried, how long it waited and what its budget was, where that is worth a word. */
export function circumstances({ attempts, waitedMs, budgetMs }: StepResult): string[] {
  return [
    ...(attempts > 1 ? [`${attempts} attempts`] : []),
    ...(waitedMs > 0 ? [`${formatDuration(waitedMs)} of it waiting`] : []),
    ...(budgetMs === null ? [] : [`budget ${formatDuration(budgetMs)}`]),
  ];
}

/**
 * What XML 1.0 does not allow (https://www.w3.org/TR/xml/#charsets, lone surrogates among it), the C1 controls, and
 * the characters that turn the direction of the text around them (https://www.unicode.org/reports/tr9/).
 */
const INVISIBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]|\p{Surrogate}/gu;

/** Writes such characters as `\uXXXX`, and line ends as line feeds, so that none can break a report or disguise what it says. */
export function printable(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(INVISIBLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
