/** Annotations, read as GitHub's runner reads what a step prints. */
import { annotations } from "../../../scripts/github/annotate";
import { nightOf } from "../../support/night";
import { ENDED, FAILED, HOSTILE, OPEN, PASSED, result, TOO_SLOW } from "../../support/sample-reports";

interface Read {
  readonly kind: string;
  readonly title: string;
  readonly message: string;
}

/** The rules of https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs; what is no command is `log`. */
function asRunner(lines: readonly string[]): Read[] {
  const unescaped = (text: string, escapes: readonly [string, string][]) =>
    escapes.reduce((read, [escaped, character]) => read.replaceAll(escaped, character), text);
  const data: [string, string][] = [
    ["%0D", "\r"],
    ["%0A", "\n"],
    ["%25", "%"],
  ];
  return lines
    .join("\n")
    .split(/\r\n|\r|\n/)
    .map((line) => {
      const [, info = "", message = ""] = /^\s*::(.*?)::(.*)$/s.exec(line) ?? [];
      const [kind = "", ...rest] = info.split(" ");
      const properties = rest
        .join(" ")
        .split(",")
        .map((property) => /^([^=]*)=(.*)$/s.exec(property)?.slice(1) ?? [property, ""]);
      const names = properties.map(([name]) => name);
      if (!["error", "warning", "notice"].includes(kind) || names.join() !== "title") {
        return { kind: "log", title: "", message: line };
      }
      const title = unescaped(properties[0]?.[1] ?? "", [["%3A", ":"], ["%2C", ","], ...data]);
      return { kind, title, message: unescaped(message, data) };
    });
}

const read = (report: object | string | undefined) => asRunner(annotations(nightOf(report)));

test("a run in which all passed has none", () => {
  expect(annotations(nightOf(PASSED))).toEqual([]);
});

test("what failed is an error each, the steps before the refusals, warnings after them", () => {
  expect(read(FAILED)).toEqual([
    {
      kind: "error",
      title: "Step 5 failed: GET /hello answered 403, the role lacks the grant",
      message: expect.stringMatching(
        /^expected: GET \/dev\/hello: 200\nactual: GET.*403[\s\S]*\nMost likely: The role lacks the grant/,
      ),
    },
    {
      kind: "error",
      title: "Not refused: GET /restricted with valid credentials",
      message: expect.stringContaining("actual: answer: not refused"),
    },
    { kind: "warning", title: "Verification", message: expect.stringContaining("Clean-up") },
  ]);
});

test("a walk that was ended, one that was too slow and one that never ran are errors, too", () => {
  expect(read(ENDED)[0]).toMatchObject({
    kind: "error",
    title: "Stopped at step 3, GetOpenIdTokenForDeveloperIdentity: no answer came",
    message: expect.stringContaining("no answer within"),
  });
  expect(read(TOO_SLOW)).toMatchObject([
    { kind: "error", title: expect.stringContaining("Too slow: step 3") },
  ]);
  expect(read({ ...TOO_SLOW, outcome: "passed" })).toMatchObject([{ kind: "warning", title: "Slow: token" }]);
  expect(read(undefined)).toMatchObject([
    {
      kind: "error",
      title: "The verification itself did not run",
      message: expect.stringContaining("is not there"),
    },
  ]);
});

test("the access matrix and identities left behind are told", () => {
  expect(read(OPEN)).toEqual([
    {
      kind: "error",
      title:
        "Open to signed-in users on another user's path: GET /users/{username} (the function answered 404)",
      message: "expected: refused\nactual: allowed",
    },
    {
      kind: "error",
      title: "Open to anyone: POST /orders",
      message: "Most likely: Declare the route, or remove it from the API.",
    },
    { kind: "warning", title: "Access", message: OPEN.access?.notes[0] },
    {
      kind: "notice",
      title: "Identities left behind",
      message: "2 identities of earlier runs found, 2 deleted",
    },
  ]);
});

test("no text ends its command and begins another", () => {
  const evil =
    "100%0A::add-mask::x\r\n::set-output name=a::b\n##[error]c, title=d: e\u2028::stop-commands::f";
  const steps = PASSED.steps.map((step) => ({
    ...step,
    status: "failed",
    title: evil,
    actual: evil,
    hint: evil,
  }));
  const commands = read({ ...HOSTILE, steps, warnings: [evil] });
  expect(commands.map(({ kind }) => kind)).toEqual([
    ...Array.from({ length: 8 }, () => "error"),
    "warning",
    "warning",
  ]);
  expect(commands[1]).toMatchObject({
    title: expect.stringContaining(`Step 1 failed: ${evil.replace("\r", "")}`),
    message: expect.stringContaining(
      `actual: ${evil.replace("\r", "")}\nMost likely: ${evil.replace("\r", "")}`,
    ),
  });
});

test("as many as GitHub shows, the last of which counts the others", () => {
  const refusals = Array.from({ length: 30 }, (_, index) => result(`refusal-${index}`, { status: "failed" }));
  const errors = read({ ...FAILED, refusals }).filter(({ kind }) => kind === "error");
  expect(errors).toHaveLength(10);
  expect(errors[0]?.title).toContain("Step 5");
  expect(errors[9]).toMatchObject({ title: "22 more", message: expect.stringContaining("refusal-29") });
});
