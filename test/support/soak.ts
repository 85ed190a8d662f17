/**
 * `npm run soak`, in a process of its own: an account under load, stage by stage. Every answer must have the status that it has to have, every
 * invocation must be in the log, and nothing may pile up.
 */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import {
  CloudWatchLogsClient,
  DeleteLogGroupCommand,
  paginateFilterLogEvents,
} from "@aws-sdk/client-cloudwatch-logs";
import { InvalidArgumentError } from "commander";
import { Pool } from "undici";
import { npmCommand } from "../../scripts/command";
import { type Signing, signed } from "./attack-signer";
import { deployTarget, type Target, type User } from "./attack-target";
import { open, type WireRequest } from "./wire";

export interface Measurement {
  readonly requests: number;
  /** Seconds since the load began. */
  readonly elapsed: number;
  /** Sessions that were issued. */
  readonly sessions: number;
  /** Calls of the function, each of which was in the log. */
  readonly invocations: number;
  /** Bytes in use after a garbage collection. */
  readonly heap: number;
  /** Bytes that the process has of the machine. */
  readonly rss: number;
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

/** After each it is measured. */
const STAGES = 10;

/** Times in a stage that the log is read: a stream keeps 10,000 events, and one busy environment of the function writes one stream. */
const READINGS = 20;

/** By then the decision log is full, what is compiled lazily is compiled, and every client has had its function process. */
const WARM_UP = 3;

/** Bytes that a request may leave behind on average: the collector's inaccuracy, since nothing is kept of any, a new session's neither. */
const LEFT_BEHIND = 250;

/** Milliseconds that a session is used: it ends after an hour, and not before, however many others are issued. */
const SESSION_USE = 55 * 60_000;

/** Handles of the function processes that a moment of more concurrent calls may add. */
const FEW_HANDLES = 40;

const LOG_GROUP = "/aws/lambda/by-hand-hello";

/** A request and the status that it has to get. */
interface Step {
  readonly request: () => WireRequest;
  readonly status: number;
  /** Whether the function is invoked. */
  readonly invokes?: boolean;
  /** Told the answer's body. */
  readonly onAnswer?: (body: string) => void;
}

interface Options {
  readonly minutes: number;
  /** In place of minutes. */
  readonly requests?: number;
  /** Beside those that the mix issues. */
  readonly sessions: number;
  readonly concurrency: number;
  readonly json?: boolean;
}

async function main({ minutes, requests, sessions, concurrency, json }: Options): Promise<void> {
  let faults = 0;
  const target = await deployTarget({
    log: (line) => {
      if (line.startsWith("internal error")) {
        faults += 1;
      }
    },
  });
  const { endpoint, region, credentials } = target.aws;
  const logs = new CloudWatchLogsClient({ endpoint, region, credentials });
  const pool = new Pool(endpoint, { connections: concurrency });
  const { mix, issuing } = stepsOf(target);
  const statuses: Record<number, number> = {};
  const startedAt = performance.now();
  const counts = { sent: 0, mixed: 0, issued: 0, invoked: 0, logged: 0 };
  const progress = () =>
    requests === undefined ? (performance.now() - startedAt) / (minutes * 60_000) : counts.sent / requests;
  // Every other request is of the mix, however slow the machine is.
  const next = (): Step =>
    counts.sent % 2 === 0 && counts.issued < progress() * sessions
      ? issuing
      : (mix[counts.mixed++ % mix.length] as Step);

  const client = async (until: number) => {
    while (progress() < until) {
      const step = next();
      counts.sent += 1;
      counts.issued += step === issuing ? 1 : 0;
      counts.invoked += step.invokes ? 1 : 0;
      const { method, path, headers, body } = step.request();
      const answer = await pool.request({ method, path, headers: headers.flat(), body } as never);
      const text = await answer.body.text();
      statuses[answer.statusCode] = (statuses[answer.statusCode] ?? 0) + 1;
      if (answer.statusCode !== step.status) {
        throw new Error(`${method} ${path}: ${answer.statusCode} instead of ${step.status}: ${text}`);
      }
      step.onAnswer?.(text);
      if (counts.sent % 500 === 0) {
        await hangUp(target.aws.port, step.request());
      }
    }
  };
  const readLog = async () => {
    if (counts.logged < counts.invoked) {
      counts.logged += await takeReports(logs);
    }
    if (counts.logged !== counts.invoked) {
      throw new Error(`${counts.invoked} calls of the function, and ${counts.logged} in its log`);
    }
  };
  const measure = async (): Promise<Measurement> => {
    // Sockets of clients that went away are gone a moment later.
    await setTimeout(200);
    for (let time = 0; time < 3; time++) {
      globalThis.gc?.();
    }
    const { heapUsed: heap, rss } = process.memoryUsage();
    return {
      requests: counts.sent,
      elapsed: Math.round((performance.now() - startedAt) / 1000),
      sessions: counts.issued,
      invocations: counts.invoked,
      heap,
      rss,
      handles: process.getActiveResourcesInfo().length,
      processes: process.getActiveResourcesInfo().filter((kind) => kind === "ProcessWrap").length,
      ...ofProcess(),
      statuses: { ...statuses },
      faults,
    };
  };

  const measurements: Measurement[] = [];
  for (let stage = 1; stage <= STAGES; stage += 1) {
    for (let reading = READINGS - 1; reading >= 0; reading -= 1) {
      const until = (stage - reading / READINGS) / STAGES;
      await Promise.all(Array.from({ length: concurrency }, () => client(until)));
      await readLog();
    }
    const measured = await measure();
    measurements.push(measured);
    console.log(json ? JSON.stringify(measured) : line(measured));
  }
  await pool.close();
  logs.destroy();
  await target.stop();
  const problems = problemsOf(measurements, concurrency);
  if (problems.length > 0) {
    throw new Error(problems.join("\n"));
  }
}

function line({ elapsed, requests, sessions, invocations, heap, rss, handles }: Measurement): string {
  const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`;
  return `${elapsed} s: ${requests} requests, ${sessions} sessions, ${invocations} invocations, all logged; heap ${megabytes(heap)}, process ${megabytes(rss)}, ${handles} handles`;
}

/** What piled up since the warm-up, and since half-time. */
function problemsOf(measurements: readonly Measurement[], concurrency: number): string[] {
  const end = measurements.at(-1) as Measurement;
  const earlier = [measurements[WARM_UP - 1], measurements[STAGES / 2 - 1]] as Measurement[];
  const problems = earlier.flatMap((from) => {
    const left = (end.heap - from.heap) / (end.requests - from.requests);
    return [
      left < LEFT_BEHIND ? "" : `A request leaves ${Math.round(left)} bytes behind.`,
      end.threads === from.threads ? "" : `${end.threads} threads, after ${from.threads}`,
      end.handles < from.handles + FEW_HANDLES ? "" : `${end.handles} handles, after ${from.handles}`,
      (end.files ?? 0) < (from.files ?? 0) + FEW_HANDLES ? "" : `${end.files} files, after ${from.files}`,
    ];
  });
  return [
    ...problems,
    end.processes <= concurrency ? "" : `${end.processes} function processes for ${concurrency} clients`,
    end.faults === 0 ? "" : `${end.faults} internal errors`,
  ].filter((problem) => problem !== "");
}

/** Counts the invocations in the log, and empties it: it would grow to its bounds, which is no leak. */
async function takeReports(logs: CloudWatchLogsClient): Promise<number> {
  let reports = 0;
  const search = { logGroupName: LOG_GROUP, filterPattern: '"REPORT RequestId"' };
  for await (const { events = [] } of paginateFilterLogEvents({ client: logs }, search)) {
    reports += events.length;
  }
  await logs.send(new DeleteLogGroupCommand({ logGroupName: LOG_GROUP }));
  return reports;
}

/** The mix of which every round sends each once, and the request that opens a session. Its credentials are the ones that are used from then on. */
function stepsOf(target: Target): { mix: Step[]; issuing: Step } {
  const { aws, outputs, bob } = target;
  const alice: { -readonly [Member in keyof User]: User[Member] } = { ...target.alice };
  const account = `127.0.0.1:${aws.port}`;
  const api = (path: string, change: Partial<Signing> = {}) =>
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
  let eldest = { credentials: alice.credentials, since: target.now().getTime() };
  /** The session that was issued before all others and hasn't ended. */
  const eldestSession = () => {
    const now = target.now().getTime();
    if (now - eldest.since > SESSION_USE) {
      eldest = { credentials: alice.credentials, since: now };
    }
    return eldest.credentials;
  };
  const mint = JSON.stringify({
    IdentityPoolId: outputs.identity_pool_id,
    Logins: { [outputs.developer_provider_name]: "alice" },
  });
  const form = { method: "POST", headers: [["Content-Type", "application/x-www-form-urlencoded"]] } as const;
  const issuing: Step = {
    request: () => credentials(alice.token),
    status: 200,
    onAnswer: (body) => {
      const { AccessKeyId, SecretKey, SessionToken } = JSON.parse(body).Credentials;
      alice.credentials = {
        accessKeyId: AccessKeyId,
        secretAccessKey: SecretKey,
        sessionToken: SessionToken,
      };
    },
  };
  const mix: Step[] = [
    {
      request: () =>
        backend("cognito-identity", {
          method: "POST",
          headers: cognito("GetOpenIdTokenForDeveloperIdentity"),
          body: mint,
        }),
      status: 200,
      onAnswer: (body) => {
        alice.token = JSON.parse(body).Token;
      },
    },
    issuing,
    { request: () => api("/dev/hello"), status: 200, invokes: true },
    { request: () => api("/dev/hello?again"), status: 200, invokes: true },
    { request: () => api("/dev/hello?eldest", eldestSession()), status: 200, invokes: true },
    { request: () => api("/dev/restricted"), status: 403 },
    { request: () => api("/dev/hello", { region: "eu-west-1" }), status: 403 },
    { request: () => api("/dev/hello", { sessionToken: bob.credentials.sessionToken }), status: 403 },
    { request: () => credentials(bob.token), status: 400 },
    { request: () => credentials(`${alice.token}x`), status: 400 },
    { request: () => backend("apigateway", { path: "/restapis" }), status: 200 },
    {
      request: () => backend("iam", { ...form, body: "Action=ListRoles&Version=2010-05-08" }),
      status: 200,
    },
    { request: () => backend("lambda", { path: "/2015-03-31/functions/by-hand-hello" }), status: 200 },
    { request: () => ({ method: "GET", path: "/_local/health", headers: [["Host", account]] }), status: 200 },
    {
      request: () => ({ method: "GET", path: "/_local/health", headers: [["Host", "evil.example"]] }),
      status: 421,
    },
  ];
  return { mix, issuing };
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

function positive(text: string): number {
  const number = Number(text);
  if (!(number > 0)) {
    throw new InvalidArgumentError("Give a number above 0.");
  }
  return number;
}

const options = npmCommand(
  "soak",
  "Keeps local AWS under load, and fails when anything piles up or is answered wrongly.",
)
  .option("--minutes <N>", "how long", positive, 10)
  .option("--requests <N>", "how many requests, in place of minutes", positive)
  .option("--sessions <N>", "sessions to issue in that time", positive, 200_000)
  .option("--concurrency <N>", "requests at the same time", positive, 16)
  .option("--json", "print a line of JSON after each tenth")
  .parse()
  .opts<Options>();

main(options).catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
