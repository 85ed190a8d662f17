/** One execution of a function: an environment for it, the runtime's answer, and the log lines that Lambda adds. */
import { randomUUID } from "node:crypto";
import type { Account } from "../../account";
import { traceRoot } from "../../account/ids";
import type { LiveKind } from "../../account/live";
import type { FunctionVersion, LambdaFunction } from "../../account/state/lambda";
import { ServiceError } from "../service-error";
import { openServiceSession } from "../sts/sessions";
import { environmentsOf } from "./environments";
import { roleRefused, throttled } from "./failure";
import { functionArn } from "./functions";
import { InvocationLog } from "./invocation-log";
import { reportLine, resultOf } from "./result";
import { LAMBDA } from "./role";
import { UnusablePackageError } from "./runtime/deployment-package";
import { type EnvironmentPool, type Lease, PoolStoppedError } from "./runtime/environment-pool";
import { ExecutionEnvironment, type RuntimeOutcome } from "./runtime/execution-environment";
import { processVariables } from "./variables";

export interface ExecutionRequest {
  readonly fn: LambdaFunction;
  readonly version: FunctionVersion;
  /** The id under which the caller knows the invocation. @default - a new one */
  readonly requestId?: string;
  /** The ARN as it was invoked, with its qualifier. */
  readonly invokedArn: string;
  /** JSON. */
  readonly payload: Buffer;
  /** JSON in ASCII, since it travels in a header. */
  readonly clientContext?: string;
}

interface Execution {
  readonly failed: boolean;
  /** The handler's answer, or the error as `{errorType, errorMessage, trace?}`. */
  readonly payload: Buffer;
  /** The last 4 KB of the log. */
  readonly logTail: string;
}

/** How many executions each function has, waiting ones included. */
const RUNNING: LiveKind<Map<LambdaFunction, number>> = { make: () => new Map() };

/**
 * Runs a function and waits for its end.
 *
 * @throws ServiceError `TooManyRequestsException` when the reserved concurrency is used up, `AccessDeniedException` when the
 * role can't be assumed any more, `ServiceException` when the account ends meanwhile, `InvalidZipFileException` when the code can't be unpacked any more
 */
export async function execute(account: Account, request: ExecutionRequest): Promise<Execution> {
  const { fn } = request;
  const running = account.live.part(RUNNING);
  const concurrent = running.get(fn) ?? 0;
  if (fn.reservedConcurrency !== undefined && concurrent >= fn.reservedConcurrency) {
    throw throttled();
  }
  running.set(fn, concurrent + 1);
  try {
    return await run(account, request);
  } catch (error) {
    throw failureOf(error);
  } finally {
    const left = (running.get(fn) ?? 1) - 1;
    if (left > 0) {
      running.set(fn, left);
    } else {
      running.delete(fn);
    }
  }
}

/** What the caller gets to see of an execution that didn't come about. */
function failureOf(error: unknown): unknown {
  if (error instanceof PoolStoppedError) {
    return new ServiceError(
      "ServiceException",
      "The account was stopped or reset before the function could run.",
      500,
      { Type: "Service" },
    );
  }
  // The package was checked when it was uploaded; an account's file may have been changed since.
  if (error instanceof UnusablePackageError) {
    return new ServiceError("InvalidZipFileException", error.message, 502, { Type: "Service" });
  }
  return error;
}

async function run(account: Account, request: ExecutionRequest): Promise<Execution> {
  const requestId = request.requestId ?? randomUUID();
  // The same ones to the end: after a reset of the account this invocation must not start anything in the new ones.
  const environments = environmentsOf(account);
  const { log, lease, outcome, duration } = await attempt(account, environments, request, requestId);
  const result = resultOf(outcome, requestId, request.version, account.now());
  if (result.logLine !== undefined) {
    log.report(result.logLine);
  }
  log.report(`END RequestId: ${requestId}`);
  log.report(reportLine(requestId, request.version, duration, lease, result.status));
  const logTail = log.deliver();
  if (lease) {
    environments.giveBack(lease);
  }
  return { failed: result.failed, payload: result.payload, logTail };
}

interface Attempt {
  readonly log: InvocationLog;
  /** Undefined when the initialisation failed. */
  readonly lease: Lease<InvocationLog> | undefined;
  readonly outcome: RuntimeOutcome;
  /** Milliseconds. */
  readonly duration: number;
}

/** Runs the function in a warm environment or a new one; again when a warm one turns out to have ended. */
async function attempt(
  account: Account,
  environments: EnvironmentPool<InvocationLog>,
  request: ExecutionRequest,
  requestId: string,
): Promise<Attempt> {
  const { version } = request;
  const taken = await takeEnvironment(account, environments, request);
  const { lease, log } = taken;
  log.report(`START RequestId: ${requestId} Version: ${version.version}`);
  if (lease === undefined) {
    return { log, lease, outcome: taken.failure, duration: 0 };
  }
  const startedAt = performance.now();
  const outcome = await lease.environment.invoke({
    requestId,
    functionArn: request.invokedArn,
    payload: request.payload,
    deadline: Date.now() + version.timeout * 1000,
    traceId: `${traceRoot(new Date())};Sampled=0`,
    clientContext: request.clientContext,
  });
  if (outcome.kind !== "gone") {
    return { log, lease, outcome, duration: performance.now() - startedAt };
  }
  environments.giveBack(lease);
  return attempt(account, environments, request, requestId);
}

type Taken =
  | { readonly log: InvocationLog; readonly lease: Lease<InvocationLog> }
  | { readonly log: InvocationLog; readonly lease: undefined; readonly failure: RuntimeOutcome };

async function takeEnvironment(
  account: Account,
  environments: EnvironmentPool<InvocationLog>,
  { fn, version }: ExecutionRequest,
): Promise<Taken> {
  const key = { functionName: fn.name, revision: `${version.version}/${version.revisionId}` };
  for (let warm = environments.takeWarm(key); warm !== undefined; warm = environments.takeWarm(key)) {
    const end = account.now().getTime() + version.timeout * 1000;
    if (warm.kept.credentialsEnd > end) {
      return { log: warm.kept, lease: warm };
    }
    warm.environment.stop();
    environments.giveBack(warm);
  }
  const session = openServiceSession(account, {
    roleArn: version.role,
    service: LAMBDA,
    sessionName: fn.name,
    // https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
    context: { "lambda:SourceFunctionArn": functionArn(account, fn.name) },
  });
  if (session === undefined) {
    throw roleRefused();
  }
  const log = new InvocationLog(account, session, version);
  const started = await environments.start(key, log, (signal) =>
    ExecutionEnvironment.start({
      zip: Buffer.from(version.code.zip, "base64"),
      memorySize: version.memorySize,
      variables: processVariables(account, fn.name, version, log.stream, session),
      onLogLine: (line) => log.write(line),
      signal,
    }),
  );
  if ("kind" in started) {
    return { log, lease: undefined, failure: started };
  }
  return { log: started.kept, lease: started };
}
