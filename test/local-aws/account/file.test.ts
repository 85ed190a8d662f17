/** `--data FILE`: an account that survives restarts, and files that it must not touch. */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { CreateLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  CognitoIdentityClient,
  CreateIdentityPoolCommand,
  DescribeIdentityPoolCommand,
  GetOpenIdTokenForDeveloperIdentityCommand,
} from "@aws-sdk/client-cognito-identity";
import {
  CreateOpenIDConnectProviderCommand,
  IAMClient,
  ListOpenIDConnectProvidersCommand,
} from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import {
  AccountFileInUseError,
  type LocalAws,
  PortInUseError,
  startLocalAws,
  UnusableAccountFileError,
} from "../../../local-aws";
import { readAccount } from "../../../local-aws/account/file";
import { createFunction, invoke, startLambdaAccount } from "../../support/lambda-account";

let directory: string;
let file: string;
const running = new Set<LocalAws>();

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "account-file-"));
  file = path.join(directory, "account.json");
});

afterEach(async () => {
  await Promise.all([...running].map((account) => account.stop()));
  running.clear();
  rmSync(directory, { recursive: true, force: true });
});

async function startWithFile(options: Parameters<typeof startLocalAws>[0] = {}): Promise<LocalAws> {
  const account = await startLocalAws({ data: file, ...options });
  running.add(account);
  return account;
}

function cognito(account: LocalAws): CognitoIdentityClient {
  const { endpoint, region, credentials } = account;
  return new CognitoIdentityClient({ endpoint, region, credentials, maxAttempts: 1 });
}

async function createPool(account: LocalAws): Promise<string> {
  const { IdentityPoolId } = await cognito(account).send(
    new CreateIdentityPoolCommand({
      IdentityPoolName: "kept",
      AllowUnauthenticatedIdentities: false,
      DeveloperProviderName: "login.developer.example",
    }),
  );
  return IdentityPoolId as string;
}

const signIn = (account: LocalAws, IdentityPoolId: string) =>
  cognito(account).send(
    new GetOpenIdTokenForDeveloperIdentityCommand({
      IdentityPoolId,
      Logins: { "login.developer.example": "user" },
    }),
  );

test("keeps pools, identities, signing key and credentials across a restart", async () => {
  const first = await startWithFile();
  const poolId = await createPool(first);
  const { IdentityId } = await signIn(first, poolId);
  const keys = await (await fetch(`${first.endpoint}/.well-known/jwks_uri`)).json();
  await first.stop();

  const second = await startWithFile();
  expect(second.environment.AWS_SECRET_ACCESS_KEY).toBe(first.environment.AWS_SECRET_ACCESS_KEY);
  expect((await signIn(second, poolId)).IdentityId).toBe(IdentityId);
  expect(await (await fetch(`${second.endpoint}/.well-known/jwks_uri`)).json()).toEqual(keys);
});

test("has every change in the file before its answer arrives, readable for its owner only", async () => {
  const account = await startWithFile();
  const poolId = await createPool(account);
  // No stop: what is in the file now is what a crash would leave.
  expect(readAccount(file)?.state.cognitoIdentity.pools).toHaveProperty([poolId, "name"], "kept");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await account.stop();
  const text = readFileSync(file, "utf8");
  expect(JSON.parse(text).state.cognitoIdentity.pools).toHaveProperty([poolId, "name"], "kept");
  expect(text).toBe(`${JSON.stringify(JSON.parse(text), null, 2)}\n`);
});

test("changes that come at the same time are all in the file", async () => {
  const account = await startWithFile();
  const ids = await Promise.all(Array.from({ length: 20 }, () => createPool(account)));
  expect(Object.keys(readAccount(file)?.state.cognitoIdentity.pools ?? {}).sort()).toEqual(ids.sort());
});

test("reset empties the file as well and keeps the credentials", async () => {
  const account = await startWithFile();
  const poolId = await createPool(account);
  await account.reset();
  await account.stop();
  const again = await startWithFile();
  await expect(
    cognito(again).send(new DescribeIdentityPoolCommand({ IdentityPoolId: poolId })),
  ).rejects.toMatchObject({ name: "ResourceNotFoundException" });
});

test("takes given credentials in place of the saved ones", async () => {
  await (await startWithFile()).stop();
  const credentials = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "given" };
  expect((await startWithFile({ credentials })).credentials).toEqual(credentials);
});

const account = {
  format: "local-aws-account",
  version: 1,
  accountId: "123456789012",
  region: "us-east-1",
  rootCredentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "secret" },
  state: {
    iam: { roles: {}, policies: {} },
    sts: { sealingKey: Buffer.alloc(32, "key").toString("base64") },
    cognitoIdentity: { pools: {} },
    lambda: { functions: {} },
    logs: { groups: {} },
    apiGateway: { restApis: {} },
  },
};

test("a sound one is taken", async () => {
  writeFileSync(file, JSON.stringify(account));
  expect((await startWithFile()).credentials).toEqual(account.rootCredentials);
});

test("one of a version without OpenID Connect providers is taken, and can have some", async () => {
  writeFileSync(file, JSON.stringify(account));
  const { endpoint, region, credentials, resources } = await startWithFile();
  const iam = new IAMClient({ endpoint, region, credentials, maxAttempts: 1 });
  expect(await iam.send(new ListOpenIDConnectProvidersCommand({}))).toMatchObject({
    OpenIDConnectProviderList: [],
  });
  await iam.send(new CreateOpenIDConnectProviderCommand({ Url: "https://issuer.example" }));
  expect(resources()).toEqual(["arn:aws:iam::123456789012:oidc-provider/issuer.example"]);
  iam.destroy();
});

/** As 0.4.0 kept it, with a session. */
const session = {
  accessKeyId: "ASIAIOSFODNN7EXAMPLE",
  secretAccessKey: "secret",
  sessionToken: "A".repeat(336),
  expiration: 4_000_000_000_000,
  roleName: "r",
  roleId: "AROA",
  sessionName: "s",
  context: {},
  sessionPolicies: [],
  tags: {},
  transitiveTagKeys: [],
};
const before = {
  ...account,
  state: { ...account.state, sts: { sessions: { [session.accessKeyId]: session } } },
};

test("one of 0.4.0 is taken, without the sessions that it has", async () => {
  writeFileSync(file, JSON.stringify(before));
  const { endpoint, region, credentials } = await startWithFile();
  expect(credentials).toEqual(account.rootCredentials);
  const written = readFileSync(file, "utf8");
  expect([written.includes(session.accessKeyId), written.includes("sessions")]).toEqual([false, false]);
  expect(readAccount(file)?.state.sts).toEqual({ sealingKey: expect.stringMatching(/^[\w+/]{43}=$/) });
  const { accessKeyId, secretAccessKey, sessionToken } = session;
  const sts = new STSClient({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey, sessionToken },
    maxAttempts: 1,
  });
  await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
    name: "InvalidClientTokenId",
    message: "The security token included in the request is invalid.",
  });
  sts.destroy();
});

test("so is one that a killed process of 0.4.0 has left, with sessions in its changes", async () => {
  const json = `${JSON.stringify(before, null, 2)}\n`;
  const sha256 = createHash("sha256").update(json).digest("hex");
  const later = { ...session, accessKeyId: "ASIALATER" };
  const lines = [
    `{"format":"local-aws-account-changes","of":"${sha256}"}`,
    JSON.stringify([
      [["sts", "sessions", later.accessKeyId], later, true],
      [["sts", "sessions", session.accessKeyId]],
      [["logs", "groups", "kept"], { createdAt: 0 }, true],
    ]),
    JSON.stringify([[["sts", "sessions", later.accessKeyId, "expiration"], 1]]),
    JSON.stringify([[["sts", "sessions"], { [later.accessKeyId]: later }]]),
  ];
  writeFileSync(file, `${json}${lines.map((line) => `${line}\n`).join("")}`);
  const state = readAccount(file)?.state;
  expect(Object.keys(state?.sts ?? {})).toEqual(["sealingKey"]);
  expect(Object.keys(state?.logs.groups ?? {})).toEqual(["kept"]);
  await startWithFile();
  expect(readFileSync(file, "utf8")).not.toMatch(/ASIA/);
});

const withKey = (sealingKey: unknown) =>
  JSON.stringify({ ...account, state: { ...account.state, sts: { sealingKey } } });

test.each<[string, string, RegExp]>([
  ...[
    undefined,
    null,
    7,
    "",
    "x",
    {},
    Buffer.alloc(31).toString("base64"),
    Buffer.alloc(33).toString("base64"),
  ].map((key): [string, string, RegExp] => [
    `has ${JSON.stringify(key)} for the key that seals sessions`,
    withKey(key),
    /damaged at state\.sts\.sealingKey \(it must be the base64 of 32 bytes\)/,
  ]),
  [
    "has a list for the sessions of before",
    JSON.stringify({ ...account, state: { ...account.state, sts: { sessions: [] } } }),
    /damaged at state\.sts\.sealingKey/,
  ],
  [
    "lacks STS",
    JSON.stringify({ ...account, state: { ...account.state, sts: undefined } }),
    /damaged at state\.sts/,
  ],
  ["is cut off", JSON.stringify(account).slice(0, -10), /isn't JSON, or not all of it is there/],
  ["is empty", "", /isn't JSON/],
  ["is another program's", '{"name":"something"}', /isn't an account of local AWS/],
  ["holds null", "null", /isn't an account of local AWS/],
  [
    "has a later version",
    JSON.stringify({ ...account, version: 2 }),
    /has version 2, and this program reads version 1/,
  ],
  [
    "lacks a section",
    JSON.stringify({ ...account, state: { ...account.state, iam: undefined } }),
    /damaged at state\.iam/,
  ],
  [
    "lacks a member of a section",
    JSON.stringify({ ...account, state: { ...account.state, iam: { roles: {} } } }),
    /damaged at state\.iam\.policies/,
  ],
  [
    "has a text for a member",
    JSON.stringify({ ...account, state: { ...account.state, iam: { roles: "gone", policies: {} } } }),
    /damaged at state\.iam\.roles/,
  ],
  [
    "has a list for a member",
    JSON.stringify({ ...account, state: { ...account.state, lambda: { functions: [] } } }),
    /damaged at state\.lambda\.functions/,
  ],
  [
    "has a text for a role",
    JSON.stringify({ ...account, state: { ...account.state, iam: { roles: { r: "gone" }, policies: {} } } }),
    /damaged at state\.iam\.roles\.r/,
  ],
  ["has no region", JSON.stringify({ ...account, region: "x y" }), /damaged at region/],
  ["has a broken account id", JSON.stringify({ ...account, accountId: "12" }), /damaged at accountId/],
])("a file that %s is refused with its reason and left untouched", async (_name, content, reason) => {
  writeFileSync(file, content);
  await expect(startWithFile()).rejects.toThrow(reason);
  await expect(startWithFile()).rejects.toThrow(UnusableAccountFileError);
  expect(readFileSync(file, "utf8")).toBe(content);
});

test("a file of another region is refused with the cure", async () => {
  await (await startWithFile({ region: "eu-central-1" })).stop();
  await expect(startWithFile({ region: "us-east-1" })).rejects.toThrow(
    /holds account 123456789012 in eu-central-1, and account 123456789012 in us-east-1 was asked for.*Name another file/,
  );
});

test("a file that can't be written is told at the start", async () => {
  file = path.join(directory, "missing", "account.json");
  await expect(startWithFile()).rejects.toThrow(/can't be written \(ENOENT\)/);
  expect(existsSync(file)).toBe(false);
});

test("reads don't have anything written, and what only looks like a read does", async () => {
  const account = await startWithFile();
  const poolId = await createPool(account);
  const written = statSync(file, { bigint: true });
  await cognito(account).send(new DescribeIdentityPoolCommand({ IdentityPoolId: poolId }));
  await fetch(`${account.endpoint}/_local/health`);
  expect(statSync(file, { bigint: true })).toMatchObject({ mtimeNs: written.mtimeNs, ino: written.ino });
  const { IdentityId } = await signIn(account, poolId);
  expect(readFileSync(file, "utf8")).toContain(IdentityId);
});

test("the public key is in the file before anybody has it", async () => {
  const account = await startWithFile();
  const answer = await fetch(`${account.endpoint}/.well-known/jwks_uri`);
  const { keys } = (await answer.json()) as { keys: { n: string }[] };
  expect(readFileSync(file, "utf8")).toContain(keys[0]?.n);
});

test("is one account's at a time, by whichever name", async () => {
  const first = await startWithFile();
  const again = startWithFile({ data: path.relative(process.cwd(), file) });
  await expect(again).rejects.toThrow(AccountFileInUseError);
  await expect(again).rejects.toThrow(`in use by the account of process ${process.pid}. Stop that account`);
  await first.stop();
  expect(readdirSync(directory)).toEqual(["account.json"]);
  await startWithFile();
});

test("a lock of another process that lives is heeded, a dead one's is taken over", async () => {
  const lock = `${file}.lock`;
  writeFileSync(lock, `${process.ppid}\n`);
  await expect(startWithFile()).rejects.toThrow(`process ${process.ppid} isn't local AWS, remove`);
  expect(readdirSync(directory)).toEqual(["account.json.lock"]);
  const { pid } = spawnSync(process.execPath, ["--version"]);
  for (const left of [`${pid}\n`, `${process.pid}\n`, ""]) {
    writeFileSync(lock, left);
    const account = await startWithFile();
    expect(readFileSync(lock, "utf8")).toBe(`${process.pid}\n`);
    await account.stop();
    expect(existsSync(lock)).toBe(false);
  }
});

test("a symbolic link to it stays one, and its directory may be one", async () => {
  const real = path.join(directory, "real");
  mkdirSync(real);
  symlinkSync("real", path.join(directory, "linked"));
  file = path.join(directory, "linked", "account.json");
  const first = await startWithFile();
  // Its path isn't known by its other names before it is there.
  await expect(startWithFile()).rejects.toThrow(AccountFileInUseError);
  await expect(startWithFile({ data: path.join(real, "account.json") })).rejects.toThrow(
    AccountFileInUseError,
  );
  const link = path.join(directory, "link.json");
  symlinkSync(path.join("real", "account.json"), link);
  await expect(startWithFile({ data: link })).rejects.toThrow(AccountFileInUseError);
  await first.stop();
  const poolId = await createPool(await startWithFile({ data: link }));
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(path.join(real, "account.json"), "utf8")).toContain(poolId);
  expect(readdirSync(directory).sort()).toEqual(["link.json", "linked", "real"]);
});

test("a symbolic link that leads nowhere is refused with the cure and stays", async () => {
  symlinkSync("missing.json", file);
  await expect(startWithFile()).rejects.toThrow(UnusableAccountFileError);
  await expect(startWithFile()).rejects.toThrow(
    /is a symbolic link \(to missing\.json\) that leads nowhere.*Name the file that is to be, or remove the link\./,
  );
  expect(readdirSync(directory)).toEqual(["account.json"]);
  expect(lstatSync(file).isSymbolicLink()).toBe(true);
});

test.each(["0", "00", "-1", "1e3", "someone"])(
  "a lock that holds %j is refused with the cure",
  async (content) => {
    const lock = `${file}.lock`;
    writeFileSync(lock, `${content}\n`);
    await expect(startWithFile()).rejects.toThrow(UnusableAccountFileError);
    await expect(startWithFile()).rejects.toThrow(
      `${lock} holds "${content}", which is no process's id, so it can't be told whether another account uses the file. It was left untouched. If none does, remove ${lock}.`,
    );
    expect(readdirSync(directory)).toEqual(["account.json.lock"]);
    rmSync(lock);
    await startWithFile();
  },
);

test("what a killed process was writing has one name, which git ignores and the next start removes", async () => {
  // The write never ends: the process is killed when all is written, but the file isn't replaced yet.
  const source = `
    for (const fs of [require("node:fs"), require("node:fs/promises")]) {
      fs.rename = () => {
        console.log("written");
        return new Promise(() => {});
      };
    }
    require("./local-aws").startLocalAws({ data: ${JSON.stringify(file)} });`;
  for (const _attempt of [1, 2]) {
    const child = spawn(process.execPath, ["--import", "tsx", "--eval", source], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(readdirSync(directory).sort()).toEqual(["account.json.lock", "account.json.tmp"]);
  }
  const left = path.join(directory, "account.json.tmp");
  expect([readFileSync(left, "utf8").length > 0, statSync(left).mode & 0o777]).toEqual([true, 0o600]);
  for (const name of readdirSync(directory)) {
    expect(spawnSync("git", ["check-ignore", name], { cwd: path.join(__dirname, "../../..") }).status).toBe(
      0,
    );
  }
  const account = await startWithFile();
  expect(readdirSync(directory).sort()).toEqual(["account.json", "account.json.lock"]);
  await account.stop();
  expect(readdirSync(directory)).toEqual(["account.json"]);
});

test("what stands in the place of the temporary file is never written to", async () => {
  const elsewhere = path.join(directory, "elsewhere");
  writeFileSync(elsewhere, "untouched");
  const temporary = `${file}.tmp`;
  symlinkSync(elsewhere, temporary);
  const account = await startWithFile();
  symlinkSync(elsewhere, temporary);
  const poolId = await createPool(account);
  await account.stop();
  expect(readFileSync(elsewhere, "utf8")).toBe("untouched");
  expect(readFileSync(file, "utf8")).toContain(poolId);
  expect(existsSync(temporary)).toBe(false);
});

const asRoot = process.getuid?.() === 0 ? test : test.skip;

asRoot("stays its owner's when root runs the account", async () => {
  await (await startWithFile()).stop();
  chownSync(file, 12_345, 12_346);
  await createPool(await startWithFile());
  expect(statSync(file)).toMatchObject({ uid: 12_345, gid: 12_346 });
});

test("a process that just exits leaves no lock", () => {
  const source = `require("./local-aws").startLocalAws({ data: ${JSON.stringify(file)} }).then(() => process.exit());`;
  const { status } = spawnSync(process.execPath, ["--import", "tsx", "--eval", source]);
  expect([status, readdirSync(directory)]).toEqual([0, ["account.json"]]);
});

test("an account that doesn't get its port leaves no file", async () => {
  const { port } = await startWithFile();
  const other = path.join(directory, "other.json");
  await expect(startWithFile({ data: other, port })).rejects.toThrow(PortInUseError);
  expect(readdirSync(directory).filter((name) => name.startsWith("other"))).toEqual([]);
});

test("stop() waits for what is being worked on, and leaves nothing that writes", async () => {
  const account = await startLambdaAccount({ data: file });
  await account.logs.send(new CreateLogGroupCommand({ logGroupName: "/aws/lambda/slow" }));
  await createFunction(account, "slow", "exports.handler = () => new Promise((r) => setTimeout(r, 2_000))");
  const waiting = invoke(account, "slow").catch(() => "hung up");
  await new Promise((resolve) => setTimeout(resolve, 600));
  await account.aws.stop();
  const text = readFileSync(file, "utf8");
  expect(text).toContain("signal: killed");
  expect(await waiting).toBe("hung up");
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(readFileSync(file, "utf8")).toBe(text);
});
