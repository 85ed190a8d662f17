/**
 * What AWS answered, where it was recorded: by the suites that LocalStack runs against AWS (its snapshots of March 2026) and, for the
 * grammar of policies, by moto's tests. Facts only; what an answer holds beside them is the business of the other suites.
 */
import * as gateway from "@aws-sdk/client-api-gateway";
import { CreatePolicyCommand, CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import * as lambda from "@aws-sdk/client-lambda";
import { sign } from "aws4";
import { request } from "undici";
import { ApiGatewayAccount, add, refusal, remove, replace } from "../support/apigateway-account";
import { createRole, failure } from "../support/lambda-account";
import { zipOf } from "../support/zip";

let account: ApiGatewayAccount;
let iam: IAMClient;
let functions: lambda.LambdaClient;
let role: string;

beforeAll(async () => {
  account = await ApiGatewayAccount.start();
  const { endpoint, region, credentials } = account.aws;
  iam = new IAMClient({ endpoint, region, credentials });
  functions = new lambda.LambdaClient({ endpoint, region, credentials, maxAttempts: 1 });
  role = await createRole(iam, "function", "lambda.amazonaws.com");
});

afterAll(async () => {
  iam.destroy();
  functions.destroy();
  await account.stop();
});

describe("gateway responses", () => {
  const defaultTemplates = { "application/json": '{"message":$context.error.messageString}' };
  const header = { "gatewayresponse.header.foo": "'bar'" };

  test("with headers only are filled up with the template and the type's status", async () => {
    const { restApiId } = await account.newApi();
    const { $metadata: _, ...put } = await account.client.send(
      new gateway.PutGatewayResponseCommand({
        restApiId,
        responseType: "MISSING_AUTHENTICATION_TOKEN",
        responseParameters: header,
      }),
    );
    expect(put).toEqual({
      defaultResponse: false,
      responseParameters: header,
      responseTemplates: defaultTemplates,
      responseType: "MISSING_AUTHENTICATION_TOKEN",
      statusCode: "403",
    });
  });

  test("for all errors of a class show through on the types that aren't customized", async () => {
    const { restApiId } = await account.newApi();
    const put = (responseType: gateway.GatewayResponseType, statusCode?: string) =>
      account.client.send(
        new gateway.PutGatewayResponseCommand({
          restApiId,
          responseType,
          statusCode,
          responseParameters: header,
        }),
      );
    await put("DEFAULT_5XX", "599");
    await put("AUTHORIZER_FAILURE");
    const { items = [] } = await account.client.send(new gateway.GetGatewayResponsesCommand({ restApiId }));
    const shown = Object.fromEntries(
      items.map((item) => [
        item.responseType,
        [item.statusCode, item.defaultResponse, Object.keys(item.responseParameters ?? {}).length],
      ]),
    );
    expect(shown).toMatchObject({
      API_CONFIGURATION_ERROR: ["599", true, 1],
      AUTHORIZER_CONFIGURATION_ERROR: ["599", true, 1],
      AUTHORIZER_FAILURE: ["500", false, 1],
      DEFAULT_4XX: [undefined, true, 0],
      DEFAULT_5XX: ["599", false, 1],
      INTEGRATION_FAILURE: ["599", true, 1],
      INTEGRATION_TIMEOUT: ["599", true, 1],
      THROTTLED: ["429", true, 0],
    });
  });
});

describe("the control plane of API Gateway", () => {
  const unsupported = (op: string, path: string) =>
    `Invalid patch path  '${path}' specified for op '${op}'. Please choose supported operations`;
  const replaceOnly = "Invalid patch operation specified. Must be one of: [replace]";

  test("refuses operations and names that a patch can't have", async () => {
    const { restApiId, root, get } = await account.newDeployedApi();
    const { id: resourceId } = await account.client.send(
      new gateway.CreateResourceCommand({ restApiId, parentId: root, pathPart: "a" }),
    );
    await account.client.send(new gateway.PutMethodResponseCommand({ ...get, statusCode: "200" }));
    const api = (...patchOperations: gateway.PatchOperation[]) =>
      refusal(account.client.send(new gateway.UpdateRestApiCommand({ restApiId, patchOperations })));
    const resource = (...patchOperations: gateway.PatchOperation[]) =>
      refusal(
        account.client.send(new gateway.UpdateResourceCommand({ restApiId, resourceId, patchOperations })),
      );
    const method = (...patchOperations: gateway.PatchOperation[]) =>
      refusal(account.client.send(new gateway.UpdateMethodCommand({ ...get, patchOperations })));
    const response = (...patchOperations: gateway.PatchOperation[]) =>
      refusal(
        account.client.send(
          new gateway.UpdateMethodResponseCommand({ ...get, statusCode: "200", patchOperations }),
        ),
      );
    const gatewayResponse = (...patchOperations: gateway.PatchOperation[]) =>
      refusal(
        account.client.send(
          new gateway.UpdateGatewayResponseCommand({
            restApiId,
            responseType: "DEFAULT_5XX",
            patchOperations,
          }),
        ),
      );
    const bad = (message: string) => ["BadRequestException", 400, message];
    const absent = (message: string) => ["NotFoundException", 404, message];
    const header = "/responseParameters/method.response.header.my-header";
    const size = "Invalid minimum compression size, must be between 0 and 10485760";

    expect(await api(add("/minimumCompressionSize", "10"))).toEqual(bad(replaceOnly));
    expect(await api(replace("/minimumCompressionSize", "test"))).toEqual(bad(size));
    expect(await api(replace("/minimumCompressionSize", "-1"))).toEqual(bad(size));
    expect(await api(replace("/endpointConfiguration/ipAddressType", "wrong"))).toEqual(
      bad("ipAddressType must be either ipv4 or dualstack."),
    );
    expect(await api(replace("/endpointConfiguration/types/0", "wrong"))).toEqual(
      bad("Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE"),
    );
    expect(await resource(add("/pathPart", "b"))).toEqual(bad(unsupported("add", "/pathPart")));
    expect(await resource(remove("/pathPart"))).toEqual(bad(unsupported("remove", "/pathPart")));
    expect(await method(add("/operationName", "operationName"))).toEqual(bad(replaceOnly));
    expect(await method(add("/requestValidatorId", "wrong-id"))).toEqual(bad(replaceOnly));
    expect(await gatewayResponse(add("/statusCode", "400"))).toEqual(bad("Invalid patch path /statusCode"));
    expect(await gatewayResponse(remove("/statusCode"))).toEqual(bad("Invalid patch path /statusCode"));
    expect(await response(remove(header))).toEqual(absent("Invalid parameter name specified"));
    expect(await response(replace("/responseModels/wrong", "Empty"))).toEqual(
      absent("Content-Type specified was not found"),
    );
    expect(
      await response({ op: "wrong_op" as "add", path: "/a" }, { op: "wrong_op" as "add", path: "/b" }),
    ).toEqual([
      "ValidationException",
      400,
      `2 validation errors detected: ${[1, 2]
        .map(
          (place) =>
            `Value 'wrong_op' at 'updateMethodResponseInput.patchOperations.${place}.member.op' failed to satisfy constraint: Member must satisfy enum value set: [add, remove, move, test, replace, copy]`,
        )
        .join("; ")}`,
    ]);
  });

  test.each<[Partial<gateway.CreateRestApiCommandInput>, name: string, message: string]>([
    [{ description: "" }, "BadRequestException", "Description cannot be an empty string"],
    [
      { endpointConfiguration: { types: [] } },
      "BadRequestException",
      "REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.",
    ],
    [
      { endpointConfiguration: { types: ["EDGE", "REGIONAL"] } },
      "BadRequestException",
      "Cannot create an api with multiple Endpoint Types.",
    ],
    [
      { endpointConfiguration: { types: ["PRIVATE"], ipAddressType: "ipv4" } },
      "BadRequestException",
      "Only dualstack ipAddressType is supported for Private APIs.",
    ],
    [
      { endpointConfiguration: { types: ["wrong" as "EDGE"], ipAddressType: "wrong" as "ipv4" } },
      "ValidationException",
      "2 validation errors detected: Value '[wrong]' at 'createRestApiInput.endpointConfiguration.types' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [PRIVATE, EDGE, REGIONAL]]; Value 'wrong' at 'createRestApiInput.endpointConfiguration.ipAddressType' failed to satisfy constraint: Member must satisfy enum value set: [ipv4, dualstack]",
    ],
  ])("refuses an API of %j", async (members, name, message) => {
    expect(
      await refusal(account.client.send(new gateway.CreateRestApiCommand({ name: "x", ...members }))),
    ).toEqual([name, 400, message]);
  });

  test("names what comes in the path without the input that it belongs to", async () => {
    const { get } = await account.newDeployedApi();
    expect(
      await refusal(
        account.client.send(new gateway.GetMethodResponseCommand({ ...get, statusCode: "wrong" })),
      ),
    ).toEqual([
      "ValidationException",
      400,
      String.raw`1 validation error detected: Value 'wrong' at 'statusCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [1-5]\d\d`,
    ]);
  });

  test("answers how an integration's response is transferred", async () => {
    const { get } = await account.newDeployedApi();
    const read = await account.client.send(new gateway.GetIntegrationCommand(get));
    expect(read.responseTransferMode).toBe("BUFFERED");
  });
});

describe("Lambda", () => {
  const FunctionName = "recorded";
  const arn = "arn:aws:lambda:us-east-1:123456789012:function";
  const zip = zipOf({ "index.js": "exports.handler = async () => 1" });
  const create = (name: string) =>
    functions.send(
      new lambda.CreateFunctionCommand({
        FunctionName: name,
        Runtime: "nodejs22.x",
        Handler: "index.handler",
        Role: role,
        Code: { ZipFile: zip },
        Publish: true,
      }),
    );

  test("shows of a function what each operation shows", async () => {
    const created = await create(FunctionName);
    expect(created).toMatchObject({ FunctionArn: `${arn}:recorded`, Version: "1", State: "Pending" });
    expect(created).not.toHaveProperty("LastUpdateStatus");
    const get = async (Qualifier?: string) =>
      functions.send(new lambda.GetFunctionCommand({ FunctionName, Qualifier }));
    expect((await get()).Configuration?.FunctionArn).toBe(`${arn}:recorded`);
    expect((await get("$LATEST")).Configuration?.FunctionArn).toBe(`${arn}:recorded:$LATEST`);
    expect((await get("1")).Configuration?.FunctionArn).toBe(`${arn}:recorded:1`);
    const { Versions = [] } = await functions.send(
      new lambda.ListVersionsByFunctionCommand({ FunctionName }),
    );
    expect(Versions.map((version) => version.FunctionArn)).toEqual([
      `${arn}:recorded:$LATEST`,
      `${arn}:recorded:1`,
    ]);
    const list = async (FunctionVersion?: "ALL") =>
      (await functions.send(new lambda.ListFunctionsCommand({ FunctionVersion }))).Functions ?? [];
    expect((await list()).map((one) => one.FunctionArn)).toEqual([`${arn}:recorded`]);
    expect((await list("ALL")).map((one) => one.FunctionArn)).toEqual(Versions.map((one) => one.FunctionArn));
    for (const listed of [...Versions, ...(await list())]) {
      for (const member of ["State", "LastUpdateStatus", "RuntimeVersionConfig"]) {
        expect(listed).not.toHaveProperty(member);
      }
    }
  });

  test("gives a location from which the code can be downloaded, for ten minutes and by its URL only", async () => {
    const name = "downloaded";
    await create(name);
    const { Code } = await functions.send(
      new lambda.GetFunctionCommand({ FunctionName: name, Qualifier: "1" }),
    );
    const location = new URL(Code?.Location ?? "");
    const answer = await fetch(location);
    expect(answer.status).toBe(200);
    expect(Buffer.from(await answer.arrayBuffer()).equals(zip)).toBe(true);
    const changed = (change: (url: URL) => void) => {
      const url = new URL(location);
      change(url);
      return fetch(url).then(({ status }) => status);
    };
    const later = String(Number(location.searchParams.get("Expires")) + 1);
    expect(await changed((url) => url.searchParams.set("Expires", later))).toBe(403);
    expect(await changed((url) => url.searchParams.delete("Signature"))).toBe(403);
    expect(await changed((url) => (url.pathname = url.pathname.replace(name, FunctionName)))).toBe(403);
    expect((await fetch(location, { headers: { Origin: "https://evil.example" } })).status).toBe(403);
  });

  test("deletes a version that isn't there, and no alias", async () => {
    const name = "deleted";
    await create(name);
    const destroy = (Qualifier?: string, FunctionName = name) =>
      functions.send(new lambda.DeleteFunctionCommand({ FunctionName, Qualifier }));
    expect((await destroy("42")).$metadata.httpStatusCode).toBe(204);
    expect(await failure(destroy("alias"))).toEqual({
      name: "InvalidParameterValueException",
      status: 400,
      message: "Deletion of aliases is not currently supported.",
    });
    expect(await failure(destroy("1", "nowhere"))).toMatchObject({
      name: "ResourceNotFoundException",
      message: `Function not found: ${arn}:nowhere`,
    });
  });

  test.each([
    ["GetFunction", (FunctionName: string) => new lambda.GetFunctionCommand({ FunctionName })],
    ["DeleteFunction", (FunctionName: string) => new lambda.DeleteFunctionCommand({ FunctionName })],
    ["Invoke", (FunctionName: string) => new lambda.InvokeCommand({ FunctionName })],
  ])("%s says where another region's function can't be reached", async (_operation, command) => {
    const elsewhere = `${arn.replace("us-east-1", "ap-southeast-1")}:recorded`;
    expect(await failure(functions.send(command(elsewhere) as lambda.GetFunctionCommand))).toEqual({
      name: "ResourceNotFoundException",
      status: 404,
      message: "Functions from 'ap-southeast-1' are not reachable in this region ('us-east-1')",
    });
  });

  test("writes the message of ResourceNotFoundException with a capital letter, and says whose fault it is", async () => {
    const bodyOf = async (method: "GET" | "DELETE", path: string) => {
      const { endpoint, region, credentials, port } = account.aws;
      const { headers } = sign(
        { service: "lambda", region, host: `127.0.0.1:${port}`, method, path },
        credentials,
      );
      const answer = await request(`${endpoint}${path}`, {
        method,
        headers: headers as Record<string, string>,
      });
      return (await answer.body.json()) as object;
    };
    const path = "/2015-03-31/functions/nowhere";
    const bodies = [await bodyOf("GET", path), await bodyOf("DELETE", `${path}?Qualifier=%24LATEST`)];
    expect(bodies.map((body) => Object.keys(body))).toEqual([
      ["Message", "Type"],
      ["message", "Type"],
    ]);
  });

  test("adds the condition of a permission for function URLs", async () => {
    const name = "by-url";
    await create(name);
    const { Statement = "" } = await functions.send(
      new lambda.AddPermissionCommand({
        FunctionName: name,
        StatementId: "url",
        Action: "lambda:InvokeFunction",
        Principal: "*",
        InvokedViaFunctionUrl: true,
      }),
    );
    expect(JSON.parse(Statement).Condition).toEqual({ Bool: { "lambda:InvokedViaFunctionUrl": "true" } });
  });

  test("doesn't tag versions", async () => {
    const name = "tagged";
    await create(name);
    expect(
      await failure(functions.send(new lambda.ListTagsCommand({ Resource: `${arn}:tagged:1` }))),
    ).toMatchObject({
      name: "InvalidParameterValueException",
      message: "Tags on function aliases and versions are not supported. Please specify a function ARN.",
    });
    expect(
      await failure(functions.send(new lambda.ListTagsCommand({ Resource: `${arn}:${"n".repeat(65)}` }))),
    ).toMatchObject({ name: "ResourceNotFoundException" });
  });
});

describe("IAM's grammar of policies", () => {
  let made = 0;
  const statement = (members: object = {}) => ({
    Effect: "Allow",
    Action: "s3:ListBucket",
    Resource: "arn:aws:s3:::example_bucket",
    ...members,
  });
  const create = (document: object) => {
    made += 1;
    return iam.send(
      new CreatePolicyCommand({ PolicyName: `recorded-${made}`, PolicyDocument: JSON.stringify(document) }),
    );
  };
  const version = { Version: "2012-10-17" };

  test.each([
    ["several empty Sids", { Statement: [statement({ Sid: "" }), statement({ Sid: "" })] }],
    ["a service's name with a hyphen", { Statement: statement({ Action: "service-prefix:action-name" }) }],
    ["a service's name with a dot", { Statement: statement({ Action: "a.b:Read" }) }],
    [
      "a condition key without a service",
      { Statement: statement({ Condition: { DateGreaterThan: { a: [] } } }) },
    ],
    ["an unknown operator without keys", { Statement: statement({ Condition: { a: {} } }) }],
    ["a region for another service", { Statement: statement({ Resource: "arn:aws:ec2:us-east-1::x" }) }],
    [
      "a region for an access point",
      { Statement: statement({ Resource: "arn:aws:s3:us-east-1:123456789012:accesspoint/a" }) },
    ],
  ])("takes %s", async (_what, document) => {
    expect((await create({ ...version, ...document })).Policy?.Arn).toBeDefined();
  });

  const tooOld = "Policy document must be version 2012-10-17 or greater.";
  test.each([
    ["no version", { Statement: statement() }, tooOld],
    ["an old version", { Version: "2008-10-17", Statement: statement() }, tooOld],
    [
      "a bucket's region",
      { ...version, Statement: statement({ Resource: "arn:aws:s3:us-east-1::example_bucket" }) },
      "Resource arn:aws:s3:us-east-1::example_bucket can not contain region information.",
    ],
    [
      "IAM in a region",
      { ...version, Statement: statement({ Resource: "arn:aws:iam:us-east-1::example_bucket" }) },
      "IAM resource arn:aws:iam:us-east-1::example_bucket cannot contain region information.",
    ],
    [
      "an ARN without its service",
      { ...version, Statement: statement({ Resource: "arn:aws::::example_bucket" }) },
      "The policy failed legacy parsing",
    ],
    [
      "two colons in an action",
      { ...version, Statement: statement({ Action: "s3:List:Bucket" }) },
      "Actions/Condition can contain only one colon.",
    ],
    [
      "a blank in a service's name",
      { ...version, Statement: statement({ Action: "a a:ListBucket" }) },
      "Vendor a a is not valid",
    ],
    [
      "an unknown operator that is used",
      { ...version, Statement: statement({ Condition: { x: { a: "1" } } }) },
      "Invalid Condition type : x.",
    ],
  ])("refuses %s", async (_what, document, message) => {
    expect(await failure(create(document))).toEqual({
      name: "MalformedPolicyDocumentException",
      status: 400,
      message,
    });
  });

  test.each(["sts:AssumeRoleForever", "sts:X*"])("refuses %s in a trust policy", async (action) => {
    const document = {
      ...version,
      Statement: { Effect: "Allow", Principal: { Service: "a.amazonaws.com" }, Action: action },
    };
    expect(
      await failure(
        iam.send(
          new CreateRoleCommand({ RoleName: "trusting", AssumeRolePolicyDocument: JSON.stringify(document) }),
        ),
      ),
    ).toMatchObject({ name: "MalformedPolicyDocumentException" });
  });
});
