/** The command line of `npm run verify`: its options as data, read by commander; mistakes are told with what was probably meant. */
import { Command, CommanderError, Option } from "commander";
import { closest } from "fastest-levenshtein";
import { STEP_NAMES, type StepName } from "../report";
import { parseDuration } from "../run/durations";
import { ENDINGS, SettingsError } from "../run/errors";

/** An option, as parsing and help need it. */
interface OptionRow {
  readonly name: string;
  /** What stands for the value in the help: `<FILE>`, `[FILE]` where it may be left out; empty for a switch. */
  readonly value: string;
  readonly example: string;
  readonly help: string;
  /** Reads a value. @default as it is */
  readonly read?: (value: string) => unknown;
  /** Whether it may be given more than once: it then reads entries of a record. @default false */
  readonly repeatable?: boolean;
  /** What it is when it is not given. @default false for a switch, else undefined */
  readonly initial?: unknown;
  /** Its name among what was asked. @default the option's own, in camel case */
  readonly as?: keyof VerifyOptions;
}

/** Makes a row from an example of the option's use. */
function row(
  flags: string,
  help: string,
  example: string,
  reading: Pick<OptionRow, "read" | "repeatable" | "initial" | "as"> = {},
): OptionRow {
  const [name = "", value = ""] = flags.split(" ");
  return { name, value, example, help, ...reading };
}

/** In the order of the help. */
export const OPTIONS: readonly OptionRow[] = [
  row("outputs <FILE>", "what was deployed, as cdktf wrote it; needed", "--outputs outputs.json"),
  row(
    "report-dir <DIR>",
    "write report.json, junit.xml, summary.md and report.html there",
    "--report-dir reports",
  ),
  row(
    "history <DIR>",
    "earlier reports, for the trend in report.html; needs --report-dir",
    "--history nightly-reports",
  ),
  row(
    "fresh [DURATION]",
    "it was deployed just now: wait (90s) for what AWS is late with",
    "--fresh or --fresh=2m",
    { read: durationOf("--fresh"), initial: false },
  ),
  row("timeout <DURATION>", "time limit of the whole run (5m)", "--timeout 3m", {
    read: durationOf("--timeout"),
    as: "timeLimit",
  }),
  row("call-timeout <DURATION>", "time limit of each call (10s)", "--call-timeout 5s", {
    read: durationOf("--call-timeout"),
    as: "callTimeLimit",
  }),
  row("token-leeway <DURATION>", "how long an expired token may still count (60s)", "--token-leeway 10s", {
    read: durationOf("--token-leeway"),
  }),
  row(
    "step-budget <STEP=DURATION>",
    "a passed step that took longer is degraded; may be repeated",
    "--step-budget call=500ms",
    { read: stepBudget, repeatable: true, initial: {}, as: "stepBudgets" },
  ),
  row("strict", "degraded steps make the run fail; needs --step-budget", "--strict"),
  row(
    "diagnose",
    "look up the policies and settings behind a failure (reads IAM and API Gateway)",
    "--diagnose",
  ),
  row(
    "principal-tag <NAME=VALUE>",
    "sign the users in with this attribute; may be repeated",
    "--principal-tag team=blue",
    { read: principalTag, repeatable: true, as: "principalTags" },
  ),
  row(
    "print-policy",
    "print the policy that the backend's credentials need for this, and call nothing",
    "--print-policy > policy.json",
  ),
  row("json", "print the report to stdout, all else to stderr", "--json > report.json"),
  row("verbose", "show every call, and errors with their causes", "--verbose"),
  row("show-identities", "show the ids of identities in full", "--show-identities"),
  row("help", "show this", "--help"),
];

/** Either the wish to see the help, which nothing else is looked at for, or everything that was asked. */
export type CommandLine = { readonly help: true } | ({ readonly help: false } & VerifyOptions);

/** Durations in milliseconds. */
export interface VerifyOptions {
  readonly outputs: string;
  readonly reportDir?: string;
  readonly history?: string;
  /** True for the default window. */
  readonly fresh: boolean | number;
  readonly timeLimit?: number;
  readonly callTimeLimit?: number;
  readonly tokenLeeway?: number;
  readonly stepBudgets: Readonly<Partial<Record<StepName, number>>>;
  readonly strict: boolean;
  readonly diagnose: boolean;
  readonly principalTags?: Readonly<Record<string, string>>;
  readonly printPolicy: boolean;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly showIdentities: boolean;
}

/** Reads the command line. @throws SettingsError naming the wrong argument and the nearest valid one */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const command = verifyCommand(args);
  try {
    command.parse(args, { from: "user" });
  } catch (error) {
    throw error instanceof CommanderError ? usage(explained(error)) : error;
  }
  const [extra] = command.args;
  if (extra !== undefined) {
    throw usage(`Unexpected argument ${JSON.stringify(extra)}. Did you mean --outputs ${extra}?`);
  }
  const { help, ...given } = command.opts<VerifyOptions & { readonly help: boolean }>();
  if (help) {
    return { help };
  }
  if (given.outputs === undefined) {
    throw usage(
      "--outputs FILE is missing: the file that cdktf deploy '*' --outputs-file outputs.json wrote.",
    );
  }
  if (given.history !== undefined && given.reportDir === undefined) {
    throw usage("--history needs --report-dir: the trend is shown in report.html. Add --report-dir reports.");
  }
  if (given.strict && Object.keys(given.stepBudgets).length === 0) {
    throw usage(
      "--strict needs --step-budget: a step without a budget is never degraded. Add --step-budget call=2s.",
    );
  }
  return { help: false, ...given };
}

/** Writes the text of `--help`. */
export function help(): string {
  const endings = Object.values(ENDINGS).map(
    ({ code, meaning }) => `  ${String(code).padEnd(3)}  ${meaning}`,
  );
  return `${verifyCommand([]).helpInformation()}
A duration is a number with its unit: 500ms, 10s, 5m.

Environment
  AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_PROFILE, …   the backend's credentials
  HTTPS_PROXY, HTTP_PROXY, NO_PROXY   a proxy for all calls but those to this machine
  AWS_ENDPOINT_URL      where calls go instead of AWS, e.g. http://127.0.0.1:4566
  GITHUB_STEP_SUMMARY   file that the summary is appended to; needs --report-dir
  NO_COLOR, CI          plain text; plain lines without a spinner

Exit codes
${endings.join("\n")}
`;
}

/** Makes the command. @param args only to tell a value from an option in its place */
function verifyCommand(args: readonly string[]): Command {
  const width = Math.max(...OPTIONS.map(({ help: text }) => text.length));
  const examples = new Map(OPTIONS.map(({ name, example }) => [name, example]));
  const command = new Command("npm run verify --")
    .usage("--outputs FILE [options]")
    .description(
      "Walks the flow of developer-authenticated identities against a deployment, asserts every answer, and asks for what must be refused.",
    )
    .helpOption(false)
    .allowExcessArguments()
    .exitOverride()
    .configureOutput({ writeErr() {} })
    .configureHelp({
      helpWidth: 200,
      optionTerm: ({ flags }) => flags.replace(/[<>]/g, "").replace(" [", "[="),
      optionDescription: (option) => `${option.description.padEnd(width)}  ${examples.get(option.name())}`,
    });
  for (const row of OPTIONS) {
    command.addOption(optionOf(row, args));
    let times = 0;
    command.on(`option:${row.name}`, () => {
      times += 1;
      if (times > 1 && !row.repeatable) {
        throw usage(`--${row.name} is given twice. Give it once.`);
      }
    });
  }
  return command;
}

function optionOf(row: OptionRow, args: readonly string[]): Option {
  const { name, value, help: text, repeatable, as, read = (given: string) => given } = row;
  const option = new Option(`--${name} ${value}`.trim(), text);
  if (as !== undefined) {
    option.attributeName = () => as;
  }
  if (value === "") {
    return option.default(false);
  }
  return option.default(row.initial).argParser((given, before) => {
    // `--outputs --report-dir x` takes the next option for the value; `--outputs=--x` is meant so.
    if (given === "" || (given.startsWith("--") && args.includes(given))) {
      throw usage(needsValue(row));
    }
    return repeatable
      ? { ...(before as object), ...Object.fromEntries([read(given) as never]) }
      : read(given);
  });
}

/** Says what commander complains of, with what was probably meant. */
function explained({ code, message }: CommanderError): string {
  const [, flag = ""] = /'(\S+?)(?: .*)?'/.exec(message) ?? [];
  const [name = ""] = flag.replace(/^-+/, "").split("=");
  const row = OPTIONS.find((option) => `--${option.name}` === flag.split("=")[0]);
  if (code === "commander.optionMissingArgument" && row !== undefined) {
    return needsValue(row);
  }
  if (code !== "commander.unknownOption") {
    return message;
  }
  return row === undefined
    ? `Unknown option ${flag.split("=")[0]}. Did you mean --${nearest(
        name,
        OPTIONS.map((option) => option.name),
      )}?`
    : `--${name} takes no value.`;
}

function needsValue({ name, example }: OptionRow): string {
  return `--${name} needs a value, e.g. ${example}.`;
}

/** Finds the name that was probably meant: one that begins so, e.g. `verbose` for `v`, else the one with the fewest letters off. */
function nearest(given: string, names: readonly string[]): string {
  const longer = names.filter((name) => name.startsWith(given));
  return closest(given, longer.length > 0 ? longer : names);
}

function stepBudget(value: string): [StepName, number] {
  const [step = "", duration = ""] = value.split("=");
  if (!STEP_NAMES.includes(step as StepName)) {
    throw usage(
      `--step-budget ${value}: no step ${JSON.stringify(step)}. Did you mean ${nearest(step, STEP_NAMES)}?`,
    );
  }
  return [step as StepName, durationOf(`--step-budget ${step}=`)(duration)];
}

/** Reads an attribute and its value. Limits: https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_GetOpenIdTokenForDeveloperIdentity.html */
function principalTag(value: string): [string, string] {
  const [, name, tag] = /^([^=]{1,128})=(.{1,256})$/s.exec(value) ?? [];
  if (name === undefined || tag === undefined) {
    throw usage(
      `--principal-tag ${value}: not NAME=VALUE. Did you mean --principal-tag ${value.replace(/=.*/s, "")}=blue?`,
    );
  }
  return [name, tag];
}

function durationOf(option: string): (value: string) => number {
  return (value) => {
    try {
      return parseDuration(value);
    } catch (error) {
      throw usage(`${option}: ${(error as Error).message}`);
    }
  };
}

function usage(problem: string): SettingsError {
  return new SettingsError(`${problem} See --help.`);
}
