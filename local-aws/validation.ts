/** Inputs against the service model; violations in the words of AWS's services. */
import { type ZodError, type ZodType, z } from "zod";
import { type Dictionary, dictionary } from "./dictionary";
import { ServiceError } from "./errors";
import type { Service } from "./service";

type Issue = ZodError["issues"][number];

/** Members whose values no message may show: they are secrets, or too long to be read. */
const NOT_SHOWN = /token|login|secret|password|environment|zipfile|document/i;

/**
 * The operation's input, if the members that came keep to the service model.
 *
 * @throws ServiceError `1 validation error detected: Value '…' at '…' failed to satisfy constraint: …` with the service's code, or
 * the protocol's error for a member of another type
 */
export function readInput<Input>(service: Service, schema: ZodType<Input>, members: unknown): Input {
  const parsed = schema.safeParse(members);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  for (const issue of issues) {
    const value = valueAt(members, issue.path);
    if (issue.code === "invalid_type" && value !== undefined) throw wrongType(service, value, issue.expected);
  }
  const details = issues.map((issue) => detail(issue, valueAt(members, issue.path)));
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
    if (entries.length > limit) violated(`Member must have length less than or equal to ${limit}`);
    for (const [name, member] of entries) {
      const parsedKey = key.safeParse(name);
      const parsedValue = value.safeParse(member);
      if (parsedValue.success) read[name] = parsedValue.data;
      if (!parsedKey.success) {
        violated(`Map keys must satisfy constraint: [${parsedKey.error.issues.map(constraint).join(", ")}]`);
      }
      for (const issue of parsedValue.error?.issues ?? []) {
        const ofValueItself = issue.path.length === 0 && issue.code !== "invalid_type";
        if (ofValueItself) violated(`Map value must satisfy constraint: [${constraint(issue)}]`);
        else context.addIssue({ ...issue, path: [name, ...issue.path], input: member });
      }
    }
    return read;
  });
}

function detail(issue: Issue, value: unknown): string {
  const path = [...issue.path];
  let violated = constraint(issue);
  if (typeof path.at(-1) === "number") {
    // A list of plain values is named as a whole.
    path.pop();
    violated = `Member must satisfy constraint: [${violated}]`;
  }
  const member = memberPath(path);
  const hidden = typeof value === "object" || (typeof value === "string" && NOT_SHOWN.test(member));
  const shown = value === undefined ? " null" : hidden ? "" : ` '${String(value)}'`;
  return `Value${shown} at '${member}' failed to satisfy constraint: ${violated}`;
}

function valueAt(members: unknown, path: readonly PropertyKey[]): unknown {
  let value = members;
  for (const part of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
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
  if (Array.isArray(value))
    return new ServiceError("SerializationException", "Start of list found where not expected");
  if (typeof value === "object") {
    return new ServiceError("SerializationException", "Start of structure or map found where not expected.");
  }
  const found = typeof value === "boolean" ? String(value) : typeof value;
  return new ServiceError(
    "SerializationException",
    `${found.toUpperCase()}_VALUE cannot be converted to ${expected}`,
  );
}
