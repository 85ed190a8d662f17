/** The deployed API as it can be read: its routes, its resource policy, and the role of who calls; what can't be read is said. */
import type { Resource } from "@aws-sdk/client-api-gateway";
import type { ConditionContext } from "../../iam-policy/context";
import type { PolicyDocument } from "../../iam-policy/document";
import type { ApiLocation } from "../run/api-location";
import { HarnessError } from "../run/errors";
import { roleNameOf } from "../run/outputs";
import type { AwsReader, NamedPolicy, RoleSettings } from "./aws-reader";

/** A route of the API, as API Gateway has it. */
export interface DeployedRoute {
  /** In capitals, or `ANY`. */
  readonly method: string;
  /** Below the stage, with its parameters. */
  readonly path: string;
  /** `NONE`, `AWS_IAM`, `CUSTOM` or `COGNITO_USER_POOLS`. */
  readonly authorizationType: string;
  readonly apiKeyRequired: boolean;
}

/** What an API is, where that can be read. */
export interface DeployedApi {
  readonly routes: readonly DeployedRoute[];
  /** Undefined when there is none, and `unread` when that is not known. */
  readonly resourcePolicy: PolicyDocument | undefined | "unread";
}

/** Someone who calls with a session of a role. */
export interface RoleSession {
  readonly arn: string;
  readonly role: RoleSettings;
  readonly policies: readonly NamedPolicy[];
  /** Condition keys beside those of the role. */
  readonly context: ConditionContext;
}

/** Actions that reading a role takes. */
export const ROLE_ACTIONS = [
  "iam:GetRole",
  "iam:ListRolePolicies",
  "iam:GetRolePolicy",
  "iam:ListAttachedRolePolicies",
] as const;
/** The action that reading an API takes. */
export const API_ACTION = "apigateway:GET";

/**
 * Reads an API's routes and its resource policy; undefined when not even the routes can be read.
 *
 * @param note is told what could not be read, and what that takes
 * @throws HarnessError when the run ends meanwhile
 */
export async function readApi(
  reader: AwsReader,
  { apiId, settingsArn }: ApiLocation,
  note: (text: string) => void,
): Promise<DeployedApi | undefined> {
  const routes = await reader.resources(apiId).then(routesOf, (error) => {
    note(
      `Undeclared routes were not looked for: ${missing(error, [API_ACTION], `${settingsArn}/resources`)}`,
    );
    return undefined;
  });
  if (routes === undefined) {
    return undefined;
  }
  const resourcePolicy = await reader.resourcePolicy(apiId).catch((error) => {
    note(
      `Nothing was computed: the API's resource policy was not read. ${missing(error, [API_ACTION], settingsArn)}`,
    );
    return "unread" as const;
  });
  return { routes, resourcePolicy };
}

/**
 * Reads a role and its policies; undefined when they can't be.
 *
 * @param note is told what could not be read, and what that takes
 * @throws HarnessError when the run ends meanwhile
 */
export async function readRole(
  reader: AwsReader,
  arn: string,
  context: ConditionContext,
  note: (text: string) => void,
): Promise<RoleSession | undefined> {
  const name = roleNameOf(arn);
  try {
    return { arn, role: await reader.role(name), policies: await reader.rolePolicies(name), context };
  } catch (error) {
    note(
      `What the role ${name} may call was not computed: ${missing(error, [...ROLE_ACTIONS, "of what is attached iam:GetPolicy and iam:GetPolicyVersion"], arn)}`,
    );
    return undefined;
  }
}

/** Says what failed and what it takes. @throws HarnessError when the run ends */
function missing(error: unknown, actions: readonly string[], resource: string): string {
  if (error instanceof HarnessError && error.kind !== "unreachable") {
    throw error;
  }
  return `${String(error).replace(/\.?$/, ".")} It takes ${actions.join(", ")} on ${resource}.`;
}

/** Lists the routes, without the preflights that API Gateway answers itself. */
function routesOf(resources: readonly Resource[]): DeployedRoute[] {
  return resources.flatMap(({ path = "", resourceMethods = {} }) =>
    Object.entries(resourceMethods)
      .filter(
        ([method, { methodIntegration }]) => !(method === "OPTIONS" && methodIntegration?.type === "MOCK"),
      )
      .map(([method, { authorizationType = "NONE", apiKeyRequired = false }]) => ({
        method,
        path,
        authorizationType,
        apiKeyRequired,
      })),
  );
}

/** Tells whether two paths differ in the names of their parameters at most. */
export function samePath(one: string, other: string): boolean {
  const unnamed = (path: string) => path.replace(/\{[^{}]*?(\+?)\}/g, "{$1}");
  return unnamed(one) === unnamed(other);
}

/**
 * Finds the route that serves a method and a path: the path with the most that is fixed counts, a greedy parameter least, and a
 * method before `ANY`.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-set-up-simple-proxy.html
 */
export function routeServing(
  routes: readonly DeployedRoute[],
  method: string,
  path: string,
): DeployedRoute | undefined {
  const wanted = path.split("/");
  const rank = (route: DeployedRoute) =>
    `${route.path.split("/").map(rankOf).join("")}${route.method === "ANY" ? 1 : 0}`;
  return routes
    .filter((route) => [method, "ANY"].includes(route.method) && matches(route.path.split("/"), wanted))
    .sort((one, other) => rank(one).localeCompare(rank(other)))[0];
}

function matches(template: readonly string[], wanted: readonly string[]): boolean {
  const greedy = template.findIndex((part) => part.endsWith("+}"));
  const fixed = greedy < 0 ? template : template.slice(0, greedy);
  const enough = greedy < 0 ? wanted.length === fixed.length : Boolean(wanted[greedy]);
  return enough && fixed.every((part, index) => part === wanted[index] || /^\{.+\}$/.test(part));
}

function rankOf(part: string): number {
  return part.endsWith("+}") ? 2 : part.startsWith("{") ? 1 : 0;
}
