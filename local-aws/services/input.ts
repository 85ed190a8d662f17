/** Inputs against the service model; violations in the words of AWS's services. */
import { type ZodError, type ZodOptional, type ZodType, z } from "zod";
import { type Dictionary, dictionary } from "../account/dictionary";
import type { Service } from "./service";
import { ServiceError } from "./service-error";

type Issue = ZodError["issues"][number];

/** Members whose values no message may show: they are secrets, or too long to be read. */
const NOT_SHOWN = /token|login|secret|password|environment|zipfile|document/i;

/**
 * The operation's input, if the members that came keep to the service model.
 *
 * @throws ServiceError `1 validation error detected: Value '…' at '…' failed to satisfy constraint: …` with the service's code, or
 * the protocol's error for a member of another type, the service's error for a member that this account can't honour
 *
 * @param prefixOf what stands before a member's name in an error message
 */
export function readInput<Input>(
  service: Service,
  schema: ZodType<Input>,
  members: unknown,
  prefixOf: (member: string) => string = () => "",
): Input {
  const parsed = schema.safeParse(members);
  if (parsed.success) {
    return parsed.data;
  }
  const { issues } = parsed.error;
  for (const issue of issues) {
    const value = valueAt(members, issue.path);
    if (issue.code === "invalid_type" && value !== undefined) {
      throw wrongType(service, value, issue.expected);
    }
    if (issue.code === "custom" && issue.params?.refused) {
      throw new ServiceError(
        service.refusalErrorCode,
        `Local AWS does not offer '${memberPath(issue.path)}': ${issue.message}.`,
      );
    }
  }
  const details = issues.map((issue) => detail(issue, members, prefixOf(String(issue.path[0] ?? ""))));
  const count = details.length;
  throw new ServiceError(
    service.validationErrorCode,
    `${count} validation error${count === 1 ? "" : "s"} detected: ${details.join("; ")}`,
  );
}

/**
 * A map of the service model. The value read is a dictionary.
 *
 * @param limit how many entries the map may have
 */
export function mapOf<Value>(
  key: ZodType<string>,
  value: ZodType<Value>,
  limit = Number.POSITIVE_INFINITY,
): ZodType<Dictionary<Value>> {
  return z.unknown().transform((map, context): Dictionary<Value> => {
    const read = dictionary<Value>();
    if (typeof map !== "object" || map === null || Array.isArray(map)) {
      context.addIssue({ code: "invalid_type", expected: "map", input: map });
      return read;
    }
    const entries = Object.entries(map);
    const violated = (message: string) => context.addIssue({ code: "custom", message });
    if (entries.length > limit) {
      violated(`Member must have length less than or equal to ${limit}`);
    }
    for (const [name, member] of entries) {
      const parsedKey = key.safeParse(name);
      const parsedValue = value.safeParse(member);
      if (parsedValue.success) {
        read[name] = parsedValue.data;
      }
      if (!parsedKey.success) {
        violated(`Map keys must satisfy constraint: [${parsedKey.error.issues.map(constraint).join(", ")}]`);
      }
      for (const issue of parsedValue.error?.issues ?? []) {
        const ofValueItself = issue.path.length === 0 && issue.code !== "invalid_type";
        if (ofValueItself) {
          violated(`Map value must satisfy constraint: [${constraint(issue)}]`);
        } else {
          context.addIssue({ ...issue, path: [name, ...issue.path], input: member });
        }
      }
    }
    return read;
  });
}

/** No member of the services lies deeper; a value with thousands of levels would exhaust the stack. */
const DEEPEST = 8;

/**
 * A member of the service model that would change what happens, and that this account can't honour: a request that has it is
 * refused, for nobody may believe that it is in force.
 *
 * @param cure what to do instead, for the error message
 * @param harmless the values that ask for nothing, beside empty lists and structures of such values only
 */
export function refusedMember(
  cure: string,
  ...harmless: readonly unknown[]
): ZodOptional<ZodType<undefined>> {
  const asksForNothing = (value: unknown, depth = 0): boolean => {
    if (typeof value !== "object" || value === null) {
      return harmless.includes(value);
    }
    const members = Object.values(value);
    const mayBeEmpty = Array.isArray(value) || members.length > 0;
    return mayBeEmpty && depth < DEEPEST && members.every((member) => asksForNothing(member, depth + 1));
  };
  return z
    .unknown()
    .superRefine((value, context) => {
      if (asksForNothing(value)) {
        return;
      }
      context.addIssue({ code: "custom", message: cure, params: { refused: true } });
    })
    .transform(() => undefined)
    .optional()
    .meta({ refused: cure });
}

/**
 * A member of the service model that nothing here depends on. What it holds must keep to the model all the same.
 *
 * @param reason why the outcome is the same without it
 */
export function ignoredMember<Value>(reason: string, schema: ZodType<Value>): ZodType<Value> {
  return schema.meta({ ignored: reason });
}

/** What an operation does with a member of its input: nothing is dropped without a word. */
export interface DeclaredMember {
  /** As on the wire, e.g. `VpcConfig` or `patchOperations[].op`. */
  readonly path: string;
  readonly kind: "read" | "refused" | "ignored";
  /** What to do instead of a refused member, or why an ignored one makes no difference. */
  readonly reason?: string;
}

/** The members that an operation's schema declares, those of inner structures after the structure. */
export function declaredMembers(schema: ZodType, path = ""): DeclaredMember[] {
  const { refused, ignored } = schema.meta() ?? {};
  const own: DeclaredMember = refused
    ? { path, kind: "refused", reason: String(refused) }
    : ignored
      ? { path, kind: "ignored", reason: String(ignored) }
      : { path, kind: "read" };
  if (refused) {
    return [own];
  }
  const inner = innermost(schema);
  if (inner instanceof z.ZodArray) {
    return [own, ...declaredMembers(inner.element as ZodType, `${path}[]`)];
  }
  if (!(inner instanceof z.ZodObject)) {
    return path === "" ? [] : [own];
  }
  const members = Object.entries(inner.shape).flatMap(([name, member]) =>
    declaredMembers(member as ZodType, path === "" ? name : `${path}.${name}`),
  );
  return path === "" ? members : [own, ...members];
}

/** Without what makes a member optional, gives it a default or prepares it. */
function innermost(schema: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable) {
    return innermost(schema.unwrap());
  }
  if (schema instanceof z.ZodPipe) {
    return innermost(schema.in instanceof z.ZodTransform ? schema.out : schema.in);
  }
  return schema;
}

function detail(issue: Issue, members: unknown, prefix: string): string {
  const path = [...issue.path];
  let value = valueAt(members, path);
  let violated = constraint(issue);
  if (typeof path.at(-1) === "number") {
    // A list of plain values is named as a whole.
    path.pop();
    value = `[${[valueAt(members, path)].flat().join(", ")}]`;
    violated = `Member must satisfy constraint: [${violated}]`;
  }
  const member = `${prefix}${memberPath(path)}`;
  const hidden = typeof value === "object" || (typeof value === "string" && NOT_SHOWN.test(member));
  const shown = value === undefined ? " null" : hidden ? "" : ` '${String(value)}'`;
  return `Value${shown} at '${member}' failed to satisfy constraint: ${violated}`;
}

function valueAt(members: unknown, path: readonly PropertyKey[]): unknown {
  let value = members;
  for (const part of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) {
      return undefined;
    }
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}

/** Members are named as in the service model's Java form: `tags.1.member.key`. */
function memberPath(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === "number" ? `${part + 1}.member` : lowerCamelCase(String(part))))
    .join(".");
}

const lowerCamelCase = (name: string) => name.replace(/^[A-Z](?![A-Z])/, (first) => first.toLowerCase());

function constraint(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return "Member must not be null";
    case "invalid_format":
      return issue.format === "regex" && issue.pattern !== undefined
        ? `Member must satisfy regular expression pattern: ${patternText(issue.pattern)}`
        : `Member must be a valid ${issue.format}`;
    case "too_small":
      return issue.origin === "number"
        ? `Member must have value greater than or equal to ${issue.minimum}`
        : `Member must have length greater than or equal to ${issue.minimum}`;
    case "too_big":
      return issue.origin === "number"
        ? `Member must have value less than or equal to ${issue.maximum}`
        : `Member must have length less than or equal to ${issue.maximum}`;
    case "invalid_value":
      return `Member must satisfy enum value set: [${issue.values.map(String).join(", ")}]`;
    default:
      return issue.message;
  }
}

/** A pattern as the service model writes it: without slashes, flags and anchors, which it implies. */
function patternText(literal: string): string {
  const anchored = literal.replace(/^\/\^?|\$?\/\w*$/g, "");
  return anchored.replace(/^\(\?:(.*)\)$/, "$1").replaceAll("\\/", "/");
}

function wrongType(service: Service, value: unknown, expected: string): ServiceError {
  if (service.protocol === "query") {
    return new ServiceError(
      "MalformedInput",
      `A ${expected} was expected where a ${typeof value} was found.`,
    );
  }
  if (Array.isArray(value)) {
    return new ServiceError("SerializationException", "Start of list found where not expected");
  }
  if (typeof value === "object") {
    return new ServiceError("SerializationException", "Start of structure or map found where not expected.");
  }
  const found = typeof value === "boolean" ? String(value) : typeof value;
  return new ServiceError(
    "SerializationException",
    `${found.toUpperCase()}_VALUE cannot be converted to ${expected}`,
  );
}
