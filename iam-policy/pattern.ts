/** The patterns of policies: `*` and `?`, and policy variables whose values are never patterns themselves. */
import type { ConditionContext } from "./context";

type Token = { readonly literal: string } | "any" | "one";

/** A pattern ready to match: a list of single characters, `one` and `any`. */
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
  return [...text].map((character) =>
    character === "*" ? "any" : character === "?" ? "one" : { literal: character },
  );
}

/** Reads a text in which nothing has a meaning beyond itself. */
function literalText(text: string): Pattern {
  return [...text].map((character) => ({ literal: character }));
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
  const characters = [...text];
  let at = 0;
  let token = 0;
  let lastAny = -1;
  let resume = 0;
  while (at < characters.length) {
    const current = pattern[token];
    if (current === "any") {
      lastAny = token++;
      resume = at;
    } else if (current === "one" || (typeof current === "object" && current.literal === characters[at])) {
      token++;
      at++;
    } else if (lastAny >= 0) {
      token = lastAny + 1;
      at = ++resume;
    } else {
      return false;
    }
  }
  return pattern.slice(token).every((rest) => rest === "any");
}

/** Whether any of the patterns, in which `${…}` has no meaning, matches the whole text. */
export function matchesAny(patterns: readonly string[], text: string): boolean {
  return patterns.some((pattern) => matches(literalPattern(pattern), text));
}
