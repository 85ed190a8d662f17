/** Which method of an API answers a request. */
import type { Account } from "../../account";
import type { LiveKind } from "../../account/live";
import type { ApiDefinition, Method, Resource } from "../../account/state/apigateway";
import { matchTemplate, type PathTemplate, parseTemplate, segmentsOf } from "../../identify/path-template";
import { CHANGES } from "../apigateway/control-plane";

/** By id. */
type Resources = Readonly<Record<string, Resource>>;

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
 * Finds the method of a deployed API, which never changes, for a path behind the stage. Resources are weighed segment by segment, a
 * literal before a parameter before a greedy one, and only those that have the verb (or `ANY`) take part: a greedy resource answers
 * for verbs that a more specific one lacks. Empty segments don't count.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-set-up-simple-proxy.html
 */
export function findRoute(resources: Resources, verb: string, path: string): Route | undefined {
  let tree = deployed.get(resources);
  if (tree === undefined) {
    tree = treeOf(resources);
    deployed.set(resources, tree);
  }
  return routeIn(tree, verb, path);
}

const deployed = new WeakMap<Resources, Tree>();

/** As `findRoute`, in an API as it is now, deployed or not. */
export function findCurrentRoute(
  account: Account,
  { resources }: ApiDefinition,
  verb: string,
  path: string,
): Route | undefined {
  const current = account.live.part(CURRENT);
  const { count } = account.live.part(CHANGES);
  let known = current.get(resources);
  if (known?.changes !== count) {
    known = { tree: treeOf(resources), changes: count };
    current.set(resources, known);
  }
  return routeIn(known.tree, verb, path);
}

/** Trees of APIs, and how many changes there had been. */
const CURRENT: LiveKind<WeakMap<Resources, { readonly tree: Tree; readonly changes: number }>> = {
  make: () => new WeakMap(),
};

function routeIn(tree: Tree, verb: string, path: string): Route | undefined {
  const segments = segmentsOf(path);
  const found = search(tree, segments, verb);
  const match = found && matchTemplate(found.template, segments, (index) => fromSegment(path, index));
  return match && { resource: found.resource, method: found.method, pathParameters: match.parameters };
}

interface Templated {
  readonly resource: Resource;
  readonly template: PathTemplate;
}

/** Resources by the segments of their templates. */
interface Tree {
  readonly literals: Map<string, Tree>;
  parameter?: Tree;
  /** Those whose templates end here, and those that take all that follows. */
  readonly ending: Templated[];
  readonly greedy: Templated[];
}

function treeOf(resources: Resources): Tree {
  const tree = newTree();
  for (const resource of Object.values(resources)) {
    plant(tree, resource);
  }
  return tree;
}

const newTree = (): Tree => ({ literals: new Map(), ending: [], greedy: [] });

function plant(root: Tree, resource: Resource): void {
  const template = parseTemplate(resource.path);
  let at = root;
  for (const { kind, text } of template) {
    if (kind === "greedy") {
      at.greedy.push({ resource, template });
      return;
    }
    const next: Tree = (kind === "literal" ? at.literals.get(text) : at.parameter) ?? newTree();
    if (kind === "literal") {
      at.literals.set(text, next);
    } else {
      at.parameter = next;
    }
    at = next;
  }
  at.ending.push({ resource, template });
}

function search(tree: Tree, [segment, ...rest]: readonly string[], verb: string): Answering | undefined {
  if (segment === undefined) {
    return answering(tree.ending, verb);
  }
  const literal = tree.literals.get(segment);
  return (
    (literal && search(literal, rest, verb)) ??
    (tree.parameter && search(tree.parameter, rest, verb)) ??
    answering(tree.greedy, verb)
  );
}

interface Answering extends Templated {
  readonly method: Method;
}

function answering(resources: readonly Templated[], verb: string): Answering | undefined {
  for (const one of resources) {
    const { methods } = one.resource;
    const method = Object.hasOwn(methods, verb) ? methods[verb] : methods.ANY;
    if (method) {
      return { ...one, method };
    }
  }
  return undefined;
}

/** As recorded: `a//b` stays as it is inside of a greedy parameter, slashes before and behind it go. */
function fromSegment(path: string, index: number): string {
  const start = [...path.matchAll(/[^/]+/g)][index]?.index;
  return path.slice(start).replace(/\/+$/, "");
}
