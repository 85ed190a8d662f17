/** `ForAnyValue` and `ForAllValues` on keys with no, one and several values, and keys with several values without them. */
import { allow, DOCS, deny, met, type PolicyCase, testCases } from "../support/policy-case";

const AMR = "cognito-identity.amazonaws.com:amr";
type Row = readonly [
  name: string,
  operator: string,
  expected: string | string[],
  found: string | string[] | undefined,
  met: boolean,
];

const ROWS: readonly Row[] = [
  ["no such key", "ForAnyValue:StringEquals", "a", undefined, false],
  ["no values", "ForAnyValue:StringEquals", "a", [], false],
  ["one value that matches", "ForAnyValue:StringEquals", "a", ["a"], true],
  ["a single-valued key", "ForAnyValue:StringEquals", "a", "a", true],
  ["one of several values", "ForAnyValue:StringEquals", "a", ["b", "a"], true],
  ["none of several values", "ForAnyValue:StringEquals", "a", ["b", "c"], false],
  ["several against several", "ForAnyValue:StringEquals", ["x", "c"], ["b", "c"], true],
  ["no such key", "ForAnyValue:StringNotEquals", "a", undefined, false],
  ["a value that isn't listed", "ForAnyValue:StringNotEquals", "a", ["a", "b"], true],
  ["only values that are listed", "ForAnyValue:StringNotEquals", ["a", "b"], ["a", "b"], false],
  ["a pattern", "ForAnyValue:StringLike", "auth*", ["x", "authenticated"], true],
  ["a pattern that nothing matches", "ForAnyValue:StringLike", "auth*", ["unauthenticated"], false],
  ["no value unlike the pattern", "ForAnyValue:StringNotLike", "a*", ["a", "ab"], false],
  ["no such key", "ForAnyValue:StringEqualsIfExists", "a", undefined, false],
  ["no values", "ForAnyValue:StringEqualsIfExists", "a", [], false],
  ["no such key", "ForAnyValue:StringNotEqualsIfExists", "a", undefined, false],
  ["no such key", "ForAllValues:StringEqualsIfExists", "a", undefined, true],
  ["a key that is there", "ForAnyValue:StringEqualsIfExists", "a", ["b"], false],
  ["an ARN", "ForAnyValue:ArnLike", "arn:aws:s3:::*", ["x", "arn:aws:s3:::b"], true],
  ["an address", "ForAnyValue:IpAddress", "10.0.0.0/8", ["11.0.0.1", "10.0.0.1"], true],
  ["no such key", "ForAllValues:StringEquals", "a", undefined, true],
  ["no values", "ForAllValues:StringEquals", "a", [], true],
  ["every value listed", "ForAllValues:StringEquals", ["a", "b", "c"], ["a", "b"], true],
  ["a value that isn't listed", "ForAllValues:StringEquals", ["a", "b"], ["a", "x"], false],
  ["a single-valued key", "ForAllValues:StringEquals", "a", "b", false],
  ["no value listed", "ForAllValues:StringNotEquals", ["x", "y"], ["a", "b"], true],
  ["a value listed", "ForAllValues:StringNotEquals", ["x", "a"], ["a", "b"], false],
  ["every value like a pattern", "ForAllValues:StringLike", "a*", ["a", "ab"], true],
  ["a value unlike the pattern", "ForAllValues:StringLike", "a*", ["a", "b"], false],
  ["every value unlike the pattern", "ForAllValues:StringNotLike", "a*", ["b", "c"], true],
  ["every number", "ForAllValues:NumericLessThan", "10", ["1", "9"], true],
];

const BARE: readonly PolicyCase[] = [
  met(
    "one value in a list is a value",
    DOCS.multiValued,
    { StringEquals: { [AMR]: "a" } },
    { [AMR]: ["a"] },
    true,
  ),
  met(
    "several values allow nothing without a set operator",
    DOCS.multiValued,
    { StringEquals: { [AMR]: "a" } },
    { [AMR]: ["a", "b"] },
    false,
  ),
  met(
    "nor with a negated operator",
    DOCS.multiValued,
    { StringNotEquals: { [AMR]: "x" } },
    { [AMR]: ["a", "b"] },
    false,
  ),
  met(
    "nor where the key may be missing",
    DOCS.multiValued,
    { StringEqualsIfExists: { [AMR]: "a" } },
    { [AMR]: ["a", "b"] },
    false,
  ),
  met(
    "presence needs no set operator",
    DOCS.multiValued,
    { Null: { [AMR]: "false" } },
    { [AMR]: ["a", "b"] },
    true,
  ),
  {
    name: "several values spare nobody a denial",
    source: DOCS.multiValued,
    identity: [allow(), deny({ Condition: { StringEquals: { [AMR]: "a" } } })],
    context: { [AMR]: ["a", "b"] },
    expected: "explicit-deny",
  },
  {
    name: "ForAnyValue with IfExists in a denial hits who lacks the key",
    source: DOCS.operators,
    identity: [
      allow(),
      deny({ Condition: { "ForAnyValue:StringNotEqualsIfExists": { "aws:TagKeys": ["a"] } } }),
    ],
    expected: "explicit-deny",
  },
  {
    name: "ForAnyValue without IfExists in a denial spares who lacks the key",
    source: DOCS.multiValued,
    identity: [allow(), deny({ Condition: { "ForAnyValue:StringNotEquals": { "aws:TagKeys": ["a"] } } })],
    expected: "allow",
  },
  {
    name: "ForAllValues in a denial hits who lacks the key",
    source: DOCS.multiValued,
    identity: [allow(), deny({ Condition: { "ForAllValues:StringEquals": { "aws:TagKeys": ["a"] } } })],
    expected: "explicit-deny",
  },
  {
    name: "ForAllValues with Null demands the key",
    source: DOCS.multiValued,
    identity: [
      allow({
        Condition: {
          "ForAllValues:StringEquals": { "aws:TagKeys": ["a"] },
          Null: { "aws:TagKeys": "false" },
        },
      }),
    ],
    expected: "implicit-deny",
  },
  met(
    "another set operator",
    DOCS.multiValued,
    { "ForSomeValues:StringEquals": { [AMR]: "a" } },
    { [AMR]: ["a"] },
    false,
  ),
  met(
    "a set operator before Null",
    DOCS.operators,
    { "ForAnyValue:Null": { [AMR]: "false" } },
    { [AMR]: ["a"] },
    false,
  ),
];

describe("set operators", () =>
  testCases(
    ROWS.map(([name, operator, expected, found, result]) =>
      met(
        `${operator}: ${name}`,
        DOCS.multiValued,
        { [operator]: { [AMR]: expected } },
        found === undefined ? {} : { [AMR]: found },
        result,
      ),
    ),
  ));
describe("without a set operator", () => testCases(BARE));
