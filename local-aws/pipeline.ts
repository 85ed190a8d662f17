/** The road that a request to one of the services takes: identify, authenticate, authorize, operate, answer. */
import { randomUUID } from "node:crypto";
import type { Account } from "./account";
import { authenticate } from "./authenticate/authenticate";
import { AuthenticationError } from "./authenticate/authentication-error";
import { ANONYMOUS, type Principal } from "./authenticate/principal";
import { authorize } from "./authorize/authorize";
import { requestTagConditions } from "./authorize/request-tags";
import { identify, protocolOf, Unidentified } from "./identify/identify";
import type { Invocation } from "./protocols/protocol";
import type { HttpRequest } from "./read/http-request";
import type { HttpResponse } from "./respond/http-response";
import { describeFault } from "./respond/internal-error";
import { readInput } from "./services/input";
import { isRawResponse, type Permission, type Service } from "./services/service";
import { ServiceError } from "./services/service-error";

/**
 * Services with a global endpoint, which is signed for in us-east-1; a client that is pointed at this account may sign for its
 * own region instead. IAM has no other endpoint, STS has one in every region.
 * https://docs.aws.amazon.com/general/latest/gr/iam-service.html https://docs.aws.amazon.com/general/latest/gr/sts.html
 */
const GLOBAL_SERVICES: readonly string[] = ["iam", "sts"];
const ONLY_GLOBAL_SERVICES: readonly string[] = ["iam"];
const GLOBAL_REGION = "us-east-1";

/** How a service calls a fault of its own, where its model says so; else it is the error common to all services. */
const FAULT_CODES: Readonly<Record<string, string>> = {
  "cognito-identity": "InternalErrorException",
  lambda: "ServiceException",
};

/** Answers a request to the account's endpoint, whatever it is; faults go to the log. */
export async function serveService(
  account: Account,
  request: HttpRequest,
  log: (line: string) => void,
): Promise<HttpResponse> {
  const requestId = randomUUID();
  let invocation: Invocation;
  try {
    invocation = identify(request);
  } catch (error) {
    if (!(error instanceof Unidentified)) {
      throw error;
    }
    return protocolOf(error.service).error(error.service, error.error, requestId);
  }
  const { service, operationName } = invocation;
  const protocol = protocolOf(service);
  try {
    const output = await operate(account, request, invocation, requestId);
    return isRawResponse(output)
      ? { ...output, headers: { "x-amzn-RequestId": requestId, ...output.headers } }
      : protocol.answer(invocation, output, requestId);
  } catch (error) {
    if (error instanceof ServiceError) {
      return protocol.error(service, error, requestId);
    }
    if (error instanceof AuthenticationError) {
      const [code, status] = protocol.authentication[error.failure];
      return protocol.error(service, new ServiceError(code, error.message, status), requestId);
    }
    log(describeFault(`${service.name}:${operationName}`, error));
    return protocol.error(service, faultOf(service), requestId);
  }
}

function faultOf(service: Service): ServiceError {
  const code = FAULT_CODES[service.name] ?? "InternalFailure";
  return new ServiceError(code, "Local AWS failed on this request; its log says where.", 500);
}

async function operate(
  account: Account,
  request: HttpRequest,
  invocation: Invocation,
  requestId: string,
): Promise<unknown> {
  const { service, operation, operationName } = invocation;
  const caller =
    operation.permission === "unsigned"
      ? ANONYMOUS
      : await authenticate(account, request, scopeOf(account, service.name));
  const members = protocolOf(service).read(invocation, request);
  const input = readInput(service, operation.input, members, (member) =>
    inputPrefix(invocation, request, member),
  );
  if (operation.permission !== "unsigned") {
    const needed = [operation.permission({ account, input, request })].flat();
    for (const { context, ...permission } of needed) {
      const tags = requestTagConditions(account, permission.resource, input);
      check(account, invocation, caller, { ...permission, context: { ...tags, ...context } });
    }
  }
  try {
    return await operation.run({ account, caller, input, request, requestId });
  } finally {
    // Also after an error: what it left changed is there for whoever asks next.
    if (!onlyReads(operationName)) {
      await account.save();
    }
  }
}

/** As recorded of API Gateway: what comes in path or query is named without the input that it belongs to. */
function inputPrefix(
  { service, operationName, pathParameters }: Invocation,
  request: HttpRequest,
  member: string,
): string {
  const located = Object.hasOwn(pathParameters, member) || new URLSearchParams(request.query).has(member);
  if (!service.namesInputs || located) {
    return "";
  }
  return `${operationName.charAt(0).toLowerCase()}${operationName.slice(1)}Input.`;
}

/** Operations that are named like reads and yet change the account: they make identities, tokens, sessions or the signing key. */
const NO_READS: readonly string[] = [
  "GetId",
  "GetOpenIdToken",
  "GetOpenIdTokenForDeveloperIdentity",
  "GetCredentialsForIdentity",
];

/** By AWS's naming of operations, so that a new operation is saved after unless its name says that it reads. */
function onlyReads(operationName: string): boolean {
  return /^(Describe|Filter|Get|List|Lookup)/.test(operationName) && !NO_READS.includes(operationName);
}

function scopeOf(account: Account, service: string) {
  const globalRegion = GLOBAL_SERVICES.includes(service) ? GLOBAL_REGION : undefined;
  const onlyGlobal = ONLY_GLOBAL_SERVICES.includes(service);
  return { service, region: account.region, globalRegion, onlyGlobal };
}

function check(account: Account, invocation: Invocation, caller: Principal, permission: Permission): void {
  const { service, operationName } = invocation;
  const decision = authorize(account, {
    caller,
    action: permission.action ?? `${service.name}:${operationName}`,
    resource: permission.resource,
    context: permission.context,
  });
  if (decision.allowed) {
    return;
  }
  const [code, status] = protocolOf(service).accessDenied;
  throw new ServiceError(code, decision.message, status);
}
