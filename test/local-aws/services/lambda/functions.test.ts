/** The life of functions through the API: configuration, code, versions, tags, and what is refused. */
import { createHash } from "node:crypto";
import {
  type CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionCodeSigningConfigCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListFunctionsCommand,
  ListTagsCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  paginateListFunctions,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { zipSync } from "fflate";
import {
  allow,
  createFunction,
  createRole,
  failure,
  invoke,
  type LambdaAccount,
  startLambdaAccount,
} from "../../../support/lambda-account";
import { zipOf } from "../../../support/zip";

const ARN = "arn:aws:lambda:us-east-1:123456789012:function";
const SOURCE = "exports.handler = async () => 'one'";

let account: LambdaAccount;

beforeAll(async () => {
  account = await startLambdaAccount();
});

afterAll(() => account.aws.stop());

const configuration = (FunctionName: string, Qualifier?: string) =>
  account.lambda.send(new GetFunctionConfigurationCommand({ FunctionName, Qualifier }));

describe("a function", () => {
  test("is pending in the answer of its creation and active after it", async () => {
    const zip = zipOf({ "index.js": SOURCE });
    const created = await createFunction(account, "plain", SOURCE, {
      Code: { ZipFile: zip },
      Tags: { team: "identity" },
    });
    expect(created).toMatchObject({ State: "Pending", StateReasonCode: "Creating" });
    const got = await account.lambda.send(new GetFunctionCommand({ FunctionName: "plain" }));
    expect(got.Tags).toEqual({ team: "identity" });
    expect(got.Code?.RepositoryType).toBe("S3");
    expect(got.Configuration).toEqual({
      FunctionName: "plain",
      FunctionArn: `${ARN}:plain`,
      Runtime: "nodejs22.x",
      Role: account.roleArn,
      Handler: "index.handler",
      CodeSize: zip.length,
      CodeSha256: createHash("sha256").update(zip).digest("base64"),
      Description: "",
      Timeout: 3,
      MemorySize: 128,
      LastModified: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/),
      Version: "$LATEST",
      TracingConfig: { Mode: "PassThrough" },
      RevisionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      State: "Active",
      LastUpdateStatus: "Successful",
      PackageType: "Zip",
      Architectures: ["x86_64"],
      EphemeralStorage: { Size: 512 },
      SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
      RuntimeVersionConfig: {
        RuntimeVersionArn: expect.stringMatching(/^arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}$/),
      },
      LoggingConfig: { LogFormat: "Text", LogGroup: "/aws/lambda/plain" },
    });
    const signing = await account.lambda.send(
      new GetFunctionCodeSigningConfigCommand({ FunctionName: "plain" }),
    );
    expect(signing.CodeSigningConfigArn).toBeUndefined();
  });

  test("changes what an update names, and nothing else", async () => {
    const role = await createRole(account.iam, "other", "lambda.amazonaws.com");
    await createFunction(account, "changing", SOURCE, {
      Environment: { Variables: { AA: "a" } },
      Description: "first",
    });
    const before = await configuration("changing");
    const change = {
      Role: role,
      Handler: "main.run",
      Timeout: 9,
      MemorySize: 512,
      Runtime: "nodejs20.x" as const,
      TracingConfig: { Mode: "Active" as const },
      EphemeralStorage: { Size: 1024 },
      LoggingConfig: { LogGroup: "/shared", LogFormat: "Text" as const },
    };
    const answer = await account.lambda.send(
      new UpdateFunctionConfigurationCommand({ FunctionName: "changing", ...change }),
    );
    expect(answer.LastUpdateStatus).toBe("InProgress");
    const after = await configuration("changing");
    expect(after).toMatchObject({
      ...change,
      Description: "first",
      Environment: { Variables: { AA: "a" } },
      LastUpdateStatus: "Successful",
      CodeSha256: before.CodeSha256,
    });
    expect(after.RevisionId).not.toBe(before.RevisionId);
    await account.lambda.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName: "changing",
        Environment: { Variables: {} },
        Description: "",
      }),
    );
    expect(await configuration("changing")).toMatchObject({ Description: "", Timeout: 9 });
    expect((await configuration("changing")).Environment).toBeUndefined();
  });

  test("an update may insist on a revision", async () => {
    await createFunction(account, "revised", SOURCE);
    const update = (RevisionId?: string) =>
      account.lambda.send(
        new UpdateFunctionConfigurationCommand({ FunctionName: "revised", RevisionId, Timeout: 4 }),
      );
    expect(await failure(update("00000000-0000-0000-0000-000000000000"))).toMatchObject({
      name: "PreconditionFailedException",
      status: 412,
    });
    const { RevisionId } = await configuration("revised");
    expect(await update(RevisionId)).toMatchObject({ Timeout: 4 });
  });

  test("code can be tried before it is taken", async () => {
    await createFunction(account, "tried", SOURCE);
    const before = (await configuration("tried")).CodeSha256;
    const ZipFile = zipOf({ "index.js": "exports.handler = async () => 'two'" });
    const update = (DryRun: boolean) =>
      account.lambda.send(new UpdateFunctionCodeCommand({ FunctionName: "tried", ZipFile, DryRun }));
    expect((await update(true)).CodeSha256).not.toBe(before);
    expect((await configuration("tried")).CodeSha256).toBe(before);
    await update(false);
    expect((await invoke(account, "tried")).payload).toBe("two");
  });

  test("code that can't be unpacked is refused by its update, and the old code stays", async () => {
    await createFunction(account, "unlinked", SOURCE);
    const before = await account.lambda.send(new GetFunctionCommand({ FunctionName: "unlinked" }));
    expect(
      await failure(
        account.lambda.send(new UpdateFunctionCodeCommand({ FunctionName: "unlinked", ZipFile: LINKED })),
      ),
    ).toMatchObject({ name: "InvalidParameterValueException", status: 400 });
    const after = await account.lambda.send(new GetFunctionCommand({ FunctionName: "unlinked" }));
    expect(after.Configuration?.CodeSha256).toBe(before.Configuration?.CodeSha256);
  });

  test("versions keep what they were published with", async () => {
    await createFunction(account, "versioned", SOURCE, { Publish: true });
    const publish = async () =>
      (await account.lambda.send(new PublishVersionCommand({ FunctionName: "versioned" }))).Version;
    expect(await publish()).toBe("1");
    await account.lambda.send(
      new UpdateFunctionCodeCommand({
        FunctionName: "versioned",
        ZipFile: zipOf({ "index.js": "exports.handler = async (e, c) => [2, c.functionVersion]" }),
      }),
    );
    expect(await publish()).toBe("2");
    expect(await invoke(account, "versioned", {}, { Qualifier: "1" })).toMatchObject({
      payload: "one",
      executedVersion: "1",
    });
    expect(await invoke(account, "versioned:2")).toMatchObject({ payload: [2, "2"], executedVersion: "2" });
    expect(await configuration("versioned", "1")).toMatchObject({
      FunctionArn: `${ARN}:versioned:1`,
      Version: "1",
    });
    const versions = async () => {
      const { Versions = [] } = await account.lambda.send(
        new ListVersionsByFunctionCommand({ FunctionName: "versioned" }),
      );
      return Versions.map((version) => version.Version);
    };
    expect(await versions()).toEqual(["$LATEST", "1", "2"]);
    await account.lambda.send(new DeleteFunctionCommand({ FunctionName: "versioned", Qualifier: "1" }));
    expect(await versions()).toEqual(["$LATEST", "2"]);
    expect(await failure(invoke(account, "versioned:1"))).toMatchObject({
      name: "ResourceNotFoundException",
    });
  });

  test("tags", async () => {
    await createFunction(account, "tagged", SOURCE, { Tags: { a: "1" } });
    const Resource = `${ARN}:tagged`;
    const list = async () => (await account.lambda.send(new ListTagsCommand({ Resource }))).Tags;
    await account.lambda.send(new TagResourceCommand({ Resource, Tags: { b: "2", c: "3" } }));
    expect(await list()).toEqual({ a: "1", b: "2", c: "3" });
    await account.lambda.send(new UntagResourceCommand({ Resource, TagKeys: ["a"] }));
    await account.lambda.send(new UntagResourceCommand({ Resource, TagKeys: ["c", "none"] }));
    expect(await list()).toEqual({ b: "2" });
    const Tags = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, ""]));
    expect(await failure(account.lambda.send(new TagResourceCommand({ Resource, Tags })))).toMatchObject({
      status: 400,
    });
  });

  test("lists come in pages", async () => {
    const names: string[] = [];
    for await (const { Functions = [] } of paginateListFunctions(
      { client: account.lambda, pageSize: 2 },
      {},
    )) {
      expect(Functions.length).toBeLessThanOrEqual(2);
      names.push(...Functions.map((fn) => fn.FunctionName as string));
    }
    expect(names).toEqual([...names].sort());
    expect(names).toEqual(
      expect.arrayContaining(["changing", "plain", "revised", "tagged", "tried", "versioned"]),
    );
    expect(await failure(account.lambda.send(new ListFunctionsCommand({ Marker: "?" })))).toMatchObject({
      status: 400,
    });
  });

  test("is gone after its deletion", async () => {
    await createFunction(account, "brief", SOURCE);
    await invoke(account, "brief");
    await account.lambda.send(new DeleteFunctionCommand({ FunctionName: "brief" }));
    const missing = {
      name: "ResourceNotFoundException",
      status: 404,
      message: `Function not found: ${ARN}:brief`,
    };
    expect(await failure(configuration("brief"))).toEqual(missing);
    expect(await failure(invoke(account, "brief"))).toEqual(missing);
    expect(await failure(account.lambda.send(new DeleteFunctionCommand({ FunctionName: "brief" })))).toEqual(
      missing,
    );
    expect(account.aws.resources()).not.toContain(`${ARN}:brief`);
  });
});

const LINKED = Buffer.from(
  zipSync({ "link.js": [Buffer.from("/etc/passwd"), { os: 3, attrs: 0o120777 << 16 }] }),
);

describe("creation is refused", () => {
  const refused = (settings: Partial<ConstructorParameters<typeof CreateFunctionCommand>[0]>) =>
    failure(createFunction(account, "refused", SOURCE, settings));
  const invalid = (message: string | RegExp) => ({
    name: "InvalidParameterValueException",
    status: 400,
    message: expect.stringMatching(message),
  });

  test("for a name that is taken", async () => {
    await createFunction(account, "twice", SOURCE);
    expect(await failure(createFunction(account, "twice", SOURCE))).toEqual({
      name: "ResourceConflictException",
      status: 409,
      message: "Function already exist: twice",
    });
  });

  test("for a role that Lambda can't assume", async () => {
    const cannot = invalid(/^The role defined for the function cannot be assumed by Lambda\.$/);
    expect(await refused({ Role: "arn:aws:iam::123456789012:role/nobody" })).toEqual(cannot);
    expect(
      await refused({ Role: await createRole(account.iam, "gateway", "apigateway.amazonaws.com") }),
    ).toEqual(cannot);
  });

  test.each([
    ["empty zip", { Code: { ZipFile: zipOf({}) } }, /^Uploaded file must be a non-empty zip$/],
    ["no zip", { Code: { ZipFile: Buffer.from("no zip at all") } }, /^Could not unzip uploaded file\./],
    [
      "path traversal",
      { Code: { ZipFile: zipOf({ "../../evil.js": "" }) } },
      /^Could not unzip uploaded file\./,
    ],
    ["absolute path", { Code: { ZipFile: zipOf({ "/etc/evil": "" }) } }, /^Could not unzip uploaded file\./],
    ["no code", { Code: {} }, /^Please provide a source/],
    [
      "link in it",
      { Code: { ZipFile: LINKED } },
      /^Could not unzip uploaded file: "link\.js" is a symbolic link; put what it leads to into the package\.$/,
    ],
    ["file called .", { Code: { ZipFile: zipOf({ ".": "" }) } }, /file: "\." isn't the name of a file\.$/],
    [
      "NUL in a name",
      { Code: { ZipFile: zipOf({ "a\0": "" }) } },
      /file: "a\\u0000" isn't the name of a file\.$/,
    ],
    [
      "file in a file",
      { Code: { ZipFile: zipOf({ "index.js": "", "index.js/x": "" }) } },
      /file: "index\.js\/x" can't be in "index\.js", which is a file\.$/,
    ],
    ["code elsewhere", { Code: { S3Bucket: "bucket", S3Key: "key" } }, /upload the code as ZipFile/],
    ["another language", { Runtime: "python3.13" as const }, /python3\.13 is none of nodejs/],
    ["no handler", { Handler: undefined }, /^Runtime and Handler are mandatory/],
    [
      "reserved variable",
      { Environment: { Variables: { AWS_REGION: "x", A1: "" } } },
      /Reserved keys used in this request: AWS_REGION$/,
    ],
    [
      "too many variables",
      { Environment: { Variables: { BIG: "secret".repeat(700) } } },
      /exceeded the 4KB limit\.$/,
    ],
    [
      "dead letters",
      { DeadLetterConfig: { TargetArn: "arn:aws:sqs:us-east-1:123456789012:queue" } },
      /does not offer 'deadLetterConfig'/,
    ],
    [
      "a network",
      { VpcConfig: { SubnetIds: ["subnet-1"] } },
      /does not offer 'vpcConfig': there are no VPCs here/,
    ],
    ["layers", { Layers: ["arn:aws:lambda:us-east-1:123456789012:layer:a:1"] }, /does not offer 'layers'/],
    [
      "file systems",
      {
        FileSystemConfigs: [
          {
            Arn: "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-0123456789abcdef0",
            LocalMountPath: "/mnt/a",
          },
        ],
      },
      /does not offer 'fileSystemConfigs'/,
    ],
    [
      "a log level for text",
      { LoggingConfig: { ApplicationLogLevel: "INFO" as const } },
      /^LogLevel is not supported/,
    ],
  ])("for %s", async (_name, settings, message) => {
    expect(await refused(settings)).toEqual(invalid(message));
  });

  test.each([
    ["timeout", { Timeout: 901 }],
    ["memory", { MemorySize: 127 }],
    ["name", { FunctionName: "no spaces" }],
    ["variable name", { Environment: { Variables: { "1A": "" } } }],
    ["role", { Role: "function" }],
    ["log level", { LoggingConfig: { ApplicationLogLevel: "LOUD" as "INFO" } }],
  ])("for a bad %s", async (_name, settings) => {
    expect(await refused(settings)).toMatchObject({ name: "ValidationException", status: 400 });
  });

  test("without permission to create the function, or to pass the role", async () => {
    const { iam, aws } = account;
    const Role = await createRole(iam, "deployer", "lambda.amazonaws.com");
    await createFunction(account, "lender", "exports.handler = async () => process.env", { Role });
    const { payload: lent } = await invoke(account, "lender");
    const lambda = new LambdaClient({
      endpoint: aws.endpoint,
      region: aws.region,
      maxAttempts: 1,
      credentials: {
        accessKeyId: lent.AWS_ACCESS_KEY_ID,
        secretAccessKey: lent.AWS_SECRET_ACCESS_KEY,
        sessionToken: lent.AWS_SESSION_TOKEN,
      },
    });
    const create = () => createFunction({ ...account, lambda }, "deployed", SOURCE);
    expect(await failure(create())).toMatchObject({
      name: "AccessDeniedException",
      status: 403,
      message: expect.stringContaining(`lambda:CreateFunction on resource: ${ARN}:deployed`),
    });
    await allow(iam, "deployer", ["lambda:CreateFunction"], "*");
    expect(await failure(create())).toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringContaining("iam:PassRole"),
    });
    await allow(iam, "deployer", ["iam:PassRole"], account.roleArn);
    expect(await create()).toMatchObject({ State: "Pending" });
  });
});
