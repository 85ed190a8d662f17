/** Condition blocks: operators, their `IfExists` and set forms, and what a missing key means. */
import { BlockList, isIP } from "node:net";
import type { PolicyDocument } from "./document";
import { lookUp, matches, resolvePattern, type Scope } from "./pattern";

/** Compares one value of the request with one value of the policy. */
type Comparison = (found: string, expected: string, scope: Scope) => boolean;

const text =
  (wildcards: boolean, fold: (value: string) => string = (value) => value): Comparison =>
  (found, expected, scope) => {
    const pattern = resolvePattern(expected, scope, wildcards);
    const folded = pattern?.map((token) => (typeof token === "object" ? { literal: fold(token.literal) } : token));
    return folded !== undefined && matches(folded, fold(found));
  };

const lowerCase = (value: string) => value.toLowerCase();

/** Each of an ARN's six parts is matched on its own, so `*` doesn't reach over a colon. */
const arn: Comparison = (found, expected, scope) => {
  const like = text(true);
  const foundParts = arnParts(found);
  const expectedParts = arnParts(expected);
  return (
    foundParts !== undefined &&
    expectedParts !== undefined &&
    expectedParts.every((part, index) => like(foundParts[index] as string, part, scope))
  );
};

function arnParts(value: string): string[] | undefined {
  const parts = value.split(":");
  return parts.length < 6 ? undefined : [...parts.slice(0, 5), parts.slice(5).join(":")];
}

const numeric =
  (compare: (found: number, expected: number) => boolean): Comparison =>
  (found, expected) => {
    const [a, b] = [Number(found), Number(expected)];
    return found.trim() !== "" && expected.trim() !== "" && !Number.isNaN(a) && !Number.isNaN(b) && compare(a, b);
  };

const date =
  (compare: (found: number, expected: number) => boolean): Comparison =>
  (found, expected) => {
    const [a, b] = [instant(found), instant(expected)];
    return !Number.isNaN(a) && !Number.isNaN(b) && compare(a, b);
  };

/** ISO 8601, or seconds since the epoch. */
function instant(value: string): number {
  return /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value);
}

const ipAddress: Comparison = (found, expected) => {
  const [network = "", prefix] = expected.split("/");
  const version = isIP(network);
  if (version === 0 || isIP(found) === 0) return false;
  const family = version === 6 ? "ipv6" : "ipv4";
  const list = new BlockList();
  try {
    list.addSubnet(network, prefix === undefined ? (version === 6 ? 128 : 32) : Number(prefix), family);
  } catch {
    return false;
  }
  return list.check(found, isIP(found) === 6 ? "ipv6" : "ipv4");
};

const bool: Comparison = (found, expected) => found.toLowerCase() === expected.toLowerCase();

const equal = (a: number, b: number) => a === b;
const less = (a: number, b: number) => a < b;
const lessOrEqual = (a: number, b: number) => a <= b;
const greater = (a: number, b: number) => a > b;
const greaterOrEqual = (a: number, b: number) => a >= b;

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
const OPERATORS: Readonly<Record<string, { compare: Comparison; negated?: true }>> = {
  StringEquals: { compare: text(false) },
  StringNotEquals: { compare: text(false), negated: true },
  StringEqualsIgnoreCase: { compare: text(false, lowerCase) },
  StringNotEqualsIgnoreCase: { compare: text(false, lowerCase), negated: true },
  StringLike: { compare: text(true) },
  StringNotLike: { compare: text(true), negated: true },
  NumericEquals: { compare: numeric(equal) },
  NumericNotEquals: { compare: numeric(equal), negated: true },
  NumericLessThan: { compare: numeric(less) },
  NumericLessThanEquals: { compare: numeric(lessOrEqual) },
  NumericGreaterThan: { compare: numeric(greater) },
  NumericGreaterThanEquals: { compare: numeric(greaterOrEqual) },
  DateEquals: { compare: date(equal) },
  DateNotEquals: { compare: date(equal), negated: true },
  DateLessThan: { compare: date(less) },
  DateLessThanEquals: { compare: date(lessOrEqual) },
  DateGreaterThan: { compare: date(greater) },
  DateGreaterThanEquals: { compare: date(greaterOrEqual) },
  Bool: { compare: bool },
  BinaryEquals: { compare: (found, expected) => found === expected },
  IpAddress: { compare: ipAddress },
  NotIpAddress: { compare: ipAddress, negated: true },
  ArnEquals: { compare: arn },
  ArnLike: { compare: arn },
  ArnNotEquals: { compare: arn, negated: true },
  ArnNotLike: { compare: arn, negated: true },
};

/** Operator names as they may stand in a policy, taken apart; undefined when there is no such operator. */
export function parseOperator(name: string): { set?: "ForAnyValue" | "ForAllValues"; base: string; ifExists: boolean } | undefined {
  const match = /^(?:(ForAnyValue|ForAllValues):)?([A-Za-z]+?)(IfExists)?$/.exec(name);
  if (!match) return undefined;
  const base = match[2] as string;
  if (base === "Null") return match[1] || match[3] ? undefined : { base, ifExists: false };
  if (!Object.hasOwn(OPERATORS, base)) return undefined;
  return { set: match[1] as "ForAnyValue" | "ForAllValues" | undefined, base, ifExists: match[3] !== undefined };
}

/**
 * The first condition that the request doesn't meet, as a sentence with what was expected and what was found;
 * undefined when all are met.
 */
export function unmetCondition(
  condition: PolicyDocument["statements"][number]["condition"],
  scope: Scope,
): string | undefined {
  for (const [operator, keys] of Object.entries(condition)) {
    for (const [key, expected] of Object.entries(keys)) {
      const found = lookUp(scope.context, key);
      const problem = check(operator, found, expected, scope);
      if (problem !== undefined) {
        return `condition ${operator} ${key}: expected ${list(expected)}, found ${found === undefined ? "no such key in the request" : list(found)}${problem}`;
      }
    }
  }
  return undefined;
}

const list = (values: string | readonly string[]) => JSON.stringify(values);

/** The empty string for a plain mismatch, a remark for a special one; undefined when the condition is met. */
function check(
  name: string,
  found: string | readonly string[] | undefined,
  expected: readonly string[],
  scope: Scope,
): string | undefined {
  const operator = parseOperator(name);
  if (operator === undefined) return " (there is no such operator)";
  const values = found === undefined ? [] : typeof found === "string" ? [found] : found;
  const present = values.length > 0;
  if (operator.base === "Null") {
    return expected.some((value) => (value.toLowerCase() === "true") === !present) ? undefined : "";
  }
  const { compare, negated } = OPERATORS[operator.base] as { compare: Comparison; negated?: true };
  const one = (value: string) => expected.some((candidate) => compare(value, candidate, scope)) !== (negated === true);
  const verdict = (met: boolean) => (met ? undefined : "");
  if (operator.set === "ForAllValues") return verdict(values.every(one));
  if (!present && operator.ifExists) return undefined;
  if (operator.set === "ForAnyValue") return verdict(values.some(one));
  if (!present) return verdict(negated === true);
  // What AWS does here is not documented. Refusing is the answer that can't open a door by accident.
  if (values.length > 1) return " (the key has several values: use ForAnyValue or ForAllValues)";
  return verdict(values.every(one));
}
