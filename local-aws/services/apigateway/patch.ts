/**
 * API Gateway's updates are lists of operations on paths, in the manner of JSON Patch (RFC 6902) but with string values
 * only. Each entity has a table of the paths that can be changed; all operations of one request succeed or none does.
 */
import { z } from "zod";
import { type Dictionary, dictionary } from "../../account/dictionary";
import { copyOf } from "../../account/state/apigateway";
import { ignoredMember } from "../input";
import { badRequest, notFound } from "./failure";

/** In the order of AWS's error text. */
const PATCH_OPERATIONS = ["add", "remove", "move", "test", "replace", "copy"] as const;

export const patchInput = {
  patchOperations: z
    .array(
      z.object({
        op: z.enum(PATCH_OPERATIONS),
        path: z.string().default("null"),
        value: z.string().nullish(),
        from: ignoredMember("it belongs to copy and move, which are refused", z.string().optional()),
      }),
    )
    .default([]),
};

export interface PatchOperation {
  readonly op: (typeof PATCH_OPERATIONS)[number];
  /** A JSON pointer (RFC 6901): a slash inside a name is written as tilde one. */
  readonly path: string;
  readonly value?: string | null;
}

/**
 * One change: `name` is the last segment of the path, unescaped, `path` all of it as sent. A removal has no value, other changes may
 * lack it too.
 */
type Change<Target> = (
  target: Target,
  change: { op: "add" | "remove" | "replace"; value: string | undefined; name: string; path: string },
) => void;

/** What can be changed, by path without the leading slash; a last segment `*` stands for any name. */
export type Patchable<Target> = Readonly<Record<string, Change<Target>>>;

/** Returns a changed copy of the target. Throws BadRequestException for a path that is not in the table. */
export function patched<Target>(
  target: Target,
  operations: readonly PatchOperation[],
  patchable: Patchable<Target>,
): Target {
  const copy = copyOf(target);
  for (const operation of operations) {
    const { op, path } = operation;
    if (op !== "add" && op !== "remove" && op !== "replace") {
      throw badRequest(`Invalid patch operation '${op}' specified. Must be one of: [add, remove, replace]`);
    }
    const pattern = path.slice(1);
    const parent = pattern.slice(0, pattern.lastIndexOf("/") + 1);
    const key = [pattern, `${parent}*`].find((candidate) => Object.hasOwn(patchable, candidate));
    const change = path.startsWith("/") && key !== undefined ? patchable[key] : undefined;
    if (!change) {
      throw unknownPath(operation, Object.keys(patchable));
    }
    const name = unescapePointer(pattern.slice(parent.length));
    change(copy, { op, value: op === "remove" ? undefined : (operation.value ?? undefined), name, path });
  }
  return copy;
}

/** The answer lists what the operation accepts. */
function unknownPath({ op, path }: PatchOperation, known: readonly string[]): Error {
  const paths = known.map((entry) => `/${entry.replace("*", "{name}")}`).join(", ");
  return badRequest(`Invalid patch path  '${path}' specified for op '${op}'. Must be one of: [${paths}]`);
}

/** RFC 6901, section 4: `~1` before `~0`. */
export function unescapePointer(segment: string): string {
  return segment.replaceAll("~1", "/").replaceAll("~0", "~");
}

/** A member that holds text and may be absent. */
export function text<Target>(key: keyof Target & string): Change<Target> {
  return (target, { value }) => assign(target, key, value);
}

/** A member that must not go away. */
export function requiredText<Target>(key: keyof Target & string): Change<Target> {
  return (target, { value }) => {
    if (!value) {
      throw badRequest(`Invalid patch path: '/${key}' cannot be removed or empty`);
    }
    assign(target, key, value);
  };
}

export function flag<Target>(key: keyof Target & string): Change<Target> {
  return (target, { value }) => assign(target, key, parseFlag(value));
}

/** How API Gateway words that a member takes no other operation than a replacement; recorded for one member each. */
const REPLACE_ONLY = {
  operation: () => "Invalid patch operation specified. Must be one of: [replace]",
  operations: (op: string, path: string) =>
    `Invalid patch path  '${path}' specified for op '${op}'. Please choose supported operations`,
  path: (_op: string, path: string) => `Invalid patch path ${path}`,
};

/** A member that is always there in a way: it can be replaced, and neither added nor removed. */
export function replaceOnly<Target>(
  change: Change<Target>,
  wording: keyof typeof REPLACE_ONLY = "operation",
): Change<Target> {
  return (target, requested) => {
    const { op, path } = requested;
    if (op !== "replace") {
      throw badRequest(REPLACE_ONLY[wording](op, path));
    }
    change(target, requested);
  };
}

/** What API Gateway says of an entry that isn't there; a stage variable can be made by a replacement, as Terraform does. */
const NOT_THERE = {
  parameter: "Invalid parameter name specified",
  "content type": "Content-Type specified was not found",
  variable: "Invalid stage variable name specified",
};

/** An entry of a map, e.g. `/requestTemplates/application~1json`: what is replaced or removed must be there. */
export function entry<Target>(
  key: keyof Target & string,
  kind: keyof typeof NOT_THERE,
  parse: (value: string) => unknown = (value) => value,
): Change<Target> {
  return (target, { op, value, name }) => {
    const map = dictionary(Object.entries((target[key] as Dictionary<unknown> | undefined) ?? {}));
    const made = op === "add" || (op === "replace" && kind === "variable");
    if (!made && !Object.hasOwn(map, name)) {
      throw notFound(NOT_THERE[kind]);
    }
    if (op === "remove") {
      delete map[name];
    } else {
      map[name] = parse(value ?? "");
    }
    assign(target, key, Object.keys(map).length > 0 ? map : undefined);
  };
}

/** A member of a list of text, addressed by itself: `/binaryMediaTypes/image~1png`. */
export function listMember<Target>(key: keyof Target & string): Change<Target> {
  return (target, { op, value, name }) => {
    const others = ((target[key] as string[] | undefined) ?? []).filter((member) => member !== name);
    const added = op === "remove" ? [] : [op === "replace" && value ? value : name];
    assign(target, key, [...others, ...added]);
  };
}

export function parseFlag(value: string | undefined): boolean {
  if (value !== "true" && value !== "false") {
    throw badRequest(`Invalid boolean value '${value ?? ""}' specified`);
  }
  return value === "true";
}

export function parseNumber(value: string | undefined): number {
  const parsed = value?.trim() ? Number(value) : Number.NaN;
  if (!Number.isFinite(parsed)) {
    throw badRequest(`Invalid number '${value ?? ""}' specified`);
  }
  return parsed;
}

function assign<Target>(target: Target, key: keyof Target & string, value: unknown): void {
  if (value === undefined) {
    delete (target as Record<string, unknown>)[key];
  } else {
    (target as Record<string, unknown>)[key] = value;
  }
}
