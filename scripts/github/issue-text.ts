/** What an issue says. All of it may be read by people who are not to be called: nothing that a server answered becomes live in it. */
import { createHash } from "node:crypto";
import { code, inline, table } from "../../harness/reporting/markdown";
import type { Failure } from "../../harness/reporting/words";
import { type Memory, remember } from "./marker";
import type { Night } from "./night";
import type { GitHubSettings } from "./settings";

/** GitHub takes 65,536 characters in all. https://github.com/peter-evans/create-issue-from-file/issues/1049 */
const LONGEST_TABLE = 50_000;
/** Characters of each text, before they are escaped: more is in the report. */
const LONGEST_TEXT = 300;
/** Lines of a comment. */
const MOST_LINES = 10;

interface Written {
  readonly deployment: string;
  readonly night: Night;
}

/** Writes an issue's text: how things stand now, and at its end what the next run has to know. */
export function issueBody(
  { runUrl, repositoryUrl }: GitHubSettings,
  { night, deployment }: Written,
  memory: Memory,
): string {
  const { since = "", runs } = memory;
  const shown = fittingRows(night.failures);
  const more = night.failures.length - shown.length;
  return `**${short(night.headline)}**

${code(deployment)} fails since ${since.slice(0, 16).replace("T", " ")} UTC, in ${runs === 1 ? "one run" : `${runs} runs`}${
    runUrl === undefined ? "" : `; [the last](${runUrl}) has the report among its artifacts`
  }.

${table(["What happened", "Expected", "Actual", "Most likely"], shown)}
${more > 0 ? `\n${more} more are in the report.\n` : ""}
This text is written anew by every run. A comment comes when something else fails, and the last one, which closes this issue, when all is
well. [How to read it](${repositoryUrl}/blob/HEAD/docs/nightly.md#when-it-fails)

${remember(memory)}
`;
}

/** Writes the comment for whoever follows the issue: it still fails, but otherwise. */
export function stillFailing({ runUrl }: GitHubSettings, { night }: Written, before?: string): string {
  const [shown, rest] = [night.failures.slice(0, MOST_LINES), night.failures.slice(MOST_LINES)];
  const by = runUrl === undefined ? "" : ` ([run](${runUrl}))`;
  return `What fails has changed${by}.

- Now: ${short(night.headline)}
- Before: ${before === undefined ? "not known" : short(before)}

${shown.map(({ sentence }) => `- ${short(sentence)}`).join("\n")}${rest.length > 0 ? `\n- ${rest.length} more` : ""}
`;
}

/** A digest of what fails, without what differs from run to run (times, request ids, the order). */
export function digest({ failures }: Night): string {
  const names = failures.map(({ name }) => name).sort();
  return createHash("sha256").update(JSON.stringify(names)).digest("hex").slice(0, 16);
}

/** Writes how long something lasted, roughly: `3 days`, `26 hours`. @param ms milliseconds */
export function lasting(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  const [size, unit] = minutes < 120 ? [1, "minute"] : minutes < 2880 ? [60, "hour"] : [1440, "day"];
  return new Intl.NumberFormat("en", { style: "unit", unit, unitDisplay: "long" }).format(
    Math.round(minutes / size),
  );
}

function row({ sentence, expected, actual, hint }: Failure): readonly string[] {
  const quoted = (text: string | null) => (text === null ? "" : `<code>${short(text)}</code>`);
  return [short(sentence), quoted(expected), quoted(actual), short(hint ?? "")];
}

function short(text: string): string {
  return inline(text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text);
}

/** As many as the text has room for. */
function fittingRows(failures: readonly Failure[]): readonly (readonly string[])[] {
  const rows: (readonly string[])[] = [];
  let length = 0;
  for (const failure of failures) {
    const cells = row(failure);
    length += cells.join(" | ").length;
    if (length > LONGEST_TABLE) {
      break;
    }
    rows.push(cells);
  }
  return rows;
}
