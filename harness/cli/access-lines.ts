/** Who may call what, in lines of text: a count, each cell that is not as declared, each route that nobody declared, and what else to know. */
import { accessCounts, accessProblems, leftBehindSentence } from "../access/words";
import { type Report, STATUS_MARKS } from "../report";
import type { Colorize } from "./screen";

/** Writes the lines under a heading; none where it was not asked. */
export function accessLines({ access }: Report, colorize: Colorize): string[] {
  if (access === undefined) {
    return [];
  }
  const problems = accessProblems(access);
  const asked = access.cells.some(({ status }) => status !== "skipped");
  const { color, sign } = STATUS_MARKS[problems.length > 0 ? "failed" : asked ? "passed" : "skipped"];
  return [
    "",
    colorize("bold", "Who may call what"),
    `${colorize(color, sign)} ${accessCounts(access)}`,
    ...problems.map((problem) => `    ${colorize("red", problem)}`),
    ...access.notes.map((note) => colorize("dim", `    note      ${note}`)),
  ];
}

/** Writes what became of identities of earlier runs under a heading; nothing where they were not looked for. */
export function leftBehindLines({ leftBehind }: Report, colorize: Colorize): string[] {
  const sentence = leftBehindSentence(leftBehind);
  const { color, sign } = STATUS_MARKS[leftBehind?.found === leftBehind?.deleted ? "passed" : "degraded"];
  return sentence === undefined
    ? []
    : ["", colorize("bold", "Left behind"), `${colorize(color, sign)} ${sentence}`];
}
