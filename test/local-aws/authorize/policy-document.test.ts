/** Policies are read once, and no more of them are kept than there is room for. */
import { MalformedPolicyError, parsePolicy } from "../../../iam-policy/document";
import { policyDocument } from "../../../local-aws/authorize/policy-document";

/** @param size characters of its `Id` */
const policy = (number: number, size = 1) =>
  JSON.stringify({
    Version: "2012-10-17",
    Id: `${number}`.padEnd(size, "x"),
    Statement: { Effect: "Allow", Action: `s3:${number}`, Resource: "*" },
  });

test("a text is read once, and read rightly", () => {
  expect(policyDocument(policy(1))).toEqual(parsePolicy(policy(1)));
  expect(policyDocument(policy(1))).toBe(policyDocument(policy(1)));
  expect(policyDocument(policy(2)).statements[0]?.action).toEqual(["s3:2"]);
});

test("a malformed policy is refused each time", () => {
  for (const json of ["{", "{", "{}", "{}"]) {
    expect(() => policyDocument(json)).toThrow(MalformedPolicyError);
  }
});

test.each([
  ["as many", 10_000, 1_000, 1],
  ["as long", 20_000, 100, 40_000],
])("the oldest goes when there are %s others, and is read anew", (_, number, others, size) => {
  const first = policyDocument(policy(number));
  for (let other = 1; other < others; other += 1) {
    policyDocument(policy(number + other, size));
  }
  const last = policyDocument(policy(number + others, size));
  expect(policyDocument(policy(number + others, size))).toBe(last);
  expect(policyDocument(policy(number))).not.toBe(first);
  expect(policyDocument(policy(number))).toEqual(first);
});

test("one that is longer than all that may be kept is read all the same", () => {
  expect(policyDocument(policy(7, 5_000_000)).statements[0]?.action).toEqual(["s3:7"]);
});
