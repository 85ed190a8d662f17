/** Names of functions in requests: what is authorized is what is touched. */
import { PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  AddPermissionCommand,
  DeleteFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  GetFunctionCodeSigningConfigCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  LambdaClient,
  ListTagsCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  RemovePermissionCommand,
  TagResourceCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { allow, policy } from "../../../support/identity-account";
import {
  createFunction,
  createRole,
  failure,
  invoke,
  type LambdaAccount,
  startLambdaAccount,
} from "../../../support/lambda-account";
import { zipOf } from "../../../support/zip";

const ARN = "arn:aws:lambda:us-east-1:123456789012:function";
const SOURCE = "exports.handler = async () => 1";

let account: LambdaAccount;

beforeAll(async () => {
  account = await startLambdaAccount();
});

afterAll(() => account.aws.stop());

/** Lambda, called with a role's permissions: a function of that role lends its session. */
async function as(roleName: string, ...statements: object[]): Promise<LambdaClient> {
  const { iam, aws } = account;
  const Role = await createRole(iam, roleName, "lambda.amazonaws.com");
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: roleName,
      PolicyName: "given",
      PolicyDocument: policy(...statements),
    }),
  );
  await createFunction(account, `${roleName}-lender`, "exports.handler = async () => process.env", { Role });
  const { payload: lent } = await invoke(account, `${roleName}-lender`);
  return new LambdaClient({
    endpoint: aws.endpoint,
    region: aws.region,
    maxAttempts: 1,
    credentials: {
      accessKeyId: lent.AWS_ACCESS_KEY_ID,
      secretAccessKey: lent.AWS_SECRET_ACCESS_KEY,
      sessionToken: lent.AWS_SESSION_TOKEN,
    },
  });
}

describe("a new function's name", () => {
  test("is the one that was authorized", async () => {
    const lambda = await as(
      "creator",
      allow("lambda:CreateFunction", `${ARN}:on*`),
      allow("iam:PassRole", account.roleArn),
    );
    const create = (name: string) => createFunction({ ...account, lambda }, name, SOURCE);
    for (const name of ["on:admin", `${ARN}:on:admin`, "on:$LATEST"]) {
      expect(await failure(create(name))).toMatchObject({
        name: "InvalidParameterValueException",
        status: 400,
        message: expect.stringContaining("qualifier"),
      });
    }
    expect(await failure(create("admin"))).toMatchObject({ status: 403 });
    expect(account.aws.resources().filter((arn) => /:(on|admin)$/.test(arn))).toEqual([]);
  });

  test.each([
    ["partial1", "function:partial1"],
    ["partial2", "123456789012:function:partial2"],
    ["partial3", `${ARN}:partial3`],
  ])("%s may be given as %s", async (name, given) => {
    expect(await createFunction(account, given, SOURCE)).toMatchObject({
      FunctionName: name,
      FunctionArn: `${ARN}:${name}`,
    });
  });

  test.each([
    ["210987654321:function:elsewhere", { name: "AccessDeniedException", status: 403 }],
    [
      `${ARN.replace("us-east-1", "eu-west-1")}:elsewhere`,
      {
        name: "ResourceNotFoundException",
        status: 404,
        message: "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')",
      },
    ],
    [
      "n".repeat(65),
      { name: "InvalidParameterValueException", message: expect.stringMatching(/less than or equal to 64$/) },
    ],
  ])("%s is none", async (given, refusal) => {
    expect(await failure(createFunction(account, given, SOURCE))).toMatchObject(refusal);
  });
});

describe("an operation on a whole function", () => {
  let denied: LambdaClient;

  beforeAll(async () => {
    await createFunction(account, "fn1", SOURCE, { Publish: true, Tags: { a: "b" } });
    denied = await as("denied", allow("lambda:*"), {
      ...allow("lambda:*", `${ARN}:fn1`),
      Effect: "Deny",
    });
  });

  type Send = (lambda: LambdaClient, FunctionName: string) => Promise<unknown>;
  const operations: [name: string, send: Send][] = [
    [
      "UpdateFunctionCode",
      (lambda, FunctionName) =>
        lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: zipOf({ "index.js": SOURCE }) })),
    ],
    [
      "UpdateFunctionConfiguration",
      (lambda, FunctionName) =>
        lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Timeout: 4 })),
    ],
    [
      "PutFunctionConcurrency",
      (lambda, FunctionName) =>
        lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 5 })),
    ],
    [
      "GetFunctionConcurrency",
      (lambda, FunctionName) => lambda.send(new GetFunctionConcurrencyCommand({ FunctionName })),
    ],
    [
      "DeleteFunctionConcurrency",
      (lambda, FunctionName) => lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName })),
    ],
    ["PublishVersion", (lambda, FunctionName) => lambda.send(new PublishVersionCommand({ FunctionName }))],
    [
      "ListVersionsByFunction",
      (lambda, FunctionName) => lambda.send(new ListVersionsByFunctionCommand({ FunctionName })),
    ],
    [
      "GetFunctionCodeSigningConfig",
      (lambda, FunctionName) => lambda.send(new GetFunctionCodeSigningConfigCommand({ FunctionName })),
    ],
    [
      "AddPermission",
      (lambda, FunctionName) =>
        lambda.send(
          new AddPermissionCommand({
            FunctionName,
            StatementId: "open",
            Action: "lambda:InvokeFunction",
            Principal: "apigateway.amazonaws.com",
          }),
        ),
    ],
    ["GetPolicy", (lambda, FunctionName) => lambda.send(new GetPolicyCommand({ FunctionName }))],
    [
      "RemovePermission",
      (lambda, FunctionName) =>
        lambda.send(new RemovePermissionCommand({ FunctionName, StatementId: "open" })),
    ],
  ];

  test.each(operations)("%s is authorized for the function and takes no qualifier", async (_name, send) => {
    for (const name of ["fn1", "fn1:$LATEST", "fn1:1", "fn1:nonsense", `${ARN}:fn1:nonsense`]) {
      expect(await failure(send(denied, name))).toMatchObject({ name: "AccessDeniedException", status: 403 });
    }
    for (const name of ["fn1:$LATEST", "fn1:1", `${ARN}:fn1:nonsense`]) {
      expect(await failure(send(account.lambda, name))).toMatchObject({
        name: "InvalidParameterValueException",
        status: 400,
      });
    }
    for (const name of [`${ARN}:fn1`, "123456789012:function:fn1"]) {
      await send(account.lambda, name).catch(mayLack);
    }
  });

  /** `RemovePermission` finds its statement gone at the second time, and `AddPermission` finds it there. */
  const mayLack = (error: Error) =>
    expect(["ResourceNotFoundException", "ResourceConflictException"]).toContain(error.name);

  test.each([[`${ARN}:fn1`], ["arn:aws-cn:lambda:us-east-1:123456789012:function:fn1"]])(
    "the tags of %s are the function's",
    async (Resource) => {
      for (const send of [
        () => denied.send(new ListTagsCommand({ Resource })),
        () => denied.send(new TagResourceCommand({ Resource, Tags: { c: "d" } })),
      ]) {
        expect(await failure(send())).toMatchObject({ name: "AccessDeniedException" });
      }
    },
  );

  test("a policy is the whole function's, whichever way the qualifier comes", async () => {
    const Qualifier = "$LATEST";
    for (const [lambda, name] of [
      [denied, "AccessDeniedException"],
      [account.lambda, "InvalidParameterValueException"],
    ] as const) {
      expect(
        await failure(lambda.send(new GetPolicyCommand({ FunctionName: "fn1", Qualifier }))),
      ).toMatchObject({ name });
    }
  });
});

describe("a version", () => {
  const versions = async (FunctionName: string) => {
    const { Versions } = await account.lambda.send(new ListVersionsByFunctionCommand({ FunctionName }));
    return Versions?.map(({ Version }) => Version);
  };

  test.each<[where: string, input: { FunctionName: string; Qualifier?: string }]>([
    ["name", { FunctionName: "in-name:1" }],
    ["ARN", { FunctionName: `${ARN}:in-ARN:1` }],
    ["Qualifier", { FunctionName: "in-Qualifier", Qualifier: "1" }],
    ["both", { FunctionName: "in-both:1", Qualifier: "1" }],
  ])("named in the %s is deleted alone", async (where, input) => {
    await createFunction(account, `in-${where}`, SOURCE, { Publish: true });
    await account.lambda.send(new DeleteFunctionCommand(input));
    expect(await versions(`in-${where}`)).toEqual(["$LATEST"]);
  });

  test("$LATEST can't be deleted alone, and two that differ name nothing", async () => {
    await createFunction(account, "kept", SOURCE, { Publish: true });
    for (const input of [
      { FunctionName: "kept:$LATEST" },
      { FunctionName: "kept:1", Qualifier: "$LATEST" },
    ]) {
      expect(await failure(account.lambda.send(new DeleteFunctionCommand(input)))).toMatchObject({
        name: "InvalidParameterValueException",
      });
    }
    expect(await versions("kept")).toEqual(["$LATEST", "1"]);
  });

  test.each([["!!bad"], ["$LATEST!"], ["bad name"]])("can't be called %j", async (Qualifier) => {
    const asked = account.lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: "kept", Qualifier }),
    );
    expect(await failure(asked)).toMatchObject({ name: "ValidationException", status: 400 });
  });
});

test("names, variables and tags that objects know are like any other", async () => {
  const names = ["__proto__", "constructor", "my__proto__fn"];
  for (const name of names) {
    await createFunction(account, name, SOURCE, { Tags: Object.fromEntries([[name, "kept"]]) });
    const { Tags } = await account.lambda.send(new ListTagsCommand({ Resource: `${ARN}:${name}` }));
    expect(Object.entries(Tags ?? {})).toEqual([[name, "kept"]]);
  }
  expect(
    await failure(account.lambda.send(new GetPolicyCommand({ FunctionName: "toString" }))),
  ).toMatchObject({
    name: "ResourceNotFoundException",
    status: 404,
  });
});
