/** `npm run github -- annotate`: what failed, as annotations of the workflow's run. */
import type { Command } from "commander";
import { leftBehindSentence } from "../../harness/access/words";
import type { Report } from "../../harness/report";
import { type Failure, failure, printable } from "../../harness/reporting/words";
import { subcommand } from "../command";
import { type Night, readNight } from "./night";

/** Annotations of a kind that GitHub shows of one step; it drops the rest without a word. https://github.com/orgs/community/discussions/26680 */
const MOST_SHOWN = 10;
/** Characters. */
const LONGEST = { title: 200, message: 2000 };

type Kind = "error" | "warning" | "notice";
interface Annotation {
  readonly title: string;
  readonly message: string;
}

export function annotateCommand(): Command {
  return subcommand(
    "annotate",
    "Prints the workflow commands that annotate the run: errors for what failed, warnings for what was slow or went wrong beside it.",
  )
    .requiredOption("--report-dir <DIR>", "what npm run verify wrote")
    .addHelpText("after", "\nExit codes: 0 printed, whatever was found; 2 wrong usage.")
    .action(({ reportDir }: { reportDir: string }) => {
      for (const line of annotations(readNight(reportDir))) {
        console.log(line);
      }
    });
}

/** Writes a night as workflow commands, one a line. */
export function annotations({ failures, report }: Night): readonly string[] {
  return [
    ...commands("error", failures.map(failureAnnotation)),
    ...commands("warning", report === undefined ? [] : warnings(report)),
    ...commands("notice", report === undefined ? [] : notices(report)),
  ];
}

function failureAnnotation({ sentence, expected, actual, hint }: Failure): Annotation {
  const told = [
    expected && `expected: ${expected}`,
    actual && `actual: ${actual}`,
    hint && `Most likely: ${hint}`,
  ];
  return { title: sentence, message: told.filter(Boolean).join("\n") };
}

function warnings(report: Report): readonly Annotation[] {
  const { outcome, steps, refusals, warnings, access } = report;
  const slow = [...steps, ...refusals].filter(({ status }) => status === "degraded" && outcome === "passed");
  return [
    ...slow.map((result) => ({ title: `Slow: ${result.name}`, message: failure(report, result) })),
    ...warnings.map((message) => ({ title: "Verification", message })),
    ...(access?.notes ?? []).map((message) => ({ title: "Access", message })),
  ];
}

/** What was not deleted is among the warnings. */
function notices({ leftBehind }: Report): readonly Annotation[] {
  const message = leftBehind?.found ? leftBehindSentence(leftBehind) : undefined;
  return message === undefined ? [] : [{ title: "Identities left behind", message }];
}

/** Writes as many as are shown; the last says how many there are beside. */
function commands(kind: Kind, all: readonly Annotation[]): readonly string[] {
  const shown = all.length > MOST_SHOWN ? all.slice(0, MOST_SHOWN - 1) : all;
  const more = all.slice(shown.length);
  const rest = { title: `${more.length} more`, message: more.map(({ title }) => title).join("\n") };
  return (more.length > 0 ? [...shown, rest] : shown).map((one) => workflowCommand(kind, one));
}

/**
 * Writes a workflow command on one line, in which no text can end it and begin another: what GitHub's runner takes apart is escaped.
 * https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
 */
function workflowCommand(kind: Kind, { title, message }: Annotation): string {
  const data = (text: string, longest: number) =>
    printable(text.length > longest ? `${text.slice(0, longest)}…` : text)
      .replaceAll("%", "%25")
      .replaceAll("\n", "%0A");
  const property = data(title, LONGEST.title).replaceAll(":", "%3A").replaceAll(",", "%2C");
  return `::${kind} title=${property}::${data(message, LONGEST.message)}`;
}
