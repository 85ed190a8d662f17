/** Decisions as the account takes them: whose policies count, AWS's words for a refusal, and what is recorded. */

import { dictionary } from "../../../local-aws/account/dictionary";
import { ANONYMOUS, type Principal } from "../../../local-aws/authenticate/principal";
import { type AccessRequest, authorize } from "../../../local-aws/authorize/authorize";
import { bareAccount } from "../../support/bare-account";

const ROLE = "arn:aws:iam::123456789012:role/demo";
const TARGET = "arn:aws:iam::123456789012:role/target";
const BOUNDARY = "arn:aws:iam::123456789012:policy/boundary";
const HELLO = "arn:aws:execute-api:us-east-1:123456789012:api123/prod/GET/hello";
const CALLER: Principal = {
  type: "assumed-role",
  accountId: "123456789012",
  arn: "arn:aws:sts::123456789012:assumed-role/demo/s",
  userId: "AROADEMO:s",
  accessKeyId: "ASIA",
  roleName: "demo",
  context: { "aws:PrincipalTag/team": "red" },
};
const ROOT: Principal = {
  ...CALLER,
  type: "root",
  arn: "arn:aws:iam::123456789012:root",
  roleName: undefined,
};

const policy = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
const allow = (Action: string, Resource: string, more: object = {}) => ({
  Effect: "Allow",
  Action,
  Resource,
  ...more,
});
/** In a session that is narrowed by policies. */
const narrowed = (sessionPolicies: string[], sessionPolicyArns: string[] = []): Principal => ({
  ...CALLER,
  session: {
    context: {},
    sessionPolicies,
    sessionPolicyArns,
    tags: dictionary(),
    transitiveTagKeys: [],
  },
});
const trust = (AWS: string) => policy({ Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS } });

function decide(request: Partial<AccessRequest>, inline?: string, boundary?: string) {
  const { account, logged } = bareAccount({
    now: () => new Date("2026-01-02T03:04:05Z"),
    rootCredentials: { accessKeyId: "AKIA", secretAccessKey: "secret" },
  });
  account.state.iam.roles.demo = {
    id: "AROADEMO",
    name: "demo",
    path: "/",
    arn: ROLE,
    createdAt: 0,
    description: undefined,
    maxSessionDuration: 3600,
    trustPolicy: trust("123456789012"),
    inlinePolicies: Object.assign(dictionary<string>(), inline === undefined ? {} : { grant: inline }),
    attachedPolicies: [],
    permissionsBoundary: boundary === undefined ? undefined : BOUNDARY,
    tags: dictionary<string>(),
  };
  if (boundary !== undefined && boundary !== "gone") {
    account.state.iam.policies[BOUNDARY] = {
      id: "ANPABOUNDARY",
      name: "boundary",
      path: "/",
      arn: BOUNDARY,
      createdAt: 0,
      updatedAt: 0,
      description: undefined,
      defaultVersion: "v1",
      versionCount: 1,
      versions: dictionary([["v1", { document: boundary, createdAt: 0 }]]),
      tags: dictionary<string>(),
    };
  }
  const decision = authorize(account, {
    caller: CALLER,
    action: "execute-api:Invoke",
    resource: HELLO,
    ...request,
  });
  return { decision, logged, recorded: account.decisions.last() };
}

const assume = { action: "sts:AssumeRole", resource: TARGET };
const NOT_AUTHORIZED = `User: ${CALLER.arn} is not authorized to perform: execute-api:Invoke on resource: ${HELLO}`;

test.each<[string, Partial<AccessRequest>, string | undefined]>([
  ["the role's own policy", {}, policy(allow("execute-api:Invoke", HELLO))],
  [
    "a condition on the caller",
    {},
    policy(allow("*", "*", { Condition: { StringEquals: { "aws:PrincipalTag/team": "red" } } })),
  ],
  [
    "a condition on the clock",
    {},
    policy(allow("*", "*", { Condition: { DateLessThan: { "aws:CurrentTime": "2026-01-03" } } })),
  ],
  [
    "a condition on the region",
    {},
    policy(allow("*", "*", { Condition: { StringEquals: { "aws:RequestedRegion": "us-east-1" } } })),
  ],
  [
    "the resource's policy",
    { resourcePolicy: policy(allow("*", "*", { Principal: { AWS: ROLE } })) },
    undefined,
  ],
  [
    "the role's policy and a managed session policy",
    { caller: narrowed([], ["arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess"]) },
    policy(allow("*", "*")),
  ],
  [
    "the role's policy and an inline session policy, beside a managed one that is gone",
    { caller: narrowed([policy(allow("execute-api:*", "*"))], [BOUNDARY]) },
    policy(allow("*", "*")),
  ],
  ["the root user", { caller: ROOT }, undefined],
  ["a trust policy that names the role", { ...assume, trustPolicy: trust(ROLE) }, undefined],
  [
    "a trust policy that names the account, and the role's policy",
    { ...assume, trustPolicy: trust("123456789012") },
    policy(allow("sts:AssumeRole", TARGET)),
  ],
])("allowed: %s", (_, request, inline) => {
  const { decision, logged, recorded } = decide(request, inline);
  expect(decision.allowed).toBe(true);
  expect(recorded).toMatchObject([{ kind: "access", outcome: "allowed" }]);
  expect(logged).toEqual([]);
});

test.each<[string, Partial<AccessRequest>, string | undefined, string]>([
  [
    "no policy",
    {},
    undefined,
    `${NOT_AUTHORIZED} because no identity-based policy allows the execute-api:Invoke action`,
  ],
  [
    "an explicit denial",
    {},
    policy({ ...allow("*", "*"), Effect: "Deny" }),
    `${NOT_AUTHORIZED} with an explicit deny in an identity-based policy`,
  ],
  [
    "a denial of the resource's",
    { resourcePolicy: policy({ ...allow("*", "*"), Effect: "Deny", Principal: "*" }) },
    policy(allow("*", "*")),
    `${NOT_AUTHORIZED} with an explicit deny in a resource-based policy`,
  ],
  [
    "a session policy",
    { caller: narrowed([policy(allow("s3:*", "*"))]) },
    policy(allow("*", "*")),
    `${NOT_AUTHORIZED} because no session policy allows the execute-api:Invoke action`,
  ],
  [
    "a managed session policy",
    { caller: narrowed([], ["arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess"]) },
    policy(allow("*", "*")),
    `${NOT_AUTHORIZED} because no session policy allows the execute-api:Invoke action`,
  ],
  [
    "a managed session policy that is gone",
    { caller: narrowed([], [BOUNDARY]) },
    policy(allow("*", "*")),
    `${NOT_AUTHORIZED} because no session policy allows the execute-api:Invoke action`,
  ],
  [
    "a caller whose role is gone",
    { caller: { ...CALLER, roleName: undefined } },
    policy(allow("*", "*")),
    `${NOT_AUTHORIZED} because no identity-based policy allows the execute-api:Invoke action`,
  ],
  [
    "nobody",
    { caller: ANONYMOUS, resourcePolicy: policy() },
    policy(allow("*", "*")),
    `User: anonymous is not authorized to perform: execute-api:Invoke on resource: ${HELLO} because no resource-based policy allows the execute-api:Invoke action`,
  ],
  [
    "a role that doesn't trust",
    { ...assume, trustPolicy: trust("210987654321") },
    policy(allow("*", "*")),
    `User: ${CALLER.arn} is not authorized to perform: sts:AssumeRole on resource: ${TARGET} because no resource-based policy allows the sts:AssumeRole action`,
  ],
  [
    "a role that doesn't trust the root user",
    { ...assume, caller: ROOT, trustPolicy: trust(ROLE) },
    undefined,
    `User: ${ROOT.arn} is not authorized to perform: sts:AssumeRole on resource: ${TARGET} because no resource-based policy allows the sts:AssumeRole action`,
  ],
])("refused: %s", (_, request, inline, message) => {
  const { decision, logged, recorded } = decide(request, inline);
  expect(decision).toMatchObject({ allowed: false, message });
  expect(recorded).toMatchObject([{ kind: "access", outcome: "refused" }]);
  expect(logged).toHaveLength(1);
});

test("the resource may be shown in another way", () => {
  const { decision } = decide({});
  expect(decision.messageFor("arn:masked")).toBe(
    `User: ${CALLER.arn} is not authorized to perform: execute-api:Invoke on resource: arn:masked because no identity-based policy allows the execute-api:Invoke action`,
  );
});

test("a record names the policy, the statement and the condition, with what was expected and found", () => {
  const statement = allow("execute-api:Invoke", HELLO, {
    Sid: "OnlyBlue",
    Condition: { StringEquals: { "aws:PrincipalTag/team": "blue" } },
  });
  expect(decide({}, policy(statement)).recorded).toMatchObject([
    {
      subject: `${CALLER.arn} → execute-api:Invoke on ${HELLO}`,
      detail: [
        "no identity-based policy allows it",
        `Allow statement OnlyBlue of role demo, inline policy grant doesn't apply: condition StringEquals aws:PrincipalTag/team: expected ["blue"], found "red"`,
      ],
    },
  ]);
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
describe("a permissions boundary", () => {
  const everything = policy(allow("*", "*"));
  const invokes = policy(allow("execute-api:Invoke", HELLO));
  const outside = `${NOT_AUTHORIZED} because no permissions boundary allows the execute-api:Invoke action`;
  const naming = (AWS: string) => ({ resourcePolicy: policy(allow("*", "*", { Principal: { AWS } })) });
  const refusing = policy(allow("*", "*"), { ...allow("execute-api:*", "*"), Effect: "Deny" });

  test.each<[string, string, Partial<AccessRequest>, string | undefined, string | true]>([
    ["leaves what both allow", invokes, {}, everything, true],
    [
      "allows nothing by itself",
      everything,
      {},
      undefined,
      `${NOT_AUTHORIZED} because no identity-based policy allows the execute-api:Invoke action`,
    ],
    ["keeps out what it doesn't allow", policy(allow("s3:*", "*")), {}, everything, outside],
    ["that is gone keeps everything out", "gone", {}, everything, outside],
    ["denies", refusing, {}, everything, `${NOT_AUTHORIZED} with an explicit deny in a permissions boundary`],
    [
      "limits what a resource policy gives to the role",
      policy(allow("s3:*", "*")),
      naming(ROLE),
      undefined,
      outside,
    ],
    [
      "doesn't limit what a resource policy gives to the session",
      policy(allow("s3:*", "*")),
      naming(CALLER.arn),
      undefined,
      true,
    ],
    [
      "doesn't replace a session policy",
      everything,
      { caller: narrowed([policy(allow("s3:*", "*"))]) },
      everything,
      `${NOT_AUTHORIZED} because no session policy allows the execute-api:Invoke action`,
    ],
  ])("%s", (_, boundary, request, inline, expected) => {
    const { decision } = decide(request, inline, boundary);
    expect(decision.allowed || decision.message).toBe(expected);
  });
});
