/** What goes to which stream, plain or painted, and never with a secret in it. */

import { Screen, type ScreenOptions } from "../../../harness/cli/screen";
import { Redactor } from "../../../harness/run/redact";

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

function screenOn(options: { tty?: boolean; environment?: NodeJS.ProcessEnv; json?: boolean }) {
  const written = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof written): ScreenOptions["stdout"] => ({
    isTTY: options.tty,
    write: (text) => {
      written[name] += text;
    },
  });
  const redactor = new Redactor();
  redactor.add("a-secret-of-the-run");
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
])("colours: %s", (_, options, painted) => {
  expect(screenOn(options).screen.colorize("red", "no")).toBe(painted);
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
