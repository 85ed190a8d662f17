// Where a session is read from.
import { bearerSession } from "../../../functions/login/authenticator";

const read = (...values: string[]) => bearerSession({ headerValues: () => values });

test.each(["Bearer a.b.c", "bearer a.b.c", "Bearer  a.b.c"])("reads %j", (value) => {
  expect(read(value)).toBe("a.b.c");
});

test("without a header there is no session", () => {
  expect(() => read()).toThrow(
    expect.objectContaining({ status: 401, reason: expect.stringMatching(/no Auth/) }),
  );
});

test.each([
  ["two headers", ["Bearer a", "Bearer b"]],
  ["two sessions in one header", ["Bearer a, Bearer b"]],
  ["another scheme", ["Basic YTpi"]],
  ["no session", ["Bearer "]],
  ["a line break", ["Bearer a\r\nX-Evil: 1"]],
  ["a line break at the end", ["Bearer a\n"]],
  ["a null byte", ["Bearer a\0b"]],
  ["more than 8 KB", [`Bearer ${"a".repeat(8193)}`]],
])("refuses %s", (_, values) => {
  expect(() => read(...values)).toThrow(expect.objectContaining({ status: 400, error: "invalid_request" }));
});
