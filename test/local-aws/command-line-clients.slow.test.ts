/** The AWS CLI and boto3, where they are on the path: clients that read AWS's own service models and share no code with the SDK. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { lambdaTrust, PROVIDER } from "../support/identity-account";
import { recipe } from "../support/recipes";
import { zipOf } from "../support/zip";

let aws: LocalAws;
let folder: string;

beforeAll(async () => {
  aws = await startLocalAws();
  folder = mkdtempSync(join(tmpdir(), "local-aws-clients-"));
  writeFileSync(join(folder, "empty"), "");
  writeFileSync(join(folder, "trust.json"), lambdaTrust);
  writeFileSync(join(folder, "code.zip"), zipOf({ "index.js": "exports.handler = async () => 'hello'" }));
});

afterAll(async () => {
  await aws.stop();
  rmSync(folder, { recursive: true });
});

/** A policy that is told from others. */
function policyNamed(Sid: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Sid, Effect: "Allow", Action: "iam:GetRole", Resource: "*" }],
  });
}

const WRONG_SECRET = { AWS_SECRET_ACCESS_KEY: "wrong".repeat(8) };

/** Nothing of this machine's but where its programs are: no profile, no proxy, no certificates. */
function environment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: folder,
    // pyenv finds its versions by it; the home folder is another one here.
    ...(process.env.PYENV_ROOT ? { PYENV_ROOT: process.env.PYENV_ROOT } : {}),
    AWS_CONFIG_FILE: join(folder, "empty"),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, "empty"),
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_MAX_ATTEMPTS: "1",
    AWS_PAGER: "",
    AWS_DEFAULT_REGION: aws.region,
    ...aws.environment,
    ...more,
  };
}

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    let err = "";
    child.stdout.on("data", (chunk) => (out += chunk));
    child.stderr.on("data", (chunk) => (err += chunk));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, out, err }));
  });
}

/** Registers the tests of a client that is there; of one that isn't, a test that says so. */
function describeClient(name: string, probe: readonly string[], tests: () => void): void {
  const [command = "", ...args] = probe;
  const found = spawnSync(command, args, { stdio: "ignore" }).status === 0;
  if (found) {
    describe(name, tests);
    return;
  }
  test(`${name} isn't on the path: its tests are left out`, () => {
    process.stdout.write(`${name} isn't on the path: its tests are left out.\n`);
    expect(spawnSync(command, args, { stdio: "ignore" }).status).not.toBe(0);
  });
}

describeClient("the AWS CLI", ["aws", "--version"], () => {
  const cli = async (line: string, ...rest: string[]) => {
    const { code, out, err } = await run(
      "aws",
      [...line.split(" "), ...rest, "--output", "json"],
      environment(),
    );
    expect({ line, code, err }).toEqual({ line, code: 0, err: "" });
    return out.trim() === "" ? undefined : JSON.parse(out);
  };
  const refusal = async (line: string, more = {}) => {
    const { code, out, err } = await run("aws", line.split(" "), environment(more));
    expect({ failed: code !== 0, out }).toEqual({ failed: true, out: "" });
    return err.trim();
  };

  test("reads and changes pools", async () => {
    const { IdentityPoolId: id } = await cli(
      `cognito-identity create-identity-pool --identity-pool-name cli --no-allow-unauthenticated-identities --developer-provider-name ${PROVIDER}`,
    );
    await cli(
      `cognito-identity update-identity-pool --identity-pool-id ${id} --identity-pool-name renamed --no-allow-unauthenticated-identities`,
    );
    const listed = await cli("cognito-identity list-identity-pools --max-results 60");
    expect(listed.IdentityPools).toEqual([{ IdentityPoolId: id, IdentityPoolName: "renamed" }]);
    const token = await cli(
      `cognito-identity get-open-id-token-for-developer-identity --identity-pool-id ${id} --logins ${PROVIDER}=alice`,
    );
    const identities = await cli(
      `cognito-identity list-identities --identity-pool-id ${id} --max-results 60`,
    );
    expect(identities.Identities).toMatchObject([{ IdentityId: token.IdentityId, Logins: [PROVIDER] }]);
    await cli(`cognito-identity delete-identity-pool --identity-pool-id ${id}`);
    expect(await refusal(`cognito-identity describe-identity-pool --identity-pool-id ${id}`)).toContain(
      "An error occurred (ResourceNotFoundException) when calling the DescribeIdentityPool operation",
    );
  }, 90_000);

  test("reads and changes roles", async () => {
    const { Role } = await cli(
      "iam create-role --role-name cli --tags Key=team,Value=a --assume-role-policy-document file://trust.json",
    );
    expect(Role.AssumeRolePolicyDocument).toEqual(JSON.parse(lambdaTrust));
    await cli(
      "iam attach-role-policy --role-name cli --policy-arn arn:aws:iam::aws:policy/AdministratorAccess",
    );
    const attached = await cli("iam list-attached-role-policies --role-name cli");
    expect(attached.AttachedPolicies).toHaveLength(1);
    expect(await refusal("iam delete-role --role-name cli")).toContain(
      "An error occurred (DeleteConflict) when calling the DeleteRole operation: Cannot delete entity, must detach all policies first.",
    );
    await cli(
      "iam detach-role-policy --role-name cli --policy-arn arn:aws:iam::aws:policy/AdministratorAccess",
    );
    await cli("iam delete-role --role-name cli");
  }, 90_000);

  test("makes the roles that plan and deploy, as docs/nightly.md has it", async () => {
    const policies = { plan: "plan-policy.json", deploy: "deployer-policy.json" };
    for (const [policy, file] of Object.entries(policies)) {
      writeFileSync(join(folder, file), policyNamed(policy));
    }
    const block = recipe("roles", { "ORG/REPO": "acme/shop" }, "nightly.md");
    const env = environment({ AWS_ACCOUNT_ID: aws.accountId });
    const { code, err } = await run("sh", ["-euc", block], env);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const subjects = {
      plan: ["repo:acme/shop:pull_request", "repo:acme/shop:ref:refs/heads/main"],
      deploy: ["repo:acme/shop:environment:production", "repo:acme/shop:environment:destroy"],
    };
    for (const [name, sub] of Object.entries(subjects)) {
      const role = `github-${name}-prod`;
      const { Role } = await cli(`iam get-role --role-name ${role}`);
      expect(Role.AssumeRolePolicyDocument.Statement).toEqual([
        {
          Effect: "Allow",
          Principal: {
            Federated: `arn:aws:iam::${aws.accountId}:oidc-provider/token.actions.githubusercontent.com`,
          },
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: {
            StringEquals: {
              "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
              "token.actions.githubusercontent.com:sub": sub,
            },
          },
        },
      ]);
      const { PolicyDocument } = await cli(`iam get-role-policy --role-name ${role} --policy-name ${name}`);
      expect(PolicyDocument).toEqual(JSON.parse(policyNamed(name)));
      await cli(`iam delete-role-policy --role-name ${role} --policy-name ${name}`);
      await cli(`iam delete-role --role-name ${role}`);
    }
  }, 180_000);

  test("reads and changes functions, APIs and logs", async () => {
    const { Role } = await cli(
      "iam create-role --role-name function --assume-role-policy-document file://trust.json",
    );
    await cli(
      `lambda create-function --function-name cli --runtime nodejs22.x --handler index.handler --role ${Role.Arn} --zip-file fileb://code.zip`,
    );
    await cli("lambda invoke --function-name cli answer.json");
    const functions = await cli("lambda list-functions");
    expect(functions.Functions).toMatchObject([{ FunctionName: "cli" }]);
    const { Configuration } = await cli("lambda get-function --function-name cli");
    expect(Configuration).toMatchObject({ FunctionName: "cli", State: "Active" });
    const api = await cli("apigateway create-rest-api --name cli");
    await cli(
      `apigateway update-rest-api --rest-api-id ${api.id} --patch-operations op=replace,path=/description,value=changed`,
    );
    const apis = await cli("apigateway get-rest-apis");
    expect(apis.items).toMatchObject([{ id: api.id, name: "cli", description: "changed" }]);
    await cli("logs create-log-group --log-group-name cli");
    await cli("logs put-retention-policy --log-group-name cli --retention-in-days 7");
    const groups = await cli("logs describe-log-groups --log-group-name-prefix cli");
    expect(groups.logGroups).toMatchObject([{ logGroupName: "cli", retentionInDays: 7 }]);
    await cli("logs delete-log-group --log-group-name cli");
    await cli(`apigateway delete-rest-api --rest-api-id ${api.id}`);
    await cli("lambda delete-function --function-name cli");
    await cli("iam delete-role --role-name function");
    expect(aws.resources()).toEqual([]);
  }, 180_000);

  test.each([
    ["s3 ls", "InvalidAction", "ListBuckets", "s3: GET /."],
    ["s3 ls s3://bucket", "InvalidAction", "ListObjectsV2", "s3: GET /bucket."],
    ["dynamodb list-tables", "UnknownOperationException", "ListTables", "dynamodb: X-Amz-Target DynamoDB_"],
    ["ec2 describe-instances", "InvalidAction", "DescribeInstances", "ec2: DescribeInstances."],
    ["sns list-topics", "InvalidAction", "ListTopics", "sns: ListTopics."],
    ["route53 list-hosted-zones", "InvalidAction", "ListHostedZones", "route53: GET /2013-04-01/hostedzone."],
    ["batch list-jobs --job-queue q", "UnknownOperationException", "ListJobs", "batch: POST /v1/listjobs."],
  ])(
    "is told that there is no %s",
    async (line, error, operation, named) => {
      expect(await refusal(line)).toContain(
        `An error occurred (${error}) when calling the ${operation} operation: Local AWS does not implement ${named}`,
      );
    },
    60_000,
  );

  test.each([
    [
      "cognito-identity list-identity-pools --max-results 60",
      "InvalidSignatureException",
      "ListIdentityPools",
    ],
    ["sts get-caller-identity", "SignatureDoesNotMatch", "GetCallerIdentity"],
    ["iam list-roles", "SignatureDoesNotMatch", "ListRoles"],
    ["lambda list-functions", "InvalidSignatureException", "ListFunctions"],
    ["apigateway get-rest-apis", "InvalidSignatureException", "GetRestApis"],
    ["logs describe-log-groups", "InvalidSignatureException", "DescribeLogGroups"],
  ])(
    "with a wrong secret may not %s",
    async (line, error, operation) => {
      expect(await refusal(line, WRONG_SECRET)).toContain(
        `An error occurred (${error}) when calling the ${operation} operation: The request signature we calculated does not match the signature you provided.`,
      );
    },
    60_000,
  );
});

describeClient("boto3", ["python3", "-c", "import boto3"], () => {
  const python = (script: string, more = {}) => run("python3", ["-c", script], environment(more));

  test("reads and changes pools, roles, functions, APIs and logs", async () => {
    const { code, out, err } = await python(`
import boto3, json
cognito, iam, sts, functions, apis, logs = (boto3.client(name) for name in
    ("cognito-identity", "iam", "sts", "lambda", "apigateway", "logs"))
seen = {"account": sts.get_caller_identity()["Account"]}

pool = cognito.create_identity_pool(IdentityPoolName="boto3", AllowUnauthenticatedIdentities=False,
                                    DeveloperProviderName="${PROVIDER}")["IdentityPoolId"]
trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
         "Principal": {"Federated": "cognito-identity.amazonaws.com"}, "Action": "sts:AssumeRoleWithWebIdentity",
         "Condition": {"StringEquals": {"cognito-identity.amazonaws.com:aud": pool}}}]}
members = iam.create_role(RoleName="members", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
cognito.set_identity_pool_roles(IdentityPoolId=pool, Roles={"authenticated": members["Arn"]})
token = cognito.get_open_id_token_for_developer_identity(IdentityPoolId=pool, Logins={"${PROVIDER}": "alice"})
issued = cognito.get_credentials_for_identity(IdentityId=token["IdentityId"],
    Logins={"cognito-identity.amazonaws.com": token["Token"]})["Credentials"]
session = boto3.client("sts", aws_access_key_id=issued["AccessKeyId"], aws_secret_access_key=issued["SecretKey"],
                       aws_session_token=issued["SessionToken"])
seen["session"] = session.get_caller_identity()["Arn"]
seen["trusted"] = iam.get_role(RoleName="members")["Role"]["AssumeRolePolicyDocument"] == trust
seen["roles"] = [role["RoleName"] for page in iam.get_paginator("list_roles").paginate() for role in page["Roles"]]

runner = iam.create_role(RoleName="runner", AssumeRolePolicyDocument=open("trust.json").read())["Role"]
functions.create_function(FunctionName="boto3", Runtime="nodejs22.x", Handler="index.handler", Role=runner["Arn"],
                          Code={"ZipFile": open("code.zip", "rb").read()})
functions.get_waiter("function_active_v2").wait(FunctionName="boto3")
seen["answer"] = json.loads(functions.invoke(FunctionName="boto3")["Payload"].read())
api = apis.create_rest_api(name="boto3")["id"]
seen["apis"] = [item["name"] for item in apis.get_rest_apis()["items"]]
logs.create_log_group(logGroupName="boto3")
logs.create_log_stream(logGroupName="boto3", logStreamName="stream")
seen["groups"] = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]

logs.delete_log_group(logGroupName="boto3")
apis.delete_rest_api(restApiId=api)
functions.delete_function(FunctionName="boto3")
for role in ("members", "runner"): iam.delete_role(RoleName=role)
cognito.delete_identity_pool(IdentityPoolId=pool)
print(json.dumps(seen))
`);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(JSON.parse(out)).toEqual({
      account: aws.accountId,
      session: `arn:aws:sts::${aws.accountId}:assumed-role/members/CognitoIdentityCredentials`,
      trusted: true,
      roles: ["members"],
      answer: "hello",
      apis: ["boto3"],
      groups: ["boto3"],
    });
    expect(aws.resources()).toEqual([]);
  }, 90_000);

  test("with a wrong secret may do nothing", async () => {
    const { code, out, err } = await python(
      `
import boto3, json
from botocore.exceptions import ClientError
calls = [("cognito-identity", "list_identity_pools", {"MaxResults": 1}), ("iam", "list_roles", {}),
         ("sts", "get_caller_identity", {}), ("lambda", "list_functions", {}), ("apigateway", "get_rest_apis", {}),
         ("logs", "describe_log_groups", {})]
refusals = {}
for service, operation, members in calls:
    try:
        getattr(boto3.client(service), operation)(**members)
        refusals[service] = None
    except ClientError as error:
        refusals[service] = [error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]]
print(json.dumps(refusals))
`,
      WRONG_SECRET,
    );
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(JSON.parse(out)).toEqual({
      "cognito-identity": ["InvalidSignatureException", 400],
      iam: ["SignatureDoesNotMatch", 403],
      sts: ["SignatureDoesNotMatch", 403],
      lambda: ["InvalidSignatureException", 403],
      apigateway: ["InvalidSignatureException", 403],
      logs: ["InvalidSignatureException", 400],
    });
  }, 60_000);
});
