/** Reads the command line of `npm run verify`; what is wrong with it is told together with what was probably meant. */
import { parseArgs } from "node:util";
import { closest } from "fastest-levenshtein";
import { STEP_NAMES, type StepName } from "../report";
import { parseDuration } from "../run/durations";
import { SettingsError } from "../run/errors";
import { OPTIONS, type Option, type OptionName } from "./options";

/** Either the wish to see the help, which nothing else is looked at for, or everything that was asked. */
export type CommandLine = { readonly help: true } | ({ readonly help: false } & VerifyOptions);

/** Durations in milliseconds. */
export interface VerifyOptions {
  readonly outputs: string;
  readonly reportDir: string | null;
  readonly history: string | null;
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

/** @throws SettingsError naming the wrong argument and the nearest valid one */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const given = readTokens(args);
  const one = (name: OptionName) => given.get(name)?.[0] ?? null;
  const duration = (name: OptionName) => {
    const value = one(name);
    return value === null || value === "" ? undefined : durationOf(`--${name}`, value);
  };
  if (given.has("help")) {
    return { help: true };
  }
  const outputs = one("outputs");
  if (outputs === null) {
    throw usage(
      "--outputs FILE is missing: the file that cdktf deploy '*' --outputs-file outputs.json wrote.",
    );
  }
  if (given.has("history") && !given.has("report-dir")) {
    throw usage("--history needs --report-dir: the trend is shown in report.html. Add --report-dir reports.");
  }
  if (given.has("strict") && !given.has("step-budget")) {
    throw usage(
      "--strict needs --step-budget: a step without a budget is never degraded. Add --step-budget call=2s.",
    );
  }
  return {
    help: false,
    outputs,
    reportDir: one("report-dir"),
    history: one("history"),
    fresh: duration("fresh") ?? given.has("fresh"),
    timeLimit: duration("timeout"),
    callTimeLimit: duration("call-timeout"),
    tokenLeeway: duration("token-leeway"),
    stepBudgets: Object.fromEntries((given.get("step-budget") ?? []).map(stepBudget)),
    strict: given.has("strict"),
    diagnose: given.has("diagnose"),
    principalTags: given.has("principal-tag")
      ? Object.fromEntries((given.get("principal-tag") ?? []).map(principalTag))
      : undefined,
    printPolicy: given.has("print-policy"),
    json: given.has("json"),
    verbose: given.has("verbose"),
    showIdentities: given.has("show-identities"),
  };
}

/** The values of each option that was given; a switch, and an option without its optional value, has an empty one. */
function readTokens(args: readonly string[]): Map<OptionName, string[]> {
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      OPTIONS.map(({ name, value, valueOptional }: Option) => [
        name,
        { type: value === undefined || valueOptional ? "boolean" : "string" },
      ]),
    ),
    // Not strict, since node's own complaint doesn't name the option that was meant.
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const given = new Map<OptionName, string[]>();
  for (const token of tokens) {
    if (token.kind === "positional") {
      throw usage(
        `Unexpected argument ${JSON.stringify(token.value)}. Did you mean --outputs ${token.value}?`,
      );
    }
    if (token.kind !== "option") {
      continue;
    }
    const option: Option | undefined = OPTIONS.find(({ name }) => name === token.name);
    if (option === undefined) {
      const names = OPTIONS.map(({ name }) => name);
      throw usage(`Unknown option ${token.rawName}. Did you mean --${nearest(token.name, names)}?`);
    }
    const values = given.get(option.name as OptionName) ?? [];
    if (values.length > 0 && !option.repeatable) {
      throw usage(`${token.rawName} is given twice. Give it once.`);
    }
    given.set(option.name as OptionName, [...values, valueGiven(option, token)]);
  }
  return given;
}

function valueGiven(
  option: Option,
  {
    rawName,
    value,
    inlineValue,
  }: { rawName: string; value: string | undefined; inlineValue: boolean | undefined },
): string {
  if (option.value === undefined && value !== undefined) {
    throw usage(`${rawName} takes no value.`);
  }
  if (option.value === undefined || (option.valueOptional && value === undefined)) {
    return "";
  }
  // `--outputs --report-dir x` takes the next option for the value; `--outputs=--x` is meant so.
  const isOption = inlineValue === false && value?.startsWith("--");
  if (value === undefined || value === "" || isOption) {
    throw usage(`${rawName} needs a value, e.g. ${option.example}.`);
  }
  return value;
}

/** The name that was probably meant: one that begins so, e.g. `verbose` for `v`, else the one with the fewest letters off. */
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
  return [step as StepName, durationOf(`--step-budget ${step}=`, duration)];
}

/** Limits: https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_GetOpenIdTokenForDeveloperIdentity.html */
function principalTag(value: string): [string, string] {
  const [, name, tag] = /^([^=]{1,128})=(.{1,256})$/s.exec(value) ?? [];
  if (name === undefined || tag === undefined) {
    throw usage(
      `--principal-tag ${value}: not NAME=VALUE. Did you mean --principal-tag ${value.replace(/=.*/s, "")}=blue?`,
    );
  }
  return [name, tag];
}

function durationOf(option: string, value: string): number {
  try {
    return parseDuration(value);
  } catch (error) {
    throw usage(`${option}: ${(error as Error).message}`);
  }
}

function usage(problem: string): SettingsError {
  return new SettingsError(`${problem} See --help.`);
}
