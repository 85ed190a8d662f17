/** A local account with clients and a function role, for the tests of Lambda. */
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  InvokeCommand,
  type InvokeCommandInput,
  LambdaClient,
} from "@aws-sdk/client-lambda";
import { type LocalAws, type LocalAwsOptions, startLocalAws } from "../../local-aws";
import { zipOf } from "./zip";

export interface LambdaAccount {
  readonly aws: LocalAws;
  readonly lambda: LambdaClient;
  readonly iam: IAMClient;
  readonly logs: CloudWatchLogsClient;
  /** A role that Lambda may assume, and that may write to the log groups of functions. */
  readonly roleArn: string;
}

export async function startLambdaAccount(options: LocalAwsOptions = {}): Promise<LambdaAccount> {
  const aws = await startLocalAws(options);
  const settings = {
    endpoint: aws.endpoint,
    region: aws.region,
    credentials: aws.credentials,
    maxAttempts: 1,
  };
  const account = {
    aws,
    lambda: new LambdaClient(settings),
    iam: new IAMClient(settings),
    logs: new CloudWatchLogsClient(settings),
  };
  const roleArn = await createRole(account.iam, "function", "lambda.amazonaws.com");
  await allow(
    account.iam,
    "function",
    ["logs:CreateLogStream", "logs:PutLogEvents"],
    "arn:aws:logs:*:*:log-group:/aws/lambda/*:*",
  );
  return { ...account, roleArn };
}

/** Creates a role that a service may assume, and returns its ARN. */
export async function createRole(iam: IAMClient, name: string, service: string): Promise<string> {
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName: name,
      AssumeRolePolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
      }),
    }),
  );
  return Role?.Arn as string;
}

export async function allow(
  iam: IAMClient,
  role: string,
  actions: string[],
  resource: string,
): Promise<void> {
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: role,
      PolicyName: actions.join("-").replaceAll(":", "."),
      PolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: actions, Resource: resource }],
      }),
    }),
  );
}

/** Creates a function from the text of its `index.js`, or from several files. */
export async function createFunction(
  { lambda, roleArn }: Pick<LambdaAccount, "lambda" | "roleArn">,
  name: string,
  source: string | Readonly<Record<string, string>>,
  settings: Partial<CreateFunctionCommandInput> = {},
) {
  return lambda.send(
    new CreateFunctionCommand({
      FunctionName: name,
      Role: roleArn,
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Code: { ZipFile: zipOf(typeof source === "string" ? { "index.js": source } : source) },
      ...settings,
    }),
  );
}

/** Invokes a function and reads its answer; `log` is the tail of its log. */
export async function invoke(
  { lambda }: Pick<LambdaAccount, "lambda">,
  name: string,
  payload: unknown = {},
  settings: Partial<InvokeCommandInput> = {},
) {
  const output = await lambda.send(
    new InvokeCommand({
      FunctionName: name,
      Payload: Buffer.from(JSON.stringify(payload)),
      LogType: "Tail",
      ...settings,
    }),
  );
  const text = Buffer.from(output.Payload ?? []).toString();
  return {
    status: output.StatusCode,
    functionError: output.FunctionError,
    executedVersion: output.ExecutedVersion,
    requestId: output.$metadata.requestId,
    payload: text === "" ? undefined : JSON.parse(text),
    log: Buffer.from(output.LogResult ?? "", "base64").toString(),
  };
}

/** The class, status and message of the error with which a call fails. */
export async function failure(call: Promise<unknown>) {
  try {
    await call;
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    return { name, status: $metadata?.httpStatusCode, message };
  }
  throw new Error("The call was to fail, but it succeeded.");
}
