/** What the deployed API and the deployed policies say about a call. Nothing passes or fails by it: not all that decides can be read. */
import { conditionsOf } from "../../iam-policy/condition";
import type { ConditionContext } from "../../iam-policy/context";
import type { PolicyDocument, Statement } from "../../iam-policy/document";
import {
  coversAction,
  type Evaluation,
  evaluate,
  explain,
  type Policy,
  type RequestPrincipal,
} from "../../iam-policy/evaluate";
import type { Verdict } from "../report";
import type { ApiLocation } from "../run/api-location";
import { type Deployment, roleNameOf } from "../run/outputs";
import type { DeployedRoute, RoleSession } from "./deployed-api";

/** What was computed, and why. */
export interface Computed {
  /** Null when it is not known. */
  readonly verdict: Verdict | null;
  /** The statement that decides, or why it is not known; none where nothing was looked at. */
  readonly why?: string;
}

/** A call, as policies see it. */
export interface ComputedCall {
  readonly deployment: Deployment;
  readonly location: ApiLocation;
  readonly route: DeployedRoute;
  /** In place of `ANY`, the one of the call. */
  readonly method: string;
  /** Its parameters filled in. */
  readonly path: string;
  readonly resourcePolicy: PolicyDocument | undefined;
}

/** The name that Cognito gives to its sessions. https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html */
const SESSION_NAME = "CognitoIdentityCredentials";

const INVOKE = "execute-api:Invoke";

const ANONYMOUS: RequestPrincipal = { type: "Anonymous", id: "anonymous" };

/** Keys whose values, or absence, are known; of every other it depends on the request or on what is not read. */
const KNOWN =
  /^(aws:PrincipalTag\/.*|cognito-identity\.amazonaws\.com:(aud|amr|sub)|aws:(CurrentTime|EpochTime|PrincipalAccount|PrincipalArn|PrincipalType|RequestedRegion|ResourceAccount|SecureTransport|userid))$/i;

/** Decides without a signature: where none is taken, all that can refuse is the API's resource policy. */
export function computeUnsigned(call: ComputedCall): Computed {
  const { authorizationType } = call.route;
  if (authorizationType === "AWS_IAM") {
    return { verdict: "refused", why: "its authorization is AWS_IAM" };
  }
  return authorizationType === "NONE" ? ofOpenRoute(call) : unread(call);
}

/** Decides with a signature of the session. */
export function computeSigned(call: ComputedCall, session: RoleSession | undefined): Computed {
  const { deployment, location, route, resourcePolicy } = call;
  if (route.authorizationType !== "AWS_IAM") {
    return computeUnsigned(call);
  }
  if (session === undefined) {
    return { verdict: null };
  }
  const { arn, role, policies, context } = session;
  const [, partition, , , accountId] = deployment.authenticatedRoleArn.split(":");
  const tags = Object.entries(role.tags).map(([name, value]) => [`aws:PrincipalTag/${name}`, value]);
  return decide(
    call,
    {
      type: "AWS",
      id: `arn:${partition}:sts::${accountId}:assumed-role/${roleNameOf(arn)}/${SESSION_NAME}`,
      roleArn: arn,
      accountId,
    },
    {
      "aws:PrincipalArn": arn,
      "aws:PrincipalAccount": accountId ?? "",
      "aws:PrincipalType": "AssumedRole",
      "aws:userid": `${role.id}:${SESSION_NAME}`,
      ...Object.fromEntries(tags),
      ...context,
    },
    [
      ...policies.map((policy): Policy => ({ kind: "identity-based", ...policy })),
      ...(role.boundary === undefined ? [] : [{ kind: "permissions boundary" as const, ...role.boundary }]),
      ...resourcePolicies(location, resourcePolicy),
    ],
  );
}

function ofOpenRoute(call: ComputedCall): Computed {
  const policies = resourcePolicies(call.location, call.resourcePolicy);
  return policies.length === 0
    ? { verdict: "allowed", why: "its authorization is NONE" }
    : decide(call, ANONYMOUS, {}, policies);
}

function unread({ route: { authorizationType } }: ComputedCall): Computed {
  return { verdict: null, why: `its authorization is ${authorizationType}, which is not computed` };
}

function resourcePolicies({ apiId }: ApiLocation, document: PolicyDocument | undefined): Policy[] {
  return document === undefined
    ? []
    : [{ kind: "resource-based", name: `the resource policy of API ${apiId}`, document }];
}

/** Decides twice: as if all conditions that are not known favored the call, and as if they did not. */
function decide(
  { deployment, location, method, path, route }: ComputedCall,
  principal: RequestPrincipal,
  own: ConditionContext,
  policies: readonly Policy[],
): Computed {
  if (route.apiKeyRequired) {
    return { verdict: null, why: "it needs an API key" };
  }
  const context: ConditionContext = {
    "aws:CurrentTime": new Date().toISOString(),
    "aws:EpochTime": String(Math.floor(Date.now() / 1000)),
    "aws:RequestedRegion": deployment.region,
    "aws:ResourceAccount": location.arn.split(":")[4] ?? "",
    "aws:SecureTransport": "true",
    ...own,
  };
  const resource = `${location.arn}/${location.stage}/${method}${path}`;
  const query = { principal, action: INVOKE, resource, context };
  const favored = evaluate(query, assumed(policies, "Allow"));
  const disfavored = evaluate(query, assumed(policies, "Deny"));
  if (verdictOf(favored) !== verdictOf(disfavored)) {
    const keys = policies
      .flatMap(({ document }) => document.statements)
      .filter((statement) => coversAction(statement, INVOKE))
      .flatMap(unknownKeys);
    return { verdict: null, why: `not known from here: it depends on ${[...new Set(keys)].join(", ")}` };
  }
  return { verdict: verdictOf(favored), why: explain(favored).slice(0, 2).join("; ") };
}

function verdictOf({ effect }: Evaluation): Verdict {
  return effect === "allow" ? "allowed" : "refused";
}

/** Takes the conditions that are not known for met in statements of this effect, and for unmet in the others. */
function assumed(policies: readonly Policy[], met: Statement["effect"]): Policy[] {
  return policies.map(({ document, ...policy }) => ({
    ...policy,
    document: {
      ...document,
      statements: document.statements.flatMap((statement) =>
        unknownKeys(statement).length === 0
          ? [statement]
          : statement.effect === met
            ? [known(statement)]
            : [],
      ),
    },
  }));
}

function unknownKeys(statement: Statement): string[] {
  return conditionsOf(statement)
    .map(({ key }) => key)
    .filter((key) => !KNOWN.test(key));
}

function known(statement: Statement): Statement {
  const condition = Object.entries(statement.condition).map(([operator, keys]) => [
    operator,
    Object.fromEntries(Object.entries(keys).filter(([key]) => KNOWN.test(key))),
  ]);
  return { ...statement, condition: Object.fromEntries(condition) };
}
