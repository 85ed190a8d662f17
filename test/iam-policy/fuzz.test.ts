/** Whatever comes in: documents are read or refused, patterns mean what a regular expression says, and evaluation decides. */
import fc from "fast-check";
import { MalformedPolicyError, type PolicyDocument, parsePolicy } from "../../iam-policy/document";
import { evaluate, evaluateTrust, explain, type Policy } from "../../iam-policy/evaluate";
import { literalPattern, matches, resolvePattern } from "../../iam-policy/pattern";
import { ACCOUNT, ANONYMOUS, HELLO, ROLE_ARN, ROOT, SESSION, SESSION_ARN } from "../support/policy-case";

function readOrRefused(json: string): PolicyDocument | undefined {
  try {
    return parsePolicy(json);
  } catch (error) {
    if (error instanceof MalformedPolicyError) {
      return undefined;
    }
    throw error;
  }
}

const text = fc.oneof(
  fc.constantFrom(
    "*",
    "?",
    "${aws:username}",
    "${*}",
    "${",
    "${a, 'b'}",
    "__proto__",
    "",
    "true",
    "10.0.0.0/8",
    "::1",
    "2026-01-01",
    "12",
    "execute-api:Invoke",
    "execute-api:*",
    HELLO,
    ROLE_ARN,
    SESSION_ARN,
    ACCOUNT,
    "arn:*:*:*:*:*",
    ":::::",
    "fe80::1%eth0",
  ),
  fc.string(),
  fc.string({ unit: "binary", maxLength: 20 }),
);
const texts = fc.oneof(text, fc.array(text, { maxLength: 3 }));
const operator = fc
  .tuple(
    fc.constantFrom("", "ForAnyValue:", "ForAllValues:"),
    fc.constantFrom(
      "StringEquals",
      "StringNotEquals",
      "StringEqualsIgnoreCase",
      "StringLike",
      "StringNotLike",
      "NumericEquals",
      "NumericLessThan",
      "DateEquals",
      "DateGreaterThan",
      "Bool",
      "BinaryEquals",
      "IpAddress",
      "NotIpAddress",
      "ArnLike",
      "ArnNotEquals",
      "Null",
      "Nonsense",
      "constructor",
    ),
    fc.constantFrom("", "IfExists"),
  )
  .map((parts) => parts.join(""));
const key = fc.constantFrom("aws:username", "AWS:Username", "aws:SourceIp", "aws:TagKeys", "toString", "a");
const principal = fc.oneof(
  fc.constant("*"),
  fc.dictionary(fc.constantFrom("AWS", "Service", "Federated"), texts),
);
const statement = fc.record(
  {
    Sid: fc.string(),
    Effect: fc.constantFrom("Allow", "Deny"),
    Action: texts,
    NotAction: texts,
    Resource: texts,
    NotResource: texts,
    Principal: principal,
    NotPrincipal: principal,
    Condition: fc.dictionary(operator, fc.dictionary(key, texts), { maxKeys: 3 }),
  },
  { requiredKeys: ["Effect", "Action"] },
);
const plain = statement.map(({ NotAction: _, NotResource: __, NotPrincipal: ___, ...rest }) => rest);
const inverted = statement.map(({ Action, Resource, Principal, NotAction: _, ...rest }) => ({
  ...rest,
  NotAction: Action,
}));
const document = fc
  .record({
    Version: fc.constantFrom("2012-10-17", "2008-10-17"),
    Statement: fc.array(fc.oneof(plain, inverted), { minLength: 1, maxLength: 4 }),
  })
  .map((value) => JSON.stringify(value));

test("a document is read or refused as malformed", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.jsonValue().map((value) => JSON.stringify({ Statement: value })),
      ),
      (json) => void readOrRefused(json),
    ),
  );
  // A document with one place spoilt.
  fc.assert(
    fc.property(document, fc.nat(), fc.string({ maxLength: 3 }), (json, place, junk) => {
      const at = place % (json.length + 1);
      readOrRefused(json.slice(0, at) + junk + json.slice(at + 1));
    }),
    { numRuns: 500 },
  );
});

test("evaluation decides and explains whatever it is given", () => {
  const context = fc.dictionary(key, texts);
  const kind = fc.constantFrom("identity-based", "session", "resource-based" as const);
  const caller = fc.constantFrom(SESSION, ROOT, ANONYMOUS, {
    type: "Service",
    id: "lambda.amazonaws.com",
  } as const);
  let read = 0;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(kind, document), { maxLength: 4 }),
      context,
      caller,
      text,
      text,
      (list, found, principal, action, resource) => {
        const policies = list.flatMap(([one, json], index): Policy[] => {
          const parsed = readOrRefused(json);
          return parsed === undefined
            ? []
            : [{ kind: one as Policy["kind"], name: `policy ${index}`, document: parsed }];
        });
        read += policies.length;
        for (const decide of [evaluate, evaluateTrust]) {
          const evaluation = decide({ principal, action, resource, context: found }, policies);
          expect(["allow", "explicit-deny", "implicit-deny"]).toContain(evaluation.effect);
          expect(explain(evaluation).every((line) => typeof line === "string")).toBe(true);
          // No denial is ever outvoted, and nothing is allowed that no statement allows.
          const applies = (effect: string) =>
            evaluation.trace.some((one) => one.effect === effect && one.mismatch === undefined);
          expect(evaluation.effect === "explicit-deny").toBe(applies("Deny"));
          if (evaluation.effect === "allow" && principal !== ROOT) {
            expect(applies("Allow")).toBe(true);
          }
        }
      },
    ),
    { numRuns: 1000 },
  );
  expect(read).toBeGreaterThan(500);
});

/** The halves of a surrogate pair, which is one character, stand for themselves when they are alone. */
const HALVES = ["\ud83d", "\ude42"] as const;
const glyph = fc.constantFrom("a", "b", "/", ":", ".", "é", "🙂", ...HALVES, "\n", "$", "{", "}");
const subject = fc.array(glyph, { maxLength: 12 }).map((parts) => parts.join(""));
const glob = fc
  .array(fc.oneof(glyph, fc.constantFrom("*", "?", "*", "?")), { maxLength: 10 })
  .map((parts) => parts.join(""));

/** The same pattern as a regular expression. */
function oracle(pattern: string): RegExp {
  const source = [...pattern].map((one) =>
    one === "*" ? "[^]*" : one === "?" ? "[^]" : one.replace(/[.*+?^${}()|[\]\\/]/, "\\$&"),
  );
  return new RegExp(`^${source.join("")}$`, "u");
}

test("patterns match as the regular expression of the same meaning does", () => {
  let hits = 0;
  const agree = (pattern: string, value: string) => {
    const expected = oracle(pattern).test(value);
    if (expected) {
      hits++;
    }
    expect([pattern, value, matches(literalPattern(pattern), value)]).toEqual([pattern, value, expected]);
  };
  fc.assert(fc.property(glob, subject, agree), { numRuns: 3000 });
  const half = fc.constantFrom("a", "🙂", ...HALVES);
  const halves = fc.array(half, { maxLength: 6 }).map((parts) => parts.join(""));
  const halvesGlob = fc
    .array(fc.oneof(half, fc.constantFrom("*", "?")), { maxLength: 5 })
    .map((parts) => parts.join(""));
  fc.assert(fc.property(halvesGlob, halves, agree), { numRuns: 3000 });
  // A text made from the pattern, so that enough of them match.
  fc.assert(
    fc.property(
      glob,
      fc.array(subject, { minLength: 10, maxLength: 10 }),
      fc.array(glyph, { minLength: 10, maxLength: 10 }),
      (pattern, runs, single) => {
        const made = [...pattern]
          .map((one, index) => (one === "*" ? runs[index % 10] : one === "?" ? single[index % 10] : one))
          .join("");
        agree(pattern, made);
      },
    ),
    { numRuns: 1000 },
  );
  expect(hits).toBeGreaterThan(1000);
});

test("a variable's value matches itself and nothing else, whatever is in it", () => {
  fc.assert(
    fc.property(fc.oneof(text, glob), fc.oneof(text, subject), (value, other) => {
      const pattern = resolvePattern("x${k}y", { context: { k: value }, variables: true }, true);
      if (pattern === undefined) {
        throw new Error("The variable has a value.");
      }
      expect(matches(pattern, `x${value}y`)).toBe(true);
      expect(matches(pattern, `x${other}y`)).toBe([...other].join("\0") === [...value].join("\0"));
    }),
    { numRuns: 1000 },
  );
});

test.each([
  ["stars", "*a".repeat(2000), "a".repeat(5000)],
  ["open braces", "${".repeat(4000), "x"],
  ["spaces in a variable", `\${${" ".repeat(8000)}`, "x"],
  ["spaces before a default", `\${a,${" ".repeat(8000)}`, "x"],
  ["spaces after a default", `\${a,'b'${" ".repeat(8000)}`, "x"],
])("no pattern stalls the account: %s", (_, pattern, value) => {
  const started = performance.now();
  const resolved = resolvePattern(pattern, { context: {}, variables: true }, true);
  if (resolved !== undefined) {
    matches(resolved, `${value}b`);
  }
  expect(performance.now() - started).toBeLessThan(2000);
});
