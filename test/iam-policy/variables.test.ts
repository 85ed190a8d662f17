/** Policy variables in resources and conditions: values, defaults, escapes, and what an unknown one means. */
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

const SUB = "us-east-1:11111111-2222-3333-4444-555555555555";
const OWN = { "cognito-identity.amazonaws.com:sub": SUB };
const sub = "${cognito-identity.amazonaws.com:sub}";

const resource = (
  name: string,
  path: string,
  asked: string,
  allowed: boolean,
  more: Partial<PolicyCase> = {},
): PolicyCase => ({
  name,
  source: DOCS.variables,
  identity: [allow({ Resource: `${API}/prod/GET/${path}` })],
  resource: `${API}/prod/GET/${asked}`,
  context: OWN,
  expected: allowed ? "allow" : "implicit-deny",
  ...more,
});

const RESOURCES: readonly PolicyCase[] = [
  resource("the caller's own resource", `users/${sub}`, `users/${SUB}`, true),
  resource("somebody else's resource", `users/${sub}`, "users/us-east-1:99999999", false),
  resource("a variable between wildcards", `*/${sub}/*`, `users/${SUB}/photos`, true),
  resource("two variables", `${sub}/${sub}`, `${SUB}/${SUB}`, true),
  resource("spaces within the braces", "users/${ cognito-identity.amazonaws.com:sub }", `users/${SUB}`, true),
  resource(
    "the key's name in another case",
    "users/${Cognito-Identity.amazonaws.com:SUB}",
    `users/${SUB}`,
    true,
  ),
  resource("a star in the value is no wildcard", "${aws:PrincipalTag/team}", "anything", false, {
    context: { "aws:PrincipalTag/team": "*" },
  }),
  resource("a star in the value matches a star", "${aws:PrincipalTag/team}", "*", true, {
    context: { "aws:PrincipalTag/team": "*" },
  }),
  resource("a question mark in the value is no wildcard", "${aws:PrincipalTag/team}", "a", false, {
    context: { "aws:PrincipalTag/team": "?" },
  }),
  resource("a variable in the value isn't resolved", "${aws:PrincipalTag/team}", SUB, false, {
    context: { ...OWN, "aws:PrincipalTag/team": sub },
  }),
  resource("an empty value", "users/${aws:PrincipalTag/team}", "users/", true, {
    context: { "aws:PrincipalTag/team": "" },
  }),
  resource("an unknown key matches nothing", "users/${aws:PrincipalTag/none}", "users/", false),
  resource(
    "an unknown key isn't its own text",
    "users/${aws:PrincipalTag/none}",
    "users/${aws:PrincipalTag/none}",
    false,
  ),
  resource("an unknown key beside a star matches nothing", "*${aws:PrincipalTag/none}", "users", false),
  resource(
    "a key of several values matches nothing",
    "${cognito-identity.amazonaws.com:amr}",
    "authenticated",
    false,
    { context: { "cognito-identity.amazonaws.com:amr": ["authenticated"] } },
  ),
  resource("a default for an unknown key", "${aws:PrincipalTag/team, 'company'}", "company", true),
  resource("a default beside a known key", "${aws:PrincipalTag/team, 'company'}", "company", false, {
    context: { "aws:PrincipalTag/team": "red" },
  }),
  resource("a known key beside a default", "${aws:PrincipalTag/team, 'company'}", "red", true, {
    context: { "aws:PrincipalTag/team": "red" },
  }),
  resource("an empty default", "x${aws:PrincipalTag/team, ''}", "x", true),
  resource("an escaped star is no wildcard", "a${*}b", "axb", false),
  resource("an escaped star is a star", "a${*}b", "a*b", true),
  resource("an escaped question mark", "a${?}b", "a?b", true),
  resource("an escaped question mark is no wildcard", "a${?}b", "axb", false),
  resource("an escaped dollar sign", "${$}{aws:username}", "${aws:username}", true),
  resource("a brace that isn't closed stands for itself", "a${b", "a${b", true),
  resource("a variable of the name __proto__", "${__proto__}", "[object Object]", false),
  resource("variables of 2008 stand for themselves", `users/${sub}`, `users/${sub}`, true, {
    version: "2008-10-17",
  }),
  resource("variables of 2008 aren't resolved", `users/${sub}`, `users/${SUB}`, false, {
    version: "2008-10-17",
  }),
  {
    name: "a variable before the fifth colon isn't resolved",
    source: DOCS.variables,
    identity: [allow({ Resource: "arn:aws:execute-api:${aws:RequestedRegion}:123456789012:*" })],
    context: { "aws:RequestedRegion": "us-east-1" },
    expected: "implicit-deny",
  },
  {
    name: "an unknown key in a denied Resource denies nothing",
    source: DOCS.variables,
    identity: [allow(), deny({ Resource: `${API}/\${aws:PrincipalTag/none}*` })],
    expected: "allow",
  },
  {
    name: "an unknown key in a denial's NotResource leaves nothing out",
    source: DOCS.variables,
    identity: [allow(), deny({ NotResource: `${API}/\${aws:PrincipalTag/none}*` })],
    expected: "explicit-deny",
  },
  {
    name: "an unknown key in an allowance's NotResource allows nothing",
    source: DOCS.variables,
    identity: [allow({ NotResource: `${API}/\${aws:PrincipalTag/none}*` })],
    expected: "implicit-deny",
  },
  {
    name: "nor does it beside a resource that is known",
    source: DOCS.variables,
    identity: [allow({ NotResource: ["arn:aws:s3:::a", `${API}/\${aws:PrincipalTag/none}*`] })],
    expected: "implicit-deny",
  },
  {
    name: "a known key in an allowance's NotResource allows the rest",
    source: DOCS.variables,
    identity: [allow({ NotResource: `${API}/\${aws:PrincipalTag/team}*` })],
    context: { "aws:PrincipalTag/team": "red" },
    expected: "allow",
  },
];

const TEAM = { "aws:PrincipalTag/team": "red" };
const variable = (name: string, condition: Elements, context: Record<string, string>, expected: boolean) =>
  met(name, DOCS.variables, condition, context, expected);

const CONDITIONS: readonly PolicyCase[] = [
  variable(
    "equal to a variable",
    { StringEquals: { "aws:RequestTag/team": "${aws:PrincipalTag/team}" } },
    { ...TEAM, "aws:RequestTag/team": "red" },
    true,
  ),
  variable(
    "not equal to a variable",
    { StringEquals: { "aws:RequestTag/team": "${aws:PrincipalTag/team}" } },
    { ...TEAM, "aws:RequestTag/team": "blue" },
    false,
  ),
  variable(
    "like a variable and more",
    { StringLike: { "aws:RequestTag/team": "${aws:PrincipalTag/team}-*" } },
    { ...TEAM, "aws:RequestTag/team": "red-1" },
    true,
  ),
  variable(
    "a star in the value under StringLike",
    { StringLike: { "aws:RequestTag/team": "${aws:PrincipalTag/team}" } },
    { "aws:PrincipalTag/team": "*", "aws:RequestTag/team": "blue" },
    false,
  ),
  variable(
    "an unknown key under StringEquals",
    { StringEquals: { "aws:RequestTag/team": "${aws:PrincipalTag/team}" } },
    { "aws:RequestTag/team": "" },
    false,
  ),
  variable(
    "an unknown key under StringNotEquals",
    { StringNotEquals: { "aws:RequestTag/team": "${aws:PrincipalTag/team}" } },
    { "aws:RequestTag/team": "red" },
    true,
  ),
  variable(
    "an unknown key under StringNotLike",
    { StringNotLike: { "aws:RequestTag/team": "${aws:PrincipalTag/team}*" } },
    { "aws:RequestTag/team": "red" },
    true,
  ),
  variable(
    "a default under StringEquals",
    { StringEquals: { "aws:RequestTag/team": "${aws:PrincipalTag/team, 'blue'}" } },
    { "aws:RequestTag/team": "blue" },
    true,
  ),
  variable(
    "a variable whose case is ignored",
    { StringEqualsIgnoreCase: { "aws:RequestTag/team": "${aws:PrincipalTag/team}" } },
    { ...TEAM, "aws:RequestTag/team": "RED" },
    true,
  ),
  variable(
    "an escaped star under StringLike",
    { StringLike: { "aws:RequestTag/team": "${*}" } },
    { "aws:RequestTag/team": "*" },
    true,
  ),
  variable(
    "a variable in the account part of an ARN",
    { ArnLike: { "aws:SourceArn": "arn:aws:lambda:*:${aws:PrincipalAccount}:function:*" } },
    {
      "aws:PrincipalAccount": "123456789012",
      "aws:SourceArn": "arn:aws:lambda:us-east-1:123456789012:function:f",
    },
    true,
  ),
  variable(
    "another account in that part",
    { ArnLike: { "aws:SourceArn": "arn:aws:lambda:*:${aws:PrincipalAccount}:function:*" } },
    {
      "aws:PrincipalAccount": "210987654321",
      "aws:SourceArn": "arn:aws:lambda:us-east-1:123456789012:function:f",
    },
    false,
  ),
  variable(
    "a value with colons in the last part of an ARN",
    { ArnEquals: { "aws:SourceArn": `arn:aws:x:::user/${sub}` } },
    { ...OWN, "aws:SourceArn": `arn:aws:x:::user/${SUB}` },
    true,
  ),
];

describe("in resources", () => testCases(RESOURCES));
describe("in conditions", () => testCases(CONDITIONS));
