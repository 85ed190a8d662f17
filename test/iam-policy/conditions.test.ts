/** Every condition operator, what a missing key means to it, and how conditions join. */
import {
  API,
  allow,
  DOCS,
  deny,
  type Elements,
  met,
  type PolicyCase,
  testCases,
} from "../support/policy-case";

/** `[what is special, operator, value in the policy, value in the request (undefined: none), whether it is met]` */
type Row = readonly [
  name: string,
  operator: string,
  expected: unknown,
  found: string | string[] | undefined,
  met: boolean,
];

const rows = (key: string, list: readonly Row[]): PolicyCase[] =>
  list.map(([name, operator, expected, found, result]) =>
    met(
      `${operator}: ${name}`,
      DOCS.operators,
      { [operator]: { [key]: expected } },
      found === undefined ? {} : { [key]: found },
      result,
    ),
  );

const STRING = rows("aws:RequestTag/a", [
  ["the same", "StringEquals", "red", "red", true],
  ["another case", "StringEquals", "red", "Red", false],
  ["one of several", "StringEquals", ["blue", "red"], "red", true],
  ["none of several", "StringEquals", ["blue", "green"], "red", false],
  ["a star stands for itself", "StringEquals", "r*", "red", false],
  ["a number in the policy is its text", "StringEquals", 12, "12", true],
  ["a boolean in the policy is its text", "StringEquals", true, "true", true],
  ["both empty", "StringEquals", "", "", true],
  ["no such key", "StringEquals", "red", undefined, false],
  ["no value to equal", "StringEquals", [], "red", false],
  ["another", "StringNotEquals", "red", "blue", true],
  ["the same", "StringNotEquals", "red", "red", false],
  ["one of several", "StringNotEquals", ["blue", "red"], "red", false],
  ["none of several", "StringNotEquals", ["blue", "green"], "red", true],
  ["no such key", "StringNotEquals", "red", undefined, true],
  ["another case", "StringEqualsIgnoreCase", "rED", "Red", true],
  ["another", "StringEqualsIgnoreCase", "red", "blue", false],
  ["a letter whose small form is longer", "StringEqualsIgnoreCase", "\u0130x", "\u0130X", true],
  ["no such key", "StringEqualsIgnoreCase", "red", undefined, false],
  ["another case", "StringNotEqualsIgnoreCase", "RED", "red", false],
  ["another", "StringNotEqualsIgnoreCase", "RED", "blue", true],
  ["no such key", "StringNotEqualsIgnoreCase", "red", undefined, true],
  ["a star", "StringLike", "r*d", "round", true],
  ["a star for nothing", "StringLike", "red*", "red", true],
  ["a star alone and an empty value", "StringLike", "*", "", true],
  ["a question mark", "StringLike", "r?d", "red", true],
  ["a question mark for nothing", "StringLike", "red?", "red", false],
  ["another case", "StringLike", "R*", "red", false],
  ["a star over colons", "StringLike", "a*c", "a:b:c", true],
  ["no such key, whatever the pattern", "StringLike", "*", undefined, false],
  ["unlike", "StringNotLike", "b*", "red", true],
  ["like", "StringNotLike", "r*", "red", false],
  ["no such key", "StringNotLike", "*", undefined, true],
]);

const NUMERIC = rows("s3:max-keys", [
  ["the same, written differently", "NumericEquals", "10", "10.0", true],
  ["another", "NumericEquals", 10, "11", false],
  ["not a number", "NumericEquals", "ten", "ten", false],
  ["an empty value is not zero", "NumericEquals", "0", "", false],
  ["no hexadecimal", "NumericEquals", "16", "0x10", false],
  ["no such key", "NumericEquals", "0", undefined, false],
  ["another", "NumericNotEquals", "10", "11", true],
  ["the same", "NumericNotEquals", "10", "10", false],
  ["no such key", "NumericNotEquals", "10", undefined, true],
  ["below", "NumericLessThan", "10", "9.5", true],
  ["at", "NumericLessThan", "10", "10", false],
  ["as numbers, not as text", "NumericLessThan", "10", "9", true],
  ["negative", "NumericLessThan", "0", "-1", true],
  ["at", "NumericLessThanEquals", "10", "10", true],
  ["above", "NumericLessThanEquals", "10", "10.1", false],
  ["above", "NumericGreaterThan", "10", "11", true],
  ["at", "NumericGreaterThan", "10", "10", false],
  ["at", "NumericGreaterThanEquals", "10", "10", true],
  ["below", "NumericGreaterThanEquals", "10", "9", false],
  ["no such key", "NumericGreaterThanEquals", "10", undefined, false],
]);

const DATE = rows("aws:CurrentTime", [
  [
    "the same instant in another zone",
    "DateEquals",
    "2026-01-02T03:04:05Z",
    "2026-01-02T04:04:05+01:00",
    true,
  ],
  ["seconds since the epoch", "DateEquals", "1767323045", "2026-01-02T03:04:05Z", true],
  ["seconds since the epoch as a number", "DateEquals", 1767323045, "2026-01-02T03:04:05.000Z", true],
  ["a day begins at midnight, UTC", "DateEquals", "2026-01-02", "2026-01-02T00:00:00Z", true],
  ["a time without a zone is UTC", "DateEquals", "2026-01-02T03:04:05", "2026-01-02T03:04:05Z", true],
  ["no date", "DateEquals", "yesterday", "yesterday", false],
  ["no date of the W3C's", "DateEquals", "Jan 2 2026", "2026-01-02T00:00:00Z", false],
  ["another", "DateNotEquals", "2026-01-02", "2026-01-03T00:00:00Z", true],
  ["no such key", "DateNotEquals", "2026-01-02", undefined, true],
  ["before", "DateLessThan", "2026-01-02T00:00:00Z", "2026-01-01T23:59:59Z", true],
  ["at", "DateLessThan", "2026-01-02T00:00:00Z", "2026-01-02T00:00:00Z", false],
  ["at", "DateLessThanEquals", "2026-01-02T00:00:00Z", "2026-01-02T00:00:00Z", true],
  ["after", "DateGreaterThan", "2026-01-02T00:00:00Z", "2026-01-02T00:00:00.001Z", true],
  ["before", "DateGreaterThan", "2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z", false],
  ["at", "DateGreaterThanEquals", "2026-01-02T00:00:00Z", "1767312000", true],
  ["no such key", "DateGreaterThanEquals", "2026-01-02", undefined, false],
]);

const BOOL = rows("aws:SecureTransport", [
  ["true", "Bool", "true", "true", true],
  ["true as a boolean", "Bool", true, "true", true],
  ["true in another case", "Bool", "TRUE", "true", true],
  ["false", "Bool", "false", "true", false],
  ["neither", "Bool", "yes", "yes", false],
  ["no such key", "Bool", "false", undefined, false],
  ["no such key", "BoolIfExists", "true", undefined, true],
  ["a key that is there", "BoolIfExists", "true", "false", false],
]);

const BINARY = rows("aws:RequestTag/b", [
  ["the same", "BinaryEquals", "QmluYXJ5", "QmluYXJ5", true],
  ["another", "BinaryEquals", "QmluYXJ5", "qmluyxj5", false],
  ["no such key", "BinaryEquals", "QmluYXJ5", undefined, false],
]);

const IP = rows("aws:SourceIp", [
  ["within", "IpAddress", "203.0.113.0/24", "203.0.113.7", true],
  ["without", "IpAddress", "203.0.113.0/24", "203.0.114.7", false],
  ["the address itself", "IpAddress", "203.0.113.7", "203.0.113.7", true],
  ["a neighbour of the address", "IpAddress", "203.0.113.7", "203.0.113.8", false],
  ["a network whose host bits are set", "IpAddress", "203.0.113.77/24", "203.0.113.1", true],
  ["the whole of IPv4", "IpAddress", "0.0.0.0/0", "198.51.100.1", true],
  ["a boundary within a byte", "IpAddress", "10.0.0.0/9", "10.127.255.255", true],
  ["beyond that boundary", "IpAddress", "10.0.0.0/9", "10.128.0.0", false],
  ["one of several networks", "IpAddress", ["10.0.0.0/8", "203.0.113.0/24"], "203.0.113.7", true],
  ["IPv6 within", "IpAddress", "2001:db8:1234:5678::/64", "2001:0db8:1234:5678::1", true],
  ["IPv6 without", "IpAddress", "2001:db8:1234:5678::/64", "2001:db8:1234:5679::1", false],
  ["IPv6 written in full", "IpAddress", "2001:db8::1", "2001:0db8:0000:0000:0000:0000:0000:0001", true],
  ["IPv4 isn't in the whole of IPv6", "IpAddress", "::/0", "203.0.113.7", false],
  ["IPv6 isn't in the whole of IPv4", "IpAddress", "0.0.0.0/0", "2001:db8::1", false],
  ["an empty prefix is no prefix", "IpAddress", "10.0.0.0/", "203.0.113.7", false],
  ["a prefix that is too long", "IpAddress", "10.0.0.0/33", "10.0.0.0", false],
  ["two prefixes", "IpAddress", "10.0.0.0/8/8", "10.0.0.0", false],
  ["not an address in the policy", "IpAddress", "*", "203.0.113.7", false],
  ["not an address in the request", "IpAddress", "0.0.0.0/0", "lambda.amazonaws.com", false],
  ["no such key", "IpAddress", "0.0.0.0/0", undefined, false],
  ["without", "NotIpAddress", "203.0.113.0/24", "198.51.100.1", true],
  ["within", "NotIpAddress", "203.0.113.0/24", "203.0.113.7", false],
  ["in one of several", "NotIpAddress", ["10.0.0.0/8", "203.0.113.0/24"], "203.0.113.7", false],
  ["no such key", "NotIpAddress", "203.0.113.0/24", undefined, true],
]);

const ARN = rows("aws:SourceArn", [
  ["the same", "ArnEquals", `${API}/prod/GET/hello`, `${API}/prod/GET/hello`, true],
  ["wildcards work as in ArnLike", "ArnEquals", `${API}/*`, `${API}/prod/GET/hello`, true],
  ["another", "ArnEquals", `${API}/*`, API, false],
  ["each part by itself", "ArnLike", "arn:aws:execute-api:*:123456789012:*", `${API}/prod`, true],
  [
    "a star doesn't reach over a colon",
    "ArnLike",
    "arn:aws:execute-api:*:api123/prod",
    "arn:aws:execute-api:us-east-1:123456789012:api123/prod",
    false,
  ],
  [
    "nor from the region into the account",
    "ArnLike",
    "arn:aws:sns:us-*:topic:x:y",
    "arn:aws:sns:us-east-1:123456789012:topic:x:y",
    false,
  ],
  [
    "the last part may hold colons",
    "ArnLike",
    "arn:aws:lambda:us-east-1:123456789012:function:*",
    "arn:aws:lambda:us-east-1:123456789012:function:f:1",
    true,
  ],
  ["a question mark", "ArnLike", "arn:aws:s3:::bucket-?", "arn:aws:s3:::bucket-1", true],
  ["another case", "ArnLike", "arn:aws:s3:::Bucket", "arn:aws:s3:::bucket", false],
  ["a pattern that is no ARN", "ArnLike", "*", API, false],
  ["a value that is no ARN", "ArnLike", "arn:*:*:*:*:*", "lambda.amazonaws.com", false],
  ["no such key", "ArnLike", "arn:*:*:*:*:*", undefined, false],
  ["unlike", "ArnNotLike", "arn:aws:s3:::*", API, true],
  ["like", "ArnNotLike", "arn:aws:execute-api:*:*:*", API, false],
  ["no such key", "ArnNotLike", "arn:aws:s3:::*", undefined, true],
  ["like", "ArnNotEquals", `${API}*`, API, false],
  ["unlike", "ArnNotEquals", `${API}/*`, API, true],
]);

const PRESENCE = rows("aws:TokenIssueTime", [
  ["the key is there and mustn't", "Null", "true", "2026", false],
  ["the key is there and must", "Null", "false", "2026", true],
  ["the key isn't there and mustn't", "Null", "true", undefined, true],
  ["the key isn't there and must", "Null", "false", undefined, false],
  ["true as a boolean", "Null", true, undefined, true],
  ["an empty list is as good as none", "Null", "true", [], true],
  ["neither true nor false", "Null", "maybe", "2026", false],
  ["no such key", "StringEqualsIfExists", "a", undefined, true],
  ["the same", "StringEqualsIfExists", "a", "a", true],
  ["another", "StringEqualsIfExists", "a", "b", false],
  ["no such key", "StringLikeIfExists", "a*", undefined, true],
  ["another", "StringLikeIfExists", "a*", "b", false],
  ["no such key", "StringNotEqualsIfExists", "a", undefined, true],
  ["the same", "StringNotEqualsIfExists", "a", "a", false],
  ["no such key", "NumericLessThanIfExists", "1", undefined, true],
  ["above", "NumericLessThanIfExists", "1", "2", false],
  ["no such key", "DateLessThanIfExists", "2026-01-01", undefined, true],
  ["no such key", "IpAddressIfExists", "10.0.0.0/8", undefined, true],
  ["without", "IpAddressIfExists", "10.0.0.0/8", "11.0.0.1", false],
  ["no such key", "ArnLikeIfExists", "arn:aws:s3:::*", undefined, true],
]);

const both: Elements = {
  StringEquals: { "aws:RequestTag/a": "1", "aws:RequestTag/b": "2" },
  Bool: { "aws:SecureTransport": "true" },
};
const context = { "aws:RequestTag/a": "1", "aws:RequestTag/b": "2", "aws:SecureTransport": "true" };
const joined = (name: string, condition: Elements, found: Record<string, string>, expected: boolean) =>
  met(name, DOCS.condition, condition, found, expected);

const JOINED: readonly PolicyCase[] = [
  joined("all operators and keys are met", both, context, true),
  joined("one key of an operator isn't", both, { ...context, "aws:RequestTag/b": "3" }, false),
  joined("one operator isn't", both, { ...context, "aws:SecureTransport": "false" }, false),
  joined("one key is missing", both, { "aws:RequestTag/a": "1", "aws:SecureTransport": "true" }, false),
  joined("an empty condition block", {}, {}, true),
  joined("an operator without keys", { StringEquals: {} }, {}, true),
  joined(
    "a key's name in another case",
    { StringEquals: { "AWS:sourceip": "x" } },
    { "aws:SourceIp": "x" },
    true,
  ),
  joined(
    "a tag's name in another case",
    { StringEquals: { "aws:PrincipalTag/TEAM": "x" } },
    { "aws:PrincipalTag/team": "x" },
    true,
  ),
  joined(
    "an operator that doesn't exist",
    { StringMatches: { "aws:SourceIp": "x" } },
    { "aws:SourceIp": "x" },
    false,
  ),
  joined(
    "an operator's name in another case",
    { stringequals: { "aws:SourceIp": "x" } },
    { "aws:SourceIp": "x" },
    false,
  ),
  joined("Null has no IfExists", { NullIfExists: { "aws:SourceIp": "true" } }, {}, false),
  joined(
    "an operator named like a member of every object",
    { constructor: { "aws:SourceIp": "x" } },
    { "aws:SourceIp": "x" },
    false,
  ),
  joined("a key named like a member of every object", { StringNotEquals: { toString: "x" } }, {}, true),
  joined("such a key is not there", { Null: { hasOwnProperty: "true" } }, {}, true),
  {
    name: "principal tags: the caller's team and the resource's",
    source: DOCS.tags,
    identity: [
      allow({ Condition: { StringEquals: { "aws:ResourceTag/team": "${aws:PrincipalTag/team}" } } }),
    ],
    context: { "aws:ResourceTag/team": "red", "aws:PrincipalTag/team": "red" },
    expected: "allow",
  },
  {
    name: "principal tags: another team",
    source: DOCS.tags,
    identity: [
      allow({ Condition: { StringEquals: { "aws:ResourceTag/team": "${aws:PrincipalTag/team}" } } }),
    ],
    context: { "aws:ResourceTag/team": "red", "aws:PrincipalTag/team": "blue" },
    expected: "implicit-deny",
  },
  {
    name: "principal tags: a caller without the tag",
    source: DOCS.tags,
    identity: [allow({ Condition: { StringEquals: { "aws:PrincipalTag/team": "red" } } })],
    expected: "implicit-deny",
  },
  {
    name: "a denial without encryption in transit",
    source: DOCS.keys,
    identity: [allow(), deny({ Condition: { Bool: { "aws:SecureTransport": "false" } } })],
    context: { "aws:SecureTransport": "false" },
    expected: "explicit-deny",
  },
  {
    name: "a denial outside a network spares who is in it",
    source: DOCS.keys,
    identity: [allow(), deny({ Condition: { NotIpAddress: { "aws:SourceIp": "10.0.0.0/8" } } })],
    context: { "aws:SourceIp": "10.1.2.3" },
    expected: "allow",
  },
  {
    name: "a denial outside a network hits who has no address",
    source: DOCS.operators,
    identity: [allow(), deny({ Condition: { NotIpAddress: { "aws:SourceIp": "10.0.0.0/8" } } })],
    expected: "explicit-deny",
  },
  {
    name: "a denial of old sessions",
    source: DOCS.keys,
    identity: [
      allow(),
      deny({ Condition: { DateLessThan: { "aws:TokenIssueTime": "2026-01-01T00:00:00Z" } } }),
    ],
    context: { "aws:TokenIssueTime": "2025-12-31T23:59:59.999Z" },
    expected: "explicit-deny",
  },
];

describe("strings", () => testCases(STRING));
describe("numbers", () => testCases(NUMERIC));
describe("dates", () => testCases(DATE));
describe("booleans", () => testCases(BOOL));
describe("binaries", () => testCases(BINARY));
describe("addresses", () => testCases(IP));
describe("ARNs", () => testCases(ARN));
describe("presence", () => testCases(PRESENCE));
describe("joined", () => testCases(JOINED));
