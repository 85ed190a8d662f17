/** `--data FILE`: an account that survives restarts, and files that it must not touch. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  CognitoIdentityClient,
  CreateIdentityPoolCommand,
  DescribeIdentityPoolCommand,
  GetOpenIdTokenForDeveloperIdentityCommand,
} from "@aws-sdk/client-cognito-identity";
import { type LocalAws, startLocalAws, UnusableAccountFile } from "../../local-aws";

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
  const text = readFileSync(file, "utf8");
  expect(JSON.parse(text).state.cognitoIdentity.pools).toHaveProperty([poolId, "name"], "kept");
  expect(text).toContain('\n  "version": 1');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("changes that come at the same time are all in the file", async () => {
  const account = await startWithFile();
  const ids = await Promise.all(Array.from({ length: 20 }, () => createPool(account)));
  expect(Object.keys(JSON.parse(readFileSync(file, "utf8")).state.cognitoIdentity.pools).sort()).toEqual(
    ids.sort(),
  );
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
  state: { iam: {}, sts: {}, cognitoIdentity: {}, lambda: {}, logs: {}, apiGateway: {} },
};

test.each<[string, string, RegExp]>([
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
  ["has a broken account id", JSON.stringify({ ...account, accountId: "12" }), /damaged at accountId/],
])("a file that %s is refused with its reason and left untouched", async (_name, content, reason) => {
  writeFileSync(file, content);
  await expect(startWithFile()).rejects.toThrow(reason);
  await expect(startWithFile()).rejects.toThrow(UnusableAccountFile);
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
