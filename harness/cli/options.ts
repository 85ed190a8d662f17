/** The options of `npm run verify`, as data: parsing, help and the suggestions for misspelt ones come from this table. */
import { exitCodeLines } from "./exit-codes";

/** An option of the command line, as parsing and help need it. */
export interface Option {
  readonly name: string;
  /** What stands for the value in the help; absent for a switch. */
  readonly value?: string;
  /** Whether the value may be left out: `--name` and `--name=VALUE` are both meant. @default false */
  readonly valueOptional?: boolean;
  /** Whether it may be given more than once. @default false */
  readonly repeatable?: boolean;
  readonly example: string;
  readonly help: string;
}

/** In the order of the help. */
export const OPTIONS = [
  {
    name: "outputs",
    value: "FILE",
    example: "--outputs outputs.json",
    help: "what was deployed, as cdktf wrote it; needed",
  },
  {
    name: "report-dir",
    value: "DIR",
    example: "--report-dir reports",
    help: "write report.json, junit.xml, summary.md and report.html there",
  },
  {
    name: "history",
    value: "DIR",
    example: "--history nightly-reports",
    help: "earlier reports, for the trend in report.html; needs --report-dir",
  },
  {
    name: "fresh",
    value: "DURATION",
    valueOptional: true,
    example: "--fresh or --fresh=2m",
    help: "it was deployed just now: wait (90s) for what AWS is late with",
  },
  {
    name: "timeout",
    value: "DURATION",
    example: "--timeout 3m",
    help: "time limit of the whole run (5m)",
  },
  {
    name: "call-timeout",
    value: "DURATION",
    example: "--call-timeout 5s",
    help: "time limit of each call (10s)",
  },
  {
    name: "token-leeway",
    value: "DURATION",
    example: "--token-leeway 10s",
    help: "how long an expired token may still count (60s)",
  },
  {
    name: "step-budget",
    value: "STEP=DURATION",
    repeatable: true,
    example: "--step-budget call=500ms",
    help: "a passed step that took longer is degraded; may be repeated",
  },
  { name: "strict", example: "--strict", help: "degraded steps make the run fail; needs --step-budget" },
  {
    name: "diagnose",
    example: "--diagnose",
    help: "look up the policies and settings behind a failure (reads IAM and API Gateway)",
  },
  {
    name: "principal-tag",
    value: "NAME=VALUE",
    repeatable: true,
    example: "--principal-tag team=blue",
    help: "sign the users in with this attribute; may be repeated",
  },
  {
    name: "print-policy",
    example: "--print-policy > policy.json",
    help: "print the policy that the backend's credentials need for this, and call nothing",
  },
  { name: "json", example: "--json > report.json", help: "print the report to stdout, all else to stderr" },
  { name: "verbose", example: "--verbose", help: "show every call, and errors with their causes" },
  { name: "show-identities", example: "--show-identities", help: "show the ids of identities in full" },
  { name: "help", example: "--help", help: "show this" },
] as const satisfies readonly Option[];

export type OptionName = (typeof OPTIONS)[number]["name"];

/** The text of `--help`. */
export function help(): string {
  const rows = OPTIONS.map((option: Option) => [usage(option), option.help, option.example] as const);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => (row[column] as string).length)));
  const lines = rows.map(([left, text, example]) =>
    ["", left.padEnd(widths[0] as number), text.padEnd(widths[1] as number), example].join("  "),
  );
  return `Walks the flow of developer-authenticated identities against a deployment, asserts every answer, and asks for
what must be refused.

  npm run verify -- --outputs FILE [options]

Options
${lines.join("\n")}

A duration is a number with its unit: 500ms, 10s, 5m.

Environment
  AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_PROFILE, …   the backend's credentials
  HTTPS_PROXY, HTTP_PROXY, NO_PROXY   a proxy for all calls but those to this machine
  AWS_ENDPOINT_URL      where calls go instead of AWS, e.g. http://127.0.0.1:4566
  GITHUB_STEP_SUMMARY   file that the summary is appended to; needs --report-dir
  NO_COLOR, CI          plain text; plain lines without a spinner

Exit codes
${exitCodeLines().join("\n")}
`;
}

function usage({ name, value, valueOptional }: Option): string {
  if (value === undefined) {
    return `--${name}`;
  }
  return valueOptional ? `--${name}[=${value}]` : `--${name} ${value}`;
}
