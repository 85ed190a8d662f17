/** Condition blocks: operators, their `IfExists` and set forms, and what a missing key means. */
import { BlockList, isIP } from "node:net";
import type { Statement } from "./document";
import { lookUp, matches, resolvePattern, type Scope } from "./pattern";

/** Compares one value of the request with one value of the policy. */
type Comparison = (found: string, expected: string, scope: Scope) => boolean;

const text =
  (wildcards: boolean, fold?: (value: string) => string): Comparison =>
  (found, expected, scope) => {
    const pattern = resolvePattern(expected, scope, wildcards);
    if (pattern === undefined || fold === undefined) {
      return pattern !== undefined && matches(pattern, found);
    }
    const folded = pattern.map((token) =>
      typeof token === "object" ? { literal: Array.from(token.literal, fold).join("") } : token,
    );
    return matches(folded, fold(found));
  };

const lowerCase = (value: string) => value.toLowerCase();

/** Each of an ARN's six parts is matched on its own, so `*` doesn't reach over a colon. */
const arn: Comparison = (found, expected, scope) => {
  const like = text(true);
  const foundParts = arnParts(found, /:/g);
  // The colon of a variable such as ${aws:username} separates nothing.
  const expectedParts = arnParts(expected, scope.variables ? /\$\{[^}]*\}|:/g : /:/g);
  if (foundParts === undefined || expectedParts === undefined) {
    return false;
  }
  return expectedParts.every((part, index) => like(foundParts[index] as string, part, scope));
};

/** Cuts at the first five colons among the finds; undefined when there are fewer. */
function arnParts(value: string, separators: RegExp): string[] | undefined {
  const colons = [...value.matchAll(separators)].filter(([found]) => found === ":").map(({ index }) => index);
  if (colons.length < 5) {
    return undefined;
  }
  const cuts = [-1, ...colons.slice(0, 5), value.length];
  return cuts.slice(1).map((end, part) => value.slice((cuts[part] as number) + 1, end));
}

const NUMBER = /^[+-]?\d+(\.\d+)?$/;

const numeric =
  (compare: (found: number, expected: number) => boolean): Comparison =>
  (found, expected) =>
    NUMBER.test(found) && NUMBER.test(expected) && compare(Number(found), Number(expected));

const date =
  (compare: (found: number, expected: number) => boolean): Comparison =>
  (found, expected) => {
    const [a, b] = [instant(found), instant(expected)];
    return !Number.isNaN(a) && !Number.isNaN(b) && compare(a, b);
  };

/**
 * A time in the W3C profile of ISO 8601, or in seconds since the epoch, as milliseconds; NaN for anything else. A time without a
 * zone is UTC, so that the machine's own zone decides nothing.
 */
function instant(value: string): number {
  if (/^\d+(\.\d+)?$/.test(value)) {
    return Number(value) * 1000;
  }
  const match = /^\d{4}-\d\d(?:-\d\d(T\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?)?(Z|[+-]\d\d:\d\d)?$/.exec(value);
  if (!match) {
    return Number.NaN;
  }
  const [, time, zone] = match;
  return Date.parse(time !== undefined && zone === undefined ? `${value}Z` : value);
}

const ipAddress: Comparison = (found, expected) => {
  const [, network = "", prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(expected) ?? [];
  const version = isIP(network);
  if (version === 0 || isIP(found) !== version) {
    return false;
  }
  const bits = version === 6 ? 128 : 32;
  const length = prefix === undefined ? bits : Number(prefix);
  if (length > bits) {
    return false;
  }
  const family = version === 6 ? "ipv6" : "ipv4";
  const list = new BlockList();
  list.addSubnet(network, length, family);
  return list.check(found, family);
};

const bool: Comparison = (found, expected) =>
  /^(true|false)$/i.test(found) && found.toLowerCase() === expected.toLowerCase();

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
export function parseOperator(
  name: string,
): { set?: "ForAnyValue" | "ForAllValues"; base: string; ifExists: boolean } | undefined {
  const match = /^(?:(ForAnyValue|ForAllValues):)?([A-Za-z]+?)(IfExists)?$/.exec(name);
  if (!match) {
    return undefined;
  }
  const base = match[2] as string;
  if (base === "Null") {
    return match[1] || match[3] ? undefined : { base, ifExists: false };
  }
  if (!Object.hasOwn(OPERATORS, base)) {
    return undefined;
  }
  return {
    set: match[1] as "ForAnyValue" | "ForAllValues" | undefined,
    base,
    ifExists: match[3] !== undefined,
  };
}

/** The conditions of a statement, all of which must be met. */
export function conditionsOf({ condition }: Pick<Statement, "condition">) {
  return Object.entries(condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => ({ operator, key, values })),
  );
}

/**
 * The first condition of a statement that the request doesn't meet, as a sentence with what was expected and what was found;
 * undefined when all are met.
 */
export function unmetCondition(
  statement: Pick<Statement, "condition" | "effect">,
  scope: Scope,
): string | undefined {
  for (const { operator, key, values } of conditionsOf(statement)) {
    const found = lookUp(scope.context, key);
    const problem = check(operator, found, values, statement.effect, scope);
    if (problem !== undefined) {
      return `condition ${operator} ${key}: expected ${list(values)}, found ${shown(key, found)}${problem}`;
    }
  }
  return undefined;
}

/** An external id is between two parties: what somebody else sends for it isn't repeated. */
function shown(key: string, found: string | readonly string[] | undefined): string {
  if (found === undefined) {
    return "no such key in the request";
  }
  return key.toLowerCase() === "sts:externalid" ? "another value" : list(found);
}

const list = (values: string | readonly string[]) => JSON.stringify(values);

/** The empty string for a plain mismatch, a remark for a special one; undefined when the condition is met. */
function check(
  name: string,
  found: string | readonly string[] | undefined,
  expected: readonly string[],
  effect: Statement["effect"],
  scope: Scope,
): string | undefined {
  const operator = parseOperator(name);
  if (operator === undefined) {
    return " (there is no such operator)";
  }
  const values = found === undefined ? [] : typeof found === "string" ? [found] : found;
  const present = values.length > 0;
  if (operator.base === "Null") {
    return expected.some((value) => value.toLowerCase() === String(!present)) ? undefined : "";
  }
  const { compare, negated } = OPERATORS[operator.base] as { compare: Comparison; negated?: true };
  const one = (value: string) =>
    expected.some((candidate) => compare(value, candidate, scope)) !== (negated === true);
  const verdict = (met: boolean) => (met ? undefined : "");
  if (operator.set === "ForAllValues") {
    return verdict(values.every(one));
  }
  if (!present && operator.ifExists) {
    // AWS documents both that a missing key meets IfExists and that it fails ForAnyValue. An allowance was seen to fail
    // (https://repost.aws/questions/QU9HFmDzP0QGuU-fd7rS6B7w); a denial is held to the other sentence.
    return operator.set === "ForAnyValue" && effect === "Allow" ? "" : undefined;
  }
  if (operator.set === "ForAnyValue") {
    return verdict(values.some(one));
  }
  if (!present) {
    return verdict(negated === true);
  }
  if (values.length > 1) {
    // What AWS does here is not documented. An allowance that doesn't apply and a denial that does can't open a door by accident.
    return effect === "Deny" ? undefined : " (the key has several values: use ForAnyValue or ForAllValues)";
  }
  return verdict(values.every(one));
}
