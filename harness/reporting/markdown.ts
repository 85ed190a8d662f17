/** summary.md: the report in GitHub's Markdown, for the page of a job. */

import { accessCounts, accessProblems, accessRows, CALLER_NAMES, leftBehindSentence } from "../access/words";
import { LOAD_COLUMNS, loadErrors, loadProblems, loadRows, loadSentence } from "../load/words";
import {
  type AccessCell,
  CALLERS,
  countByStatus,
  type Report,
  STATUS_MARKS,
  type StepResult,
} from "../report";
import { formatDuration } from "../run/durations";
import { firstLine } from "../run/errors";
import { groupRefusals, skippedByReason } from "./refusal-groups";
import {
  failedResults,
  failure,
  headline,
  isUncertain,
  printable,
  remarks,
  timing,
  UNCERTAIN,
} from "./words";

const OUTCOME_MARKS = { passed: "✅", failed: "❌", error: "⛔" } as const;

/** Longer texts, such as a proxy's whole error page, would push the rest out of sight. */
const LONGEST_TEXT = 2000;

/** Writes summary.md. */
export function summaryReport(report: Report): string {
  const { outcome, error, steps, refusals, warnings } = report;
  const parts = [
    `## ${OUTCOME_MARKS[outcome]} ${inline(headline(report))}`,
    error === null ? "" : block(error.message),
    target(report),
    ...failedResults(report).map((result) => evidence(report, result)),
    table(["", "Step", "Call", "Time"], steps.map(cells)),
    refusals.length === 0 ? "" : refusalGroups(refusals),
    loadPart(report.load),
    accessPart(report.access),
    warnings.length === 0 ? "" : `**Warnings**\n\n${warnings.map((text) => `- ${inline(text)}`).join("\n")}`,
  ];
  return `${joined(parts, "\n\n")}\n`;
}

/** Joins the parts that say something. */
function joined(parts: readonly string[], separator: string): string {
  return parts.filter((part) => part !== "").join(separator);
}

function target({ target, via, startedAt, durationMs, fresh, clockSkewMs, leftBehind }: Report): string {
  const parts = [
    `Pool ${code(target.identityPoolId)} in ${code(target.region)}`,
    `API ${code(target.invokeUrl)}`,
    target.endpoint === null ? "on AWS" : `on ${code(target.endpoint)}`,
    via ? "as a client, by the login endpoint" : "",
    `started ${inline(startedAt)}`,
    `${formatDuration(durationMs)}${fresh ? " (fresh deployment)" : ""}`,
    leftBehindSentence(leftBehind) ?? "",
    clockSkewMs ? `AWS's clock differs by ${formatDuration(Math.abs(clockSkewMs))}` : "",
  ];
  return joined(parts, " · ");
}

function evidence(report: Report, result: StepResult): string {
  const { status, hint, expected, actual, findings, requestId } = result;
  const seen = [...lines("- expected: ", expected), ...lines("+ actual:   ", actual)];
  const sources = [requestId === null ? "" : `Request ${code(requestId)}`, documented(result)];
  const parts = [
    `### ${inline(failure(report, result))}`,
    hint === null ? "" : `**Most likely:** ${inline(hint)}`,
    status === "degraded" ? `Took ${timing(result)}.` : "",
    seen.length === 0 ? "" : block(seen.join("\n"), "diff"),
    findings.length === 0 ? "" : block(findings.join("\n")),
    ...remarks(result).map(inline),
    joined(sources, " · "),
  ];
  return joined(parts, "\n\n");
}

/** Links to what is expected; nothing but a plain web address becomes a link. */
function documented({ source }: StepResult): string {
  return source !== null && /^https:\/\/[\w./?=&%#~:-]+$/.test(source) ? `[documented](${source})` : "";
}

/** Marks an answer that AWS does not document for certain. */
const BADGE = "◇";

/** Writes a line for each group, and one for each reason for which some were skipped; the refusals unfold. */
function refusalGroups(refusals: readonly StepResult[]): string {
  const asked = refusals.filter(({ status }) => status !== "skipped");
  const groups = groupRefusals(asked).map(({ title, refusals }) => {
    const counts = countByStatus(refusals).map(
      ([status, count]) => `${STATUS_MARKS[status].picture} ${count} ${status}`,
    );
    const open = refusals.some(({ status }) => status === "failed");
    const rows = refusals.map((refusal) => {
      const answer = refusal.actual === null ? "" : code(firstLine(refusal.actual));
      const badge = isUncertain(refusal) ? ` ${BADGE}` : "";
      return [...cells(refusal), joined([answer + badge, ...remarks(refusal).map(inline)], "<br>")];
    });
    return folded(
      `${title}: ${counts.join(", ")}`,
      table(["", "Refusal", "Call", "Time", "Answer"], rows),
      open,
    );
  });
  const skipped = [...skippedByReason(refusals)].map(([reason, results]) =>
    folded(
      `${STATUS_MARKS.skipped.picture} ${results.length} skipped: ${inline(reason)}`,
      results.map(({ name, title }) => `- ${inline(name)}: ${inline(title)}`).join("\n"),
    ),
  );
  return joined(
    [
      "### Calls that must be refused",
      ...groups,
      ...skipped,
      asked.some(isUncertain) ? `${BADGE} ${inline(UNCERTAIN)}` : "",
    ],
    "\n\n",
  );
}

/** Writes what unfolds on a click. @param summary Markdown or HTML */
export function folded(summary: string, content: string, open = false): string {
  return `<details${open ? " open" : ""}><summary>${summary}</summary>\n\n${content}\n\n</details>`;
}

/** Tells who may call what: a row a route, a column a kind of caller; nothing where it was not asked. */
function accessPart(access: Report["access"]): string {
  if (access === undefined) {
    return "";
  }
  const list = (texts: readonly string[]) => texts.map((text) => `- ${inline(text)}`).join("\n");
  const rows = accessRows(access).map(({ route, cells }) => [
    code(route),
    ...CALLERS.map((caller) => verdictOf(cells.find((cell) => cell.caller === caller))),
  ]);
  const columns = ["Route", ...CALLERS.map((caller) => CALLER_NAMES[caller])];
  const parts = [
    `**Who may call what:** ${inline(accessCounts(access))} by ${code(access.source)}`,
    list(accessProblems(access)),
    table(columns, rows),
    list(access.notes),
  ];
  return joined(parts, "\n\n");
}

/** Tells how a deployment bore many users; nothing of another run. */
function loadPart(load: Report["load"]): string {
  if (load === undefined) {
    return "";
  }
  const list = (texts: readonly string[]) => texts.map((text) => `- ${inline(text)}`).join("\n");
  const parts = [
    `**Load:** ${inline(loadSentence(load))}`,
    list(loadProblems(load)),
    table(LOAD_COLUMNS, loadRows(load)),
    list(loadErrors(load)),
  ];
  return joined(parts, "\n\n");
}

function verdictOf(cell: AccessCell | undefined): string {
  if (cell === undefined) {
    return "";
  }
  const { status, observed, computed } = cell;
  const said = observed ?? (computed === null ? "not known" : `*${computed}* (computed)`);
  return `${STATUS_MARKS[status].picture} ${said}`;
}

function cells(result: StepResult): string[] {
  const { status, name, title } = result;
  return [`${STATUS_MARKS[status].picture} ${status}`, inline(name), inline(title), timing(result)];
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/**
 * Writes the text as it stands, on one line. What could be Markdown, HTML, GitHub's `@name`, `:emoji:` or `$math$` is written
 * as a character reference, which to Markdown never has a meaning of its own:
 * https://spec.commonmark.org/0.31.2/#entity-and-numeric-character-references
 *
 * GitHub looks for people and issues (`@name`, `#1`, `GH-1`) after that, in the text that a reader sees: there a space without a width
 * stands between, as Renovate (https://github.com/renovatebot/renovate/pull/1083) and Dependabot have it.
 */
export function inline(text: string): string {
  return clip(printable(text))
    .replace(/\s+/g, " ")
    .replace(/[^\p{L}\p{N} ,.;/()=…':-]|\/\/|:(?=[\w+-]+:)|www\.|^[-=]|(?<=GH)-(?=\d)/giu, (match) =>
      [...match]
        .map((character) => `&#${character.codePointAt(0)};${/[@#-]/.test(character) ? "&#8203;" : ""}`)
        .join(""),
    );
}

export function code(text: string): string {
  return `<code>${inline(text)}</code>`;
}

/** Writes the text in a block of its own, as far as it is not too long. */
function block(text: string, language = ""): string {
  return fenced(clip(printable(text)), language);
}

/** Writes the text in a block of its own, where nothing but a longer fence than any within could end it. */
export function fenced(content: string, language = ""): string {
  const longest = Math.max(2, ...[...content.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${content}\n${fence}`;
}

/** Writes the lines of a text, the first after the label, the others after its sign. */
function lines(label: string, text: string | null): string[] {
  const [first, ...others] = text === null ? [] : printable(text).split("\n");
  return first === undefined ? [] : [label + first, ...others.map((line) => label.slice(0, 2) + line)];
}

function clip(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}
