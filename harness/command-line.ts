/** The options of `npm run verify`. */
import { parseArgs } from "node:util";
import { closest } from "fastest-levenshtein";
import { SettingsError } from "./errors";

export const HELP = `Walks the flow of developer-authenticated identities against a deployment and asserts every answer.

  npm run verify -- --outputs FILE [--report-dir DIR]

Options
  --outputs FILE     what was deployed, as cdktf wrote it      --outputs outputs.json
  --report-dir DIR   write report.json there                   --report-dir reports
  --help             show this

Environment
  AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_PROFILE, …   the backend's credentials
  AWS_ENDPOINT_URL   where calls go instead of AWS             http://127.0.0.1:4566

Exit codes
  0  every step passed
  1  a step failed
  2  wrong usage or settings: options, outputs file, credentials
  3  could not reach AWS or what stands in for it
  130, 143  ended by Ctrl-C or SIGTERM, after cleaning up
`;

const OPTIONS = {
  outputs: { type: "string" },
  "report-dir": { type: "string" },
  help: { type: "boolean" },
} as const;

const OPTION_NAMES = Object.keys(OPTIONS);

export type CommandLine = { readonly help: true } | ({ readonly help: false } & VerifyOptions);

export interface VerifyOptions {
  readonly outputs: string;
  readonly reportDir: string | null;
}

/** @throws SettingsError naming the wrong argument and the nearest valid one */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values, tokens } = parseArgs({
    args: [...args],
    options: OPTIONS,
    // Not strict, since node's own complaint doesn't name the option that was meant.
    strict: false,
    tokens: true,
    allowPositionals: true,
  });

  for (const token of tokens) {
    if (token.kind === "positional") {
      throw usage(
        `Unexpected argument ${JSON.stringify(token.value)}. Did you mean --outputs ${token.value}?`,
      );
    }
    if (token.kind !== "option") {
      continue;
    }
    if (!OPTION_NAMES.includes(token.name)) {
      throw usage(`Unknown option ${token.rawName}. Did you mean --${closest(token.name, OPTION_NAMES)}?`);
    }
    const takesValue = OPTIONS[token.name as keyof typeof OPTIONS].type === "string";
    if (takesValue && (token.value === undefined || token.value === "" || isOption(token))) {
      throw usage(`${token.rawName} needs a value, e.g. ${token.rawName} ${EXAMPLES[token.name]}.`);
    }
    if (!takesValue && token.value !== undefined) {
      throw usage(`${token.rawName} takes no value.`);
    }
  }

  if (values.help) {
    return { help: true };
  }
  if (typeof values.outputs !== "string") {
    throw usage(
      "--outputs FILE is missing: the file that cdktf deploy '*' --outputs-file outputs.json wrote.",
    );
  }
  const reportDir = values["report-dir"];
  return {
    help: false,
    outputs: values.outputs,
    reportDir: typeof reportDir === "string" ? reportDir : null,
  };
}

const EXAMPLES: Readonly<Record<string, string>> = { outputs: "outputs.json", "report-dir": "reports" };

/** `--outputs --report-dir x` takes the next option for the value; `--outputs=--x` is meant so. */
function isOption(token: { value?: string; inlineValue?: boolean }): boolean {
  return token.inlineValue === false && token.value?.startsWith("-") === true;
}

function usage(problem: string): SettingsError {
  return new SettingsError(`${problem} See --help.`);
}
