/** What `--data` costs: a change, and a call that changes nothing, with few identities in the account and with many. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  APIGatewayClient,
  CreateDeploymentCommand,
  CreateRestApiCommand,
  PutIntegrationCommand,
  PutIntegrationResponseCommand,
  PutMethodCommand,
  PutMethodResponseCommand,
} from "@aws-sdk/client-api-gateway";
import { median } from "../../harness/run/durations";
import { type LocalAws, startLocalAws } from "../../local-aws";
import type { Rounds } from "./comparison";

export const DATA_TITLE = "--data: a change, and what changes nothing, by identities in the account's file";

const SIZES = [100, 10_000, 100_000];

const POOL = "us-east-1:00000000-0000-4000-8000-000000000000";

/** Callers at the same time, in the row that has them. */
const CALLERS = 16;

interface Figure {
  readonly wall: number[];
  /** Of this whole process, which is local AWS and its client. */
  readonly cpu: number[];
}

/** One account for each size, which are called in turn. */
export async function benchData({ warmUp, counted }: Rounds): Promise<string[]> {
  const directory = mkdtempSync(path.join(tmpdir(), "bench-data-"));
  const accounts: LocalAws[] = [];
  try {
    const calls: { readonly size: number; readonly name: string; readonly run: () => Promise<void> }[] = [];
    for (const size of SIZES) {
      const data = path.join(directory, `${size}.json`);
      writeFileSync(data, accountOf(size));
      const account = await startLocalAws({ data });
      accounts.push(account);
      const mock = await mockUrl(account);
      calls.push({ size, name: "one change", run: () => change(account) });
      calls.push({
        size,
        name: `${CALLERS} changes at once`,
        run: async () => {
          await Promise.all(Array.from({ length: CALLERS }, () => change(account)));
        },
      });
      calls.push({ size, name: "a MOCK call", run: () => answered(fetch(mock)) });
    }
    const figures = calls.map((call) => ({ ...call, figure: { wall: [], cpu: [] } as Figure }));
    for (let round = -warmUp; round < counted; round += 1) {
      for (const { run, figure } of figures) {
        const cpu = process.cpuUsage();
        const started = performance.now();
        await run();
        const wall = performance.now() - started;
        const { user, system } = process.cpuUsage(cpu);
        if (round >= 0) {
          figure.wall.push(wall);
          figure.cpu.push((user + system) / 1000);
        }
      }
    }
    return figures
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, size, figure }) => {
        const fewest = figures.find((other) => other.name === name && other.size === SIZES[0]);
        const cells = (["wall", "cpu"] as const).map((kind) => {
          const times = figure[kind];
          const ratio = median(times) / median(fewest?.figure[kind] ?? []);
          const spread = `${Math.min(...times).toFixed(1)}–${Math.max(...times).toFixed(1)}`;
          return `${kind} ${median(times).toFixed(1)} ms (${spread}), ${ratio.toFixed(2)}×`;
        });
        return `  ${name.padEnd(20)}${String(size).padStart(8)}  ${cells.join("; ")}`;
      });
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

/** Deploys an API whose root answers by itself, to anyone. */
async function mockUrl({ endpoint, region, credentials }: LocalAws): Promise<string> {
  const client = new APIGatewayClient({ endpoint, region, credentials });
  const { id, rootResourceId } = await client.send(new CreateRestApiCommand({ name: "bench" }));
  const method = { restApiId: id, resourceId: rootResourceId, httpMethod: "GET" };
  const response = { ...method, statusCode: "200" };
  await client.send(new PutMethodCommand({ ...method, authorizationType: "NONE" }));
  await client.send(new PutMethodResponseCommand(response));
  await client.send(
    new PutIntegrationCommand({
      ...method,
      type: "MOCK",
      requestTemplates: { "application/json": '{"statusCode": 200}' },
    }),
  );
  await client.send(new PutIntegrationResponseCommand(response));
  await client.send(new CreateDeploymentCommand({ restApiId: id, stageName: "bench" }));
  client.destroy();
  return `${endpoint}/_aws/execute-api/${id}/bench/`;
}
