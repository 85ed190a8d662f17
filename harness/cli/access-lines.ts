/** Who may call what, in lines of text: a count, each cell that is not as declared, each route that nobody declared, and what else to know. */
import { accessCounts, accessProblems, leftBehindSentence } from "../access/words";
import { type AccessReport, type Report, STATUS_MARKS } from "../report";
import type { Colorize } from "./screen";

/** Writes the lines below their heading. */
export function accessLines(access: AccessReport, colorize: Colorize): string[] {
  const problems = accessProblems(access);
  const asked = access.cells.some(({ status }) => status !== "skipped");
  const { color, sign } = STATUS_MARKS[problems.length > 0 ? "failed" : asked ? "passed" : "skipped"];
  return [
    `${colorize(color, sign)} ${accessCounts(access)}`,
    ...problems.map((problem) => `    ${colorize("red", problem)}`),
    ...access.notes.map((note) => colorize("dim", `    note      ${note}`)),
  ];
}

/** Writes the line on identities of earlier runs; none where they were not looked for. */
export function leftBehindLines({ leftBehind }: Report): string[] {
  const sentence = leftBehindSentence(leftBehind);
  return sentence === undefined ? [] : [`  ${sentence}`];
}
