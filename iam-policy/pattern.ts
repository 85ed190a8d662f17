/** The patterns of policies: `*` and `?`, and policy variables whose values are never patterns themselves. */
import type { ConditionContext } from "./context";

type Token = { readonly literal: string } | "any" | "one";

/** A pattern ready to match: a list of texts that aren't empty, `one` and `any`. */
export type Pattern = readonly Token[];

/** `${key}` and `${key, 'default'}`; a key is trimmed when it is read, since a pattern that did it could be made to stall. */
const VARIABLE = /\$\{([^},]*)(?:,\s*'([^']*)'\s*)?\}/g;

/** What gives a policy's texts their meaning. */
export interface Scope {
  readonly context: ConditionContext;
  /** Policy variables exist only in documents of version 2012-10-17. */
  readonly variables: boolean;
}

/** Reads a pattern in which `${…}` has no meaning. */
export function literalPattern(text: string): Pattern {
  return Array.from(text.matchAll(/[*?]|[^*?]+/g), ([part]) =>
    part === "*" ? "any" : part === "?" ? "one" : { literal: part },
  );
}

/** Reads a text in which nothing has a meaning beyond itself. */
function literalText(text: string): Pattern {
  return text === "" ? [] : [{ literal: text }];
}

/**
 * Reads a pattern and fills in its policy variables.
 *
 * @param wildcards false where `*` and `?` stand for themselves (`StringEquals`)
 * @returns undefined when a variable has no value (or several) and no default: then nothing matches
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function resolvePattern(text: string, scope: Scope, wildcards: boolean): Pattern | undefined {
  const read = wildcards ? literalPattern : literalText;
  if (!scope.variables) {
    return read(text);
  }
  const tokens: Token[] = [];
  let end = 0;
  for (const match of text.matchAll(VARIABLE)) {
    tokens.push(...read(text.slice(end, match.index)));
    end = match.index + match[0].length;
    const name = (match[1] as string).trim();
    const value = ["*", "?", "$"].includes(name) ? name : (singleValue(scope.context, name) ?? match[2]);
    if (value === undefined) {
      return undefined;
    }
    tokens.push(...literalText(value));
  }
  tokens.push(...read(text.slice(end)));
  return tokens;
}

/** The value of a single-valued key; key names are compared without case. */
function singleValue(context: ConditionContext, name: string): string | undefined {
  const value = lookUp(context, name);
  return typeof value === "string" ? value : undefined;
}

/** A condition key's value; key names are compared without case. */
export function lookUp(context: ConditionContext, name: string): string | readonly string[] | undefined {
  if (Object.hasOwn(context, name)) {
    return context[name];
  }
  const wanted = name.toLowerCase();
  const key = Object.keys(context).find((candidate) => candidate.toLowerCase() === wanted);
  return key === undefined ? undefined : context[key];
}

/** Whether the whole text matches. Runs in O(pattern × text) whatever the pattern, so no policy can stall the account. */
export function matches(pattern: Pattern, text: string): boolean {
  // Most patterns of a long policy are of other resources, which this tells sooner.
  if (pattern.some((token) => typeof token === "object" && !text.includes(token.literal))) {
    return false;
  }
  let at = 0;
  let token = 0;
  let lastAny = -1;
  let resume = 0;
  while (at < text.length) {
    const current = pattern[token];
    if (current === "any") {
      lastAny = token++;
      resume = at;
      continue;
    }
    const end = current === "one" ? nextCharacter(text, at) : endOf(current?.literal, text, at);
    if (end !== undefined) {
      token++;
      at = end;
    } else if (lastAny >= 0) {
      token = lastAny + 1;
      resume = placeOf(pattern[token], text, nextCharacter(text, resume));
      at = resume;
    } else {
      return false;
    }
  }
  return pattern.slice(token).every((rest) => rest === "any");
}

/** Where a token may stand, from a place on: a literal nowhere before it is found; the end of the text where it isn't. */
function placeOf(token: Token | undefined, text: string, from: number): number {
  if (typeof token !== "object") {
    return from;
  }
  const found = text.indexOf(token.literal, from);
  if (found < 0) {
    return text.length;
  }
  // Found within a character it isn't there: from then on it is looked for step by step.
  return found > from && nextCharacter(text, found - 1) > found ? from : found;
}

/** Where a literal ends that stands at a place of the text; undefined when another text stands there. */
function endOf(literal: string | undefined, text: string, at: number): number | undefined {
  if (literal === undefined || !text.startsWith(literal, at)) {
    return undefined;
  }
  const end = at + literal.length;
  return nextCharacter(text, end - 1) > end ? undefined : end;
}

/** A surrogate pair is one character. */
function nextCharacter(text: string, at: number): number {
  return at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
}

/** Whether any of the patterns, in which `${…}` has no meaning, matches the whole text. */
export function matchesAny(patterns: readonly string[], text: string): boolean {
  return patterns.some((pattern) => matches(literalPattern(pattern), text));
}
