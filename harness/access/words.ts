/** What the access matrix says in words, for the console and for every report. */
import type { AccessCell, AccessReport, Caller } from "../report";

/** The callers, as the columns of a table are headed. */
export const CALLER_NAMES: Readonly<Record<Caller, string>> = {
  nobody: "nobody",
  guest: "a guest",
  "signed-in": "signed in",
  "other-user": "another user's path",
  backend: "the backend",
};

/** The callers in a sentence. */
export const CALLER_WORDS: Readonly<Record<Caller, string>> = {
  nobody: "anyone",
  guest: "guests",
  "signed-in": "signed-in users",
  "other-user": "signed-in users on another user's path",
  backend: "the backend's credentials",
};

/** A row of the table. */
export interface AccessRow {
  readonly route: string;
  readonly cells: readonly AccessCell[];
}

/** Puts the cells into a row a route. */
export function accessRows({ cells }: AccessReport): AccessRow[] {
  return [...new Set(cells.map(({ route }) => route))].map((route) => ({
    route,
    cells: cells.filter((cell) => cell.route === route),
  }));
}

/** Lists all that makes the run fail, a sentence each; none without a matrix. */
export function accessProblems(access: AccessReport | undefined): string[] {
  return [...failedCells(access).map(cellSentence), ...(access?.undeclared ?? [])];
}

/** Lists the cells that are otherwise than declared; none without a matrix. */
export function failedCells(access: AccessReport | undefined): AccessCell[] {
  return access?.cells.filter(({ status }) => status === "failed") ?? [];
}

/** Writes in a sentence what is otherwise than declared. */
export function cellSentence({ route, caller, observed, note }: AccessCell): string {
  const state = observed === "allowed" ? "open" : "closed";
  return `${state} to ${CALLER_WORDS[caller]}: ${route}${note === null ? "" : ` (${note})`}`;
}

/** Counts the matrix in a sentence, e.g. `12 of 14 as declared, 2 failed; 1 undeclared route`. */
export function accessCounts({ cells, undeclared }: AccessReport): string {
  const count = (status: AccessCell["status"]) => cells.filter((cell) => cell.status === status).length;
  const parts = [
    `${count("passed")} of ${cells.length} as declared`,
    ...(count("failed") > 0 ? [`${count("failed")} failed`] : []),
    ...(count("skipped") > 0 ? [`${count("skipped")} not observed`] : []),
    ...(undeclared.length > 0 ? [`${undeclared.length} undeclared`] : []),
  ];
  return parts.join(", ");
}

/** Says what became of identities of earlier runs; undefined where they were not looked for. */
export function leftBehindSentence(
  leftBehind: { found: number; deleted: number } | undefined,
): string | undefined {
  return (
    leftBehind &&
    (leftBehind.found === 0
      ? "no identities of earlier runs"
      : `${leftBehind.found} ${leftBehind.found === 1 ? "identity" : "identities"} of earlier runs found, ${leftBehind.deleted} deleted`)
  );
}
