/** Runs in a process of its own: an account under load, measured after the warm-up and again at the end. Prints the measurements. */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { Pool } from "undici";
import { signed } from "./attack-signer";
import { deployTarget, type Target } from "./attack-target";
import { open, type WireRequest } from "./wire";

export interface Measurement {
  readonly requests: number;
  /** Milliseconds since the load began. */
  readonly elapsed: number;
  /** Bytes in use after a garbage collection. */
  readonly heap: number;
  /** What Node keeps an eye on: sockets, servers, timers, processes. */
  readonly handles: number;
  readonly processes: number;
  /** Undefined where there is no /proc. */
  readonly threads?: number;
  readonly files?: number;
  /** Answers by status. */
  readonly statuses: Readonly<Record<number, number>>;
  /** Internal errors that the account reported. */
  readonly faults: number;
}

/** Requests that are under way at the same time. */
const CLIENTS = 8;

/** A request and the status that it has to get. */
type Step = readonly [request: () => WireRequest, status: number];

async function main(requests: number, warmUp: number): Promise<void> {
  let faults = 0;
  const target = await deployTarget({
    log: (line) => {
      if (line.startsWith("internal error")) {
        faults += 1;
      }
    },
  });
  const pool = new Pool(target.aws.endpoint, { connections: CLIENTS });
  const steps = stepsOf(target);
  const statuses: Record<number, number> = {};
  const startedAt = performance.now();
  let sent = 0;

  const client = async (until: number) => {
    while (sent < until) {
      const [request, status] = steps[sent++ % steps.length] as Step;
      const { method, path, headers, body } = request();
      const answer = await pool.request({ method, path, headers: headers.flat(), body } as never);
      const text = await answer.body.text();
      statuses[answer.statusCode] = (statuses[answer.statusCode] ?? 0) + 1;
      if (answer.statusCode !== status) {
        throw new Error(`${method} ${path}: ${answer.statusCode} instead of ${status}: ${text}`);
      }
      if (sent % 500 === 0) {
        await hangUp(target.aws.port, request());
      }
    }
  };
  const load = (until: number) => Promise.all(Array.from({ length: CLIENTS }, () => client(until)));
  const measure = async (): Promise<Measurement> => {
    // Sockets of clients that went away are gone a moment later.
    await setTimeout(200);
    for (let time = 0; time < 3; time++) {
      globalThis.gc?.();
    }
    return {
      requests: sent,
      elapsed: Math.round(performance.now() - startedAt),
      heap: process.memoryUsage().heapUsed,
      handles: process.getActiveResourcesInfo().length,
      processes: process.getActiveResourcesInfo().filter((kind) => kind === "ProcessWrap").length,
      ...ofProcess(),
      statuses: { ...statuses },
      faults,
    };
  };

  const measurements: Measurement[] = [];
  for (const until of [warmUp, (warmUp + requests) / 2, requests]) {
    await load(until);
    measurements.push(await measure());
  }
  await pool.close();
  await target.stop();
  console.log(JSON.stringify(measurements));
}

/** The mix of which every round sends each once. */
function stepsOf(target: Target): Step[] {
  const { aws, outputs, alice, bob } = target;
  const account = `127.0.0.1:${aws.port}`;
  const api = (path: string, change: { region?: string; sessionToken?: string } = {}) =>
    signed({ ...alice.credentials, at: target.now(), host: target.host, path, ...change });
  const backend = (service: string, request: Partial<WireRequest>) =>
    signed({ ...aws.credentials, at: target.now(), host: account, service, path: "/", ...request });
  const cognito = (operation: string): WireRequest["headers"] => [
    ["Content-Type", "application/x-amz-json-1.1"],
    ["X-Amz-Target", `AWSCognitoIdentityService.${operation}`],
  ];
  const credentials = (token: string): WireRequest => ({
    method: "POST",
    path: "/",
    headers: [["Host", account], ...cognito("GetCredentialsForIdentity")],
    body: JSON.stringify({
      IdentityId: alice.identityId,
      Logins: { "cognito-identity.amazonaws.com": token },
    }),
  });
  const mint = JSON.stringify({
    IdentityPoolId: outputs.identity_pool_id,
    Logins: { [outputs.developer_provider_name]: "alice" },
  });
  const form = { method: "POST", headers: [["Content-Type", "application/x-www-form-urlencoded"]] } as const;
  return [
    [
      () =>
        backend("cognito-identity", {
          method: "POST",
          headers: cognito("GetOpenIdTokenForDeveloperIdentity"),
          body: mint,
        }),
      200,
    ],
    [() => credentials(alice.token), 200],
    [() => api("/dev/hello"), 200],
    [() => api("/dev/hello?again"), 200],
    [() => api("/dev/restricted"), 403],
    [() => api("/dev/hello", { region: "eu-west-1" }), 403],
    [() => api("/dev/hello", { sessionToken: bob.credentials.sessionToken }), 403],
    [() => credentials(bob.token), 400],
    [() => credentials(`${alice.token}x`), 400],
    [() => backend("apigateway", { path: "/restapis" }), 200],
    [() => backend("iam", { ...form, body: "Action=ListRoles&Version=2010-05-08" }), 200],
    [() => backend("lambda", { path: "/2015-03-31/functions/by-hand-hello" }), 200],
    [() => ({ method: "GET", path: "/_local/health", headers: [["Host", account]] }), 200],
    [() => ({ method: "GET", path: "/_local/health", headers: [["Host", "evil.example"]] }), 421],
  ];
}

/** A client that goes away in the middle of its request. */
async function hangUp(port: number, { method, path, headers }: WireRequest): Promise<void> {
  const socket = await open(port);
  const lines = [...headers, ["Content-Length", "1000"]].map(([name, value]) => `${name}: ${value}`);
  socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\nhalf a body`);
  await setTimeout(5);
  socket.resetAndDestroy();
}

function ofProcess(): Pick<Measurement, "threads" | "files"> {
  try {
    const threads = /^Threads:\s+(\d+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
    return { threads: Number(threads), files: readdirSync("/proc/self/fd").length };
  } catch {
    return {};
  }
}

const [requests, warmUp] = process.argv.slice(2).map(Number);
main(requests as number, warmUp as number).catch((error) => {
  console.error(error);
  process.exit(1);
});
