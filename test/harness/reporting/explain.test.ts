/** What a person would read out of policy documents. */
import { documentOf } from "../../../harness/access/aws-reader";
import { grantFindings, trustFindings } from "../../../harness/reporting/policies";

const POOL = "us-east-1:11111111-2222-3333-4444-555555555555";
const PROVIDER = "login.developer.example";
const RESOURCE = "arn:aws:execute-api:us-east-1:123456789012:a1/dev/GET/hello";

const GOOD_TRUST = {
  Effect: "Allow",
  Principal: { Federated: "cognito-identity.amazonaws.com" },
  Action: "sts:AssumeRoleWithWebIdentity",
  Condition: {
    StringEquals: { "cognito-identity.amazonaws.com:aud": POOL },
    "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": "authenticated" },
  },
};

/** As IAM returns it. */
function policy(statement: unknown) {
  return documentOf(encodeURIComponent(JSON.stringify({ Version: "2012-10-17", Statement: statement })));
}

describe("trust policies", () => {
  const findings = (statement: unknown, tagged = false) =>
    trustFindings("Trust", policy(statement).statements, {
      identityPoolId: POOL,
      developerProviderName: PROVIDER,
      tagged,
    });

  test.each<[string, object, RegExp[]]>([
    ["a good one", {}, [/^Trust, statement 1: allows what is needed$/]],
    ["a list of actions", { Action: ["sts:TagSession", "sts:assumeRoleWith*"] }, [/allows what is needed/]],
    ["a denial", { Effect: "Deny" }, [/denies what is needed/]],
    [
      "a name",
      { Sid: "Login", Action: "sts:AssumeRole" },
      [/statement 1 \(Login\): Action is "sts:AssumeRole"/],
    ],
    ["another principal", { Principal: { AWS: "*" } }, [/Principal's Federated is absent/]],
    [
      "another pool and another method",
      {
        Condition: {
          StringEquals: { "cognito-identity.amazonaws.com:aud": "us-east-1:other" },
          "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": ["unauthenticated", "x"] },
        },
      },
      [/:aud demands "us-east-1:other", the token has/, /:amr demands "unauthenticated", "x", the token has/],
    ],
    ["all actions but some", { Action: undefined, NotAction: "iam:*" }, [/allows what is needed/]],
    [
      "all actions but this",
      { Action: undefined, NotAction: "sts:*" },
      [/NotAction is "sts:\*", needed is "sts:AssumeRoleWithWebIdentity"/],
    ],
    [
      "a misspelt key",
      { Condition: { StringEquals: { "cognito-identity.amazon.com:aud": POOL } } },
      [/cognito-identity\.amazon\.com:aud names a key that Cognito does not set/],
    ],
    [
      "conditions of other kinds",
      {
        Condition: {
          IpAddress: { "aws:SourceIp": "10.0.0.0/8" },
          StringEquals: { "aws:RequestTag/team": "blue" },
        },
      },
      [/IpAddress aws:SourceIp was not looked at/, /StringEquals aws:RequestTag\/team was not looked at/],
    ],
  ])("%s", (_, change, expected) => {
    expect(findings([{ ...GOOD_TRUST, ...change }])).toEqual(
      expected.map((pattern) => expect.stringMatching(pattern)),
    );
  });

  test("tags without sts:TagSession", () => {
    expect(findings(GOOD_TRUST, true)).toContain(
      "Trust: no statement allows sts:TagSession, and the session carries tags",
    );
    expect(
      findings({ ...GOOD_TRUST, Action: ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"] }, true),
    ).toEqual(["Trust, statement 1: allows what is needed"]);
  });
});

describe("grants", () => {
  const findings = (...policies: object[]) =>
    grantFindings(
      "role",
      policies.map((statement, index) => ({
        name: `policy ${index + 1}`,
        document: policy(statement),
      })),
      RESOURCE,
    );
  const ALLOW = { Effect: "Allow", Action: "execute-api:Invoke" };

  test.each<[string, object[], string[]]>([
    [
      "none",
      [],
      [`Role role: none of its 0 policies has a statement on execute-api:Invoke; needed on ${RESOURCE}`],
    ],
    [
      "of other services",
      [{ Effect: "Allow", Action: "s3:*", Resource: "*" }],
      [`Role role: none of its 1 policies has a statement on execute-api:Invoke; needed on ${RESOURCE}`],
    ],
    [
      "exact, and by pattern",
      [
        { ...ALLOW, Resource: RESOURCE },
        { ...ALLOW, Resource: "arn:aws:execute-api:*:*:a1/d?v/*" },
      ],
      [
        `Role role, policy 1, statement 1: allows execute-api:Invoke on ${RESOURCE}`,
        `Role role, policy 2, statement 1: allows execute-api:Invoke on ${RESOURCE}`,
      ],
    ],
    [
      "beside the mark",
      [{ ...ALLOW, Resource: `${RESOURCE}/` }],
      [
        `Role role, policy 1, statement 1: allows execute-api:Invoke on ${RESOURCE}/, the call is on ${RESOURCE}`,
      ],
    ],
    [
      "under a condition",
      [{ ...ALLOW, Resource: "*", Condition: { Bool: { "aws:SecureTransport": "true" } } }],
      [
        `Role role, policy 1, statement 1: allows execute-api:Invoke on ${RESOURCE}, if Bool aws:SecureTransport is met`,
      ],
    ],
    [
      "of all resources but some",
      [
        { ...ALLOW, NotResource: "arn:aws:execute-api:*:*:b2/*" },
        { ...ALLOW, NotResource: ["arn:aws:s3:::*", "arn:aws:execute-api:*:*:a1/*"] },
      ],
      [
        `Role role, policy 1, statement 1: allows execute-api:Invoke on ${RESOURCE} (every resource but arn:aws:execute-api:*:*:b2/*)`,
        `Role role, policy 2, statement 1: allows execute-api:Invoke on all but arn:aws:s3:::*, arn:aws:execute-api:*:*:a1/*, the call is on ${RESOURCE}`,
      ],
    ],
    [
      "of all actions but some",
      [
        { Effect: "Allow", NotAction: "iam:*", Resource: "*" },
        { Effect: "Deny", NotAction: ["execute-api:INVOKE", "s3:*"], Resource: "*" },
      ],
      [`Role role, policy 1, statement 1: allows execute-api:Invoke on ${RESOURCE} (every action but iam:*)`],
    ],
    [
      "a denial",
      [{ Effect: "Deny", Action: "*", Resource: "*" }],
      [`Role role, policy 1, statement 1: denies execute-api:Invoke on ${RESOURCE}`],
    ],
  ])("%s", (_, policies, expected) => {
    expect(findings(...policies)).toEqual(expected);
  });
});
