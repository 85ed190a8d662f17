/** Reads policy documents as far as a person would to find the statement that matters; it does not evaluate them. */

export interface Statement {
  /** For messages, e.g. `statement 1 (AllowLogin)`. */
  readonly label: string;
  readonly effect: string;
  /** Empty where the statement has NotAction, NotResource or NotPrincipal instead. */
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly federated: readonly string[];
  readonly conditions: readonly Condition[];
}

/** One line of a condition block. */
export interface Condition {
  /** e.g. `StringEquals` or `ForAnyValue:StringLike`. */
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

/**
 * @param document as IAM returns it: percent-encoded JSON
 * @throws SyntaxError or URIError when it is not
 */
export function statementsOf(document: string): Statement[] {
  const policy: Json = JSON.parse(decodeURIComponent(document));
  return list(policy.Statement).map((statement, index) => {
    const { Sid, Effect, Action, Resource, Principal, Condition } = statement as Json;
    return {
      label: `statement ${index + 1}${Sid === undefined ? "" : ` (${Sid})`}`,
      effect: String(Effect),
      actions: strings(Action),
      resources: strings(Resource),
      federated: strings((Principal as Json | undefined)?.Federated),
      conditions: Object.entries((Condition ?? {}) as Json).flatMap(([operator, keys]) =>
        Object.entries(keys as Json).map(([key, values]) => ({ operator, key, values: strings(values) })),
      ),
    };
  });
}

/** Whether one of the patterns, with `*` and `?` in them, matches; actions are compared without regard to case. */
export function matchesAny(patterns: readonly string[], value: string, flags = ""): boolean {
  return patterns.some((pattern) => {
    const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
    return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, `s${flags}`).test(value);
  });
}

function strings(value: unknown): string[] {
  return list(value).map(String);
}

/** IAM takes a single entry for a list of one. */
function list(value: unknown): unknown[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}
