// Which claims can be tags, and that no value of one widens what a path is granted by.
import { principalTags } from "../../../functions/login/principal-tags";

const mapped = (claims: Record<string, unknown>) =>
  principalTags(
    [
      { claim: "sub", tag: "username" },
      { claim: "https://app.example/team", tag: "team" },
    ],
    { userId: "alice", claims: { sub: "alice", "https://app.example/team": "blue", ...claims } },
  );

test("claims become tags under the tags' names; others stay out", () => {
  expect(mapped({ role: "admin" })).toEqual({ username: "alice", team: "blue" });
  expect(principalTags([], { userId: "alice", claims: { sub: "alice" } })).toEqual({});
});

test.each(["alice@app.example", "a+b=c:d-e_f.g", "Zoë 中", "a".repeat(256), "...", ".a"])(
  "%j can be a tag",
  (sub) => {
    expect(mapped({ sub })).toMatchObject({ username: sub });
  },
);

test.each<[string, unknown]>([
  ["a list", ["alice"]],
  ["an object", { name: "alice" }],
  ["a number", 7],
  ["a truth", true],
  ["nothing", null],
  ["an empty text", ""],
  ["more than 256 characters", "a".repeat(257)],
  ["a second segment", "alice/bob"],
  ["a slash alone", "/"],
  ["an asterisk", "*"],
  ["an asterisk at the end", "ali*"],
  ["a question mark", "alic?"],
  ["a percent sign, and so a slash in disguise", "alice%2Fbob"],
  ["a policy variable", "${aws:username}"],
  ["the parent directory", ".."],
  ["the directory itself", "."],
  ["a backslash", "a\\b"],
  ["a line break", "alice\n"],
  ["a null byte", "alice\0"],
  ["a script", "<script>alert(1)</script>"],
])("%s can't be a tag; the answer names the claim, and not the value", (_, sub) => {
  expect(() => mapped({ sub })).toThrow(
    expect.objectContaining({
      status: 403,
      error: "unusable_claim",
      message: expect.stringMatching(
        /^The session's claim "sub" (can't be a principal tag|is not a text).*: the application must issue another session\.$/s,
      ),
    }),
  );
});

test("a claim that is missing is not a tag that is missing", () => {
  expect(() => mapped({ "https://app.example/team": undefined })).toThrow(/claim "https:.*team" is missing/);
  expect(() =>
    principalTags([{ claim: "constructor", tag: "a" }], { userId: "alice", claims: { sub: "alice" } }),
  ).toThrow(/claim "constructor" is missing/);
});
