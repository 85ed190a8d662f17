/** The account keeps no list of its sessions: how many there are, restarts, resets, and how much a session may have to it. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { GetCredentialsForIdentityCommand } from "@aws-sdk/client-cognito-identity";
import {
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  GetRoleCommand,
  ListRolesCommand,
} from "@aws-sdk/client-iam";
import { CreateFunctionCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { dictionary } from "../../../../local-aws/account/dictionary";
import type { Role } from "../../../../local-aws/account/state/iam";
import { createListener } from "../../../../local-aws/server";
import { issueSession } from "../../../../local-aws/services/sts/sessions";
import { bareAccount } from "../../../support/bare-account";
import {
  ACCOUNT_ID,
  allow,
  assume,
  COGNITO,
  type Credentials,
  createPool,
  createRole,
  credentialsOf,
  developerToken,
  failure,
  type IdentityAccount,
  openSession,
  policy,
  poolTrust,
  setRoles,
  startIdentityAccount,
  trust,
} from "../../../support/identity-account";
import { zipOf } from "../../../support/zip";

const UNKNOWN = {
  name: "InvalidClientTokenId",
  status: 403,
  message: "The security token included in the request is invalid.",
};
const EXPIRED = { name: "ExpiredToken", status: 403 };

const running: IdentityAccount[] = [];
const stopAll = () => Promise.all(running.splice(0).map((account) => account.stop()));
afterEach(stopAll);

async function start(options: Parameters<typeof startIdentityAccount>[0] = {}): Promise<IdentityAccount> {
  const account = await startIdentityAccount(options);
  running.push(account);
  return account;
}

const whoIs = (account: IdentityAccount, credentials: Credentials) =>
  account.as(credentials).sts.send(new GetCallerIdentityCommand({}));

/** A pool with a user in it, and what gets credentials of the user. */
async function member(account: IdentityAccount) {
  const poolId = await createPool(account);
  const authenticated = await createRole(account.iam, "members", poolTrust(poolId), allow("iam:ListRoles"));
  await setRoles(account, poolId, { authenticated });
  const { identityId, token } = await developerToken(account, poolId, "alice");
  return async () => {
    const input = { IdentityId: identityId, Logins: { [COGNITO]: token } };
    const answer = await account.cognito.send(new GetCredentialsForIdentityCommand(input));
    return credentialsOf(answer.Credentials);
  };
}

test("after 25,000 sessions the first one works, a function's too, and the account holds what it held", async () => {
  const rootCredentials = { accessKeyId: "AKIAROOT", secretAccessKey: "secret" };
  const { account } = bareAccount({ now: () => new Date(), rootCredentials });
  const role: Role = {
    id: "AROADEMO",
    name: "demo",
    path: "/",
    arn: "arn:aws:iam::123456789012:role/demo",
    createdAt: 0,
    description: undefined,
    maxSessionDuration: 43_200,
    trustPolicy: trust({ Service: "lambda.amazonaws.com" }),
    inlinePolicies: dictionary([["all", policy(allow("*"))]]),
    attachedPolicies: [],
    permissionsBoundary: undefined,
    tags: dictionary<string>(),
  };
  account.state.iam.roles.demo = role;
  const { server } = createListener(account);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  account.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const settings = { endpoint: account.endpoint, region: account.region };
  const lambda = new LambdaClient({ ...settings, credentials: rootCredentials });
  const arnOf = async (credentials: Credentials) => {
    const sts = new STSClient({ ...settings, credentials });
    const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
    sts.destroy();
    return Arn;
  };
  try {
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName: "warm",
        Runtime: "nodejs22.x",
        Handler: "index.handler",
        Role: role.arn,
        Code: {
          ZipFile: zipOf({
            "index.js": `exports.handler = async (event) => {
              console.log("run", event.run);
              const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
              return { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY, sessionToken: AWS_SESSION_TOKEN };
            };`,
          }),
        },
      }),
    );
    const invoke = async (run: number) => {
      const { Payload } = await lambda.send(
        new InvokeCommand({ FunctionName: "warm", Payload: JSON.stringify({ run }) }),
      );
      return JSON.parse(Buffer.from(Payload ?? []).toString());
    };
    const credentials = await invoke(1);
    const issue = (number: number) =>
      issueSession(account, role, { sessionName: `s${number}`, duration: 3600 });
    const { accessKeyId, secretAccessKey, sessionToken } = issue(0);
    const before = JSON.stringify(account.state);
    for (let number = 1; number < 25_000; number += 1) {
      issue(number);
    }
    expect(JSON.stringify(account.state)).toBe(before);
    expect(await arnOf({ accessKeyId, secretAccessKey, sessionToken })).toMatch(/assumed-role\/demo\/s0$/);
    expect(await invoke(2)).toEqual(credentials);
    expect(await arnOf(credentials)).toMatch(/assumed-role\/demo\/warm$/);
    const streams = Object.values(account.state.logs.groups["/aws/lambda/warm"]?.streams ?? {});
    const lines = streams.flatMap(({ events }) => events.map(({ message }) => message));
    expect(lines.filter((line) => line.includes("run "))).toHaveLength(2);
  } finally {
    lambda.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await account.live.stop();
  }
}, 120_000);

test("a session works until its end and is refused as expired for ever after", async () => {
  const account = await start();
  const credentials = await (await member(account))();
  account.advance(3590);
  await whoIs(account, credentials);
  for (const later of [10, 2 * 3600, 400 * 24 * 3600]) {
    account.advance(later);
    expect(await failure(whoIs(account, credentials))).toMatchObject(EXPIRED);
  }
});

test("a session is its account's, until a reset", async () => {
  const account = await start();
  const { credentials } = await openSession(account, "role", allow("iam:ListRoles"));
  expect(await failure(whoIs(await start(), credentials))).toEqual(UNKNOWN);
  await whoIs(account, credentials);
  await account.aws.reset();
  await createRole(account.iam, "role", trust({ AWS: ACCOUNT_ID }), allow("iam:ListRoles"));
  expect(await failure(whoIs(account, credentials))).toEqual(UNKNOWN);
  expect(account.aws.decisions(1)[0]?.detail).toEqual([
    "UnrecognizedClient: the session token isn't one of this account, or is from before its last reset",
  ]);
});

describe("in an account with a file", () => {
  let directory: string;
  let data: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), "sessions-"));
    data = path.join(directory, "account.json");
  });
  afterEach(async () => {
    await stopAll();
    rmSync(directory, { recursive: true, force: true });
  });

  const restarted = async () => {
    await stopAll();
    return start({ data });
  };

  test("a session goes on after a restart, and ends with a reset, also for those that come later", async () => {
    let account = await start({ data });
    const credentials = await (await member(account))();
    account = await restarted();
    await account.as(credentials).iam.send(new ListRolesCommand({}));
    await account.aws.reset();
    expect(await failure(whoIs(account, credentials))).toEqual(UNKNOWN);
    account = await restarted();
    expect(await failure(whoIs(account, credentials))).toEqual(UNKNOWN);
  });

  test("a new one writes nothing", async () => {
    const account = await start({ data });
    const issue = await member(account);
    const target = await createRole(account.iam, "target", trust({ AWS: ACCOUNT_ID }));
    const caller = await openSession(account, "caller", allow("sts:AssumeRole"));
    const before = readFileSync(data, "utf8");
    const issued = await Promise.all(Array.from({ length: 20 }, issue));
    issued.push(credentialsOf((await assume(caller.sts, target)).Credentials));
    expect(readFileSync(data, "utf8")).toBe(before);
    for (const credentials of issued) {
      await whoIs(account, credentials);
    }
  });
});

describe("managed session policies", () => {
  const seeRoles = policy(allow("iam:ListRoles"));

  test("are those of the moment, and allow nothing when they are gone", async () => {
    const account = await start();
    const target = await createRole(account.iam, "target", trust({ AWS: ACCOUNT_ID }), allow("iam:*"));
    const caller = await openSession(account, "caller", allow("sts:AssumeRole"));
    const { Policy } = await account.iam.send(
      new CreatePolicyCommand({ PolicyName: "narrow", PolicyDocument: seeRoles }),
    );
    const PolicyArn = Policy?.Arn as string;
    const { Credentials: issued } = await assume(caller.sts, target, { PolicyArns: [{ arn: PolicyArn }] });
    const { iam } = account.as(credentialsOf(issued));
    const list = () => iam.send(new ListRolesCommand({}));
    const get = () => iam.send(new GetRoleCommand({ RoleName: "target" }));
    const denied = {
      name: "AccessDenied",
      message: expect.stringContaining("because no session policy allows"),
    };

    await list();
    expect(await failure(get())).toMatchObject(denied);
    await account.iam.send(
      new CreatePolicyVersionCommand({
        PolicyArn,
        PolicyDocument: policy(allow("iam:GetRole")),
        SetAsDefault: true,
      }),
    );
    await get();
    expect(await failure(list())).toMatchObject(denied);
    await account.iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: "v1" }));
    await account.iam.send(new DeletePolicyCommand({ PolicyArn }));
    expect(await failure(get())).toMatchObject(denied);
    expect(await failure(list())).toMatchObject(denied);
  });
});

describe("the largest", () => {
  const LONG = "n".repeat(64);
  const trusting = trust({ AWS: ACCOUNT_ID }, ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]);
  /** Letters of three bytes each. */
  const wide = (count: number) =>
    Array.from({ length: count }, (_, index) => String.fromCodePoint(0x4e00 + index));

  async function largest() {
    const account = await start();
    const target = await createRole(account.iam, LONG, trusting, allow("*"));
    const caller = await openSession(account, "caller", allow("*"));
    const arns = await Promise.all(
      Array.from({ length: 10 }, async (_, number) => {
        const PolicyDocument = policy(
          allow("iam:List*", Array(120).fill(`arn:aws:iam::*:role/${number}-a-long-name`)),
        );
        const create = new CreatePolicyCommand({ PolicyName: `p${number}`, PolicyDocument });
        return (await account.iam.send(create)).Policy?.Arn as string;
      }),
    );
    const options = { RoleSessionName: LONG, SourceIdentity: LONG, PolicyArns: arns.map((arn) => ({ arn })) };
    return { account, target, caller, options, left: 2048 - arns.join("").length };
  }

  test("session policies that one may have fit into a token", async () => {
    const { account, target, caller, options, left } = await largest();
    const document = policy(allow("iam:ListRoles"));
    // White space that JSON escapes.
    const space = "\t\n".repeat(1024).slice(0, left - document.length);
    const Policy = document.replace("{", `{${space}`);
    const answer = await assume(caller.sts, target, { ...options, Policy });
    expect(answer.PackedPolicySize).toBe(100);
    const credentials = credentialsOf(answer.Credentials);
    expect(credentials.sessionToken?.length).toBeGreaterThan(4000);
    await account.as(credentials).iam.send(new ListRolesCommand({}));
  });

  test("tags that one may have do", async () => {
    const { account, target, caller, options, left } = await largest();
    const each = Math.floor(left / 50) - 1;
    const Tags = wide(50).map((Key) => ({ Key, Value: "字".repeat(each) }));
    const answer = await assume(caller.sts, target, { ...options, Tags, TransitiveTagKeys: wide(50) });
    expect(answer.PackedPolicySize).toBeGreaterThan(97);
    await whoIs(account, credentialsOf(answer.Credentials));
  });

  test("are refused where they come to more than a token holds, by tags that are inherited", async () => {
    const { account, target, caller } = await largest();
    const keys = wide(24);
    const tags = (from: number) => {
      const Tags = keys.slice(from, from + 8).map((Key) => ({ Key, Value: "字".repeat(255) }));
      return { Tags, TransitiveTagKeys: Tags.map(({ Key }) => Key) };
    };
    const once = credentialsOf((await assume(caller.sts, target, tags(0))).Credentials);
    await whoIs(account, once);
    expect(await failure(assume(account.as(once).sts, target, tags(8)))).toMatchObject({
      name: "PackedPolicyTooLargeException",
      status: 400,
      message: expect.stringMatching(
        /^Packed policy consumes 1\d\d% of allotted space, please use smaller policy\.$/,
      ),
    });
    await whoIs(account, credentialsOf((await assume(account.as(once).sts, target)).Credentials));
  });

  test("are refused in Cognito's words where Cognito asks for them", async () => {
    const account = await start();
    const poolId = await createPool(account);
    const authenticated = await createRole(
      account.iam,
      "members",
      poolTrust(poolId, "authenticated", ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]),
    );
    await setRoles(account, poolId, { authenticated });
    const credentialsFor = async (user: string, tag: string) => {
      const { identityId, token } = await developerToken(account, poolId, user, {
        PrincipalTags: { tag, other: tag },
      });
      return account.cognito.send(
        new GetCredentialsForIdentityCommand({ IdentityId: identityId, Logins: { [COGNITO]: token } }),
      );
    };
    // What takes six characters of JSON each.
    const escaped = (length: number) => "\u0001".repeat(length);
    await whoIs(account, credentialsOf((await credentialsFor(escaped(1024), "x")).Credentials));
    expect(await failure(credentialsFor(escaped(1024), escaped(220)))).toMatchObject({
      name: "InvalidIdentityPoolConfigurationException",
      status: 400,
    });
    expect(account.aws.decisions(1)[0]?.detail).toEqual([
      expect.stringMatching(/^STS issues no session: Packed policy consumes 1\d\d% of allotted space/),
    ]);
  });
});
