/** The command line of the command that verifies: its options as data, read by commander; mistakes are told with what was probably meant. */
import { Command, CommanderError, Option } from "commander";
import { closest } from "fastest-levenshtein";
import { CLIENT_STEP_NAMES, STEP_NAMES } from "../report";
import type { WalkOptions } from "../run/context";
import { parseDuration } from "../run/durations";
import { ENDINGS, SettingsError } from "../run/errors";

/**
 * Makes an option.
 *
 * @param flags its name and `<VALUE>`, or `[VALUE]` where it may be left out; of `<NAME=VALUE>` there may be several. A switch has none
 * @param example what follows the option where it is used
 * @param read reads a value; the option is for messages. @default as it is
 * @param as its name among what was asked. @default the option's own, in camel case
 */
function row(
  flags: string,
  help: string,
  example = "",
  read = (value: string, _option: string): unknown => value,
  as?: keyof VerifyOptions,
) {
  const [name = "", value = ""] = flags.split(" ");
  return { name, value, help, example: `--${name} ${example}`.trim(), read, as };
}
type OptionRow = ReturnType<typeof row>;

/** In the order of the help. */
export const OPTIONS: readonly OptionRow[] = [
  row("outputs <FILE>", "what was deployed, as cdktf wrote it; needed", "outputs.json"),
  row("report-dir <DIR>", "write report.json, junit.xml, summary.md and report.html there", "reports"),
  row(
    "history <DIR>",
    "earlier reports, for the trend in report.html; needs --report-dir",
    "nightly-reports",
  ),
  row(
    "fresh [DURATION]",
    "it was deployed just now: wait (90s) for what AWS is late with",
    "or --fresh=2m",
    duration,
  ),
  row("timeout <DURATION>", "time limit of the whole run (5m)", "3m", duration, "timeLimit"),
  row("call-timeout <DURATION>", "time limit of each call (10s)", "5s", duration, "callTimeLimit"),
  row("token-leeway <DURATION>", "how long an expired token may still count (60s)", "10s", duration),
  row(
    "step-budget <STEP=DURATION>",
    "a passed step that took longer is degraded; may be repeated",
    "call=500ms",
    stepBudget,
    "stepBudgets",
  ),
  row("strict", "degraded steps make the run fail; needs --step-budget"),
  row("diagnose", "look up the policies and settings behind a failure (reads IAM and API Gateway)"),
  row(
    "principal-tag <NAME=VALUE>",
    "sign the users in with this attribute; may be repeated",
    "team=blue",
    principalTag,
    "principalTags",
  ),
  row(
    "access [FILE]",
    "who may call what: asks every route, of the file or the output access",
    "or --access=access.json",
  ),
  row("slot <NAME>", "find and delete what earlier runs with this name left; one run at a time", "nightly"),
  row(
    "print-policy",
    "print the policy that the backend's credentials need for this, and call nothing",
    "> policy.json",
  ),
  row("json", "print the report to stdout, all else to stderr", "> report.json"),
  row("verbose", "show every call, and errors with their causes"),
  row("via <WAY>", "backend (the default), or login: as a client, from the login endpoint", "login", way),
  row("session-file <FILE>", "the application's session, for --via login", "session.jwt"),
  row("session-command <COMMAND>", "prints it; SESSION_KIND says which, see below", "./session.sh"),
  row("show-identities", "show the ids of identities in full"),
  row("help", "show this"),
];

/** How to walk, and what to read, write and show. Durations in milliseconds. */
export interface VerifyOptions
  extends Pick<WalkOptions, "timeLimit" | "callTimeLimit" | "tokenLeeway" | "principalTags" | "slot">,
    Required<Pick<WalkOptions, "fresh" | "stepBudgets" | "strict" | "diagnose">> {
  readonly outputs: string;
  readonly reportDir?: string;
  readonly history?: string;
  /** Undefined for the backend's way. */
  readonly via?: "login";
  readonly sessionFile?: string;
  readonly sessionCommand?: string;
  /** The name of the file; true for the output. */
  readonly access: boolean | string;
  readonly printPolicy: boolean;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly showIdentities: boolean;
}

/** Either the wish to see the help, which nothing else is looked at for, or everything that was asked. */
export type CommandLine = { readonly help: true } | ({ readonly help: false } & VerifyOptions);

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
  const { help, stepBudgets = {}, ...given } = command.opts<VerifyOptions & { readonly help: boolean }>();
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
  if (given.strict && Object.keys(stepBudgets).length === 0) {
    throw usage(
      "--strict needs --step-budget: a step without a budget is never degraded. Add --step-budget call=2s.",
    );
  }
  const sources = [given.sessionFile, given.sessionCommand].filter((source) => source !== undefined);
  if (sources.length !== (given.via === "login" ? 1 : 0)) {
    throw usage("--via login needs --session-file or --session-command, one of them, and nothing else does.");
  }
  return { help, stepBudgets, ...given };
}

/** Writes the text of `--help`. @param name the command as its user types it */
export function help(name = "verify-developer-identities"): string {
  const endings = Object.values(ENDINGS).map(
    ({ code, meaning }) => `  ${String(code).padEnd(3)}  ${meaning}`,
  );
  return `${verifyCommand([]).name(name).helpInformation()}
A duration is a number with its unit: 500ms, 10s, 5m.

A session command is run by the shell and prints a session of the application's on stdout: a good one with SESSION_KIND=valid; with
SESSION_KIND=expired and SESSION_KIND=other-audience one that must be refused, or nothing if it has none.

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
  const width = Math.max(...OPTIONS.map(({ help }) => help.length));
  const command = new Command()
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
      optionDescription: ({ description }) => description,
    });
  const seen = new Set<string>();
  for (const row of OPTIONS) {
    const { name, value, help, example, read, as } = row;
    const option = new Option(`--${name} ${value}`.trim(), `${help.padEnd(width)}  ${example}`);
    const repeatable = value.includes("=");
    if (as !== undefined) {
      option.attributeName = () => as;
    }
    if (!value.startsWith("<")) {
      option.default(false);
    }
    if (value !== "") {
      option.argParser((given, before) => {
        // `--outputs --report-dir x` takes the next option for the value; `--outputs=--x` is meant so.
        if (given === "" || (given.startsWith("--") && args.includes(given))) {
          throw usage(needsValue(row));
        }
        const came = read(given, `--${name}`);
        return repeatable ? { ...(before as object), ...(came as object) } : came;
      });
    }
    command.addOption(option).on(`option:${name}`, () => {
      if (seen.has(name) && !repeatable) {
        throw usage(`--${name} is given twice. Give it once.`);
      }
      seen.add(name);
    });
  }
  return command;
}

/** Says what commander complains of, with what was probably meant. */
function explained({ code, message }: CommanderError): string {
  const [, flag = ""] = /'([^' =]+)/.exec(message) ?? [];
  const row = OPTIONS.find(({ name }) => flag === `--${name}`);
  if (code !== "commander.unknownOption") {
    return row === undefined ? message : needsValue(row);
  }
  // One letter is a switch's by custom: -v is --verbose rather than --via.
  const short = OPTIONS.filter(({ name, value }) => value === "" && `-${name[0]}` === flag);
  const names = (short.length > 0 ? short : OPTIONS).map(({ name }) => name);
  return row === undefined
    ? `Unknown option ${flag}. Did you mean --${nearest(flag.replace(/^-+/, ""), names)}?`
    : `${flag} takes no value.`;
}

function needsValue({ name, example }: OptionRow): string {
  return `--${name} needs a value, e.g. ${example}.`;
}

/** Finds the name that was probably meant: one that begins so, e.g. `verbose` for `v`, else the one with the fewest letters off. */
function nearest(given: string, names: readonly string[]): string {
  const longer = names.filter((name) => name.startsWith(given));
  return closest(given, longer.length > 0 ? longer : names);
}

function way(value: string): VerifyOptions["via"] {
  if (value !== "login" && value !== "backend") {
    throw usage(`--via ${value}: no such way. Did you mean --via ${nearest(value, ["login", "backend"])}?`);
  }
  return value === "login" ? value : undefined;
}

function stepBudget(value: string): VerifyOptions["stepBudgets"] {
  const [step = "", time = ""] = value.split("=");
  const names: readonly string[] = [...STEP_NAMES, ...CLIENT_STEP_NAMES];
  if (!names.includes(step)) {
    throw usage(
      `--step-budget ${value}: no step ${JSON.stringify(step)}. Did you mean ${nearest(step, names)}?`,
    );
  }
  return { [step]: duration(time, `--step-budget ${step}=`) };
}

/** Reads an attribute and its value. Limits: https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_GetOpenIdTokenForDeveloperIdentity.html */
function principalTag(value: string): VerifyOptions["principalTags"] {
  const [, name, tag] = /^([^=]{1,128})=(.{1,256})$/s.exec(value) ?? [];
  if (name === undefined || tag === undefined) {
    throw usage(
      `--principal-tag ${value}: not NAME=VALUE. Did you mean --principal-tag ${value.replace(/=.*/s, "")}=blue?`,
    );
  }
  return { [name]: tag };
}

function duration(value: string, option: string): number {
  try {
    return parseDuration(value);
  } catch (error) {
    throw usage(`${option}: ${(error as Error).message}`);
  }
}

function usage(problem: string): SettingsError {
  return new SettingsError(`${problem} See --help.`);
}
