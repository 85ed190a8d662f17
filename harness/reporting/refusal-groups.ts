/** What the refusals are about, so that a reader finds one among two dozen. */
import type { StepResult } from "../report";

/** By their names, in the order in which they are shown. */
const GROUPS: readonly (readonly [title: string, names: RegExp])[] = [
  ["Login", /^login-/],
  [
    "Signature and keys",
    /^(unsigned|tampered-signature|other-(region|service)|old-date|(no|other)-session-token|unknown-access-key)$/,
  ],
  ["Routes and methods", /^(restricted-route|other-method|(own|other)-user-route)$/],
  ["Pages of other origins (CORS)", /^(preflight|cors)-/],
  ["Tokens", /^((tampered|other-users|expired)-token|made-up-provider|minting-as-user)$/],
  ["Guests and the classic flow", /^(guest-|classic-flow)/],
];

/** Where those are shown that no group names. */
export const OTHERS = "Others";

/** Refusals that are about the same. */
export interface RefusalGroup {
  readonly title: string;
  readonly refusals: readonly StepResult[];
}

/** Puts refusals into their groups, each in the order of the report; there is no empty group. */
export function groupRefusals(refusals: readonly StepResult[]): readonly RefusalGroup[] {
  const titleOf = ({ name }: StepResult) => GROUPS.find(([, names]) => names.test(name))?.[0] ?? OTHERS;
  return [...GROUPS.map(([title]) => title), OTHERS]
    .map((title) => ({ title, refusals: refusals.filter((refusal) => titleOf(refusal) === title) }))
    .filter((group) => group.refusals.length > 0);
}

/** Puts what was skipped together by its reason. */
export function skippedByReason(results: readonly StepResult[]): ReadonlyMap<string, readonly StepResult[]> {
  const reasons = new Map<string, StepResult[]>();
  for (const result of results.filter(({ status }) => status === "skipped")) {
    const reason = result.notes.join(" ");
    reasons.set(reason, [...(reasons.get(reason) ?? []), result]);
  }
  return reasons;
}
