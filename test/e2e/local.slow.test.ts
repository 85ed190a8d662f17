/** `npm run local` in one shell; cdktf, the harness and the AWS CLI with the printed environment in a second one. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import {
  CognitoIdentityClient,
  GetCredentialsForIdentityCommand,
  GetOpenIdTokenForDeveloperIdentityCommand,
} from "@aws-sdk/client-cognito-identity";
import { sign } from "aws4";
import { request } from "undici";
import { readOutputs } from "../../harness";
import { findOnPath } from "../../scripts/process";
import { tsx } from "../../scripts/workspace";
import { CALLERS_HERE, paste } from "../support/pasted";
import { PROJECT, runToEnd, Sandbox, type Started, start } from "../support/programs";

jest.setTimeout(300_000);

const sandbox = new Sandbox();
const project = path.join(sandbox.directory, "project");
const outputsFile = path.join(project, "outputs.json");
let local: Started;
let printed: string;
/** What a user has in the second shell after pasting what the first one printed. */
let shell: NodeJS.ProcessEnv;

beforeAll(async () => {
  local = start(
    process.execPath,
    ["--import", "tsx", "scripts/local.ts", "--port", "0"],
    sandbox.environment,
  );
  printed = await local.said(/Ctrl-C ends it/);
  const exports = [...printed.matchAll(/^ {2}export (\w+)=(\S+)$/gm)].map(([, name, value]) => [name, value]);
  shell = { ...sandbox.environment, CI: "true", ...Object.fromEntries(exports) };
  // The project's own app, run from a directory of the test's, so that its state and outputs stay out of the checkout.
  mkdirSync(project);
  const app = [process.execPath, "--import", tsx(), path.join(PROJECT, "main.ts")];
  writeFileSync(
    path.join(project, "cdktf.json"),
    JSON.stringify({ language: "typescript", app: app.join(" ") }),
  );
});

afterAll(async () => {
  local?.process.kill("SIGINT");
  await local?.finished;
  sandbox.remove();
});

function cdktf(...args: string[]) {
  const cli = createRequire(__filename).resolve("cdktf-cli/bundle/bin/cdktf");
  return runToEnd(process.execPath, [cli, ...args], shell, project);
}

const verify = (env: NodeJS.ProcessEnv) =>
  runToEnd(process.execPath, ["--import", "tsx", "harness/cli/main.ts", "--outputs", outputsFile], env);

test("prints what a second shell needs", () => {
  expect(shell.AWS_ENDPOINT_URL).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(shell).toMatchObject({
    AWS_REGION: "us-east-1",
    STAGE: "local",
    AWS_ACCESS_KEY_ID: expect.stringMatching(/^AKIA/),
    AWS_SECRET_ACCESS_KEY: expect.stringMatching(/^.{40}$/),
  });
});

test("cdktf deploy works from the second shell", async () => {
  const { code, output } = await cdktf("deploy", "*", "--auto-approve", "--outputs-file", outputsFile);
  expect(output).toMatch(/Apply complete/);
  expect(code).toBe(0);
  const outputs = Object.assign({}, ...Object.values(JSON.parse(readFileSync(outputsFile, "utf8"))));
  expect(outputs).toMatchObject({
    identity_pool_id: expect.stringMatching(/^us-east-1:[0-9a-f-]{36}$/),
    developer_provider_name: "login.developer.example",
    authenticated_role_arn: expect.stringMatching(/^arn:aws:iam::\d{12}:role\//),
    region: "us-east-1",
    invoke_url: expect.stringMatching(/^https:\/\/\w{10}\.execute-api\.us-east-1\.amazonaws\.com\/local$/),
  });
});

test("the harness walks the flow from the second shell, and refuses to with a wrong secret", async () => {
  const { code, output } = await verify(shell);
  expect(output).toMatch(/passed: 5 of 5 steps/);
  expect(code).toBe(0);
  const wrong = await verify({ ...shell, AWS_SECRET_ACCESS_KEY: "w".repeat(40) });
  expect(wrong.code).toBe(2);
  expect(wrong.output).not.toMatch(/✓/);
});

describe("the API that Terraform deployed", () => {
  interface Answer {
    readonly status: number;
    readonly errorType: string | string[] | undefined;
    readonly message: string;
  }

  async function call(
    route: string,
    change: (headers: Record<string, string>) => Record<string, string> = (same) => same,
  ): Promise<Answer> {
    const deployment = readOutputs(outputsFile);
    const url = new URL(deployment.invokeUrl + route);
    const credentials = await signIn();
    const signed = sign(
      { host: url.host, path: url.pathname, service: "execute-api", region: deployment.region },
      credentials,
    );
    const headers = change(signed.headers as Record<string, string>);
    const answer = await request(shell.AWS_ENDPOINT_URL + (signed.path as string), {
      headers: { Host: url.host, ...headers },
    });
    const body = (await answer.body.json()) as { message: string };
    return {
      status: answer.statusCode,
      errorType: answer.headers["x-amzn-errortype"],
      message: body.message,
    };
  }

  async function signIn() {
    const client = new CognitoIdentityClient({
      endpoint: shell.AWS_ENDPOINT_URL,
      region: shell.AWS_REGION,
      credentials: {
        accessKeyId: shell.AWS_ACCESS_KEY_ID as string,
        secretAccessKey: shell.AWS_SECRET_ACCESS_KEY as string,
      },
    });
    const { identityPoolId, developerProviderName } = readOutputs(outputsFile);
    const { IdentityId, Token } = await client.send(
      new GetOpenIdTokenForDeveloperIdentityCommand({
        IdentityPoolId: identityPoolId,
        Logins: { [developerProviderName]: "test-user" },
      }),
    );
    const { Credentials } = await client.send(
      new GetCredentialsForIdentityCommand({
        IdentityId,
        Logins: { "cognito-identity.amazonaws.com": Token as string },
      }),
    );
    return {
      accessKeyId: Credentials?.AccessKeyId as string,
      secretAccessKey: Credentials?.SecretKey as string,
      sessionToken: Credentials?.SessionToken as string,
    };
  }

  test("lets a signed GET /hello in", async () => {
    expect(await call("/hello")).toMatchObject({ status: 200, message: expect.stringContaining("Hello") });
  });

  test.each(CALLERS_HERE)("answers what is printed for %s", async (caller) => {
    // The outputs lie outside of the checkout, in which the lines are run.
    const lines = printed.replace("npm run sign-in --silent", `$& -- --outputs ${outputsFile}`);
    const { code, output } = await paste(lines, caller, sandbox.environment);
    expect(output).toContain('"message":"Hello, alice!"');
    expect(code).toBe(0);
  });

  test("refuses GET /restricted with valid credentials, in AWS's words", async () => {
    expect(await call("/restricted")).toMatchObject({
      status: 403,
      errorType: "AccessDeniedException",
      message: expect.stringMatching(
        /^User: arn:aws:sts::\d{12}:assumed-role\/[\w-]+\/CognitoIdentityCredentials is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:\*{8}\d{4}:\w{10}\/local\/GET\/restricted because no identity-based policy allows the execute-api:Invoke action$/,
      ),
    });
  });

  test("refuses an unsigned GET /hello", async () => {
    expect(await call("/hello", () => ({}))).toEqual({
      status: 403,
      errorType: "MissingAuthenticationTokenException",
      message: "Missing Authentication Token",
    });
  });

  test("refuses a signature with one flipped character", async () => {
    const flipLast = ({ Authorization, ...others }: Record<string, string>) => ({
      ...others,
      Authorization: (Authorization as string).replace(/.$/, (last) => (last === "0" ? "1" : "0")),
    });
    expect(await call("/hello", flipLast)).toMatchObject({
      status: 403,
      errorType: "InvalidSignatureException",
      message: expect.stringMatching(
        /^The request signature we calculated does not match the signature you provided\./,
      ),
    });
  });
});

/** The AWS CLI is a client that nobody here wrote; a machine without it leaves this out and says so. */
const withAwsCli = findOnPath("aws", process.env.PATH ?? "") !== undefined;
if (!withAwsCli) {
  console.warn("There is no AWS CLI on this machine: its reads are left out.");
}

const READS: readonly [service: string, ...args: string[]][] = withAwsCli
  ? [
      ["cognito-identity", "list-identity-pools", "--max-results", "10"],
      ["iam", "list-roles"],
      ["lambda", "list-functions"],
      ["apigateway", "get-rest-apis"],
    ]
  : [];

for (const args of READS) {
  test(`aws ${args.join(" ")} sees the deployment, and nothing with a wrong secret`, async () => {
    const { code, output } = await runToEnd("aws", [...args, "--output", "json"], shell);
    expect(output).toContain("developer-identities-local-");
    expect(code).toBe(0);
    const wrong = await runToEnd("aws", [...args, "--output", "json"], {
      ...shell,
      AWS_SECRET_ACCESS_KEY: "w".repeat(40),
    });
    expect(wrong.output).toMatch(/SignatureDoesNotMatch|InvalidSignatureException/);
    expect(wrong.output).not.toContain("developer-identities-local-");
    expect(wrong.code).not.toBe(0);
  });
}

test("cdktf destroy leaves an empty account", async () => {
  const { code } = await cdktf("destroy", "*", "--auto-approve");
  expect(code).toBe(0);
  const answer = await request(`${shell.AWS_ENDPOINT_URL}/_local/resources`);
  expect(await answer.body.json()).toEqual({ resources: [] });
});

test("a port in use is refused with the cure", async () => {
  const { port } = new URL(shell.AWS_ENDPOINT_URL as string);
  const second = await runToEnd(
    process.execPath,
    ["--import", "tsx", "scripts/local.ts", "--port", port],
    sandbox.environment,
  );
  expect(second.code).toBe(2);
  expect(second.output).toMatch(new RegExp(`Port ${port} on 127\\.0\\.0\\.1 is in use\\. .*--port 0`));
});

test("Ctrl-C ends it and leaves nothing", async () => {
  local.process.kill("SIGINT");
  expect((await local.finished).code).toBe(0);
  expect(sandbox.leftProcesses()).toEqual([]);
  expect(sandbox.leftFiles()).toEqual(["project"]);
});
