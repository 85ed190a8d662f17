/** Which method of a deployed API answers a request. Pure: the deployed resources in, the match out. */
import type { Method, Resource } from "../../account/state/apigateway";
import { matchTemplate, parseTemplate, segmentsOf } from "../../identify/path-template";

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
  const segments = segmentsOf(path);
  const matches = Object.values(resources).flatMap((resource) => {
    const method = Object.hasOwn(resource.methods, verb) ? resource.methods[verb] : resource.methods.ANY;
    const match =
      method && matchTemplate(parseTemplate(resource.path), segments, (index) => fromSegment(path, index));
    return method && match ? [{ resource, method, ...match }] : [];
  });
  const [best] = matches.sort((a, b) => (a.weight < b.weight ? -1 : 1));
  return best && { resource: best.resource, method: best.method, pathParameters: best.parameters };
}

/** As recorded: `a//b` stays as it is inside of a greedy parameter, slashes before and behind it go. */
function fromSegment(path: string, index: number): string {
  const start = [...path.matchAll(/[^/]+/g)][index]?.index;
  return path.slice(start).replace(/\/+$/, "");
}
