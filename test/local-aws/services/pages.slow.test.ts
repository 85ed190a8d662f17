/** Lists of a hundred thousand, page by page through real clients: nothing twice, nothing left out, also while entries come and go. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogStreamCommand,
  DescribeLogStreamsCommand,
  PutLogEventsCommand,
  paginateDescribeLogStreams,
  paginateFilterLogEvents,
  paginateGetLogEvents,
} from "@aws-sdk/client-cloudwatch-logs";
import {
  CognitoIdentityClient,
  DeleteIdentitiesCommand,
  GetIdCommand,
  ListIdentitiesCommand,
} from "@aws-sdk/client-cognito-identity";
import { CreateRoleCommand, DeleteRoleCommand, IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { type LocalAws, startLocalAws } from "../../../local-aws";
import { readAccount } from "../../../local-aws/account/file";
import type { Identity, IdentityPool } from "../../../local-aws/account/state/cognito-identity";
import type { Role } from "../../../local-aws/account/state/iam";
import { createPool, lambdaTrust } from "../../support/identity-account";

const MANY = 100_000;
const numbers = (count: number) => Array.from({ length: count }, (_, number) => number);

jest.setTimeout(600_000);

let directory: string;
let aws: LocalAws;
let cognito: CognitoIdentityClient;
let iam: IAMClient;
let poolId: string;
/** As the account's file has them: identities in the order created, roles in none. */
let filled: { identities: string[]; roles: string[] };

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), "many-entries-"));
  const data = path.join(directory, "account.json");
  await start({ data });
  // One of each as the account makes it; the file gets the others, for 200,000 calls would take minutes.
  poolId = await createPool({ cognito, iam } as never, { AllowUnauthenticatedIdentities: true });
  await cognito.send(new GetIdCommand({ IdentityPoolId: poolId }));
  await iam.send(new CreateRoleCommand({ RoleName: "role", AssumeRolePolicyDocument: lambdaTrust }));
  await stop();
  const file = path.join(directory, "many.json");
  filled = fill(data, file);
  await start({ data: file });
});

afterAll(async () => {
  await stop();
  rmSync(directory, { recursive: true, force: true });
});

async function start(options: { data: string }): Promise<void> {
  aws = await startLocalAws(options);
  const settings = { endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials };
  cognito = new CognitoIdentityClient(settings);
  iam = new IAMClient(settings);
}

async function stop(): Promise<void> {
  cognito?.destroy();
  iam?.destroy();
  await aws?.stop();
}

/** Writes an account's file anew, with a hundred thousand of each of which there is one. */
function fill(from: string, to: string): typeof filled {
  const account = readAccount(from) as NonNullable<ReturnType<typeof readAccount>>;
  const { identities } = account.state.cognitoIdentity.pools[poolId] as IdentityPool;
  const { roles } = account.state.iam;
  const [identity] = Object.values(identities) as [Identity];
  for (const number of numbers(MANY - 1)) {
    const id = identity.id.slice(0, -12) + String(number).padStart(12, "0");
    identities[id] = { ...identity, id };
    // Not in the order of names.
    const name = `role-${String(MANY - number).padStart(6, "0")}`;
    const arn = `arn:aws:iam::${aws.accountId}:role/${name}`;
    roles[name] = { ...(roles.role as Role), name, arn };
  }
  writeFileSync(to, JSON.stringify({ format: "local-aws-account", version: 1, ...account }));
  return { identities: Object.keys(identities), roles: Object.keys(roles) };
}

/** A page of some list. */
interface Page {
  readonly names: string[];
  readonly next: string | undefined;
}

/**
 * All pages one after the other.
 *
 * @param halfway done once when half of the entries have been given, with those that were given
 */
async function allPages(
  page: (token: string | undefined) => Promise<Page>,
  count: number,
  halfway: (given: readonly string[], token: string) => Promise<void> = async () => {},
): Promise<string[]> {
  const given: string[] = [];
  let token: string | undefined;
  let passed = false;
  do {
    const { names, next } = await page(token);
    given.push(...names);
    token = next;
    if (!passed && token !== undefined && given.length >= count / 2) {
      passed = true;
      await halfway(given, token);
    }
  } while (token !== undefined);
  return given;
}

const sorted = (names: Iterable<string>) => [...names].sort();

describe("identities", () => {
  const page = async (NextToken: string | undefined): Promise<Page> => {
    const input = { IdentityPoolId: poolId, MaxResults: 60, NextToken };
    const { Identities = [], NextToken: next } = await cognito.send(new ListIdentitiesCommand(input));
    return { names: Identities.map(({ IdentityId }) => IdentityId as string), next };
  };

  test("sixty a page, each once, in the order created; others come and go meanwhile", async () => {
    const gone = new Set([...filled.identities.slice(100, 160), ...filled.identities.slice(-160, -100)]);
    const come: string[] = [];
    const given = await allPages(page, MANY, async (_, token) => {
      const before = await page(token);
      for (const ids of [filled.identities.slice(100, 160), filled.identities.slice(-160, -100)]) {
        await cognito.send(new DeleteIdentitiesCommand({ IdentityIdsToDelete: ids }));
      }
      for (const _ of numbers(3)) {
        const { IdentityId } = await cognito.send(new GetIdCommand({ IdentityPoolId: poolId }));
        come.push(IdentityId as string);
      }
      expect(await page(token)).toEqual(before);
    });
    const goneUnseen = new Set(filled.identities.slice(-160, -100));
    expect(given).toEqual([...filled.identities.filter((id) => !goneUnseen.has(id)), ...come]);
    expect(await allPages(page, MANY)).toEqual([...filled.identities.filter((id) => !gone.has(id)), ...come]);
  });
});

describe("roles", () => {
  const page = async (Marker: string | undefined): Promise<Page> => {
    const { Roles = [], Marker: next } = await iam.send(new ListRolesCommand({ Marker, MaxItems: 1000 }));
    return { names: Roles.map(({ RoleName }) => RoleName as string), next };
  };
  const create = (RoleName: string) =>
    iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: lambdaTrust }));

  // A hundred times as many as AWS allows at first: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  test("a thousand a page, each once, in the order of names; others come and go meanwhile", async () => {
    const names = sorted(filled.roles);
    const last = names.at(-1) as string;
    const given = await allPages(page, MANY, async (seen, token) => {
      const before = await page(token);
      // The role that the token was made of is among those that go.
      for (const RoleName of [names[3] as string, seen.at(-1) as string, last]) {
        await iam.send(new DeleteRoleCommand({ RoleName }));
      }
      await create("a-role-before");
      await create("z-role-behind");
      expect(await page(token)).toEqual(before);
    });
    expect(given).toEqual([...names.slice(0, -1), "z-role-behind"]);
  });
});

describe("logs", () => {
  const logGroupName = "many";
  /** As many events as a stream keeps, as many streams as a group keeps. */
  const STREAMS = 1_000;
  const WRITTEN = 10;
  let account: LocalAws;
  let logs: CloudWatchLogsClient;
  const streams = numbers(STREAMS).map((number) => `stream-${String(number).padStart(3, "0")}`);

  beforeAll(async () => {
    account = await startLocalAws();
    logs = new CloudWatchLogsClient(account);
    await logs.send(new CreateLogGroupCommand({ logGroupName }));
    for (const logStreamName of streams) {
      await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
    }
    // Of ten seconds; ten events of each stream share a millisecond.
    const start = Date.now() - 60_000;
    for (const logStreamName of streams.slice(0, WRITTEN)) {
      const logEvents = numbers(MANY / WRITTEN).map((number) => ({
        timestamp: start + Math.floor(number / 10) * 10,
        message: `${logStreamName}/${number}`,
      }));
      await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
    }
  });

  afterAll(async () => {
    logs?.destroy();
    await account?.stop();
  });

  test("events of a group, ten thousand a page, each once and in the order of time; later ones come meanwhile", async () => {
    const given = new Set<string>();
    let last = 0;
    let pages = 0;
    for await (const { events = [] } of paginateFilterLogEvents({ client: logs }, { logGroupName })) {
      pages += 1;
      for (const { message = "", timestamp = 0 } of events) {
        // An expectation for each would take a minute.
        if (timestamp < last || given.has(message)) {
          throw new Error(`${message} comes twice, or too late`);
        }
        last = timestamp;
        given.add(message);
      }
      if (pages === 5) {
        const logEvents = [{ timestamp: Date.now(), message: "later" }];
        const logStreamName = streams[WRITTEN];
        await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
      }
    }
    expect(given.size).toBe(MANY + 1);
    expect(pages).toBe(MANY / 10_000 + 1);
  });

  test("events of a stream from its head, a hundred a page, in the order written", async () => {
    const [logStreamName] = streams;
    const given: (string | undefined)[] = [];
    const input = { logGroupName, logStreamName, startFromHead: true, limit: 100 };
    for await (const { events = [] } of paginateGetLogEvents(
      { client: logs, stopOnSameToken: true },
      input,
    )) {
      given.push(...events.map(({ message }) => message));
    }
    expect(given).toEqual(numbers(MANY / WRITTEN).map((number) => `${logStreamName}/${number}`));
  });

  test("streams, fifty a page, by name and by time", async () => {
    for (const orderBy of ["LogStreamName", "LastEventTime"] as const) {
      const given: string[] = [];
      for await (const page of paginateDescribeLogStreams({ client: logs }, { logGroupName, orderBy })) {
        given.push(...(page.logStreams ?? []).map(({ logStreamName }) => logStreamName as string));
      }
      expect({ orderBy, given: sorted(given) }).toEqual({ orderBy, given: streams });
    }
  });

  test("streams in either order of names, while others go and come", async () => {
    for (const descending of [false, true]) {
      const page = async (nextToken: string | undefined): Promise<Page> => {
        const input = { logGroupName, descending, nextToken };
        const { logStreams = [], nextToken: next } = await logs.send(new DescribeLogStreamsCommand(input));
        return { names: logStreams.map(({ logStreamName }) => logStreamName as string), next };
      };
      const before = await allPages(page, STREAMS);
      const given = await allPages(page, STREAMS, async (seen, token) => {
        const following = await page(token);
        // A group keeps a thousand streams: a new one would drop the oldest if none had gone.
        for (const logStreamName of [seen[7], seen.at(-1)]) {
          await logs.send(new DeleteLogStreamCommand({ logGroupName, logStreamName }));
        }
        await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName: `${seen[8]}-later` }));
        expect(await page(token)).toEqual(following);
      });
      expect(given).toEqual(before);
    }
  });
});
