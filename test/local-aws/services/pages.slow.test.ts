/** Lists of a hundred thousand: every page through real clients, nothing twice and nothing left out. */
import type { AddressInfo } from "node:net";
import { CloudWatchLogsClient, paginateFilterLogEvents } from "@aws-sdk/client-cloudwatch-logs";
import {
  CognitoIdentityClient,
  CreateIdentityPoolCommand,
  ListIdentitiesCommand,
} from "@aws-sdk/client-cognito-identity";
import { CreateRoleCommand, IAMClient, paginateListRoles } from "@aws-sdk/client-iam";
import type { Account } from "../../../local-aws/account";
import type { IdentityPool } from "../../../local-aws/account/state/cognito-identity";
import type { Role } from "../../../local-aws/account/state/iam";
import { createListener } from "../../../local-aws/server";
import { createIdentity, linkUser } from "../../../local-aws/services/cognito-identity/identity";
import { writeLogEvents } from "../../../local-aws/services/logs/events";
import { createGroup } from "../../../local-aws/services/logs/groups";
import { bareAccount } from "../../support/bare-account";
import { PROVIDER, trust } from "../../support/identity-account";

const MANY = 100_000;
const CREDENTIALS = { accessKeyId: "AKIAROOT", secretAccessKey: "root" };

let account: Account;
let listener: ReturnType<typeof createListener>;
let settings: { endpoint: string; region: string; credentials: typeof CREDENTIALS };

beforeAll(async () => {
  ({ account } = bareAccount({ now: () => new Date(), rootCredentials: CREDENTIALS }));
  listener = createListener(account);
  await new Promise<void>((resolve) => listener.server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(listener.server.address() as AddressInfo).port}`;
  settings = { endpoint, region: account.region, credentials: CREDENTIALS };
});

afterAll(async () => {
  listener.server.closeAllConnections();
  await new Promise((resolve) => listener.server.close(resolve));
});

test("identities, sixty a page", async () => {
  const cognito = new CognitoIdentityClient(settings);
  const { IdentityPoolId } = await cognito.send(
    new CreateIdentityPoolCommand({
      IdentityPoolName: "many",
      AllowUnauthenticatedIdentities: false,
      DeveloperProviderName: PROVIDER,
    }),
  );
  const pool = account.state.cognitoIdentity.pools[IdentityPoolId as string] as IdentityPool;
  for (let number = 0; number < MANY; number += 1) {
    linkUser(account, pool, createIdentity(account, pool), `user-${number}`);
  }
  const given: (string | undefined)[] = [];
  let NextToken: string | undefined;
  do {
    const page = await cognito.send(new ListIdentitiesCommand({ IdentityPoolId, MaxResults: 60, NextToken }));
    given.push(...(page.Identities ?? []).map((identity) => identity.IdentityId));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  cognito.destroy();
  expect(given).toHaveLength(MANY);
  expect(given).toEqual(Object.keys(pool.identities));
}, 120_000);

test("roles, a thousand a page", async () => {
  const iam = new IAMClient(settings);
  const AssumeRolePolicyDocument = trust({ Service: "lambda.amazonaws.com" });
  await iam.send(new CreateRoleCommand({ RoleName: "role", AssumeRolePolicyDocument }));
  const { roles } = account.state.iam;
  for (let number = 1; number < MANY; number += 1) {
    const name = `role-${number}`;
    roles[name] = { ...(roles.role as Role), name, arn: `arn:aws:iam::${account.id}:role/${name}` };
  }
  const given: (string | undefined)[] = [];
  for await (const page of paginateListRoles({ client: iam, pageSize: 1000 }, {})) {
    given.push(...(page.Roles ?? []).map((role) => role.RoleName));
  }
  iam.destroy();
  expect(given).toHaveLength(MANY);
  expect(given).toEqual(Object.keys(roles));
}, 120_000);

test("log events of ten streams, ten thousand a page", async () => {
  const logs = new CloudWatchLogsClient(settings);
  createGroup(account, "many", { retentionInDays: 1 });
  const start = account.now().getTime() - 1000;
  for (let stream = 0; stream < 10; stream += 1) {
    const messages = Array.from({ length: MANY / 10 }, (_, number) => ({
      timestamp: start + (number % 1000),
      message: `${stream}/${number}`,
    })).sort((a, b) => a.timestamp - b.timestamp);
    writeLogEvents(account, { group: "many", stream: `${stream}`, messages });
  }
  const given = new Set<string | undefined>();
  let last = 0;
  for await (const { events = [] } of paginateFilterLogEvents({ client: logs }, { logGroupName: "many" })) {
    for (const { message, timestamp = 0 } of events) {
      expect(timestamp >= last && !given.has(message)).toBe(true);
      last = timestamp;
      given.add(message);
    }
  }
  logs.destroy();
  expect(given.size).toBe(MANY);
}, 120_000);
