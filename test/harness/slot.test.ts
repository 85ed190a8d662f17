/** Identities that killed runs left behind: a run with the same slot finds and deletes them, and no others. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CognitoIdentityClient,
  GetOpenIdTokenForDeveloperIdentityCommand,
  LookupDeveloperIdentityCommand,
  MergeDeveloperIdentitiesCommand,
} from "@aws-sdk/client-cognito-identity";
import { parseOutputs, type WalkOptions, walkFlow } from "../../harness";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { type DeploymentOutputs, deployWithSdk } from "../../scripts/sdk-deployment";
import { nightly } from "../support/access-walk";
import { identitiesLeft } from "../support/identities-left";
import { startProxy } from "../support/proxy";
import { verify } from "../support/verify-process";

let local: LocalAws;
let outputs: DeploymentOutputs;
let cognito: CognitoIdentityClient;
beforeEach(async () => {
  local = await startLocalAws();
  outputs = await deployWithSdk(local);
  const { region, endpoint, credentials } = local;
  cognito = new CognitoIdentityClient({ region, endpoint, credentials });
});
afterEach(async () => {
  cognito.destroy();
  await local.stop();
});

const walk = (options: Partial<WalkOptions> = {}) =>
  walkFlow({
    deployment: parseOutputs({ stack: outputs }, "test"),
    endpoint: local.endpoint,
    credentials: local.credentials,
    refusals: false,
    slot: "nightly",
    ...options,
  });

/** The run's users of so many days ago. */
function runOf(daysAgo: number, slot = "nightly"): string {
  return `harness-${new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10)}-${slot}`;
}

async function signIn(...users: readonly string[]): Promise<void> {
  for (const user of users) {
    await cognito.send(
      new GetOpenIdTokenForDeveloperIdentityCommand({
        IdentityPoolId: outputs.identity_pool_id,
        Logins: { [outputs.developer_provider_name]: user },
      }),
    );
  }
}

/** Those of the users that have an identity. */
async function known(users: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    users.map((DeveloperUserIdentifier) =>
      cognito
        .send(
          new LookupDeveloperIdentityCommand({
            IdentityPoolId: outputs.identity_pool_id,
            DeveloperUserIdentifier,
          }),
        )
        .then(
          () => true,
          () => false,
        ),
    ),
  );
  return users.filter((_, index) => found[index]);
}

test("what a killed run left is found, deleted and counted", async () => {
  const directory = mkdtempSync(join(tmpdir(), "slot-"));
  let killed: () => void = () => {};
  // Silent when both users have an identity, so that the run is killed there.
  const proxy = await startProxy(local.endpoint, ({ operation }) => {
    if (operation !== "GetCredentialsForIdentity") {
      return undefined;
    }
    killed();
    return { delay: 60_000 };
  });
  try {
    const file = join(directory, "outputs.json");
    writeFileSync(file, JSON.stringify({ stack: outputs }));
    const { accessKeyId, secretAccessKey } = local.credentials;
    const environment = {
      AWS_ENDPOINT_URL: proxy.endpoint,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    };
    await verify(["--outputs", file, "--slot", "nightly"], environment, (child) => {
      killed = () => child.kill("SIGKILL");
    });
  } finally {
    await proxy.close();
    rmSync(directory, { recursive: true });
  }
  expect(await identitiesLeft(local, outputs.identity_pool_id)).toBe(2);

  const report = await walk();
  expect(report).toMatchObject({ outcome: "passed", leftBehind: { found: 2, deleted: 2 } });
  // Whether that run was killed or goes on can't be told apart.
  expect(report.warnings).toEqual([
    expect.stringMatching(/^An earlier run of today left identities behind\. If it is still going on, /),
  ]);
  expect(await identitiesLeft(local, outputs.identity_pool_id)).toBe(0);
  expect(await walk()).toMatchObject({ leftBehind: { found: 0, deleted: 0 }, warnings: [] });
});

test("of the week before, and of no other slot, day or user", async () => {
  const gone = [`${runOf(1)}-first`, `${runOf(1)}-second`, `${runOf(7)}-first`];
  const kept = [`${runOf(8)}-first`, `${runOf(1, "weekly")}-first`, `${runOf(1, "nightly-2")}-first`, "ada"];
  await signIn(...gone, ...kept);
  expect(await walk()).toMatchObject({
    outcome: "passed",
    leftBehind: { found: 3, deleted: 3 },
    warnings: [],
  });
  expect(await known([...gone, ...kept])).toEqual(kept);
});

test("the users have the date and the slot in their names, and without a slot nothing is looked up", async () => {
  const users: string[] = [];
  const lookedUp: string[] = [];
  const proxy = await startProxy(local.endpoint, ({ operation, body }) => {
    const input = operation.endsWith("DeveloperIdentity") ? JSON.parse(body.toString()) : {};
    users.push(...Object.values<string>(input.Logins ?? {}));
    lookedUp.push(...[input.DeveloperUserIdentifier ?? []].flat());
    return undefined;
  });
  try {
    await walk({ endpoint: proxy.endpoint });
    expect([...new Set(users)]).toEqual([`${runOf(0)}-first`, `${runOf(0)}-second`]);
    expect(lookedUp).toHaveLength(16);
    users.length = 0;
    lookedUp.length = 0;
    const report = await walk({ endpoint: proxy.endpoint, slot: undefined });
    expect(report).not.toHaveProperty("leftBehind");
    expect(users.every((user) => /^harness-[0-9a-f]{8}-[0-9a-f-]{27}-(first|second)$/.test(user))).toBe(true);
    expect(lookedUp).toEqual([]);
  } finally {
    await proxy.close();
  }
});

test("without the permission to look them up it is a warning, and no count", async () => {
  const credentials = await nightly(local, "cognito-identity:LookupDeveloperIdentity");
  const report = await walk({ credentials });
  expect(report.outcome).toBe("passed");
  expect(report).not.toHaveProperty("leftBehind");
  expect(report.warnings).toEqual([
    expect.stringMatching(
      /^Identities of earlier runs may still be in the pool\. .*not authorized to perform: cognito-identity:LookupDeveloperIdentity/,
    ),
  ]);
});

test("what can't be deleted is found, and not counted as deleted", async () => {
  await signIn(`${runOf(3)}-first`);
  const credentials = await nightly(local, "cognito-identity:DeleteIdentities");
  const { leftBehind, warnings } = await walk({ credentials });
  expect(leftBehind).toEqual({ found: 1, deleted: 0 });
  expect(warnings[0]).toMatch(/DeleteIdentities/);
});

test("an identity that is somebody else's as well stays, and is told", async () => {
  const user = `${runOf(3)}-first`;
  await signIn(user, `${runOf(3)}-second`, "alice");
  await cognito.send(
    new MergeDeveloperIdentitiesCommand({
      IdentityPoolId: outputs.identity_pool_id,
      DeveloperProviderName: outputs.developer_provider_name,
      SourceUserIdentifier: user,
      DestinationUserIdentifier: "alice",
    }),
  );
  const report = await walk();
  expect(await known(["alice", `${runOf(3)}-second`])).toEqual(["alice"]);
  expect(report).not.toHaveProperty("leftBehind");
  expect(report.warnings).toEqual([
    expect.stringMatching(new RegExp(`${user} has an identity that is other users' as well: it stays`)),
  ]);
});

test.each(["", "Nightly", "-a", "a b", "a".repeat(33), "a/b"])("%j is no name", async (slot) => {
  await expect(walk({ slot })).rejects.toThrow(
    /^--slot ".*" is no name: give 1 to 32 small letters, digits and hyphens, e\.g\. --slot nightly\.$/,
  );
});

test("a client's walk has no users of its own to name", async () => {
  const sessions = { valid: async () => "session" };
  await expect(walk({ sessions })).rejects.toThrow(/--via login signs in none/);
});
