/** What goes to which stream, plain or painted, and never with a secret in it. */
import { pathToFileURL } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { Screen, type ScreenOptions } from "../../../harness/cli/screen";
import { Redactor } from "../../../harness/run/redact";

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

function screenOn(options: {
  tty?: boolean;
  columns?: number;
  environment?: NodeJS.ProcessEnv;
  json?: boolean;
}) {
  const written = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof written): ScreenOptions["stdout"] => ({
    isTTY: options.tty,
    columns: options.columns,
    write: (text) => {
      written[name] += text;
    },
  });
  const redactor = new Redactor();
  redactor.add("a-secret-of-the-run");
  redactor.add("the secret of the run");
  const screen = new Screen({
    redactor,
    stdout: stream("stdout"),
    stderr: stream("stderr"),
    environment: options.environment ?? {},
    json: options.json ?? false,
  });
  return { screen, written };
}

test("a person at a terminal sees a spinner, which the next line replaces", () => {
  const { screen, written } = screenOn({ tty: true });
  screen.busy("DescribeIdentityPool");
  jest.advanceTimersByTime(200);
  expect(written.stdout).toMatch(/⠋ DescribeIdentityPool.*⠙ DescribeIdentityPool/s);
  screen.lines(["done"]);
  expect(written.stdout.endsWith("\r\x1b[Kdone\n")).toBe(true);
  const before = written.stdout;
  jest.advanceTimersByTime(1000);
  expect(written.stdout).toBe(before);
});

test.each([
  ["a file or a pipe", { tty: false }],
  ["a CI job", { tty: true, environment: { CI: "true" } }],
  ["a dumb terminal", { tty: true, environment: { TERM: "dumb" } }],
])("%s sees none", (_, options) => {
  const { screen, written } = screenOn(options);
  screen.busy("DescribeIdentityPool");
  jest.advanceTimersByTime(1000);
  screen.lines(["done"]);
  expect(written.stdout).toBe("done\n");
});

test.each([
  ["a terminal", { tty: true }, "\x1b[31mno\x1b[39m"],
  ["NO_COLOR", { tty: true, environment: { NO_COLOR: "1" } }, "no"],
  ["an empty NO_COLOR", { tty: true, environment: { NO_COLOR: "" } }, "\x1b[31mno\x1b[39m"],
  ["no terminal", { tty: false }, "no"],
  ["FORCE_COLOR, no terminal", { tty: false, environment: { FORCE_COLOR: "1" } }, "\x1b[31mno\x1b[39m"],
  ["FORCE_COLOR, which says no", { tty: true, environment: { FORCE_COLOR: "0" } }, "no"],
])("colours: %s", (_, options, painted) => {
  expect(screenOn(options).screen.colorize("red", "no")).toBe(painted);
});

test("what goes on is asked for anew, and stays on one line", () => {
  const { screen, written } = screenOn({ tty: true, columns: 20 });
  let done = 0;
  screen.busy(() => `${++done} resources created, the last one with a long name`);
  jest.advanceTimersByTime(160);
  expect(written.stdout).toBe("\r\x1b[K⠋ 1 resources creat\r\x1b[K⠙ 2 resources creat");
});

describe("long lines", () => {
  const arn = "arn:aws:iam::123456789012:role/developer-identities-local-pool-authenticated";
  const lines = [
    `    expected  ${arn} is the authenticated role of the pool`,
    "- 5 call  skipped for a reason of its own",
  ];

  test("at a terminal are broken at blanks, the rest below the text; an ARN stays whole", () => {
    const { screen, written } = screenOn({ tty: true, columns: 36 });
    screen.lines([screen.colorize("dim", lines[0] ?? ""), lines[1] ?? ""]);
    expect(stripVTControlCharacters(written.stdout)).toBe(
      `    expected  ${arn}
              is the authenticated
              role of the pool
- 5 call  skipped for a reason of
  its own
`,
    );
  });

  test("are left as they are in a pipe", () => {
    const { screen, written } = screenOn({ tty: false, columns: 36 });
    screen.lines(lines);
    expect(written.stdout).toBe(`${lines.join("\n")}\n`);
  });

  test("lose a secret with a blank in it before they are broken", () => {
    const { screen, written } = screenOn({ tty: true, columns: 20 });
    screen.lines(["it is called: the secret of the run"]);
    expect(written.stdout).not.toMatch(/secret\s+of/);
  });
});

const PLAIN = pathToFileURL("a/r.html").href;

test.each([
  [
    "a terminal that shows links",
    { TERM_PROGRAM: "WezTerm" },
    `\x1b]8;;${PLAIN}\x1b\\a/r.html\x1b]8;;\x1b\\`,
  ],
  ["an old VTE", { VTE_VERSION: "4600" }, PLAIN],
  ["any other", {}, PLAIN],
  ["a CI job", { TERM_PROGRAM: "WezTerm", CI: "true" }, PLAIN],
])("links: %s", (_, environment, expected) => {
  expect(screenOn({ tty: true, environment }).screen.link("a/r.html")).toBe(expected);
});

test("with --json only the report is on stdout", () => {
  const { screen, written } = screenOn({ json: true });
  screen.lines(["progress"]);
  screen.printError("trouble");
  screen.result("{}");
  expect(written).toEqual({ stdout: "{}\n", stderr: "progress\ntrouble\n" });
});

test("nothing comes out with its secrets in it", () => {
  const { screen, written } = screenOn({ tty: true });
  screen.busy("a-secret-of-the-run");
  jest.advanceTimersByTime(100);
  screen.lines(["a-secret-of-the-run"]);
  screen.printError("a-secret-of-the-run");
  screen.result("a-secret-of-the-run");
  expect(JSON.stringify(written)).not.toContain("a-secret-of-the-run");
});
