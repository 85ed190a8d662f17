/** What the account remembers of sessions: not all of them, and not for ever. */
import type { AddressInfo } from "node:net";
import { CreateFunctionCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { Account } from "../../../../local-aws/account";
import { dictionary } from "../../../../local-aws/account/dictionary";
import { Live } from "../../../../local-aws/account/live";
import type { Role } from "../../../../local-aws/account/state/iam";
import type { Session } from "../../../../local-aws/account/state/sts";
import { createListener } from "../../../../local-aws/server";
import { SESSIONS_IN_USE, storeSession } from "../../../../local-aws/services/sts/session-store";
import { bareAccount } from "../../../support/bare-account";
import { zipOf } from "../../../support/zip";

const HOUR = 3_600_000;
const CREDENTIALS = { accessKeyId: "AKIAROOT", secretAccessKey: "secret" };

const role = (name: string, trusted: string): Role => ({
  id: `AROA${name.toUpperCase()}`,
  name,
  path: "/",
  arn: `arn:aws:iam::123456789012:role/${name}`,
  createdAt: 0,
  description: undefined,
  maxSessionDuration: 43_200,
  trustPolicy: JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: trusted } }],
  }),
  inlinePolicies: dictionary([
    [
      "all",
      JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
      }),
    ],
  ]),
  attachedPolicies: [],
  permissionsBoundary: undefined,
  tags: dictionary<string>(),
});

/** An account with a role, whose clock is set by hand; epoch milliseconds. */
function accountAt(time: number) {
  const clock = { time };
  const { account } = bareAccount({ now: () => new Date(clock.time), rootCredentials: CREDENTIALS });
  account.state.iam.roles.demo = role("demo", "lambda.amazonaws.com");
  return { account, clock };
}

/** Sessions as `issueSession` makes them, but for their secrets, whose making takes time. @param duration hours */
function issue(account: Account, count: number, name: string, duration = 1): Session[] {
  const { id, name: roleName } = account.state.iam.roles.demo as Role;
  const expiration = account.now().getTime() + duration * HOUR;
  return Array.from({ length: count }, (_, number) => {
    const session: Session = {
      accessKeyId: `ASIA${issued++}`,
      secretAccessKey: "secret",
      sessionToken: "token",
      expiration,
      roleName,
      roleId: id,
      sessionName: `${name}${number}`,
      context: {},
      sessionPolicies: [],
      tags: dictionary(),
      transitiveTagKeys: [],
    };
    storeSession(account, session);
    return session;
  });
}

let issued = 0;

const remembered = ({ state }: Account, name = "") =>
  Object.values(state.sts.sessions).filter(({ sessionName }) => sessionName.startsWith(name));

test("ended sessions are known for an hour, and forgotten some time later", () => {
  const { account, clock } = accountAt(0);
  issue(account, 10, "old");
  clock.time = HOUR * 1.9;
  issue(account, 1000, "new");
  expect(remembered(account)).toHaveLength(1010);
  clock.time = HOUR * 2.1;
  issue(account, 1000, "later");
  expect(remembered(account, "old")).toEqual([]);
  expect(remembered(account)).toHaveLength(2000);
});

test("sessions that come from a file are looked through with the first new one", () => {
  const { account, clock } = accountAt(0);
  const [ended] = issue(account, 1, "ended") as [Session];
  account.state.sts.sessions = dictionary([[ended.accessKeyId, ended]]);
  account.live = new Live();
  clock.time = HOUR * 3;
  issue(account, 1, "new");
  expect(remembered(account).map(({ sessionName }) => sessionName)).toEqual(["new0"]);
});

test("twenty thousand live sessions are kept, and whoever loses one can read why", () => {
  const { account } = accountAt(0);
  const all = issue(account, 25_000, "s");
  const kept = remembered(account);
  expect(kept.length).toBeGreaterThanOrEqual(20_000);
  expect(kept.length).toBeLessThan(20_500);
  expect(kept).toEqual(all.slice(-kept.length));
  const notes = account.decisions.last();
  const forgotten = notes.map(({ subject }) => Number(/^\d+/.exec(subject)?.[0]));
  expect(forgotten.reduce((sum, count) => sum + count, 0)).toBe(25_000 - kept.length);
  expect(notes[0]).toMatchObject({ kind: "session", outcome: "refused" });
  expect(notes[0]?.detail.join("\n")).toContain(`${all[0]?.accessKeyId} of demo/s0`);
});

test("sessions that have ended go before one that lives, however old that is", () => {
  const { account, clock } = accountAt(0);
  issue(account, 1, "long", 12);
  issue(account, 19_999, "short");
  clock.time = HOUR * 1.5;
  issue(account, 10_000, "new");
  expect(remembered(account, "long")).toHaveLength(1);
  expect(remembered(account, "new")).toHaveLength(10_000);
  expect(remembered(account).length).toBeLessThan(20_500);
  expect(account.decisions.last()).toEqual([]);
});

test("so do sessions whose role is gone", () => {
  const { account } = accountAt(0);
  const [orphan] = issue(account, 1, "kept") as [Session];
  issue(account, 15_000, "orphan");
  account.state.iam.roles.demo = { ...(account.state.iam.roles.demo as Role), id: "AROAAGAIN" };
  account.state.sts.sessions[orphan.accessKeyId] = { ...orphan, roleId: "AROAAGAIN" };
  issue(account, 10_000, "new");
  expect([remembered(account, "kept").length, remembered(account, "new").length]).toEqual([1, 10_000]);
  expect(account.decisions.last()).toEqual([]);
});

test("a session in which a service works is kept as long as it does", () => {
  const { account } = accountAt(0);
  const [session] = issue(account, 1, "service", 12) as [Session];
  const inUse = () => [session.accessKeyId];
  account.live.part(SESSIONS_IN_USE).add(inUse);
  issue(account, 25_000, "s");
  expect(remembered(account, "service")).toHaveLength(1);
  account.live.part(SESSIONS_IN_USE).delete(inUse);
  issue(account, 1000, "t");
  expect(remembered(account, "service")).toHaveLength(0);
});

test("a new session costs the same, however many there are", () => {
  const { account } = accountAt(0);
  const timed = () => {
    const startedAt = process.cpuUsage();
    issue(account, 5000, "s");
    return process.cpuUsage(startedAt).user / 5000;
  };
  timed();
  issue(account, 20_000, "s");
  // Microseconds; a walk over all with each would take thousands.
  expect(timed()).toBeLessThan(500);
});

test("a warm function goes on, logs and all, after 21,000 sessions of others", async () => {
  const { account } = bareAccount({ now: () => new Date(), rootCredentials: CREDENTIALS });
  account.state.iam.roles.demo = role("demo", "lambda.amazonaws.com");
  const { server } = createListener(account);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  account.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const settings = { endpoint: account.endpoint, region: account.region };
  const lambda = new LambdaClient({ ...settings, credentials: CREDENTIALS });
  try {
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName: "warm",
        Runtime: "nodejs22.x",
        Handler: "index.handler",
        Role: account.state.iam.roles.demo.arn,
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
    issue(account, 21_000, "others");
    expect(await invoke(2)).toEqual(credentials);
    const sts = new STSClient({ ...settings, credentials });
    expect((await sts.send(new GetCallerIdentityCommand({}))).Arn).toMatch(/assumed-role\/demo\/warm$/);
    sts.destroy();
    const streams = Object.values(account.state.logs.groups["/aws/lambda/warm"]?.streams ?? {});
    const lines = streams.flatMap(({ events }) => events.map(({ message }) => message));
    expect(lines.filter((line) => line.includes("run "))).toHaveLength(2);
  } finally {
    lambda.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await account.live.stop();
  }
});
