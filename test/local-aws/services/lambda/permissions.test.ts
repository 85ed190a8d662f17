/** A function's policy: how it is written, and whom it lets in. */
import { AddPermissionCommand, GetPolicyCommand, RemovePermissionCommand } from "@aws-sdk/client-lambda";
import type { PermissionStatement } from "../../../../local-aws/account/state/lambda";
import { evaluateInvocation } from "../../../../local-aws/authorize/trust";
import {
  createFunction,
  failure,
  type LambdaAccount,
  startLambdaAccount,
} from "../../../support/lambda-account";

const FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:hello";
const API = "arn:aws:execute-api:us-east-1:123456789012:abcdefghij";

describe("through the API", () => {
  let account: LambdaAccount;

  beforeAll(async () => {
    account = await startLambdaAccount();
    await createFunction(account, "hello", "exports.handler = async () => 1");
  });

  afterAll(() => account.aws.stop());

  const add = (
    StatementId: string,
    input: Partial<ConstructorParameters<typeof AddPermissionCommand>[0]> = {},
  ) =>
    account.lambda.send(
      new AddPermissionCommand({
        FunctionName: "hello",
        StatementId,
        Action: "lambda:InvokeFunction",
        Principal: "apigateway.amazonaws.com",
        ...input,
      }),
    );
  const remove = (StatementId: string) =>
    account.lambda.send(new RemovePermissionCommand({ FunctionName: "hello", StatementId }));
  const policy = async () => {
    const { Policy = "", RevisionId } = await account.lambda.send(
      new GetPolicyCommand({ FunctionName: "hello" }),
    );
    return { document: JSON.parse(Policy), RevisionId };
  };

  test("statements come and go", async () => {
    expect(await failure(policy())).toEqual({
      name: "ResourceNotFoundException",
      status: 404,
      message: "The resource you requested does not exist.",
    });
    const statement = {
      Sid: "gateway",
      Effect: "Allow",
      Principal: { Service: "apigateway.amazonaws.com" },
      Action: "lambda:InvokeFunction",
      Resource: FUNCTION,
      Condition: {
        StringEquals: { "AWS:SourceAccount": "123456789012" },
        ArnLike: { "AWS:SourceArn": `${API}/*/GET/hello` },
      },
    };
    const added = await add("gateway", { SourceArn: `${API}/*/GET/hello`, SourceAccount: "123456789012" });
    expect(JSON.parse(added.Statement as string)).toEqual(statement);
    const first = await policy();
    expect(first.document).toEqual({ Version: "2012-10-17", Id: "default", Statement: [statement] });
    await add("account", { Principal: "210987654321" });
    await add("everybody", { Principal: "*" });
    const second = await policy();
    expect(second.RevisionId).not.toBe(first.RevisionId);
    expect(second.document.Statement.map((one: PermissionStatement) => one.Principal)).toEqual([
      { Service: "apigateway.amazonaws.com" },
      { AWS: "arn:aws:iam::210987654321:root" },
      "*",
    ]);
    expect(await failure(add("gateway"))).toMatchObject({ name: "ResourceConflictException", status: 409 });
    expect(await failure(add("nobody", { Principal: "nobody" }))).toMatchObject({
      name: "InvalidParameterValueException",
    });
    expect(await failure(add("stale", { RevisionId: "x" }))).toMatchObject({
      name: "PreconditionFailedException",
      status: 412,
    });
    const long = { SourceArn: `${API}/${"x".repeat(9_900)}` };
    await add("long", long);
    expect(await failure(add("big", long))).toMatchObject({ name: "PolicyLengthExceededException" });
    await remove("long");
    for (const sid of ["gateway", "account", "everybody"]) {
      await remove(sid);
    }
    expect(await failure(policy())).toMatchObject({ name: "ResourceNotFoundException", status: 404 });
    expect(await failure(remove("gateway"))).toMatchObject({
      message: "No policy is associated with the given resource.",
    });
  });

  test("outlive a change of the function", async () => {
    await add("kept");
    expect(await failure(remove("other"))).toMatchObject({
      message: "Statement other is not found in resource policy.",
    });
    await remove("kept");
  });
});

describe("decide which service may invoke", () => {
  const statement = (change: Partial<PermissionStatement> = {}): PermissionStatement => ({
    Sid: "s",
    Effect: "Allow",
    Principal: { Service: "apigateway.amazonaws.com" },
    Action: "lambda:InvokeFunction",
    Resource: FUNCTION,
    ...change,
  });
  const forSource = (pattern: string) => statement({ Condition: { ArnLike: { "AWS:SourceArn": pattern } } });
  const GATEWAY = "apigateway.amazonaws.com";
  const where = (operator: string, key: string, value: string) =>
    statement({ Condition: { [operator]: { [key]: value } } });
  const forAccount = (id: string) => statement({ Condition: { StringEquals: { "AWS:SourceAccount": id } } });

  test.each<[name: string, policy: PermissionStatement[], allowed: boolean]>([
    ["no statement", [], false],
    ["the service", [statement()], true],
    ["another service", [statement({ Principal: { Service: "events.amazonaws.com" } })], false],
    ["everybody", [statement({ Principal: "*" })], true],
    ["an account", [statement({ Principal: { AWS: "arn:aws:iam::123456789012:root" } })], false],
    ["another action", [statement({ Action: "lambda:GetFunction" })], false],
    ["any Lambda action", [statement({ Action: "lambda:*" })], true],
    ["the exact source", [forSource(`${API}/dev/GET/hello`)], true],
    ["any stage", [forSource(`${API}/*/GET/hello`)], true],
    ["any API call", [forSource(`${API}/*`)], true],
    ["another method", [forSource(`${API}/*/POST/hello`)], false],
    ["another path", [forSource(`${API}/*/GET/hello/*`)], false],
    ["another API", [forSource("arn:aws:execute-api:us-east-1:123456789012:zzzzzzzzzz/*")], false],
    ["the source's account", [forAccount("123456789012")], true],
    ["another account", [forAccount("999999999999")], false],
    ["one of several", [forSource(`${API}/*/POST/hello`), forSource(`${API}/*/GET/hello`)], true],
    ["a service under its own name", [where("Bool", "aws:PrincipalIsAWSService", "true")], true],
    ["no service under its own name", [where("Bool", "aws:PrincipalIsAWSService", "false")], false],
    ["the service's name", [where("StringEquals", "aws:PrincipalServiceName", GATEWAY)], true],
    [
      "one of the service's names",
      [where("ForAnyValue:StringEquals", "aws:PrincipalServiceNamesList", GATEWAY)],
      true,
    ],
    ["its caller's credentials", [where("Bool", "aws:ViaAWSService", "true")], false],
    ["its own credentials", [where("Bool", "aws:ViaAWSService", "false")], true],
    ["the function's account", [where("StringEquals", "aws:ResourceAccount", "123456789012")], true],
    ["the function's region", [where("StringEquals", "aws:RequestedRegion", "us-east-1")], true],
    ["TLS", [where("Bool", "aws:SecureTransport", "true")], true],
    ["an address", [where("IpAddress", "aws:SourceIp", "0.0.0.0/0")], false],
    ["a principal of an account", [where("StringEquals", "aws:PrincipalAccount", "123456789012")], false],
  ])("%s", (_name, policy, allowed) => {
    const { effect } = evaluateInvocation(
      { id: "123456789012", region: "us-east-1", now: () => new Date() },
      FUNCTION,
      JSON.stringify({ Version: "2012-10-17", Id: "default", Statement: policy }),
      {
        service: "apigateway.amazonaws.com",
        sourceArn: `${API}/dev/GET/hello`,
        sourceAccount: "123456789012",
      },
    );
    expect(effect).toBe(allowed ? "allow" : "implicit-deny");
  });
});
