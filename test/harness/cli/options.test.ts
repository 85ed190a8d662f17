/** Every option is read as it is meant, and every mistake is told with what was probably meant. */
import { SettingsError } from "../../../harness";
import { help, OPTIONS, parseCommandLine } from "../../../harness/cli/options";

const OUTPUTS = ["--outputs", "outputs.json"];

test("all options", () => {
  const args = [
    ...OUTPUTS,
    "--report-dir=reports",
    "--history",
    "old",
    "--fresh=2m",
    "--timeout",
    "3m",
    "--call-timeout=1.5s",
    "--token-leeway=10s",
    "--step-budget",
    "call=500ms",
    "--step-budget=token=2s",
    "--principal-tag",
    "team=blue=green",
    "--strict",
    "--diagnose",
    "--access=access.json",
    "--slot",
    "nightly",
    "--print-policy",
    "--json",
    "--verbose",
    "--show-identities",
  ];
  expect(parseCommandLine(args)).toEqual({
    help: false,
    outputs: "outputs.json",
    reportDir: "reports",
    history: "old",
    fresh: 120_000,
    timeLimit: 180_000,
    callTimeLimit: 1_500,
    tokenLeeway: 10_000,
    stepBudgets: { call: 500, token: 2_000 },
    principalTags: { team: "blue=green" },
    strict: true,
    diagnose: true,
    access: "access.json",
    slot: "nightly",
    printPolicy: true,
    json: true,
    verbose: true,
    showIdentities: true,
  });
});

test("what is left out", () => {
  expect(parseCommandLine(OUTPUTS)).toEqual({
    help: false,
    outputs: "outputs.json",
    fresh: false,
    stepBudgets: {},
    strict: false,
    diagnose: false,
    access: false,
    printPolicy: false,
    json: false,
    verbose: false,
    showIdentities: false,
  });
});

test("--fresh needs no value, and takes none from the next argument", () => {
  expect(parseCommandLine(["--fresh", ...OUTPUTS])).toMatchObject({ fresh: true, outputs: "outputs.json" });
});

test("--access takes a file, or without one the output", () => {
  expect(parseCommandLine(["--access", ...OUTPUTS])).toMatchObject({ access: true, outputs: "outputs.json" });
  expect(parseCommandLine(["--access", "access.json", ...OUTPUTS])).toMatchObject({ access: "access.json" });
});

test("--help wins over what is missing", () => {
  expect(parseCommandLine(["--help"])).toEqual({ help: true });
});

test("the help shows every option with an example", () => {
  for (const { name, example, help: text } of OPTIONS) {
    expect(help()).toMatch(new RegExp(`\n  --${name}\\b.*`));
    expect(help()).toContain(example);
    expect(help()).toContain(text);
  }
});

test.each<[string, readonly string[], string]>([
  ["nothing", [], "--outputs FILE is missing"],
  ["a misspelt option", ["--ouputs", "x"], "Unknown option --ouputs. Did you mean --outputs?"],
  ["half an option", [...OUTPUTS, "--report", "x"], "Unknown option --report. Did you mean --report-dir?"],
  ["a short option", ["-h"], "Unknown option -h. Did you mean --help?"],
  ["another", ["-v"], "Unknown option -v. Did you mean --verbose?"],
  ["an option of another tool", [...OUTPUTS, "--diagnostics"], "Did you mean --diagnose?"],
  ["an option without its value", ["--outputs"], "--outputs needs a value, e.g. --outputs outputs.json."],
  ["an option in place of a value", ["--outputs", "--report-dir", "x"], "--outputs needs a value"],
  ["a value too much", ["--help=yes"], "--help takes no value"],
  ["an empty value", ["--outputs="], "--outputs needs a value"],
  ["an option twice", [...OUTPUTS, ...OUTPUTS], "--outputs is given twice"],
  ["a bare argument", ["outputs.json"], "Did you mean --outputs outputs.json?"],
  ["a bare argument after --", [...OUTPUTS, "--", "x"], 'Unexpected argument "x"'],
  ["strict about nothing", [...OUTPUTS, "--strict"], "--strict needs --step-budget"],
  ["a history without reports", [...OUTPUTS, "--history", "old"], "--history needs --report-dir"],
  [
    "a duration without unit",
    [...OUTPUTS, "--timeout", "90"],
    '--timeout: "90" is not a duration. Did you mean 90s?',
  ],
  ["an unknown unit", [...OUTPUTS, "--timeout", "5min"], "Did you mean 5m?"],
  ["another", [...OUTPUTS, "--call-timeout", "5msec"], "Did you mean 5ms?"],
  ["no duration at all", [...OUTPUTS, "--fresh=soon"], '--fresh: "soon" is not a duration'],
  ["no time", [...OUTPUTS, "--timeout", "0s"], '--timeout: "0s" is out of range'],
  ["an endless time", [...OUTPUTS, "--timeout", "99999999m"], "is out of range"],
  ["a negative time", [...OUTPUTS, "--timeout=-5s"], "is not a duration"],
  ["a budget of no step", [...OUTPUTS, "--step-budget", "cal=1s"], 'no step "cal". Did you mean call?'],
  ["a budget of no time", [...OUTPUTS, "--step-budget", "call"], "is not a duration"],
  ["a budget of a wrong time", [...OUTPUTS, "--step-budget", "call=9"], "Did you mean 9s?"],
  ["half a step", [...OUTPUTS, "--step-budget", "cred=1s"], "Did you mean credentials?"],
  ["a tag without value", [...OUTPUTS, "--principal-tag", "team"], "Did you mean --principal-tag team=blue?"],
])("%s", (_, args, message) => {
  const parse = () => parseCommandLine(args);
  expect(parse).toThrow(SettingsError);
  expect(parse).toThrow(message);
  expect(parse).toThrow(/ See --help\.$/);
});
