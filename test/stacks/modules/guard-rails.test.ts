// Each rail on stacks that use none of this project's modules: what trips it, and the nearest that doesn't.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ApiGatewayDeployment } from "@cdktf/provider-aws/lib/api-gateway-deployment";
import { ApiGatewayMethod } from "@cdktf/provider-aws/lib/api-gateway-method";
import { ApiGatewayRestApi } from "@cdktf/provider-aws/lib/api-gateway-rest-api";
import { ApiGatewayStage } from "@cdktf/provider-aws/lib/api-gateway-stage";
import { Apigatewayv2Api } from "@cdktf/provider-aws/lib/apigatewayv2-api";
import { Apigatewayv2Route } from "@cdktf/provider-aws/lib/apigatewayv2-route";
import { CognitoIdentityPool } from "@cdktf/provider-aws/lib/cognito-identity-pool";
import { CognitoIdentityPoolRolesAttachment } from "@cdktf/provider-aws/lib/cognito-identity-pool-roles-attachment";
import {
  DataAwsIamPolicyDocument,
  type DataAwsIamPolicyDocumentStatement,
} from "@cdktf/provider-aws/lib/data-aws-iam-policy-document";
import { DataAwsIamRole } from "@cdktf/provider-aws/lib/data-aws-iam-role";
import { IamGroupPolicy } from "@cdktf/provider-aws/lib/iam-group-policy";
import { IamPolicy } from "@cdktf/provider-aws/lib/iam-policy";
import { IamPolicyAttachment } from "@cdktf/provider-aws/lib/iam-policy-attachment";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import { IamRolePolicyAttachmentsExclusive } from "@cdktf/provider-aws/lib/iam-role-policy-attachments-exclusive";
import { IamUserPolicy } from "@cdktf/provider-aws/lib/iam-user-policy";
import { LambdaPermission } from "@cdktf/provider-aws/lib/lambda-permission";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import {
  App,
  Aspects,
  Fn,
  TerraformElement,
  TerraformLocal,
  TerraformStack,
  TerraformVariable,
  Testing,
} from "cdktf";
import { Construct } from "constructs";
import {
  GuardRailError,
  type GuardRailProblem,
  GuardRails,
  type Rail,
} from "../../../stacks/modules/guard-rails";
import { RestApi, type RouteMethod } from "../../../stacks/modules/rest-api";

let outdir: string;
beforeEach(() => {
  outdir = mkdtempSync(path.join(tmpdir(), "guard-rails-"));
});
afterEach(() => rmSync(outdir, { recursive: true, force: true }));

type Declare = (stack: TerraformStack) => void;

function stackOf(app: App, id: string): TerraformStack {
  const stack = new TerraformStack(app, id);
  new AwsProvider(stack, "aws", { region: "eu-central-1" });
  return stack;
}

/** What the rails refuse of an app with the stack `shop`, and what they warn of not having seen. */
function judge(declare: (stack: TerraformStack, app: App) => void) {
  const app = Testing.app({ outdir, stackTraces: false });
  const stack = stackOf(app, "shop");
  declare(stack, app);
  new GuardRails(app);
  const error = errorOf(() => app.synth());
  if (error !== undefined && !(error instanceof GuardRailError)) {
    throw error;
  }
  const warnings = app.node
    .findAll()
    .flatMap(({ node }) => node.metadata.map(({ data }) => `${node.path}: ${data}`))
    .filter((text) => text.includes("can't see"));
  return { problems: error?.problems ?? [], message: error?.message, warnings };
}

function errorOf(act: () => void): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    return error;
  }
}

function railsOf(problems: readonly GuardRailProblem[]): Rail[] {
  return problems.map(({ rail }) => rail);
}

const json = (...statements: object[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });
const allow = (action: unknown, resource: unknown = "*") => ({
  Effect: "Allow",
  Action: action,
  Resource: resource,
});
const policy = (stack: Construct, statement: object, role = "somebody", id = "policy") =>
  new IamRolePolicy(stack, id, { role, policy: json(statement) });

const POOL_ID = "eu-central-1:0f0f0f0f-1111-2222-3333-444444444444";
const AUD = { StringEquals: { "cognito-identity.amazonaws.com:aud": POOL_ID } };
const AMR = { "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": "authenticated" } };
const trusting = (condition: object, further: object = {}) => ({
  Effect: "Allow",
  Principal: { Federated: "cognito-identity.amazonaws.com" },
  Action: "sts:AssumeRoleWithWebIdentity",
  Condition: condition,
  ...further,
});
const identityRole = (stack: Construct, id = "identities", props: object = {}) =>
  new IamRole(stack, id, { assumeRolePolicy: json(trusting({ ...AUD, ...AMR })), ...props });
const role = (stack: Construct, ...statements: object[]) =>
  new IamRole(stack, "role", { assumeRolePolicy: json(...statements) });

const ARN = "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5";
const MINT = "cognito-identity:GetOpenIdTokenForDeveloperIdentity";
const POOL_ARN = `arn:aws:cognito-identity:eu-central-1:123456789012:identitypool/${POOL_ID}`;

/** A pool and the role that its guests, or its signed-in identities, assume. */
function poolWith(
  stack: Construct,
  roles: (role: IamRole) => Record<string, string>,
  guests: boolean | undefined = true,
): IamRole {
  const pool = new CognitoIdentityPool(stack, "pool", {
    identityPoolName: "shop",
    allowUnauthenticatedIdentities: guests,
  });
  const declared = identityRole(stack, "guest");
  new CognitoIdentityPoolRolesAttachment(stack, "roles", {
    identityPoolId: pool.id,
    roles: roles(declared),
  });
  return declared;
}
const guestRole = (stack: Construct, guests?: boolean) =>
  poolWith(stack, ({ arn }) => ({ unauthenticated: arn }), guests);

function restApi(stack: Construct, body?: object): ApiGatewayRestApi {
  return new ApiGatewayRestApi(stack, "api", { name: "shop", body: body && JSON.stringify(body) });
}
const openApi = (operations: object, further: object = {}) => ({
  openapi: "3.0.1",
  paths: { "/orders": operations },
  components: {
    securitySchemes: { signed: { type: "apiKey", "x-amazon-apigateway-authtype": "awsSigv4" } },
  },
  ...further,
});

/** Of each rail: the least that trips it, and what is said. */
const REFUSED: Record<Rail, [Declare, message: string]> = {
  "cognito-trust": [
    (stack) => role(stack, trusting(AUD)),
    "shop/role: the trust policy lets tokens of Cognito in however they were given, to guests too: no amr; let the statement demand both the pool, StringEquals on cognito-identity.amazonaws.com:aud, and the login, ForAnyValue:StringEquals on cognito-identity.amazonaws.com:amr (cognito-trust)",
  ],
  "options-behind-iam": [
    (stack) =>
      new ApiGatewayMethod(stack, "preflight", {
        restApiId: "a1b2c3d4e5",
        resourceId: "f6g7h8",
        httpMethod: "OPTIONS",
        authorization: "AWS_IAM",
      }),
    "shop/preflight: OPTIONS is behind AWS_IAM; give OPTIONS the authorization NONE, for browsers send preflights unsigned (options-behind-iam)",
  ],
  "wildcard-invoke": [
    (stack) => policy(stack, allow("execute-api:Invoke", `${ARN}/*`)),
    `shop/policy: the policy allows execute-api:Invoke on ${ARN}/*; name the stage, the method and the path of each route, with * for no more than a path's parameter (wildcard-invoke)`,
  ],
  "wildcard-pass-role": [
    (stack) => policy(stack, allow("iam:PassRole")),
    "shop/policy: the policy allows iam:PassRole on *; name the roles that may be passed (wildcard-pass-role)",
  ],
  "wildcard-cognito-identity": [
    (stack) => policy(stack, allow("cognito-identity:*")),
    "shop/policy: the policy allows cognito-identity:*, minting included; name the actions, and give GetOpenIdTokenForDeveloperIdentity to the backend alone (wildcard-cognito-identity)",
  ],
  "permission-without-source-arn": [
    (stack) =>
      new LambdaPermission(stack, "permission", {
        action: "lambda:InvokeFunction",
        functionName: "orders",
        principal: "apigateway.amazonaws.com",
      }),
    "shop/permission: apigateway.amazonaws.com may invoke for anybody; give a source_arn, for an API its execution ARN with stage, method and path, else whoever uses that service, in any account, may have the function invoked (permission-without-source-arn)",
  ],
  "deployment-without-triggers": [
    (stack) => new ApiGatewayDeployment(stack, "deployment", { restApiId: "a1b2c3d4e5" }),
    "shop/deployment: the deployment has no triggers; give triggers with a hash of what is deployed (or replace_triggered_by), else changes are never served (deployment-without-triggers)",
  ],
  "guest-permissions": [
    (stack) => policy(stack, allow("s3:GetObject", "arn:aws:s3:::catalog/*"), guestRole(stack).name),
    "shop/policy: guests are allowed s3:GetObject by the policy; switch guests off, or waive this for each permission that whoever finds the pool's id shall have (guest-permissions)",
  ],
  "classic-flow": [
    (stack) => new CognitoIdentityPool(stack, "pool", { identityPoolName: "shop", allowClassicFlow: true }),
    "shop/pool: the pool allows the classic flow; switch the classic flow off: with it a client chooses among the roles, and AWS puts no bounds on what guests may do (classic-flow)",
  ],
  "identities-may-mint": [
    (stack) => policy(stack, allow(MINT, POOL_ARN), identityRole(stack).name),
    `shop/policy: the policy allows ${MINT} to a role that identities assume; give GetOpenIdTokenForDeveloperIdentity to the backend's role only: who may mint can become any user (identities-may-mint)`,
  ],
};

describe.each(Object.entries(REFUSED) as [Rail, [Declare, string]][])("%s", (rail, [declare, line]) => {
  test("is refused with its path, what is there, and the cure; nothing is written", () => {
    expect(judge(declare).message).toBe(
      [
        "The guard rails refuse what is declared here:",
        `  ${line}`,
        `If one of them is meant, say so: GuardRails.waive(construct, "${rail}", "the reason")`,
      ].join("\n"),
    );
    expect(readdirSync(path.join(outdir, "stacks"))).toEqual([]);
  });

  test("passes where it is waived: for the construct, for the stack, for the app", () => {
    const place = line.slice("shop/".length, line.indexOf(":"));
    for (const find of [
      (stack: TerraformStack) => stack.node.findChild(place),
      (stack: TerraformStack) => stack,
      (stack: TerraformStack) => stack.node.root,
    ]) {
      const waived = judge((stack) => {
        declare(stack);
        GuardRails.waive(find(stack), rail, "It is meant.");
      });
      expect(waived.problems).toEqual([]);
    }
  });

  test("is refused all the same where another rail, or another construct, is waived", () => {
    const { problems } = judge((stack) => {
      declare(stack);
      for (const other of (Object.keys(REFUSED) as Rail[]).filter((one) => one !== rail)) {
        GuardRails.waive(stack, other, "It is meant.");
      }
      GuardRails.waive(new Construct(stack, "p"), rail, "It is meant.");
    });
    expect(railsOf(problems)).toEqual([rail]);
  });
});

test("all is told at once, of all stacks, before any is written", () => {
  const { problems } = judge((stack, app) => {
    const second = stackOf(app, "second");
    for (const [index, [declare]] of Object.values(REFUSED).entries()) {
      declare(new Construct(index % 2 === 0 ? stack : second, `case-${index}`) as TerraformStack);
    }
  });
  expect(railsOf(problems).sort()).toEqual(Object.keys(REFUSED).sort());
  expect(readdirSync(path.join(outdir, "stacks"))).toEqual([]);
});

describe("a waiver", () => {
  test("needs a reason", () => {
    judge((stack) => {
      for (const reason of ["", "  ", undefined as unknown as string]) {
        expect(() => GuardRails.waive(stack, "classic-flow", reason)).toThrow(
          new RangeError("Say why classic-flow is waived for shop: give a reason."),
        );
      }
    });
  });

  test.each([
    ["clasic-flow", "classic-flow"],
    ["wildcard-invocation", "wildcard-invoke"],
    ["cognito-identity-wildcard", "wildcard-cognito-identity"],
  ])("for the rail %s, which isn't one, is an error that names %s", (given, nearest) => {
    judge((stack) => {
      expect(() => GuardRails.waive(stack, given as Rail, "It is meant.")).toThrow(
        new RangeError(
          `There is no guard rail "${given}" to waive: did you mean "${nearest}"? All of them: ${Object.keys(REFUSED).join(", ")}`,
        ),
      );
    });
  });

  test("knows no rail by what every object has", () => {
    judge((stack) => {
      expect(() => GuardRails.waive(stack, "constructor" as Rail, "It is meant.")).toThrow(RangeError);
    });
  });

  test("for a construct is none for one whose name begins alike", () => {
    const { problems } = judge((stack) => {
      policy(stack, allow("iam:PassRole"), "somebody", "support-2");
      GuardRails.waive(
        policy(stack, allow("iam:PassRole"), "somebody", "support"),
        "wildcard-pass-role",
        "Meant.",
      );
    });
    expect(problems.map((one) => one.path)).toEqual(["shop/support-2"]);
  });
});

/** Whether each case trips its rail and no other, or none. */
function cases(rail: Rail, tripping: Record<string, Declare>, innocent: Record<string, Declare>): void {
  describe(rail, () => {
    test.each(Object.entries(tripping))("refuses %s", (_, declare) => {
      expect([...new Set(railsOf(judge(declare).problems))]).toEqual([rail]);
    });
    test.each(Object.entries(innocent))("passes %s", (_, declare) => {
      expect(judge(declare).problems).toEqual([]);
    });
  });
}

const trust =
  (condition: object, further: object = {}): Declare =>
  (stack) =>
    role(stack, trusting(condition, further));
const amr = (operator: string, ...values: string[]) =>
  trust({
    ...AUD,
    [operator]: {
      ...(operator === "StringEquals" && AUD[operator]),
      "cognito-identity.amazonaws.com:amr": values,
    },
  });
const aud = (operator: string, value: unknown) =>
  trust({ ...AMR, [operator]: { "cognito-identity.amazonaws.com:aud": value } });

const trustData = (...statement: DataAwsIamPolicyDocumentStatement[]): Declare => {
  return (stack) => {
    const { json } = new DataAwsIamPolicyDocument(stack, "trust", { statement });
    new IamRole(stack, "role", { assumeRolePolicy: json });
  };
};
const dataStatement = (...condition: DataAwsIamPolicyDocumentStatement["condition"] & object[]) => ({
  actions: ["sts:AssumeRoleWithWebIdentity"],
  principals: [{ type: "Federated", identifiers: ["cognito-identity.amazonaws.com"] }],
  condition,
});
const DATA_AUD = { test: "StringEquals", variable: "cognito-identity.amazonaws.com:aud", values: [POOL_ID] };
const DATA_AMR = {
  test: "ForAnyValue:StringEquals",
  variable: "cognito-identity.amazonaws.com:amr",
  values: ["login.shop.example"],
};

cases(
  "cognito-trust",
  {
    "no condition": trust({}),
    "no Condition member": trust(undefined as unknown as object),
    "amr without aud": trust(AMR),
    "aud with a wildcard": aud("StringLike", "eu-central-1:*"),
    "aud in a negated condition": aud("StringNotEquals", POOL_ID),
    "aud only if it is there": aud("StringEqualsIfExists", POOL_ID),
    "aud out of no pools": aud("StringEquals", []),
    "aud of another issuer": trust({ ...AMR, StringEquals: { "accounts.google.com:aud": POOL_ID } }),
    "sub in place of aud": trust({ ...AMR, StringEquals: { "cognito-identity.amazonaws.com:sub": "x" } }),
    "amr *": amr("ForAnyValue:StringLike", "*"),
    "amr *authenticated, which guests have, too": amr("ForAnyValue:StringLike", "*authenticated"),
    "amr of both": amr("ForAnyValue:StringEquals", "authenticated", "unauthenticated"),
    "amr ForAllValues, which holds of none": amr("ForAllValues:StringEquals", "authenticated"),
    "amr without ForAnyValue": amr("StringEquals", "authenticated"),
    "a list of issuers": trust(AUD, {
      Principal: { Federated: ["accounts.google.com", "cognito-identity.amazonaws.com"] },
    }),
    "everybody as principal": trust(AUD, { Principal: "*" }),
    "everybody as AWS principal": trust(AUD, { Principal: { AWS: "*" } }),
    "China's issuer": trust(AUD, {
      Principal: { Federated: "cognito-identity.cn-north-1.amazonaws.com.cn" },
    }),
    "actions in a list, in another case": trust(AUD, {
      Action: ["sts:TagSession", "STS:assumerolewithWEBidentity"],
    }),
    "a wildcard in the action": trust(AUD, { Action: "sts:*" }),
    "one open statement beside a closed one": (stack) =>
      role(stack, trusting({ ...AUD, ...AMR }), trusting(AMR)),
    "a statement that isn't in a list": (stack) =>
      new IamRole(stack, "role", { assumeRolePolicy: JSON.stringify({ Statement: trusting(AUD) }) }),
    "the pool's token in JSON.stringify": (stack) => {
      const pool = new CognitoIdentityPool(stack, "pool", { identityPoolName: "shop" });
      role(stack, trusting({ StringEquals: { "cognito-identity.amazonaws.com:aud": pool.id } }));
    },
    "a token with quotes in JSON.stringify": (stack) => {
      const pools = new TerraformLocal(stack, "pools", { shop: POOL_ID });
      const id = Fn.lookup(pools.asStringMap, "shop", "none");
      role(stack, trusting({ StringEquals: { "cognito-identity.amazonaws.com:aud": id } }));
    },
    "Fn.jsonencode": (stack) =>
      new IamRole(stack, "role", {
        assumeRolePolicy: Fn.jsonencode({ Version: "2012-10-17", Statement: [trusting(AUD)] }),
      }),
    "jsonencode by hand": (stack) =>
      new IamRole(stack, "role", {
        assumeRolePolicy:
          '${jsonencode({\n  Statement = {\n    Effect = "Allow"\n    Principal = { Federated = "cognito-identity.amazonaws.com" }\n    Action = "sts:AssumeRoleWithWebIdentity"\n  }\n})}',
      }),
    "a data document": trustData(dataStatement(DATA_AUD)),
    "a data document's second statement": trustData(
      dataStatement(DATA_AUD, DATA_AMR),
      dataStatement(DATA_AMR),
    ),
    "a data document as minified_json": (stack) => {
      const data = new DataAwsIamPolicyDocument(stack, "trust", { statement: [dataStatement(DATA_AUD)] });
      new IamRole(stack, "role", { assumeRolePolicy: data.minifiedJson });
    },
    "a data document out of another": (stack) => {
      const source = new DataAwsIamPolicyDocument(stack, "source", { statement: [dataStatement(DATA_AUD)] });
      const data = new DataAwsIamPolicyDocument(stack, "trust", { sourcePolicyDocuments: [source.json] });
      new IamRole(stack, "role", { assumeRolePolicy: data.json });
    },
    "a data document that opens a statement again": (stack) => {
      const open = json({ Sid: "Identities", ...trusting(AUD) });
      const data = new DataAwsIamPolicyDocument(stack, "trust", {
        statement: [{ sid: "Identities", ...dataStatement(DATA_AUD, DATA_AMR) }],
        overridePolicyDocuments: [open],
      });
      new IamRole(stack, "role", { assumeRolePolicy: data.json });
    },
    "a local": (stack) =>
      new IamRole(stack, "role", {
        assumeRolePolicy: new TerraformLocal(stack, "trust", json(trusting(AUD))).asString,
      }),
    "an override": (stack) =>
      role(stack, trusting({ ...AUD, ...AMR })).addOverride("assume_role_policy", json(trusting(AUD))),
    "an override of the stack": (stack) => {
      const closed = role(stack, trusting({ ...AUD, ...AMR }));
      stack.addOverride(
        `resource.aws_iam_role.${closed.friendlyUniqueId}.assume_role_policy`,
        json(trusting(AUD)),
      );
    },
  },
  {
    "both, as AWS documents it": trust({ ...AUD, ...AMR }),
    "amr of a provider": amr("ForAnyValue:StringEquals", "login.shop.example"),
    "amr of guests alone": amr("ForAnyValue:StringEquals", "unauthenticated"),
    "amr by a pattern that guests don't have": amr("ForAnyValue:StringLike", "auth*"),
    "keys and operators in another case": trust({
      stringequals: { "Cognito-Identity.amazonaws.com:AUD": POOL_ID },
      "foranyvalue:stringlike": { "Cognito-Identity.amazonaws.com:AMR": "authenticated" },
    }),
    "aud by StringLike without a wildcard": aud("StringLike", POOL_ID),
    "aud out of two pools": aud("StringEquals", [POOL_ID, "eu-central-1:other"]),
    "another issuer": trust({}, { Principal: { Federated: "accounts.google.com" } }),
    "a service": trust({}, { Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }),
    "tags alone, which assume nothing": trust({}, { Action: "sts:TagSession" }),
    "a denial": trust({}, { Effect: "Deny" }),
    "the pool's token in Fn.jsonencode": (stack) => {
      const pool = new CognitoIdentityPool(stack, "pool", { identityPoolName: "shop" });
      const own = { StringLike: { "cognito-identity.amazonaws.com:aud": pool.id } };
      const document = { Version: "2012-10-17", Statement: [trusting({ ...own, ...AMR })] };
      new IamRole(stack, "role", { assumeRolePolicy: Fn.jsonencode(document) });
    },
    "a data document": trustData(dataStatement(DATA_AUD, DATA_AMR)),
    "a data document that closes a statement": (stack) => {
      const data = new DataAwsIamPolicyDocument(stack, "trust", {
        statement: [{ sid: "Identities", ...dataStatement(DATA_AUD) }],
        overridePolicyDocuments: [json({ Sid: "Identities", ...trusting({ ...AUD, ...AMR }) })],
      });
      new IamRole(stack, "role", { assumeRolePolicy: data.json });
    },
    "an override that closes it": (stack) =>
      role(stack, trusting(AUD)).addOverride("assume_role_policy", json(trusting({ ...AUD, ...AMR }))),
  },
);

const method =
  (httpMethod: string, authorization: string): Declare =>
  (stack) =>
    new ApiGatewayMethod(stack, "method", { restApiId: "a", resourceId: "b", httpMethod, authorization });
const route =
  (routeKey: string, authorizationType: string): Declare =>
  (stack) =>
    new Apigatewayv2Route(stack, "route", { apiId: "a", routeKey, authorizationType });
const IAM = { "x-amazon-apigateway-auth": { type: "AWS_IAM" } };
const NONE = { "x-amazon-apigateway-auth": { type: "NONE" } };
const SIGNED = { security: [{ signed: [] }] };
const body =
  (operations: object, further?: object): Declare =>
  (stack) =>
    restApi(stack, openApi(operations, further));

cases(
  "options-behind-iam",
  {
    "a document's operation by extension": body({ options: IAM }),
    "a document's operation by security scheme": body({ options: SIGNED }),
    "what a document says of all operations": body({ options: {} }, SIGNED),
    "a document of version 2": body(
      { options: SIGNED },
      {
        components: undefined,
        securityDefinitions: { signed: { "x-amazon-apigateway-authtype": "awsSigv4" } },
      },
    ),
    "a document in Fn.jsonencode": (stack) =>
      new ApiGatewayRestApi(stack, "api", { name: "shop", body: Fn.jsonencode(openApi({ options: IAM })) }),
    "a document with a token in place of a value": (stack) => {
      const text = JSON.stringify(openApi({ options: IAM, get: { responses: "RESPONSES" } }));
      const responses = Fn.jsonencode({ "200": { description: "Preflight" } });
      new ApiGatewayRestApi(stack, "api", { name: "shop", body: text.replace('"RESPONSES"', responses) });
    },
    "a route of an HTTP API": route("OPTIONS /orders", "AWS_IAM"),
    "an HTTP API's document": (stack) =>
      new Apigatewayv2Api(stack, "api", {
        name: "shop",
        protocolType: "HTTP",
        body: JSON.stringify(openApi({ options: IAM })),
      }),
    "an override of the method": (stack) =>
      new ApiGatewayMethod(stack, "method", {
        restApiId: "a",
        resourceId: "b",
        httpMethod: "OPTIONS",
        authorization: "NONE",
      }).addOverride("authorization", "AWS_IAM"),
  },
  {
    "OPTIONS for anybody": method("OPTIONS", "NONE"),
    "OPTIONS of an HTTP API for anybody": route("OPTIONS /orders", "NONE"),
    "another route of an HTTP API behind IAM": route("GET /orders", "AWS_IAM"),
    "another method behind IAM": method("GET", "AWS_IAM"),
    "a document whose OPTIONS is open": body({ get: { ...IAM, ...SIGNED }, options: NONE }),
    "an operation that is taken out": body({ options: { security: [] } }, SIGNED),
    "an operation's own extension": body({ options: NONE }, SIGNED),
    "another scheme": body(
      { options: SIGNED },
      {
        components: {
          securitySchemes: { signed: { type: "apiKey", "x-amazon-apigateway-authtype": "custom" } },
        },
      },
    ),
    "an API without a document": (stack) => restApi(stack),
  },
);

const grant =
  (action: unknown, resource?: unknown): Declare =>
  (stack) =>
    policy(stack, allow(action, resource));
const invoke = (...resources: string[]) => grant("execute-api:Invoke", resources);
const onApi =
  (arn: (api: ApiGatewayRestApi) => string): Declare =>
  (stack) =>
    policy(stack, allow("execute-api:Invoke", arn(restApi(stack))));
const onStage =
  (arn: (stage: ApiGatewayStage) => string): Declare =>
  (stack) => {
    const stage = new ApiGatewayStage(stack, "stage", {
      restApiId: "a",
      deploymentId: "b",
      stageName: "prod",
    });
    policy(stack, allow("execute-api:Invoke", arn(stage)));
  };
const dataGrant =
  (statement: DataAwsIamPolicyDocumentStatement): Declare =>
  (stack) => {
    const data = new DataAwsIamPolicyDocument(stack, "data", { statement: [statement] });
    new IamRolePolicy(stack, "policy", { role: "somebody", policy: data.json });
  };

cases(
  "wildcard-invoke",
  {
    "every resource": invoke("*"),
    "every API": invoke("arn:aws:execute-api:eu-central-1:123456789012:*"),
    "every API's stage of a name": invoke("arn:aws:execute-api:*:*:*/prod/GET/orders"),
    "an ARN that ends early": invoke("arn:aws:execute-api:*"),
    "a stage as *": invoke(`${ARN}/*/GET/orders`),
    "a stage that begins with something": invoke(`${ARN}/pr*/GET/orders`),
    "a whole stage": invoke(`${ARN}/prod/*`),
    "a method as *": invoke(`${ARN}/prod/*/orders`),
    "a method as ???": invoke(`${ARN}/prod/???/orders`),
    "a path as *": invoke(`${ARN}/prod/GET/*`),
    "a path of nothing but *": invoke(`${ARN}/prod/GET/*/*`),
    "one of several": invoke(`${ARN}/prod/GET/orders`, `${ARN}/prod/*`),
    "the API's own ARN": onApi(({ executionArn }) => `${executionArn}/*`),
    "the stage's own ARN": onStage(({ executionArn }) => `${executionArn}/*`),
    "an ARN by Fn.join": onApi(({ executionArn }) => Fn.join("/", [executionArn, "prod", "*"])),
    "an ARN in a local": (stack) => {
      const arn = new TerraformLocal(stack, "arn", `${restApi(stack).executionArn}/*/*`);
      policy(stack, allow("execute-api:Invoke", arn.asString));
    },
    "an ARN after a quotation mark": (stack) =>
      policy(stack, { Sid: 'Say "so', ...allow("execute-api:Invoke", `${restApi(stack).executionArn}/*`) }),
    "an ARN of parts": onApi(({ id }) => `arn:aws:execute-api:eu-central-1:123456789012:${id}/prod/*`),
    NotResource: (stack) =>
      policy(stack, { Effect: "Allow", Action: "execute-api:Invoke", NotResource: `${ARN}/prod/GET/a` }),
    "execute-api:*": grant("execute-api:*", `${ARN}/*`),
    "EXECUTE-API:inv*": grant("EXECUTE-API:inv*", `${ARN}/*`),
    "an action among others": grant(["s3:GetObject", "execute-api:Invoke"], `${ARN}/*`),
    "any action on the API": grant("*", `${ARN}/*`),
    "any action on the API's own ARN": (stack) =>
      policy(stack, allow("*", `${restApi(stack).executionArn}/*`)),
    NotAction: (stack) => policy(stack, { Effect: "Allow", NotAction: "s3:*", Resource: `${ARN}/*` }),
    "an effect that isn't known": (stack) => {
      const effect = new TerraformVariable(stack, "effect", {}).stringValue;
      policy(stack, { ...allow("execute-api:Invoke", `${ARN}/*`), Effect: effect });
    },
    "a data document": dataGrant({ actions: ["execute-api:Invoke"], resources: [`${ARN}/*`] }),
    "a data document's not_actions": dataGrant({ notActions: ["s3:*"], resources: [`${ARN}/*`] }),
    "a data document's not_resources": dataGrant({
      actions: ["execute-api:Invoke"],
      notResources: [`${ARN}/a`],
    }),
    "a managed policy": (stack) =>
      new IamPolicy(stack, "policy", { policy: json(allow("execute-api:Invoke", `${ARN}/*`)) }),
    "a user's policy": (stack) =>
      new IamUserPolicy(stack, "policy", {
        user: "u",
        policy: json(allow("execute-api:Invoke", `${ARN}/*`)),
      }),
    "a group's policy": (stack) =>
      new IamGroupPolicy(stack, "policy", {
        group: "g",
        policy: json(allow("execute-api:Invoke", `${ARN}/*`)),
      }),
    "a role's inline_policy": (stack) =>
      identityRole(stack, "role", {
        inlinePolicy: [{ name: "calls", policy: json(allow("execute-api:Invoke", `${ARN}/*`)) }],
      }),
    "an inline_policy by override": (stack) =>
      identityRole(stack).addOverride("inline_policy", {
        name: "calls",
        policy: json(allow("execute-api:Invoke", `${ARN}/*`)),
      }),
  },
  {
    "one route": invoke(`${ARN}/prod/GET/orders`),
    "a route's parameter as *": invoke(`${ARN}/prod/GET/orders/*`, `${ARN}/prod/GET/users/*/orders`),
    "a parameter first": invoke(`${ARN}/prod/GET/*/orders`),
    "the path /": invoke(`${ARN}/prod/GET/`),
    "any region and account, with the API's id": invoke("arn:aws:execute-api:*:*:a1b2c3d4e5/prod/GET/orders"),
    "a policy variable": invoke(`${ARN}/prod/GET/users/$\${aws:PrincipalTag/username}`),
    "a policy variable with a default of *": invoke(
      `${ARN}/prod/GET/users/$\${aws:PrincipalTag/username, '*'}`,
    ),
    "the API's own ARN": onApi(({ executionArn }) => `${executionArn}/prod/GET/orders/*`),
    "the stage's own ARN": onStage(({ executionArn }) => `${executionArn}/GET/orders/*`),
    "an ARN by Fn.join": onApi(({ executionArn }) => Fn.join("/", [executionArn, "prod", "GET", "orders"])),
    "a token with * in its expression": onApi(
      ({ executionArn }) => `${executionArn}/prod/GET/${Fn.replace("a*b", "*", "/")}`,
    ),
    "a denial": (stack) => policy(stack, { ...allow("execute-api:Invoke"), Effect: "Deny" }),
    "another action on everything": grant("s3:ListAllMyBuckets"),
    ManageConnections: grant("execute-api:ManageConnections", `${ARN}/*`),
    "every action on a bucket": grant("*", "arn:aws:s3:::catalog/*"),
    "every action on a bucket's own ARN": grant("*", "${aws_s3_bucket.catalog.arn}/*"),
    "NotAction of it": (stack) =>
      policy(stack, {
        Effect: "Allow",
        NotAction: ["execute-api:*", "iam:*", "cognito-identity:*"],
        Resource: "*",
      }),
    "a data document": dataGrant({ actions: ["execute-api:Invoke"], resources: [`${ARN}/prod/GET/orders`] }),
    "a data document's denial": dataGrant({
      effect: "Deny",
      actions: ["execute-api:Invoke"],
      resources: ["*"],
    }),
  },
);

cases(
  "wildcard-pass-role",
  {
    "every role of the account": grant("iam:PassRole", "arn:aws:iam::123456789012:role/*"),
    "everything of the account": grant("iam:PassRole", "arn:aws:iam::123456789012:*"),
    "every role of an account that isn't known": grant(
      "iam:PassRole",
      "arn:aws:iam::${data.aws_caller_identity.own.account_id}:role/*",
    ),
    "iam:Pass*": grant("iam:Pass*"),
    "iam:PassRol?": grant("iam:PassRol?"),
    "IAM:PASSROLE in a list": grant(["s3:GetObject", "IAM:PASSROLE"], ["*"]),
    "under a condition": (stack) =>
      policy(stack, {
        ...allow("iam:PassRole"),
        Condition: { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } },
      }),
  },
  {
    "one role": grant("iam:PassRole", "arn:aws:iam::123456789012:role/orders"),
    "roles of a path": grant("iam:PassRole", "arn:aws:iam::123456789012:role/shop/*"),
    "a role's own ARN": grant("iam:PassRole", "${aws_iam_role.orders.arn}"),
    "a denial": (stack) => policy(stack, { ...allow("iam:PassRole"), Effect: "Deny" }),
    "reading every role": grant(["iam:GetRole", "iam:ListRoles"]),
  },
);

cases(
  "wildcard-cognito-identity",
  {
    "on a pool": grant("cognito-identity:*", POOL_ARN),
    "on a pool's own ARN": grant("cognito-identity:*", "${aws_cognito_identity_pool.shop.arn}"),
    "every action on a pool's own ARN": grant("*", "${aws_cognito_identity_pool.shop.arn}"),
    "Cognito-Identity:Get*": grant("Cognito-Identity:Get*"),
    NotAction: (stack) =>
      policy(stack, { Effect: "Allow", NotAction: ["iam:*", "execute-api:*"], Resource: "*" }),
  },
  {
    "minting by its name": grant(MINT, POOL_ARN),
    "cognito-identity:Describe*": grant("cognito-identity:Describe*"),
    "user pools": grant("cognito-idp:*"),
    "a denial": (stack) => policy(stack, { ...allow("cognito-identity:*"), Effect: "Deny" }),
    "an action out of an expression": grant("${aws_x.y.z}:*"),
  },
);

const permission =
  (props: { principal?: string; sourceArn?: string; sourceAccount?: string }): Declare =>
  (stack) =>
    new LambdaPermission(stack, "permission", {
      action: "lambda:InvokeFunction",
      functionName: "orders",
      principal: "apigateway.amazonaws.com",
      ...props,
    });

cases(
  "permission-without-source-arn",
  {
    "an empty source ARN": permission({ sourceArn: "" }),
    "an account in place of it": permission({ sourceAccount: "123456789012" }),
    "*": permission({ sourceArn: "*" }),
    "any API of any account": permission({ sourceArn: "arn:aws:execute-api:*:*:*" }),
    "an ARN that ends early": permission({ sourceArn: "arn:aws:execute-api:*" }),
    "another service": permission({ principal: "sns.amazonaws.com" }),
    "another service's, of any account": permission({
      principal: "events.amazonaws.com",
      sourceArn: "arn:aws:events:eu-central-1:*:rule/nightly",
    }),
    "an ARN that is overridden away": (stack) =>
      new LambdaPermission(stack, "permission", {
        action: "lambda:InvokeFunction",
        functionName: "orders",
        principal: "apigateway.amazonaws.com",
        sourceArn: `${ARN}/prod/GET/orders`,
      }).addOverride("source_arn", null),
  },
  {
    "a route's ARN": permission({ sourceArn: `${ARN}/prod/GET/orders` }),
    "an API's ARN": permission({ sourceArn: "${aws_api_gateway_rest_api.api.execution_arn}/*/*" }),
    "another principal": permission({ principal: "123456789012" }),
    "a bucket, whose ARN has no account": permission({
      principal: "s3.amazonaws.com",
      sourceArn: "arn:aws:s3:::orders",
    }),
    "another service, of one account": permission({
      principal: "config.amazonaws.com",
      sourceAccount: "123456789012",
    }),
  },
);

const deployment =
  (props: object): Declare =>
  (stack) =>
    new ApiGatewayDeployment(stack, "deployment", { restApiId: "a", ...props });

cases(
  "deployment-without-triggers",
  {
    "no trigger among triggers": deployment({ triggers: {} }),
    "another life cycle": deployment({ lifecycle: { createBeforeDestroy: true } }),
    "triggers that are overridden away": (stack) =>
      new ApiGatewayDeployment(stack, "deployment", {
        restApiId: "a",
        triggers: { body: "hash" },
      }).addOverride("triggers", null),
  },
  {
    triggers: deployment({ triggers: { body: "${sha256(aws_api_gateway_rest_api.api.body)}" } }),
    "triggers that Terraform knows": deployment({ triggers: "${local.triggers}" as unknown as object }),
    replace_triggered_by: deployment({ lifecycle: { replaceTriggeredBy: ["aws_api_gateway_rest_api.api"] } }),
  },
);

const attachedTo =
  (
    holder: (stack: Construct) => IamRole,
    attach: (stack: Construct, role: IamRole, arn: string) => void,
    statement: object,
  ): Declare =>
  (stack) => {
    const managed = new IamPolicy(stack, "managed", { policy: json(statement) });
    attach(stack, holder(stack), managed.arn);
  };
const attachments: Record<string, (stack: Construct, role: IamRole, arn: string) => void> = {
  aws_iam_role_policy_attachment: (stack, { name }, policyArn) =>
    new IamRolePolicyAttachment(stack, "attachment", { role: name, policyArn }),
  aws_iam_policy_attachment: (stack, { name }, policyArn) =>
    new IamPolicyAttachment(stack, "attachment", { name: "a", roles: ["other", name], policyArn }),
  aws_iam_role_policy_attachments_exclusive: (stack, { name }, arn) =>
    new IamRolePolicyAttachmentsExclusive(stack, "attachment", { roleName: name, policyArns: [arn] }),
  managed_policy_arns: (_, holder, arn) => {
    holder.managedPolicyArns = [arn];
  },
};
const everyAttachment = (holder: (stack: Construct) => IamRole, statement: object) =>
  Object.fromEntries(
    Object.entries(attachments).map(([name, attach]) => [name, attachedTo(holder, attach, statement)]),
  );
const READ = allow("s3:GetObject", "arn:aws:s3:::catalog/*");

cases(
  "guest-permissions",
  {
    ...everyAttachment((stack) => guestRole(stack), READ),
    "a policy of AWS": (stack) =>
      new IamRolePolicyAttachment(stack, "attachment", {
        role: guestRole(stack).name,
        policyArn: "arn:aws:iam::aws:policy/AmazonPollyReadOnlyAccess",
      }),
    "a policy that isn't seen": (stack) =>
      new IamRolePolicy(stack, "policy", {
        role: guestRole(stack).name,
        policy: new TerraformVariable(stack, "document", {}).stringValue,
      }),
    "a role's inline_policy": (stack) => {
      guestRole(stack).putInlinePolicy([{ name: "reads", policy: json(READ) }]);
    },
    "a role by the name it was given": (stack) => {
      poolWith(stack, ({ arn }) => ({ unauthenticated: arn })).name = "shop-guests";
      policy(stack, READ, "shop-guests");
    },
    "a role by its ARN, a policy by its name": (stack) => {
      poolWith(stack, () => ({ unauthenticated: "arn:aws:iam::123456789012:role/shop/guests" }));
      policy(stack, READ, "guests");
    },
    "a role that is looked up": (stack) => {
      const guests = new DataAwsIamRole(stack, "guests", { name: "guests" });
      poolWith(stack, () => ({ unauthenticated: guests.arn }));
      policy(stack, READ, guests.name);
    },
    "a role that is counted": (stack) => {
      const guests = guestRole(stack);
      guests.count = 1;
      policy(stack, READ, `\${aws_iam_role.${guests.friendlyUniqueId}[0].name}`);
    },
    "a pool that isn't seen": (stack) => {
      const guests = identityRole(stack);
      new CognitoIdentityPoolRolesAttachment(stack, "roles", {
        identityPoolId: POOL_ID,
        roles: { unauthenticated: guests.arn },
      });
      policy(stack, READ, guests.name);
    },
    "guests by override": (stack) => {
      const guests = guestRole(stack, false);
      (stack.node.findChild("pool") as CognitoIdentityPool).addOverride(
        "allow_unauthenticated_identities",
        true,
      );
      policy(stack, READ, guests.name);
    },
    "one role for all": (stack) =>
      poolWith(stack, ({ arn }) => ({ unauthenticated: arn, authenticated: arn })),
  },
  {
    "guests who may do nothing": (stack) => guestRole(stack),
    "a denial": (stack) => policy(stack, { ...READ, Effect: "Deny" }, guestRole(stack).name),
    "no guests": (stack) => policy(stack, READ, guestRole(stack, false).name),
    "signed-in identities": (stack) =>
      policy(stack, READ, poolWith(stack, ({ arn }) => ({ authenticated: arn })).name),
    "another role": (stack) => {
      guestRole(stack);
      policy(stack, READ, identityRole(stack).name);
    },
  },
);

cases(
  "classic-flow",
  {
    "the flow by override": (stack) =>
      new CognitoIdentityPool(stack, "pool", { identityPoolName: "shop" }).addOverride(
        "allow_classic_flow",
        true,
      ),
    "true in a local": (stack) =>
      new CognitoIdentityPool(stack, "pool", { identityPoolName: "shop" }).addOverride(
        "allow_classic_flow",
        new TerraformLocal(stack, "on", "true").asString,
      ),
  },
  {
    "a pool that says no": (stack) =>
      new CognitoIdentityPool(stack, "pool", { identityPoolName: "shop", allowClassicFlow: false }),
    "a pool that says nothing, for which Terraform sends no": (stack) =>
      new CognitoIdentityPool(stack, "pool", { identityPoolName: "shop" }),
  },
);

cases(
  "identities-may-mint",
  {
    ...everyAttachment((stack) => identityRole(stack), allow(MINT, POOL_ARN)),
    "a role's inline_policy": (stack) =>
      identityRole(stack, "role", { inlinePolicy: [{ name: "mints", policy: json(allow(MINT, POOL_ARN)) }] }),
    "a pool's role that isn't seen": (stack) => {
      new CognitoIdentityPoolRolesAttachment(stack, "roles", {
        identityPoolId: POOL_ID,
        roles: { authenticated: "arn:aws:iam::123456789012:role/customers" },
      });
      policy(stack, allow(MINT, POOL_ARN), "customers");
    },
    "a role that others assume, too": (stack) => {
      const lambda = {
        Effect: "Allow",
        Principal: { Service: "lambda.amazonaws.com" },
        Action: "sts:AssumeRole",
      };
      policy(stack, allow(MINT, POOL_ARN), role(stack, lambda, trusting({ ...AUD, ...AMR })).name);
    },
  },
  {
    "a backend's role": (stack) => {
      const trust = {
        Effect: "Allow",
        Principal: { Service: "lambda.amazonaws.com" },
        Action: "sts:AssumeRole",
      };
      policy(stack, allow(MINT, POOL_ARN), role(stack, trust).name);
    },
    "identities that may do something else": (stack) =>
      policy(stack, allow("cognito-identity:GetId", "*"), identityRole(stack).name),
    "identities to whom it is denied": (stack) =>
      policy(stack, { ...allow(MINT), Effect: "Deny" }, identityRole(stack).name),
    "a role that identities were denied": (stack) =>
      policy(stack, allow(MINT, POOL_ARN), role(stack, trusting({}, { Effect: "Deny" })).name),
  },
);

test("a wildcard that includes minting is told as both for a role that identities assume", () => {
  const { problems } = judge((stack) => policy(stack, allow("cognito-identity:*"), identityRole(stack).name));
  expect(railsOf(problems)).toEqual(["wildcard-cognito-identity", "identities-may-mint"]);
});

describe("what RestApi grants", () => {
  const granted = (method: RouteMethod, route: string) =>
    judge((stack) => {
      const handler = {
        functionName: "orders",
        invokeArn: "arn:aws:apigateway:eu-central-1:lambda:path/orders",
      };
      const routes = [{ method, path: route, handler }];
      const api = new RestApi(stack, "api", { name: "shop", stageName: "prod", routes, allowedOrigin: "*" });
      api.grantInvoke(identityRole(stack), method, route);
    }).problems;

  test.each(["/orders", "/orders/{id}", "/orders/{rest+}", "/{shop}/orders", "/"])(
    "passes: GET %s",
    (route) => {
      expect(granted("GET", route)).toEqual([]);
    },
  );

  test.each<[RouteMethod, string]>([
    ["ANY", "/orders"],
    ["GET", "/{proxy+}"],
    ["GET", "/{id}"],
  ])("is refused where a whole method or path is *: %s %s", (method, route) => {
    expect(railsOf(granted(method, route))).toEqual(["wildcard-invoke"]);
  });
});

describe("across stacks", () => {
  test.each(["policy", "attachment"])("a role of one, its %s in another", (kind) => {
    const { problems } = judge((stack, app) => {
      const { name } = identityRole(stack);
      const second = stackOf(app, "second");
      if (kind === "policy") {
        policy(second, allow(MINT, POOL_ARN), name);
      } else {
        const managed = new IamPolicy(stack, "managed", { policy: json(allow(MINT, POOL_ARN)) });
        new IamRolePolicyAttachment(second, "attachment", { role: name, policyArn: managed.arn });
      }
    });
    expect(problems).toMatchObject([{ rail: "identities-may-mint", path: `second/${kind}` }]);
  });

  test("a document of one, in another", () => {
    const { problems } = judge((stack, app) => {
      const data = new DataAwsIamPolicyDocument(stack, "trust", { statement: [dataStatement(DATA_AUD)] });
      new IamRole(stackOf(app, "second"), "role", { assumeRolePolicy: data.json });
    });
    expect(problems).toMatchObject([{ rail: "cognito-trust", path: "second/role" }]);
  });

  test("things of one name in two stacks are two", () => {
    const { problems } = judge((stack, app) => {
      const second = stackOf(app, "second");
      identityRole(stack, "same");
      const backend = new IamRole(second, "same", {
        assumeRolePolicy: json({
          Effect: "Allow",
          Principal: { AWS: "123456789012" },
          Action: "sts:AssumeRole",
        }),
      });
      policy(second, allow(MINT, POOL_ARN), backend.name);
    });
    expect(problems).toEqual([]);
  });
});

describe("what only Terraform knows passes, and is said not to have been seen", () => {
  const unknown = (stack: Construct, name: string) => new TerraformVariable(stack, name, {}).stringValue;

  test.each<[string, string, Declare]>([
    [
      "a trust policy",
      "shop/role: The guard rails can't see assume_role_policy, which only Terraform knows.",
      (stack) => new IamRole(stack, "role", { assumeRolePolicy: unknown(stack, "trust") }),
    ],
    [
      "a policy with directives",
      "shop/policy: The guard rails can't see policy, which only Terraform knows.",
      (stack) =>
        new IamRolePolicy(stack, "policy", { role: "r", policy: '%{ if true }{"Statement":[]}%{ endif }' }),
    ],
    [
      "a data document out of a text that isn't known",
      "shop/policy: The guard rails can't see policy, which only Terraform knows.",
      (stack) => {
        const data = new DataAwsIamPolicyDocument(stack, "data", {
          sourcePolicyDocuments: [unknown(stack, "text")],
        });
        new IamRolePolicy(stack, "policy", { role: "r", policy: data.json });
      },
    ],
    [
      "a data document with a dynamic block",
      "shop/policy: The guard rails can't see policy, which only Terraform knows.",
      (stack) => {
        const data = new DataAwsIamPolicyDocument(stack, "data", {});
        data.addOverride("dynamic", {
          statement: { for_each: [1], content: { actions: ["*"], resources: ["*"] } },
        });
        new IamRolePolicy(stack, "policy", { role: "r", policy: data.json });
      },
    ],
    [
      "a resource",
      "shop/policy: The guard rails can't see on what the policy allows execute-api:Invoke (${shop#var.arn}), which only Terraform knows.",
      (stack) => policy(stack, allow("execute-api:Invoke", unknown(stack, "arn"))),
    ],
    [
      "a resource with directives",
      "shop/policy: The guard rails can't see policy, which only Terraform knows.",
      (stack) => policy(stack, allow("execute-api:Invoke", "%{ if true }*%{ else }x%{ endif }")),
    ],
    [
      "a resource out of a function",
      'shop/policy: The guard rails can\'t see on what the policy allows execute-api:Invoke (${format("%s/*", aws_api_gateway_rest_api.api.execution_arn)}), which only Terraform knows.',
      onApi(({ executionArn }) => Fn.format("%s/*", [executionArn])),
    ],
    [
      "an action",
      "shop/policy: The guard rails can't see which actions policy allows (${shop#var.action}), which only Terraform knows.",
      (stack) => policy(stack, allow(unknown(stack, "action"), `${ARN}/prod/GET/a`)),
    ],
    [
      "a statement",
      "shop/role: The guard rails can't see which actions assume_role_policy allows (${shop#local.statement}), which only Terraform knows.",
      (stack) => {
        const statement = new TerraformLocal(stack, "statement", trusting({}));
        role(stack, statement.asString as unknown as object);
      },
    ],
    [
      "whom a role trusts",
      "shop/role: The guard rails can't see whom assume_role_policy trusts (${shop#var.issuer}), which only Terraform knows.",
      (stack) => role(stack, trusting({}, { Principal: { Federated: unknown(stack, "issuer") } })),
    ],
    [
      "routes in another file",
      "shop/api: The guard rails can't see the routes in body, which only Terraform knows.",
      (stack) => new ApiGatewayRestApi(stack, "api", { name: "shop", body: Fn.file("openapi.yaml") }),
    ],
    [
      "whether a pool has the classic flow",
      "shop/pool: The guard rails can't see allow_classic_flow, which only Terraform knows.",
      (stack) =>
        new CognitoIdentityPool(stack, "pool", {
          identityPoolName: "shop",
          allowClassicFlow: new TerraformVariable(stack, "classic", {}).booleanValue,
        }),
    ],
  ])("%s", (_, warning, declare) => {
    expect(judge(declare)).toMatchObject({ problems: [], warnings: [warning] });
  });

  test("attributes of resources are no such thing, nor whom else a role trusts", () => {
    const { warnings } = judge((stack, app) => {
      const pool = new CognitoIdentityPool(stack, "pool", { identityPoolName: "shop" });
      const api = restApi(stack);
      const second = stackOf(app, "second");
      policy(second, allow(MINT, pool.arn), "backend", "mint");
      const principal = { AWS: unknown(stack, "partner") };
      role(stack, { Effect: "Allow", Principal: principal, Action: "sts:AssumeRole" });
      policy(second, allow("execute-api:Invoke", `${api.executionArn}/prod/GET/orders`));
    });
    expect(warnings).toEqual([]);
  });
});

describe("where and when it judges", () => {
  const bad: Declare = (stack) => REFUSED["classic-flow"][0](stack);

  test("what aspects did", () => {
    const { problems } = judge((stack) => {
      new CognitoIdentityPool(stack, "pool", { identityPoolName: "shop" });
      Aspects.of(stack).add({
        visit(construct) {
          if (construct instanceof TerraformElement && construct.node.id === "pool") {
            construct.addOverride("allow_classic_flow", true);
          }
        },
      });
    });
    expect(railsOf(problems)).toEqual(["classic-flow"]);
  });

  test("stacks that come after it, beside one that came before", () => {
    const app = Testing.app({ outdir });
    stackOf(app, "first");
    new GuardRails(app);
    bad(stackOf(app, "shop"));
    expect(() => app.synth()).toThrow(GuardRailError);
    expect(readdirSync(path.join(outdir, "stacks"))).toEqual([]);
  });

  test("stacks that all come after it: the manifest isn't written", () => {
    const app = Testing.app({ outdir });
    new GuardRails(app);
    bad(stackOf(app, "shop"));
    expect(() => app.synth()).toThrow(GuardRailError);
    expect(readdirSync(outdir)).toEqual(["stacks"]);
  });

  test.each<[string, (stack: TerraformStack) => Construct]>([
    ["for that stack", (stack) => stack],
    ["in it", (stack) => new Construct(stack, "part")],
  ])("one stack alone when declared %s", (_, scope) => {
    const app = Testing.app({ outdir });
    const good = stackOf(app, "good");
    bad(stackOf(app, "shop"));
    new GuardRails(scope(good));
    expect(() => app.synth()).not.toThrow();
    bad(good);
    expect(() => app.synth()).toThrow(/^The guard rails refuse .*\n {2}good\/pool: .*\n.*$/);
  });

  test("under Testing.synth with validations, as a project's own tests do", () => {
    const stack = stackOf(Testing.app({ outdir }), "shop");
    new GuardRails(stack);
    expect(() => Testing.synth(stack, true)).not.toThrow();
    bad(stack);
    expect(() => Testing.synth(stack, true)).toThrow(GuardRailError);
  });

  test("not at all where the app skips validations", () => {
    const app = new App({ outdir, skipValidation: true, stackTraces: false });
    bad(stackOf(app, "shop"));
    new GuardRails(app);
    expect(() => app.synth()).not.toThrow();
  });

  test("and changes nothing of what is written", () => {
    const synthesized = (rails: boolean) => {
      const stack = stackOf(Testing.app({ outdir }), "shop");
      policy(stack, allow("execute-api:Invoke", `${ARN}/prod/GET/orders`));
      if (rails) {
        new GuardRails(stack);
      }
      return Testing.synth(stack, true);
    };
    expect(synthesized(true)).toBe(synthesized(false));
  });
});
