/** What runs cost: what was counted, times what it costs; and the part of docs/cost.md that says so. */
import { costOf, PRICES, type Priced, type Quantities, totalOf } from "./prices";
import type { CountedRuns, Usage } from "./usage";

/** What is not counted on local AWS, since it has other processors and no S3. */
export const ASSUMED = {
  /** Milliseconds that Lambda bills for a call of a function that has started. */
  billedMilliseconds: 10,
  /** Of a call that starts it; its start is billed since August 2025. */
  billedMillisecondsAtStart: 400,
  /** GB, `memorySize` of the stacks' functions. */
  memory: 0.25,
  /** Requests to the state's bucket by one command of Terraform on one stack. */
  stateRequests: 10,
  stacks: 2,
  /** GB that all states take. */
  state: 0.001,
  /** Of the load run that the README shows: users a second, seconds. */
  load: { rate: 20, seconds: 30 },
} as const;

const GB = 2 ** 30;

/** What a run uses that walks so many times as it was counted. */
export function quantitiesOf(
  { requests, invocations, logBytes, transferBytes }: Usage,
  times = 1,
): Quantities {
  const milliseconds = times * invocations * ASSUMED.billedMilliseconds;
  return {
    apiCall: times * (requests["execute-api"] ?? 0),
    invocation: times * invocations,
    compute: (milliseconds / 1000) * ASSUMED.memory,
    logBytes: (times * logBytes) / GB,
    // A month, as the stacks keep it.
    logStorage: (times * logBytes) / GB,
    transfer: (times * transferBytes) / GB,
  };
}

/** The same with a function that has to be started first, as a nightly run's has. */
function withStart(quantities: Quantities): Quantities {
  const more = ((ASSUMED.billedMillisecondsAtStart - ASSUMED.billedMilliseconds) / 1000) * ASSUMED.memory;
  return { ...quantities, compute: (quantities.compute ?? 0) + more };
}

/** What is estimated, by name. */
export function estimates({ nightly, user }: CountedRuns): Readonly<Record<string, Quantities>> {
  const commands = (count: number) => count * ASSUMED.stacks * ASSUMED.stateRequests;
  const { rate, seconds } = ASSUMED.load;
  return {
    "idle, a month": { stateStorage: ASSUMED.state },
    "one deployment (`init` and `apply`)": { stateRequest: commands(2) },
    "a million calls of the API": quantitiesOf(user, 1e6 / (user.requests["execute-api"] ?? 1)),
    "a nightly run": withStart(quantitiesOf(nightly)),
    "… and the plan beside it (`init` and `plan`)": { stateRequest: commands(2) },
    [`a load run of ${rate} users a second for ${seconds} s`]: withStart(quantitiesOf(user, rate * seconds)),
  };
}

/** With two digits that tell something. */
export function dollars(usd: number): string {
  const digits = usd >= 1 ? 2 : usd === 0 ? 0 : 1 - Math.floor(Math.log10(usd));
  return `$${usd.toFixed(digits)}`;
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

function breakdown(quantities: Quantities): string {
  return Object.entries(quantities)
    .map(([priced, quantity]) => [priced as Priced, costOf(priced as Priced, quantity)] as const)
    .filter(([, usd]) => usd > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([priced, usd]) => `${PRICES[priced].what} ${dollars(usd)}`)
    .join("; ");
}

/** What stands between the marks of docs/cost.md. */
export function costTables(counted: CountedRuns): string {
  const costs = Object.entries(estimates(counted)).map(([name, quantities]) => [
    name,
    dollars(totalOf(quantities)),
    breakdown(quantities),
  ]);
  const operations = [
    ...new Set([counted.nightly, counted.user].flatMap(({ requests }) => Object.keys(requests))),
  ].sort();
  const counts = (of: (usage: Usage) => number | undefined) =>
    [counted.nightly, counted.user].map((usage) => (of(usage) ?? 0).toLocaleString("en"));
  const prices = Object.values(PRICES).map(({ what, unit, usd, per, source }) => [
    what,
    `$${per === 1 ? usd : usd.toFixed(per === 1000 ? 3 : 2)}`,
    per === 1 ? unit : `${per.toLocaleString("en")} × ${unit}`,
    `[${source.name}](${source.url})`,
    source.asOf,
  ]);
  return [
    table(["", "USD", "of which"], costs),
    "What was counted:",
    table(
      ["", "nightly run", "one user"],
      [
        ...operations.map((name) => [`\`${name}\``, ...counts(({ requests }) => requests[name])]),
        ["invocations of the function", ...counts(({ invocations }) => invocations)],
        ["bytes of log", ...counts(({ logBytes }) => logBytes)],
        ["bytes that API Gateway sends", ...counts(({ transferBytes }) => transferBytes)],
      ],
    ),
    "Prices of us-east-1:",
    table(["", "USD", "for", "from", "as of"], prices),
  ].join("\n\n");
}
