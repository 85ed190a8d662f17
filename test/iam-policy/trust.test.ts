/** Trust policies: Cognito's tokens against aud, amr and sub, services, and callers of the role's own account. */
import { evaluateTrust } from "../../iam-policy/evaluate";
import {
  ACCOUNT,
  ANONYMOUS,
  DOCS,
  type Elements,
  type PolicyCase,
  ROLE_ARN,
  ROOT,
  SESSION_ARN,
  testCases,
} from "../support/policy-case";

const POOL = "us-east-1:aaaaaaaa-0000-0000-0000-000000000000";
const OTHER_POOL = "us-east-1:bbbbbbbb-0000-0000-0000-000000000000";
const IDENTITY = "us-east-1:11111111-2222-3333-4444-555555555555";
const PROVIDER = "login.example.app";
const COGNITO = { type: "Federated", id: "cognito-identity.amazonaws.com" } as const;
const key = (name: "aud" | "amr" | "sub") => `cognito-identity.amazonaws.com:${name}`;

const DEVELOPER = {
  [key("aud")]: POOL,
  [key("sub")]: IDENTITY,
  [key("amr")]: ["authenticated", PROVIDER, `${PROVIDER}:${POOL}:alice`],
};
const GUEST = { ...DEVELOPER, [key("amr")]: ["unauthenticated"] };

/** A trust policy's statement: it has no Resource, the role is what it hangs on. */
const trust = (Condition: Elements | undefined, more: Elements = {}): Elements => ({
  Effect: "Allow",
  Principal: { Federated: COGNITO.id },
  Action: "sts:AssumeRoleWithWebIdentity",
  ...(Condition === undefined ? {} : { Condition }),
  ...more,
});

const aud = { StringEquals: { [key("aud")]: POOL } };
const amr = (value: string | string[]) => ({ "ForAnyValue:StringLike": { [key("amr")]: value } });

const cognito = (
  name: string,
  statement: Elements,
  allowed: boolean,
  more: Partial<PolicyCase> = {},
): PolicyCase => ({
  name,
  source: DOCS.cognitoTrust,
  resourceBased: [statement],
  principal: COGNITO,
  action: "sts:AssumeRoleWithWebIdentity",
  resource: ROLE_ARN,
  context: DEVELOPER,
  expected: allowed ? "allow" : "implicit-deny",
  by: "resource-based",
  ...more,
});

const COGNITO_CASES: readonly PolicyCase[] = [
  cognito("pool and authenticated", trust({ ...aud, ...amr("authenticated") }), true),
  cognito("a token of another pool", trust({ ...aud, ...amr("authenticated") }), false, {
    context: { ...DEVELOPER, [key("aud")]: OTHER_POOL },
  }),
  cognito("one of several pools", trust({ StringEquals: { [key("aud")]: [OTHER_POOL, POOL] } }), true),
  cognito("a guest at the authenticated role", trust({ ...aud, ...amr("authenticated") }), false, {
    context: GUEST,
  }),
  cognito("a guest where amr isn't asked for", trust(aud), true, { context: GUEST }),
  cognito("a guest where the pattern is too wide", trust({ ...aud, ...amr("*authenticated") }), true, {
    context: GUEST,
  }),
  cognito("a guest at the guest role", trust({ ...aud, ...amr("unauthenticated") }), true, {
    context: GUEST,
  }),
  cognito("a user at the guest role", trust({ ...aud, ...amr("unauthenticated") }), false),
  cognito("the developer provider", trust({ ...aud, ...amr(PROVIDER) }), true),
  cognito("another developer provider", trust({ ...aud, ...amr("login.other.app") }), false),
  cognito("one user of the provider", trust({ ...aud, ...amr(`${PROVIDER}:${POOL}:alice`) }), true),
  cognito("another user of the provider", trust({ ...aud, ...amr(`${PROVIDER}:${POOL}:bob`) }), false),
  cognito("every user of the provider", trust({ ...aud, ...amr(`${PROVIDER}:${POOL}:*`) }), true),
  cognito(
    "ForAllValues over amr",
    trust({ ...aud, "ForAllValues:StringLike": { [key("amr")]: "authenticated" } }),
    false,
  ),
  cognito(
    "ForAllValues lets a token without amr in",
    trust({ ...aud, "ForAllValues:StringLike": { [key("amr")]: "authenticated" } }),
    true,
    { context: { [key("aud")]: POOL } },
  ),
  cognito(
    "amr without a set operator",
    trust({ ...aud, StringLike: { [key("amr")]: "authenticated" } }),
    false,
  ),
  cognito("one identity", trust({ StringEquals: { [key("aud")]: POOL, [key("sub")]: IDENTITY } }), true),
  cognito(
    "another identity",
    trust({ StringEquals: { [key("aud")]: POOL, [key("sub")]: "us-east-1:other" } }),
    false,
  ),
  cognito("no condition lets every pool's tokens in", trust(undefined), true, {
    context: { ...DEVELOPER, [key("aud")]: OTHER_POOL },
  }),
  cognito(
    "a key of amazon.com in place of amazonaws.com",
    trust({ StringEquals: { "cognito-identity.amazon.com:aud": POOL } }),
    false,
  ),
  cognito(
    "sts:AssumeRole in place of the web identity's action",
    trust(aud, { Action: "sts:AssumeRole" }),
    false,
  ),
  cognito("every action of STS", trust(aud, { Action: "sts:*" }), true),
  cognito("another provider", trust(aud, { Principal: { Federated: "accounts.google.com" } }), false),
  cognito("everybody in place of the provider", trust(aud, { Principal: "*" }), false),
  cognito("a denial for everybody", trust(aud), false, {
    resourceBased: [trust(aud), trust(aud, { Effect: "Deny", Principal: "*" })],
    expected: "explicit-deny",
  }),
  cognito("Cognito as a service", trust(aud, { Principal: { Service: COGNITO.id } }), false),
  cognito("a denial beside the allowance", trust(aud, { Effect: "Deny" }), false, {
    resourceBased: [trust(aud), trust(amr(`${PROVIDER}:*`), { Effect: "Deny" })],
    expected: "explicit-deny",
  }),
  cognito("tags without sts:TagSession", trust(aud), false, {
    action: "sts:TagSession",
    source: DOCS.sessionTags,
  }),
  cognito(
    "tags with sts:TagSession",
    trust(aud, { Action: ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"] }),
    true,
    { action: "sts:TagSession", source: DOCS.sessionTags },
  ),
  cognito(
    "only the tags that may be set",
    trust({ "ForAllValues:StringEquals": { "aws:TagKeys": ["team"] } }, { Action: "sts:TagSession" }),
    false,
    {
      action: "sts:TagSession",
      source: DOCS.sessionTags,
      context: { ...DEVELOPER, "aws:TagKeys": ["team", "admin"] },
    },
  ),
  cognito(
    "a tag's value",
    trust({ StringEquals: { "aws:RequestTag/team": ["red", "blue"] } }, { Action: "sts:TagSession" }),
    true,
    {
      action: "sts:TagSession",
      source: DOCS.sessionTags,
      context: { ...DEVELOPER, "aws:RequestTag/team": "red" },
    },
  ),
];

const LAMBDA = { type: "Service", id: "lambda.amazonaws.com" } as const;
const TARGET = `arn:aws:iam::${ACCOUNT}:role/target`;
const trusts = (Principal: unknown, Effect = "Allow"): Elements => ({
  Effect,
  Principal,
  Action: "sts:AssumeRole",
});
const identity: Elements = { Effect: "Allow", Action: "sts:AssumeRole", Resource: TARGET };
const forbidden: Elements = { ...identity, Effect: "Deny" };
const unrelated: Elements = { Effect: "Allow", Action: "s3:*", Resource: "*" };

const assume = (name: string, more: Partial<PolicyCase> & Pick<PolicyCase, "expected">): PolicyCase => ({
  name,
  source: DOCS.assumeRole,
  action: "sts:AssumeRole",
  resource: TARGET,
  resourceBased: [],
  ...more,
});

const ASSUME: readonly PolicyCase[] = [
  assume("a role trusts nobody by itself", { expected: "implicit-deny", by: "resource-based" }),
  assume("what identity policies allow is not trust", {
    identity: [identity],
    expected: "implicit-deny",
    by: "resource-based",
  }),
  assume("nor is a wide allowance", {
    identity: [{ Effect: "Allow", Action: "*", Resource: "*" }],
    expected: "implicit-deny",
    by: "resource-based",
  }),
  assume("trust in another role", {
    identity: [identity],
    resourceBased: [trusts({ AWS: `arn:aws:iam::${ACCOUNT}:role/other` })],
    expected: "implicit-deny",
    by: "resource-based",
  }),
  assume("trust in another account", {
    identity: [identity],
    resourceBased: [trusts({ AWS: "210987654321" })],
    expected: "implicit-deny",
    by: "resource-based",
  }),
  assume("trust in a service", {
    identity: [identity],
    resourceBased: [trusts({ Service: LAMBDA.id })],
    expected: "implicit-deny",
    by: "resource-based",
  }),
  assume("trust in the session", {
    resourceBased: [trusts({ AWS: SESSION_ARN })],
    expected: "allow",
    by: "resource-based",
  }),
  assume("trust in the caller's role", {
    resourceBased: [trusts({ AWS: ROLE_ARN })],
    expected: "allow",
    by: "resource-based",
  }),
  assume("trust in the account alone", {
    resourceBased: [trusts({ AWS: ACCOUNT })],
    expected: "implicit-deny",
    by: "identity-based",
  }),
  assume("trust in the account, and an identity policy", {
    identity: [identity],
    resourceBased: [trusts({ AWS: ACCOUNT })],
    expected: "allow",
    by: "identity-based",
  }),
  assume("trust in the account's root, and an identity policy", {
    identity: [identity],
    resourceBased: [trusts({ AWS: `arn:aws:iam::${ACCOUNT}:root` })],
    expected: "allow",
  }),
  assume("trust in the account, and an identity policy for something else", {
    identity: [unrelated],
    resourceBased: [trusts({ AWS: ACCOUNT })],
    expected: "implicit-deny",
    by: "identity-based",
  }),
  assume("trust in the account under a condition that isn't met", {
    identity: [identity],
    resourceBased: [{ ...trusts({ AWS: ACCOUNT }), Condition: { StringEquals: { "sts:ExternalId": "x" } } }],
    expected: "implicit-deny",
    by: "resource-based",
  }),
  assume("the external id is right", {
    identity: [identity],
    resourceBased: [{ ...trusts({ AWS: ACCOUNT }), Condition: { StringEquals: { "sts:ExternalId": "x" } } }],
    context: { "sts:ExternalId": "x" },
    expected: "allow",
  }),
  assume("trust in everybody alone", {
    resourceBased: [trusts("*")],
    expected: "implicit-deny",
    by: "identity-based",
  }),
  assume("trust in everybody, and an identity policy", {
    identity: [identity],
    resourceBased: [trusts("*")],
    expected: "allow",
    by: "identity-based",
  }),
  assume("trust in everybody and in the caller's role", {
    resourceBased: [trusts({ AWS: ["*", ROLE_ARN] })],
    expected: "allow",
    by: "resource-based",
  }),
  assume("an identity policy forbids it", {
    identity: [forbidden],
    resourceBased: [trusts({ AWS: SESSION_ARN })],
    expected: "explicit-deny",
    by: "identity-based",
  }),
  assume("the trust policy forbids it", {
    identity: [identity],
    resourceBased: [trusts({ AWS: ACCOUNT }), trusts({ AWS: ROLE_ARN }, "Deny")],
    expected: "explicit-deny",
    by: "resource-based",
  }),
  assume("a session policy that is silent, trust in the role", {
    session: [unrelated],
    resourceBased: [trusts({ AWS: ROLE_ARN })],
    expected: "implicit-deny",
    by: "session",
  }),
  assume("a session policy that is silent, trust in the session", {
    session: [unrelated],
    resourceBased: [trusts({ AWS: SESSION_ARN })],
    expected: "allow",
  }),
  assume("a session policy that allows, trust in the role", {
    session: [identity],
    resourceBased: [trusts({ AWS: ROLE_ARN })],
    expected: "allow",
  }),
  assume("a session policy that forbids", {
    session: [forbidden],
    resourceBased: [trusts({ AWS: SESSION_ARN })],
    expected: "explicit-deny",
    by: "session",
  }),
  assume("a role that doesn't trust even the root user", {
    principal: ROOT,
    expected: "implicit-deny",
    by: "resource-based",
  }),
  assume("a role that trusts the account trusts its root user", {
    principal: ROOT,
    resourceBased: [trusts({ AWS: ACCOUNT })],
    expected: "allow",
  }),
  assume("a service that is trusted", {
    principal: LAMBDA,
    resourceBased: [trusts({ Service: LAMBDA.id })],
    expected: "allow",
  }),
  assume("a service that isn't", {
    principal: LAMBDA,
    resourceBased: [trusts({ Service: "apigateway.amazonaws.com" })],
    expected: "implicit-deny",
  }),
  assume("one of several services", {
    principal: LAMBDA,
    resourceBased: [trusts({ Service: ["apigateway.amazonaws.com", LAMBDA.id] })],
    expected: "allow",
  }),
  assume("a service is no principal of the account", {
    principal: LAMBDA,
    resourceBased: [trusts({ AWS: ACCOUNT })],
    expected: "implicit-deny",
  }),
  assume("an anonymous caller", {
    principal: ANONYMOUS,
    resourceBased: [trusts({ AWS: ACCOUNT })],
    expected: "implicit-deny",
  }),
];

describe("Cognito's tokens", () => testCases(COGNITO_CASES, evaluateTrust));
describe("AssumeRole", () => testCases(ASSUME, evaluateTrust));
