/** How `npm run verify` ends, as data: the process's exit code and the help's list of them come from this table. */
import type { HarnessErrorKind } from "../run/errors";

/** By SIGINT; https://tldp.org/LDP/abs/html/exitcodes.html */
const INTERRUPTED = 130;

const ENDINGS = {
  passed: { code: 0, meaning: "every step and every refusal passed" },
  failed: { code: 1, meaning: "a step or a refusal failed, or a step was degraded under --strict" },
  settings: { code: 2, meaning: "wrong usage or settings: options, outputs file, credentials" },
  unreachable: { code: 3, meaning: "could not reach AWS or what stands in for it" },
  timeout: { code: 3, meaning: "the time was up" },
  interrupted: { code: INTERRUPTED, meaning: "ended by Ctrl-C, after cleaning up; 143 by SIGTERM" },
} as const satisfies Readonly<Record<Ending, { readonly code: number; readonly meaning: string }>>;

/** What became of the deployment, or what kept it from being judged. */
export type Ending = "passed" | "failed" | HarnessErrorKind;

/** The exit code of the process. */
export function exitCode(ending: Ending): number {
  return ENDINGS[ending].code;
}

/** A line for each ending, with its code. */
export function exitCodeLines(): string[] {
  return Object.values(ENDINGS).map(({ code, meaning }) => `  ${String(code).padEnd(3)}  ${meaning}`);
}
