/** Policy documents: from JSON to statements whose elements are always lists. */
import { z } from "zod";

export interface Statement {
  readonly sid: string | undefined;
  /** How a trace calls it: its `Sid`, or its place in the document (`#1`). */
  readonly name: string;
  readonly effect: "Allow" | "Deny";
  readonly action?: readonly string[];
  readonly notAction?: readonly string[];
  readonly resource?: readonly string[];
  readonly notResource?: readonly string[];
  readonly principal?: PrincipalElement;
  readonly notPrincipal?: PrincipalElement;
  /** Operator → condition key → values. */
  readonly condition: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** `"*"` is kept as `{ "*": ["*"] }`. */
export type PrincipalElement = Readonly<Record<string, readonly string[]>>;

export interface PolicyDocument {
  /** Policy variables exist only in 2012-10-17; a document without `Version` is 2008-10-17. */
  readonly version: "2012-10-17" | "2008-10-17";
  readonly statements: readonly Statement[];
}

/** The document can't be read; the message is in the words of IAM's `MalformedPolicyDocument`. */
export class MalformedPolicyError extends Error {
  override readonly name = "MalformedPolicyError";
}

const oneOrMore = z
  .union([z.string(), z.array(z.string())])
  .transform((value): string[] => (typeof value === "string" ? [value] : value));

const principal = z.union([
  z.literal("*").transform((): PrincipalElement => ({ "*": ["*"] })),
  z
    .partialRecord(z.enum(["AWS", "Federated", "Service", "CanonicalUser"]), oneOrMore)
    .transform((value) => value as PrincipalElement),
]);

const conditionValue = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const conditionValues = z
  .union([conditionValue, z.array(conditionValue)])
  .transform((value): string[] => (typeof value === "string" ? [value] : value));

const statement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(["Allow", "Deny"]),
  Action: oneOrMore.optional(),
  NotAction: oneOrMore.optional(),
  Resource: oneOrMore.optional(),
  NotResource: oneOrMore.optional(),
  Principal: principal.optional(),
  NotPrincipal: principal.optional(),
  Condition: z.record(z.string(), z.record(z.string(), conditionValues)).optional(),
});

const document = z.strictObject({
  Version: z.enum(["2012-10-17", "2008-10-17"]).optional(),
  Id: z.string().optional(),
  Statement: z.union([statement.transform((one) => [one]), z.array(statement)]),
});

/** JSON in which no key is `__proto__`: such a key would get lost on the way, and with it what a condition demands. */
function parseJson(json: string): unknown {
  return JSON.parse(json, (key, value) => {
    if (key === "__proto__") {
      throw new MalformedPolicyError("Syntax errors in policy.");
    }
    return value;
  });
}

/** Whether exactly one of an element and its opposite is there, and isn't an empty list. */
function exactlyOne(element?: readonly string[], opposite?: readonly string[]): boolean {
  const given = element ?? opposite;
  return (element === undefined) !== (opposite === undefined) && given !== undefined && given.length > 0;
}

/**
 * Reads a policy document.
 *
 * @throws MalformedPolicyError when it isn't JSON, or isn't what the policy grammar allows. Where a policy hangs decides whether it
 *   must name principals and resources; that is checked where it is stored.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export function parsePolicy(json: string): PolicyDocument {
  let raw: unknown;
  try {
    raw = parseJson(json);
  } catch (error) {
    if (error instanceof MalformedPolicyError) {
      throw error;
    }
    throw new MalformedPolicyError("This policy contains invalid Json");
  }
  const result = document.safeParse(raw);
  if (!result.success) {
    throw new MalformedPolicyError("Syntax errors in policy.");
  }
  for (const one of result.data.Statement) {
    // A statement that names no action would cover every one.
    if (!exactlyOne(one.Action, one.NotAction)) {
      throw new MalformedPolicyError("Policy statement must contain actions.");
    }
    const resources = one.Resource !== undefined || one.NotResource !== undefined;
    if (resources && !exactlyOne(one.Resource, one.NotResource)) {
      throw new MalformedPolicyError("Policy statement must contain resources.");
    }
    if (one.Principal !== undefined && one.NotPrincipal !== undefined) {
      throw new MalformedPolicyError("Syntax errors in policy.");
    }
  }
  return {
    version: result.data.Version ?? "2008-10-17",
    statements: result.data.Statement.map((one, index) => ({
      sid: one.Sid,
      name: one.Sid ?? `#${index + 1}`,
      effect: one.Effect,
      action: one.Action,
      notAction: one.NotAction,
      resource: one.Resource,
      notResource: one.NotResource,
      principal: one.Principal,
      notPrincipal: one.NotPrincipal,
      condition: one.Condition ?? {},
    })),
  };
}
