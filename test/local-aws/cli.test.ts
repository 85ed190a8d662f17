/** The command line: what it takes from its shell, and how it tells what can't be. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Readable } from "node:stream";
import { CreateOpenIDConnectProviderCommand, IAMClient } from "@aws-sdk/client-iam";
import { AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { oidcIssuer } from "../support/oidc-issuer";

const RUN =
  'require("./local-aws/cli").runLocalAws(["--port", "0", ...process.argv.slice(1)]).then((code) => { process.exitCode = code; });';

const running = new Set<ChildProcessByStdio<null, Readable, Readable>>();

afterEach(async () => {
  await Promise.all(
    [...running].map(async (child) => {
      if (child.exitCode === null) {
        child.kill("SIGTERM");
        await once(child, "exit");
      }
    }),
  );
  running.clear();
});

/** Starts it in a shell that holds the given variables; resolves when it is up or has ended. */
async function run(shell: Record<string, string>, ...args: string[]) {
  const child = spawn(process.execPath, ["--import", "tsx", "--eval", RUN, "--", ...args], {
    env: { PATH: process.env.PATH, ...shell },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  let stdout = "";
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const exited = once(child, "close");
  await new Promise<void>((resolve) => {
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
      if (stdout.includes("Ctrl-C ends it")) {
        resolve();
      }
    });
    void exited.then(() => resolve());
  });
  const exported = Object.fromEntries(
    [...stdout.matchAll(/export (\w+)=(\S+)/g)].map(([, name, value]) => [name as string, value as string]),
  );
  return { exported, stdout, stderr, exitCode: child.exitCode };
}

test.each([
  ["ASIAIOSFODNN7EXAMPLE", {}],
  ["AKIAIOSFODNN7EXAMPLE", { AWS_SESSION_TOKEN: "token" }],
])("a session's credentials (%s) aren't the root user's", async (AWS_ACCESS_KEY_ID, more) => {
  const { exported, stdout, stderr } = await run({
    AWS_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY: "of-the-session",
    ...more,
  });
  expect(stderr).toContain("are a session's");
  expect(stdout + stderr).not.toContain("of-the-session");
  expect(stdout).toContain("  unset AWS_SESSION_TOKEN AWS_PROFILE\n");
  expect(exported.AWS_ACCESS_KEY_ID).not.toBe(AWS_ACCESS_KEY_ID);
  const sts = new STSClient({
    endpoint: exported.AWS_ENDPOINT_URL as string,
    region: exported.AWS_REGION as string,
    credentials: {
      accessKeyId: exported.AWS_ACCESS_KEY_ID as string,
      secretAccessKey: exported.AWS_SECRET_ACCESS_KEY as string,
    },
  });
  const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
  expect(Arn).toBe("arn:aws:iam::123456789012:root");
  sts.destroy();
});

test("what no account can have is told in a line", async () => {
  const { exitCode, stderr } = await run({ AWS_REGION: "x y" });
  expect(exitCode).toBe(2);
  expect(stderr).toBe(
    "The option region ('x y') can't be used: give the name of a region, such as us-east-1.\n",
  );
});

describe("--oidc-keys", () => {
  const directory = mkdtempSync(path.join(tmpdir(), "oidc-keys-"));
  const file = path.join(directory, "keys.json");
  afterAll(() => rmSync(directory, { recursive: true }));

  test("takes the keys of issuers from a file", async () => {
    const issuer = await oidcIssuer();
    writeFileSync(file, JSON.stringify({ [issuer.issuer]: issuer.keys }));
    const { exported } = await run({}, "--oidc-keys", file);
    const settings = {
      endpoint: exported.AWS_ENDPOINT_URL as string,
      region: exported.AWS_REGION as string,
      credentials: {
        accessKeyId: exported.AWS_ACCESS_KEY_ID as string,
        secretAccessKey: exported.AWS_SECRET_ACCESS_KEY as string,
      },
    };
    const iam = new IAMClient(settings);
    const sts = new STSClient(settings);
    await iam.send(
      new CreateOpenIDConnectProviderCommand({ Url: issuer.issuer, ClientIDList: ["sts.amazonaws.com"] }),
    );
    // Verified, and refused by no more than that there is no such role.
    const exchange = new AssumeRoleWithWebIdentityCommand({
      RoleArn: "arn:aws:iam::123456789012:role/none",
      RoleSessionName: "job",
      WebIdentityToken: await issuer.token(),
    });
    await expect(sts.send(exchange)).rejects.toMatchObject({ name: "AccessDenied" });
    iam.destroy();
    sts.destroy();
  });

  test.each([
    ["nothing", undefined, /The file can't be read \(ENOENT\)/],
    ["no JSON", "{ hush", /The file can't be read \(it isn't JSON\)/],
    ["a private key", '{"https://a.example":{"keys":[{"kty":"RSA","kid":"a","d":"hush"}]}}', /oidcKeys/],
  ])("refuses a file that holds %s, and doesn't show it", async (_name, content, reason) => {
    rmSync(file, { force: true });
    if (content !== undefined) {
      writeFileSync(file, content);
    }
    const { exitCode, stderr } = await run({}, "--oidc-keys", file);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(reason);
    expect(stderr).not.toContain("hush");
  });
});
