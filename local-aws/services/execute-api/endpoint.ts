/** From a host and a path to the stage that serves them, and to the method that answers. */
import type { Account } from "../../account";
import type { ApiDefinition } from "../../account/state/apigateway";
import { AuthenticationError } from "../../authenticate/authentication-error";
import { parseSignature } from "../../authenticate/parsed-signature";
import { type HttpRequest, header } from "../../read/http-request";
import { VERBS } from "../apigateway/method";
import { partitionPoint } from "../partition-point";
import type { ApiCall, RoutedCall } from "./api-call";
import { invokeArn, signatureError } from "./authorization";
import { FixedRefusalError, type GatewayError, missingAuthenticationToken } from "./gateway-error";
import type { RequestContext } from "./request-context";
import { findCurrentRoute, findRoute } from "./routing";

/** Undefined when there is no such stage or its endpoint is switched off; the decision log knows which. */
export function openCall(
  account: Account,
  request: HttpRequest,
  context: RequestContext,
  path: string,
): ApiCall | undefined {
  const api = account.state.apiGateway.restApis[context.apiId];
  const stage = api?.stages[context.stage];
  const deployment = stage && api.deployments[stage.deploymentId];
  const refuse = (reason: string) => note({ account, context }, "stage", reason);
  if (!api) {
    return refuse(`there is no REST API ${context.apiId}`);
  }
  if (!deployment) {
    return refuse(`the API's stages are: ${listed(Object.keys(api.stages))}`);
  }
  const { id, snapshot } = deployment;
  if (snapshot.disableExecuteApiEndpoint) {
    return refuse("the API's execute-api endpoint is switched off");
  }
  context.deploymentId = id;
  return { account, request, stage, definition: snapshot, context, path };
}

/** Bytes. @see https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
const MAXIMUM_BODY = 10_485_760;

/** Bytes of the ARN that a request is authorized on; a longer path is refused. @see the same page */
const MAXIMUM_ARN = 1600;

/**
 * The deployed method that answers.
 *
 * @throws FixedRefusalError for a request that is too long, GatewayError when there is no such method
 */
export function identify(call: ApiCall): RoutedCall {
  if (call.request.body.length > MAXIMUM_BODY) {
    throw new FixedRefusalError(413, `HTTP content length exceeded ${MAXIMUM_BODY} bytes.`);
  }
  if (Buffer.byteLength(invokeArn(call)) > MAXIMUM_ARN) {
    throw new FixedRefusalError(414, "Request URI too long");
  }
  const route = findRoute(call.definition.resources, call.context.httpMethod, call.path);
  if (!route) {
    throw unknownRoute(call);
  }
  call.context.resourceId = route.resource.id;
  call.context.resourcePath = route.resource.path;
  return { ...call, route };
}

/**
 * A malformed signature is noticed before the missing route; a valid one makes no difference. The answer speaks of a token all
 * the same, which misleads many: the decision log says what is really missing.
 */
function unknownRoute(call: ApiCall): GatewayError {
  const { account, context, definition, path, request } = call;
  const current = account.state.apiGateway.restApis[context.apiId];
  const undeployed = current && findCurrentRoute(account, current, context.httpMethod, path);
  note(
    call,
    "route",
    undeployed
      ? `${undeployed.method.httpMethod} ${undeployed.resource.path} exists, but not in the stage's deployment: deploy the API again`
      : routesNear(definition, path),
  );
  try {
    if (header(request, "authorization") !== undefined) {
      parseSignature(request);
    }
  } catch (error) {
    if (error instanceof AuthenticationError) {
      return signatureError(error);
    }
    throw error;
  }
  return missingAuthenticationToken();
}

function note(
  { account, context }: Pick<ApiCall, "account" | "context">,
  kind: string,
  reason: string,
): undefined {
  const subject = `${context.httpMethod} ${context.path} of API ${context.apiId}`;
  account.decisions.note({ kind, outcome: "refused", subject, detail: [reason] });
}

/** So many are named: nobody reads more, and each refusal writes them. */
const MOST_ROUTES = 20;

/** The deployed routes; of many, what the path is with another verb, and those next to it in the order of paths. */
function routesNear(definition: ApiDefinition, path: string): string {
  const routes = routesOf(definition);
  const next = partitionPoint(routes, (route) => route.path < path) - MOST_ROUTES / 2;
  const start = Math.max(0, Math.min(next, routes.length - MOST_ROUTES));
  const near = routes.slice(start, start + MOST_ROUTES).map(({ text }) => text);
  if (routes.length <= MOST_ROUTES) {
    return `the deployed routes are: ${listed(near)}`;
  }
  const reached = VERBS.flatMap((verb) => findRoute(definition.resources, verb, path) ?? []);
  const first = reached.map(({ method, resource }) => `${method.httpMethod} ${resource.path}`);
  return `the nearest of ${routes.length} deployed routes are: ${listed([...new Set([...first, ...near])])}`;
}

interface NamedRoute {
  readonly path: string;
  readonly text: string;
}

/** In the order of paths. A deployment never changes, so that they are sorted once. */
const sorted = new WeakMap<ApiDefinition, readonly NamedRoute[]>();

function routesOf(definition: ApiDefinition): readonly NamedRoute[] {
  const known = sorted.get(definition);
  if (known !== undefined) {
    return known;
  }
  const routes = Object.values(definition.resources)
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .flatMap(({ path, methods }) => Object.keys(methods).map((verb) => ({ path, text: `${verb} ${path}` })));
  sorted.set(definition, routes);
  return routes;
}

function listed(names: readonly string[]): string {
  return names.length > 0 ? names.join(", ") : "none";
}
