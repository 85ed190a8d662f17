/**
 * A request's whole way: read → identify → authenticate → authorize → operate → respond. Operations of services and deployed methods
 * each have a chain of their own: a service answers in its protocol and saves before it does, a stage in its gateway responses, and
 * it saves the access log as well, which is written when the response is known.
 */
import { randomUUID } from "node:crypto";
import type { Account } from "./account";
import { authenticateCaller } from "./authenticate/authenticate";
import { authorizeOperation } from "./authorize/operation";
import { identify, requireOperation } from "./identify/identify";
import { parseInput } from "./protocols";
import type { Target } from "./protocols/protocol";
import type { HttpRequest } from "./read/http-request";
import { type Incoming, read } from "./read/read";
import { answerPreflight, isPreflight, refuseWebPages, shareWithPages } from "./respond/cross-origin";
import type { HttpResponse } from "./respond/http-response";
import { refuse, respond } from "./respond/respond";
import * as api from "./services/execute-api";
import { isLocal, serveLocal } from "./services/local";
import { operate } from "./services/operate";

/** @throws UnreadableRequestError, ClientDisconnectedError */
export async function handle(account: Account, incoming: Incoming): Promise<HttpResponse> {
  const { request, host } = await read(incoming, account.region);
  const address = api.addressOf(request, host, account.region);
  if (address !== undefined) {
    return callMethod(account, request, address);
  }
  if (isLocal(request)) {
    return serveLocal(account, request);
  }
  if (isPreflight(request)) {
    return answerPreflight(request);
  }
  const target = identify(request);
  refuseWebPages(request, target);
  return shareWithPages(request, target, await callService(account, request, target));
}

/** An operation of a service; what it changed is saved before the response. */
async function callService(account: Account, request: HttpRequest, target: Target): Promise<HttpResponse> {
  const requestId = randomUUID();
  try {
    requireOperation(target);
    const caller = await authenticateCaller(account, request, target);
    const input = parseInput(target, request);
    authorizeOperation({ account, request, caller, input }, target);
    const output = await operate({ account, request, caller, input, requestId }, target);
    return respond(target, output, requestId);
  } catch (error) {
    return refuse(account, target, error, requestId);
  }
}

/** A deployed method. Its stage is found first, and words refusals; the response is logged and saved when it is known. */
function callMethod(account: Account, request: HttpRequest, address: api.ApiAddress): Promise<HttpResponse> {
  return api.throughStage(account, request, address, async (call) => {
    try {
      const target = api.identify(call);
      const caller = await api.authenticateCaller(target);
      api.authorizeCall(target, caller);
      return await api.operate(target);
    } catch (error) {
      return api.refuse(call, error);
    }
  });
}
