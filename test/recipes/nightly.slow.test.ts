/** "Every night, elsewhere" in docs/recipes.md as a reader copies it: cron's script, GitLab's job and the function, on local AWS. */
import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { parse } from "yaml";
import { type DeploymentOutputs, deployWithSdk } from "../../scripts/sdk-deployment";
import {
  allow,
  type Credentials,
  createPool,
  createRole,
  developerToken,
  type IdentityAccount,
  lambdaTrust,
  openSession,
  policy,
  poolTrust,
  startIdentityAccount,
} from "../support/identity-account";
import { createFunction, invoke } from "../support/lambda-account";
import { listen } from "../support/listen";
import { type Finished, PROJECT, runToEnd, withoutAws } from "../support/programs";
import { recipe } from "../support/recipes";
import { verify } from "../support/verify-process";
import { zipOf } from "../support/zip";

let account: IdentityAccount;
let outputs: DeploymentOutputs;
/** What `--print-policy` says that a verification needs. */
let statements: object[];
/** The project without its history, to be written into. */
let checkout: string;

beforeAll(async () => {
  account = await startIdentityAccount();
  outputs = await deployWithSdk(account.aws);
  checkout = mkdtempSync(path.join(tmpdir(), "nightly-"));
  for (const name of ["package.json", "tsconfig.json", "node_modules", "harness", "scripts", "iam-policy"]) {
    symlinkSync(path.join(PROJECT, name), path.join(checkout, name));
  }
  writeFileSync(path.join(checkout, "outputs.json"), JSON.stringify({ api: outputs }));
  const nightly = ["--outputs", path.join(checkout, "outputs.json"), "--access", "--slot", "nightly"];
  const { stdout } = await verify([...nightly, "--print-policy"]);
  statements = JSON.parse(stdout).Statement;
});

afterAll(async () => {
  rmSync(checkout, { recursive: true, force: true });
  await account?.stop();
});

/** No credentials but those that the place of the run gives. */
function environment(more: Record<string, string>): NodeJS.ProcessEnv {
  return {
    ...withoutAws(),
    AWS_ENDPOINT_URL: account.aws.endpoint,
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    ...more,
  };
}

describe("cron on a machine", () => {
  let state: string;
  let script: string;
  let metadata: Server;
  let cron: NodeJS.ProcessEnv;

  beforeAll(async () => {
    state = path.join(checkout, "state");
    mkdirSync(state);
    script = path.join(checkout, "nightly.sh");
    const text = recipe("nightly.sh", {
      "/opt/developer-authenticated-identities": checkout,
      "/var/lib/nightly-verification": state,
    });
    writeFileSync(script, text);
    chmodSync(script, 0o700);
    const { credentials } = await openSession(account, "machine", ...statements);
    metadata = instanceMetadata(credentials);
    cron = environment({ AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://127.0.0.1:${await listen(metadata)}` });
  });
  afterAll(() => metadata?.close());

  const night = (): Promise<Finished> => runToEnd(script, [], cron);
  const reports = () => readdirSync(path.join(state, "reports")).sort();

  test("without outputs it ends with 2, and prints why", async () => {
    const { code, output } = await night();
    expect(output).toMatch(/outputs\.json/);
    expect(output).toContain("It ended with 2 ");
    expect(code).toBe(2);
  });

  test("a night in which all passes prints nothing, keeps its report, and removes those of a month ago", async () => {
    writeFileSync(path.join(state, "outputs.json"), JSON.stringify({ api: outputs }));
    const old = path.join(state, "reports", "2026-01-01T031700Z");
    mkdirSync(old);
    utimesSync(old, 0, 0);
    expect(await night()).toEqual({ code: 0, output: "" });
    expect(existsSync(old)).toBe(false);
    const last = path.join(state, "reports", reports().at(-1) as string);
    expect(readdirSync(last).sort()).toEqual([
      "junit.xml",
      "report.html",
      "report.json",
      "summary.md",
      "verify.log",
    ]);
    expect(execFileSync("stat", ["-c", "%a", path.join(last, "report.json")], { encoding: "utf8" })).toBe(
      "600\n",
    );
  });

  test("a failure is printed, with the way to the report", async () => {
    const broken = { ...outputs, identity_pool_id: await createPool(account) };
    writeFileSync(path.join(state, "outputs.json"), JSON.stringify({ api: broken }));
    const { code, output } = await night();
    expect(output).toMatch(/✗ 1 pool/);
    expect(output).toContain(`It ended with 1 `);
    expect(output).toContain(`Reports: ${path.join(state, "reports", reports().at(-1) as string)}`);
    expect(code).toBe(1);
  });

  test("a second one doesn't run beside the first", async () => {
    const holder = spawn("flock", [path.join(state, "lock"), "sh", "-c", "echo held; cat"], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    await new Promise((resolve) => holder.stdout.once("data", resolve));
    const before = reports();
    try {
      expect(await night()).toEqual({ code: 75, output: expect.stringContaining("still runs") });
      expect(reports()).toEqual(before);
    } finally {
      holder.stdin.end();
    }
  });
});

test("GitLab's job exchanges its token for the role's credentials, verifies, and leaves what it says are artifacts", async () => {
  // Local AWS knows one issuer of tokens: a pool's stands for GitLab's.
  const issuer = await createPool(account);
  const role = await createRole(account.iam, "gitlab", poolTrust(issuer), ...statements);
  const { token } = await developerToken(account, issuer, "job");
  const file = path.join(checkout, "aws-id-token");
  const text = recipe("nightly.gitlab-ci.yml", { "/tmp/aws-id-token": file });
  const { "nightly-verification": job, ...others } = parse(text);
  expect(others).toEqual({});
  expect(job.rules).toEqual([{ if: '$CI_PIPELINE_SOURCE == "schedule"' }]);
  expect(Object.keys(job.id_tokens)).toEqual(["AWS_ID_TOKEN"]);
  const variables = {
    AWS_ID_TOKEN: token,
    AWS_ROLE_ARN: role,
    AWS_REGION: account.aws.region,
    DEPLOYMENT_OUTPUTS: JSON.stringify({ api: outputs }),
    CI_JOB_ID: "12",
    ...job.variables,
    AWS_ROLE_SESSION_NAME: job.variables.AWS_ROLE_SESSION_NAME.replace("$CI_JOB_ID", "12"),
  };
  const shell = (lines: string[]) =>
    runToEnd("bash", ["-eo", "pipefail", "-c", lines.join("\n")], environment(variables), checkout);
  const [install, ...script] = job.script;
  expect(install).toBe("npm ci --ignore-scripts");
  const { code, output } = await shell(script);
  expect(output).toMatch(/passed: 5 of 5 steps/);
  expect(output).toContain("as declared");
  expect(output).not.toContain(token);
  expect(code).toBe(0);
  expect(await shell(job.after_script)).toMatchObject({ code: 0 });
  expect(existsSync(file)).toBe(false);
  const kept = [...job.artifacts.paths, job.artifacts.reports.junit, "history/12.json"];
  expect(kept.filter((name) => !existsSync(path.join(checkout, name)))).toEqual([]);
});

describe("a Lambda on a schedule", () => {
  let lambda: LambdaClient;
  let roleArn: string;

  beforeAll(async () => {
    const directory = path.join(checkout, "nightly-lambda");
    const source = path.join(checkout, "nightly-lambda.ts");
    writeFileSync(source, recipe("nightly-lambda.ts"));
    const bundled = await runToEnd("sh", ["-ec", recipe("nightly-lambda-bundle")], process.env, checkout);
    expect(bundled).toMatchObject({ code: 0 });
    const files = Object.fromEntries(
      readdirSync(directory).map((name) => [name, readFileSync(path.join(directory, name), "utf8")]),
    );
    lambda = new LambdaClient({ ...account.aws });
    const group = "arn:aws:logs:*:*:log-group:/aws/lambda/*:*";
    roleArn = await createRole(
      account.iam,
      "nightly-lambda",
      lambdaTrust,
      ...statements,
      allow(["logs:CreateLogStream", "logs:PutLogEvents"], group),
    );
    await createFunction({ lambda, roleArn }, "nightly-verification", files, {
      Timeout: 300,
      MemorySize: 512,
      Environment: { Variables: { DEPLOYMENT_OUTPUTS: JSON.stringify({ api: outputs }) } },
    });
    expect(Object.keys(files).sort()).toEqual(["index.js", "style.css"]);
    expect(zipOf(files).length).toBeLessThan(50 * 1024 * 1024);
  });
  afterAll(() => lambda?.destroy());

  test("walks the flow with its role's credentials", async () => {
    const { payload, functionError } = await invoke({ lambda }, "nightly-verification");
    expect(functionError).toBeUndefined();
    expect(payload).toMatch(/^The flow works: .*; who may call what as declared$/);
  });

  test("fails where the verification does, with its words", async () => {
    await account.iam.send(
      new PutRolePolicyCommand({
        RoleName: "nightly-lambda",
        PolicyName: "granted",
        PolicyDocument: policy(...statements.slice(1)),
      }),
    );
    const { payload, functionError } = await invoke({ lambda }, "nightly-verification");
    expect(functionError).toBe("Unhandled");
    expect(payload.errorMessage).toMatch(/^Step 1 failed: /);
  });
});

/** An instance's metadata that demands a token (IMDSv2). https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html */
function instanceMetadata({ accessKeyId, secretAccessKey, sessionToken }: Credentials): Server {
  const roles = "/latest/meta-data/iam/security-credentials/";
  return createServer(({ method, url, headers }, response) => {
    if (method === "PUT" && url === "/latest/api/token") {
      response.end("metadata-token");
    } else if (headers["x-aws-ec2-metadata-token"] !== "metadata-token") {
      response.writeHead(401).end();
    } else if (url === roles) {
      response.end("machine");
    } else if (url === `${roles}machine`) {
      response.end(
        JSON.stringify({
          Code: "Success",
          Type: "AWS-HMAC",
          AccessKeyId: accessKeyId,
          SecretAccessKey: secretAccessKey,
          Token: sessionToken,
          LastUpdated: new Date().toISOString(),
          Expiration: new Date(Date.now() + 3_600_000).toISOString(),
        }),
      );
    } else {
      response.writeHead(404).end();
    }
  });
}
