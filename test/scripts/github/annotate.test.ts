/** Annotations, read as GitHub's runner reads what a step prints. */
import { annotations } from "../../../scripts/github/annotate";
import { nightOf } from "../../support/night";
import { ENDED, FAILED, HOSTILE, PASSED, result, TOO_SLOW } from "../../support/sample-reports";

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
      title: "Step 5, call: GET /hello, signed",
      message: expect.stringMatching(
        /^expected: GET \/dev\/hello: 200\nactual: GET.*403[\s\S]*\nMost likely: The authenticated role/,
      ),
    },
    {
      kind: "error",
      title: "Refusal restricted-route: GET /restricted with valid credentials",
      message: expect.stringContaining("actual: 200"),
    },
    { kind: "warning", title: "Verification", message: expect.stringContaining("Clean-up") },
  ]);
});

test("a walk that was ended, one that was too slow and one that never ran are errors, too", () => {
  expect(read(ENDED)[0]).toMatchObject({
    kind: "error",
    title: "Walk",
    message: expect.stringContaining("no answer within"),
  });
  expect(read(TOO_SLOW)).toMatchObject([{ kind: "error", title: expect.stringContaining("Step 3, token") }]);
  expect(read({ ...TOO_SLOW, outcome: "passed" })).toMatchObject([{ kind: "warning", title: "Slow: token" }]);
  expect(read(undefined)).toMatchObject([
    { kind: "error", title: "Verification", message: expect.stringContaining("is not there") },
  ]);
});

test("the access matrix and identities left behind are told", () => {
  const cell = {
    route: "GET /a",
    caller: "guest",
    expected: "refused",
    observed: "allowed",
    computed: "refused",
    note: "a note",
  };
  const access = {
    source: "output access",
    cells: [
      { ...cell, status: "failed" },
      { ...cell, caller: "nobody", status: "skipped" },
    ],
    undeclared: ["open to anyone: DELETE /orders/{id}"],
    notes: ["GET /a by guest: observed allowed, computed refused"],
  };
  expect(read({ ...PASSED, outcome: "failed", access, leftBehind: { found: 3, deleted: 2 } })).toEqual([
    {
      kind: "error",
      title: "Undeclared route",
      message: expect.stringContaining("actual: open to anyone: DELETE /orders/{id}"),
    },
    {
      kind: "error",
      title: "Access: GET /a by guest",
      message: "expected: refused\nactual: allowed\nMost likely: a note",
    },
    { kind: "warning", title: "Access", message: access.notes[0] },
    { kind: "warning", title: "Identities left behind", message: "1 of 3 could not be deleted." },
    { kind: "notice", title: "Identities left behind", message: "2 of earlier runs were deleted." },
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
    "error",
    "error",
    "error",
    "error",
    "error",
    "error",
    "warning",
  ]);
  expect(commands[1]).toMatchObject({
    title: `Step 1, pool: ${evil.replace("\r", "")}`,
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
