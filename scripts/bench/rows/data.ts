/** What `--data` costs: a change, and a call that changes nothing, with few identities in the account and with many. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type LocalAws, startLocalAws } from "../../../local-aws";
import { compare, inThisProcess } from "../comparison";
import { deployMockApi, MOCK_STAGE } from "../mock-api";
import type { Pairs, Rounds, Row } from "../row";

const MANY = 100_000;
const FEW = 100;

const POOL = "us-east-1:00000000-0000-4000-8000-000000000000";

/** Callers at the same time, in the row that has them. */
const CALLERS = 16;

/** Starts what is done with an account. */
type Prepare = (account: LocalAws) => Promise<() => Promise<unknown>>;

const row = (name: string, what: string, prepare: Prepare): Row => ({
  name: `data-${name}`,
  what: `\`--data\`: ${what}, 100,000 identities`,
  against: "100",
  aims: [{ of: "wall", atMost: 2 }],
  rounds: { warmUp: 5, counted: 30 },
  measure: (rounds) => measure(prepare, rounds),
});

export const DATA_ROWS: readonly Row[] = [
  row("change", "one change", async (account) => () => change(account)),
  row("changes", `${CALLERS} changes at once`, async (account) => {
    return () => Promise.all(Array.from({ length: CALLERS }, () => change(account)));
  }),
  row("read", "a MOCK call, which changes nothing", async (account) => {
    const id = await deployMockApi(account, "NONE");
    const url = `${account.endpoint}/_aws/execute-api/${id}/${MOCK_STAGE}/`;
    return () => answered(fetch(url));
  }),
];

async function measure(prepare: Prepare, rounds: Rounds): Promise<Pairs> {
  const directory = mkdtempSync(path.join(tmpdir(), "bench-data-"));
  const accounts: LocalAws[] = [];
  const contender = async (size: number) => {
    const data = path.join(directory, `${size}.json`);
    writeFileSync(data, accountOf(size));
    const account = await startLocalAws({ data });
    accounts.push(account);
    return inThisProcess(await prepare(account));
  };
  try {
    return await compare(await contender(MANY), await contender(FEW), rounds);
  } finally {
    await Promise.all(accounts.map((account) => account.stop()));
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The file of an account with a pool of so many identities. */
function accountOf(size: number): string {
  const identities = Array.from({ length: size }, (_, index) => {
    const id = `us-east-1:${randomUUID()}`;
    const times = { createdAt: index, modifiedAt: index };
    return [
      id,
      { id, ...times, developerUserIdentifiers: [`user-${index}`], authenticated: true, disabled: false },
    ] as const;
  });
  const pool = {
    id: POOL,
    name: "bench",
    allowUnauthenticatedIdentities: true,
    supportedLoginProviders: {},
    openIdConnectProviderArns: [],
    samlProviderArns: [],
    cognitoIdentityProviders: [],
    tags: {},
    roles: {},
    roleMappings: {},
    identities: Object.fromEntries(identities),
  };
  return JSON.stringify({
    format: "local-aws-account",
    version: 1,
    accountId: "123456789012",
    region: "us-east-1",
    rootCredentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "secret" },
    state: {
      iam: { roles: {}, policies: {} },
      sts: { sessions: {} },
      cognitoIdentity: { pools: { [POOL]: pool } },
      lambda: { functions: {} },
      logs: { groups: {} },
      apiGateway: { restApis: {} },
    },
  });
}

/** A guest's new identity: little work beside keeping it. */
function change({ endpoint }: LocalAws): Promise<void> {
  const headers = {
    "Content-Type": "application/x-amz-json-1.1",
    "X-Amz-Target": "AWSCognitoIdentityService.GetId",
  };
  return answered(
    fetch(endpoint, { method: "POST", headers, body: JSON.stringify({ IdentityPoolId: POOL }) }),
  );
}

async function answered(answer: Promise<Response>): Promise<void> {
  const { status } = await answer.then(async (response) => {
    await response.arrayBuffer();
    return response;
  });
  if (status !== 200) {
    throw new Error(`Local AWS answered ${status}.`);
  }
}
