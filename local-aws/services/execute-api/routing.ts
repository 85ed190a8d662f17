/** Which method of a deployed API answers a request. Pure: the deployed resources in, the match out. */
import { dictionary } from "../../account/dictionary";
import type { Method, Resource } from "../../account/state/apigateway";

export interface Route {
  readonly resource: Resource;
  readonly method: Method;
  /** As they stand in the path, not decoded. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** The two parts of a data-plane path: its first segment, however many slashes stand before it, and everything behind it. */
export function splitStage(path: string): { stageName: string; rest: string } {
  const [, stageName = "", rest = ""] = /^\/+([^/]*)(.*)$/s.exec(path) ?? [];
  return { stageName, rest };
}

/**
 * Finds the method for a path behind the stage. Resources are weighed segment by segment, a literal before a parameter
 * before a greedy one, and only those that have the verb (or `ANY`) take part: a greedy resource answers for verbs that
 * a more specific one lacks. Empty segments don't count.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-set-up-simple-proxy.html
 */
export function findRoute(
  resources: Readonly<Record<string, Resource>>,
  verb: string,
  path: string,
): Route | undefined {
  const matches = Object.values(resources).flatMap((resource) => {
    const method = Object.hasOwn(resource.methods, verb) ? resource.methods[verb] : resource.methods.ANY;
    const match = method && matchTemplate(resource.path, path);
    return method && match ? [{ resource, method, ...match }] : [];
  });
  // Weights are strings of one character a segment, so their order is the order of the first segment that differs.
  const [best] = matches.sort((a, b) => (a.weight < b.weight ? -1 : 1));
  return best && { resource: best.resource, method: best.method, pathParameters: best.pathParameters };
}

/** A path's segments, not decoded; empty ones don't count. */
export function segmentsOf(path: string): string[] {
  return path.split("/").filter((segment) => segment !== "");
}

/** As recorded: `a//b` stays as it is inside of a greedy parameter, slashes before and behind it go. */
function fromSegment(path: string, index: number): string {
  const start = [...path.matchAll(/[^/]+/g)][index]?.index;
  return path.slice(start).replace(/\/+$/, "");
}

function matchTemplate(
  template: string,
  path: string,
): { weight: string; pathParameters: Record<string, string> } | undefined {
  const parts = segmentsOf(template);
  const segments = segmentsOf(path);
  const pathParameters = dictionary<string>();
  let weight = "";
  for (const [index, part] of parts.entries()) {
    const segment = segments[index];
    if (segment === undefined) {
      return undefined;
    }
    const parameter = /^\{(.+?)(\+?)\}$/.exec(part);
    if (parameter?.[2] === "+") {
      pathParameters[parameter[1] as string] = fromSegment(path, index);
      return { weight: `${weight}2`, pathParameters };
    }
    if (parameter) {
      pathParameters[parameter[1] as string] = segment;
    } else if (part !== segment) {
      return undefined;
    }
    weight += parameter ? "1" : "0";
  }
  return parts.length === segments.length ? { weight, pathParameters } : undefined;
}
