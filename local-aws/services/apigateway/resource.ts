/** The resources of an API: a tree of path parts under the root. */
import { z } from "zod";
import { dictionary } from "../../account/dictionary";
import { apiGatewayId } from "../../account/ids";
import type { Resource, RestApi } from "../../account/state/apigateway";
import { controlPlaneOperation } from "./control-plane";
import { badRequest, conflict } from "./failure";
import { findResource, findRestApi } from "./lookup";
import { methodOutput } from "./output";
import { page, pageInput } from "./page";
import { type Patchable, patched, patchInput, replaceOnly, requiredText } from "./patch";

const address = { restApiId: z.string(), resourceId: z.string() };
const embed = { embed: z.union([z.string(), z.array(z.string())]).optional() };

export const createResource = controlPlaneOperation({
  http: "POST /restapis/{restApiId}/resources/{parentId}",
  status: 201,
  input: z.object({ restApiId: z.string(), parentId: z.string(), pathPart: z.string() }),
  run({ account, input: { restApiId, parentId, pathPart } }) {
    const api = findRestApi(account, restApiId);
    return resourceOutput(addResource(api, findResource(api, parentId), pathPart));
  },
});

export function addResource(api: RestApi, parent: Resource, pathPart: string): Resource {
  const resource = placed(api, {
    id: apiGatewayId(6),
    parentId: parent.id,
    pathPart,
    path: "",
    methods: dictionary(),
  });
  api.resources[resource.id] = resource;
  return resource;
}

export const getResource = controlPlaneOperation({
  http: "GET /restapis/{restApiId}/resources/{resourceId}",
  input: z.object({ ...address, ...embed }),
  run: ({ account, input }) =>
    resourceOutput(findResource(findRestApi(account, input.restApiId), input.resourceId), input.embed),
});

export const getResources = controlPlaneOperation({
  http: "GET /restapis/{restApiId}/resources",
  input: z.object({ restApiId: z.string(), ...embed, ...pageInput }),
  run({ account, input }) {
    const resources = Object.values(findRestApi(account, input.restApiId).resources);
    const { item, position } = page(resources, input);
    return { item: item.map((resource) => resourceOutput(resource, input.embed)), position };
  },
});

export const updateResource = controlPlaneOperation({
  http: "PATCH /restapis/{restApiId}/resources/{resourceId}",
  input: z.object({ ...address, ...patchInput }),
  run({ account, input }) {
    const api = findRestApi(account, input.restApiId);
    const resource = findResource(api, input.resourceId);
    if (resource.id === api.rootResourceId) {
      const [, member = "pathPart"] =
        /^\/(pathPart|parentId)$/.exec(input.patchOperations[0]?.path ?? "") ?? [];
      throw badRequest(`Root resource cannot update its ${member}.`);
    }
    const changed = placed(api, patched(resource, input.patchOperations, PATCHABLE));
    api.resources[changed.id] = changed;
    for (const child of descendants(api, changed.id)) {
      child.path = pathUnder(api, child);
    }
    return resourceOutput(changed);
  },
});

export const deleteResource = controlPlaneOperation({
  http: "DELETE /restapis/{restApiId}/resources/{resourceId}",
  status: 202,
  input: z.object(address),
  run({ account, input }) {
    const api = findRestApi(account, input.restApiId);
    const resource = findResource(api, input.resourceId);
    if (resource.id === api.rootResourceId) {
      throw badRequest("Root resource cannot be deleted");
    }
    for (const { id } of [...descendants(api, resource.id), resource]) {
      delete api.resources[id];
    }
  },
});

/** @see https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateResource-Patch */
const PATCHABLE: Patchable<Resource> = {
  pathPart: replaceOnly(requiredText("pathPart"), "operations"),
  parentId: replaceOnly(requiredText("parentId"), "operations"),
};

/** A literal part, or a parameter in braces with a plus sign when it is greedy. */
const PATH_PART = /^(?:[a-zA-Z0-9._\-:]+|\{[a-zA-Z0-9._\-:]+\+?\})$/;

/** The resource with its path, when the tree has room for it there. */
function placed(api: RestApi, resource: Resource): Resource {
  const { id, pathPart = "" } = resource;
  const parent = findResource(api, resource.parentId ?? "");
  if (!PATH_PART.test(pathPart)) {
    throw badRequest(
      "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.",
    );
  }
  if (parent.pathPart?.endsWith("+}")) {
    throw badRequest(`Cannot create a child of a resource with a greedy path variable: ${parent.pathPart}`);
  }
  if (parent.id === id || descendants(api, id).includes(parent)) {
    throw badRequest("Resources cannot be cyclical.");
  }
  const siblings = Object.values(api.resources).filter(
    (other) => other.parentId === parent.id && other.id !== id,
  );
  if (siblings.some((sibling) => sibling.pathPart === pathPart)) {
    throw conflict(`Another resource with the same parent already has this name: ${pathPart}`);
  }
  const variable = siblings.find((sibling) => isVariable(sibling.pathPart));
  if (isVariable(pathPart) && variable) {
    throw badRequest(
      `A sibling (${variable.pathPart}) of this resource already has a variable path part -- only one is allowed`,
    );
  }
  return { ...resource, path: pathUnder(api, resource) };
}

function isVariable(pathPart: string | undefined): boolean {
  return pathPart?.startsWith("{") ?? false;
}

function pathUnder(api: RestApi, { parentId, pathPart }: Resource): string {
  const { path } = findResource(api, parentId ?? "");
  return `${path === "/" ? "" : path}/${pathPart}`;
}

/** Parents come before their children. */
function descendants(api: RestApi, id: string): Resource[] {
  const children = Object.values(api.resources).filter(({ parentId }) => parentId === id);
  return children.flatMap((child) => [child, ...descendants(api, child.id)]);
}

function resourceOutput({ id, parentId, pathPart, path, methods }: Resource, embedded?: string | string[]) {
  const whole = [embedded].flat().includes("methods");
  const entries = Object.entries(methods).map(([verb, method]) => [verb, whole ? methodOutput(method) : {}]);
  return {
    id,
    parentId,
    pathPart,
    path,
    resourceMethods: entries.length > 0 ? Object.fromEntries(entries) : undefined,
  };
}
