/** summary.md: the report in GitHub's Markdown, for the page of a job. */

import { countByStatus, type Report, STATUS_MARKS, type StepResult } from "../report";
import { formatDuration } from "../run/durations";
import { firstLine } from "../run/errors";
import { failedResults, headline, printable, timing } from "./words";

const OUTCOME_MARKS = { passed: "✅", failed: "❌", error: "⛔" } as const;

/** Longer texts, such as a proxy's whole error page, would push the rest out of sight. */
const LONGEST_TEXT = 2000;

/** Writes summary.md. */
export function summaryReport(report: Report): string {
  const blamed = failedResults(report);
  return `${[
    `## ${OUTCOME_MARKS[report.outcome]} ${inline(headline(report))}`,
    report.error === null ? null : block(report.error.message),
    target(report),
    ...blamed.map(failure),
    table(["", "Step", "Call", "Time"], report.steps.map(row)),
    report.refusals.length > 0 ? refusals(report) : null,
    report.warnings.length > 0
      ? `**Warnings**\n\n${report.warnings.map((text) => `- ${inline(text)}`).join("\n")}`
      : null,
  ]
    .filter((part) => part !== null)
    .join("\n\n")}\n`;
}

function target({ target, startedAt, durationMs, fresh, clockSkewMs }: Report): string {
  return [
    `Pool ${code(target.identityPoolId)} in ${code(target.region)}`,
    `API ${code(target.invokeUrl)}`,
    target.endpoint === null ? "on AWS" : `on ${code(target.endpoint)}`,
    `started ${inline(startedAt)}`,
    `${formatDuration(durationMs)}${fresh ? " (fresh deployment)" : ""}`,
    clockSkewMs === null || clockSkewMs === 0
      ? null
      : `AWS's clock differs by ${formatDuration(Math.abs(clockSkewMs))}`,
  ]
    .filter((part) => part !== null)
    .join(" · ");
}

function failure(result: StepResult): string {
  const parts = [`### ${inline(result.name)}: ${inline(result.title)}`];
  if (result.hint !== null) {
    parts.push(`**Most likely:** ${inline(result.hint)}`);
  }
  if (result.status === "degraded") {
    parts.push(`Took ${timing(result)}.`);
  }
  const seen = [...lines("- expected: ", result.expected), ...lines("+ actual:   ", result.actual)];
  if (seen.length > 0) {
    parts.push(block(seen.join("\n"), "diff"));
  }
  if (result.findings.length > 0) {
    parts.push(block(result.findings.join("\n")));
  }
  for (const note of result.notes) {
    parts.push(inline(note));
  }
  const more = [
    result.requestId === null ? null : `Request ${code(result.requestId)}`,
    documented(result.source),
  ].filter((part) => part !== null);
  if (more.length > 0) {
    parts.push(more.join(" · "));
  }
  return parts.join("\n\n");
}

/** Links to what is expected; nothing but a plain web address becomes a link. */
function documented(source: string | null): string | null {
  return source !== null && /^https:\/\/[\w./?=&%#~:-]+$/.test(source) ? `[documented](${source})` : null;
}

function refusals({ refusals: results }: Report): string {
  const counts = countByStatus(results);
  const failed = counts.some(([status]) => status === "failed");
  const rows = results.map((result) => [
    ...row(result),
    [result.actual === null ? "" : code(firstLine(result.actual)), ...result.notes.map(inline)]
      .filter(Boolean)
      .join("<br>"),
  ]);
  return [
    `<details${failed ? " open" : ""}><summary>Calls that must be refused: ${counts.map(([status, count]) => `${count} ${status}`).join(", ")}</summary>`,
    table(["", "Refusal", "Call", "Time", "Answer"], rows),
    "</details>",
  ].join("\n\n");
}

function row(result: StepResult): string[] {
  return [
    `${STATUS_MARKS[result.status].picture} ${result.status}`,
    inline(result.name),
    inline(result.title),
    timing(result),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/**
 * Writes the text as it stands, on one line. What could be Markdown, HTML, GitHub's `@name`, `:emoji:` or `$math$` is written
 * as a character reference, which never has a meaning of its own: https://spec.commonmark.org/0.31.2/#entity-and-numeric-character-references
 */
function inline(text: string): string {
  return clip(printable(text))
    .replace(/\s+/g, " ")
    .replace(/[^\p{L}\p{N} ,.;/()=…':-]|\/\/|:(?=[\w+-]+:)|www\.|^[-=]/giu, (match) =>
      [...match].map((character) => `&#${character.codePointAt(0)};`).join(""),
    );
}

function code(text: string): string {
  return `<code>${inline(text)}</code>`;
}

/** Writes the text in a block of its own, where nothing but a longer fence than any within could end it. */
function block(text: string, language = ""): string {
  const content = clip(printable(text));
  const longest = Math.max(2, ...[...content.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${content}\n${fence}`;
}

function lines(label: string, text: string | null): string[] {
  const sign = label.slice(0, 2);
  return text === null
    ? []
    : printable(text)
        .split("\n")
        .map((line, index) => (index === 0 ? label : sign) + line);
}

function clip(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}
