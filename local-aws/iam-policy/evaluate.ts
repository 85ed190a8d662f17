/** One pure function that decides as IAM does within one account, and says how it came to its decision. */
import { unmetCondition } from "./condition";
import type { ConditionContext } from "./context";
import type { PolicyDocument, PrincipalElement, Statement } from "./document";
import { literalPattern, matches, resolvePattern, type Scope } from "./pattern";

/** Where a policy hangs; AWS names the first three in its AccessDenied messages. */
export type PolicyKind = "identity-based" | "resource-based" | "session";

export interface Policy {
  readonly kind: PolicyKind;
  /** How the trace calls it, e.g. `role demo-authenticated, inline policy invoke-hello`. */
  readonly name: string;
  readonly document: PolicyDocument;
}

/** The caller as `Principal` elements may name it. */
export interface RequestPrincipal {
  /** `AWS` for sessions, users and root; `Federated` and `Service` for the outside; `Anonymous` matches only `*`. */
  readonly type: "AWS" | "Federated" | "Service" | "Anonymous";
  /** The principal's own ARN, or the name of the provider or service. */
  readonly id: string;
  /** The role behind a session. */
  readonly roleArn?: string;
  readonly accountId?: string;
  /** The account's root user: policies of the kind identity-based don't apply to it, it may do everything. */
  readonly isRoot?: boolean;
}

export interface AccessQuery {
  readonly principal: RequestPrincipal;
  readonly action: string;
  readonly resource: string;
  readonly context: ConditionContext;
}

export interface StatementTrace {
  readonly kind: PolicyKind;
  readonly policy: string;
  readonly statement: string;
  readonly effect: "Allow" | "Deny";
  /** Why the statement doesn't apply; undefined when it does. */
  readonly mismatch?: string;
}

export interface Evaluation {
  readonly effect: "allow" | "explicit-deny" | "implicit-deny";
  /** The kind of policy that decided; for an implicit denial the kind that should have allowed. */
  readonly by: PolicyKind;
  readonly trace: readonly StatementTrace[];
}

/** How a `Principal` element names the caller; what a resource policy grants depends on it. */
type Naming = "caller" | "role" | "account";

/**
 * Decides a request of a principal on a resource of the same account.
 *
 * An explicit denial anywhere wins. A resource policy that names the caller itself grants at once; one that names the caller's
 * role grants what the session policy leaves; one that names only the account leaves the decision to identity policies.
 * Otherwise identity policies and, if there are any, session policies must both allow.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function evaluate(query: AccessQuery, policies: readonly Policy[]): Evaluation {
  const trace: StatementTrace[] = [];
  const allowed = new Set<PolicyKind>();
  let namedCaller = false;
  let denied: PolicyKind | undefined;
  for (const { kind, name, document } of policies) {
    for (const statement of document.statements) {
      const naming = kind === "resource-based" ? principalNaming(statement, query.principal) : "caller";
      const mismatch = naming === undefined ? principalMismatch(statement, query) : mismatchOf(statement, query, document.version);
      trace.push({ kind, policy: name, statement: statement.name, effect: statement.effect, mismatch });
      if (mismatch !== undefined) continue;
      if (statement.effect === "Deny") {
        denied ??= kind;
      } else if (naming !== "account") {
        allowed.add(kind);
        namedCaller ||= kind === "resource-based" && naming === "caller";
      }
    }
  }
  if (denied !== undefined) return { effect: "explicit-deny", by: denied, trace };
  if (query.principal.isRoot === true) return { effect: "allow", by: "identity-based", trace };
  if (namedCaller) return { effect: "allow", by: "resource-based", trace };
  const outsider = query.principal.type !== "AWS";
  if (outsider) return { effect: "implicit-deny", by: "resource-based", trace };
  if (!allowed.has("identity-based") && !allowed.has("resource-based")) {
    return { effect: "implicit-deny", by: "identity-based", trace };
  }
  const hasSessionPolicy = policies.some((policy) => policy.kind === "session");
  if (hasSessionPolicy && !allowed.has("session")) return { effect: "implicit-deny", by: "session", trace };
  return { effect: "allow", by: allowed.has("identity-based") ? "identity-based" : "resource-based", trace };
}

/** A trace as lines to read: the statements that decided, or for an implicit denial why each one didn't apply. */
export function explain(evaluation: Evaluation): string[] {
  const decisive = evaluation.effect === "allow" ? "Allow" : evaluation.effect === "explicit-deny" ? "Deny" : undefined;
  const lines = evaluation.trace
    .filter((entry) => decisive === undefined || (entry.mismatch === undefined && entry.effect === decisive))
    .map((entry) => `${entry.effect} statement ${entry.statement} of ${entry.policy} ${entry.mismatch === undefined ? "applies" : `doesn't apply: ${entry.mismatch}`}`);
  if (evaluation.effect !== "implicit-deny") return lines;
  const missing = `no ${evaluation.by} policy allows it`;
  return lines.length === 0 ? [`${missing}: there is no statement at all`] : [missing, ...lines];
}

function mismatchOf(statement: Statement, query: AccessQuery, version: PolicyDocument["version"]): string | undefined {
  const scope = { context: query.context, variables: version === "2012-10-17" };
  return (
    actionMismatch(statement, query.action) ??
    resourceMismatch(statement, query.resource, scope) ??
    unmetCondition(statement.condition, scope)
  );
}

function actionMismatch(statement: Statement, action: string): string | undefined {
  const covers = (patterns: readonly string[]) =>
    patterns.some((pattern) => matches(literalPattern(pattern.toLowerCase()), action.toLowerCase()));
  if (statement.action && !covers(statement.action)) return `Action ${JSON.stringify(statement.action)} doesn't cover ${action}`;
  if (statement.notAction && covers(statement.notAction)) return `NotAction excludes ${action}`;
  return undefined;
}

function resourceMismatch(
  statement: Statement,
  resource: string,
  scope: Scope,
): string | undefined {
  const covers = (patterns: readonly string[]) => patterns.some((pattern) => resourceCovers(pattern, resource, scope));
  if (statement.resource && !covers(statement.resource)) {
    return `Resource ${JSON.stringify(statement.resource)} doesn't cover ${resource}`;
  }
  if (statement.notResource && covers(statement.notResource)) return `NotResource excludes ${resource}`;
  return undefined;
}

function resourceCovers(pattern: string, resource: string, scope: Scope): boolean {
  if (pattern === "*") return true;
  const parts = pattern.split(":");
  // The vendor part can't be a pattern (IAM: "Resource vendor must be fully qualified and cannot contain regexes").
  if (parts.length < 6 || /[*?]/.test(parts[2] as string)) return false;
  const head = literalPattern(`${parts.slice(0, 5).join(":")}:`);
  const specific = parts.slice(5).join(":");
  const tail = resolvePattern(specific, scope, true);
  return tail !== undefined && matches([...head, ...tail], resource);
}

/** How a resource policy's statement names the caller; undefined when it doesn't, or excludes it. */
function principalNaming(statement: Statement, principal: RequestPrincipal): Naming | undefined {
  if (statement.notPrincipal) {
    // Every way of naming the caller must be listed for it to be left out, its account's included.
    const listed = namings(statement.notPrincipal, principal);
    const ways: Naming[] = ["caller", ...(principal.roleArn ? (["role"] as const) : []), ...(principal.accountId ? (["account"] as const) : [])];
    return ways.every((way) => listed.has(way)) ? undefined : "caller";
  }
  const listed = namings(statement.principal ?? {}, principal);
  return (["caller", "role", "account"] as const).find((way) => listed.has(way));
}

function namings(element: PrincipalElement, principal: RequestPrincipal): Set<Naming> {
  const found = new Set<Naming>();
  for (const [type, ids] of Object.entries(element)) {
    for (const id of ids) {
      if (id === "*" && (type === "*" || type === "AWS")) {
        // A star names everybody in every way.
        for (const way of ["caller", "role", "account"] as const) found.add(way);
      }
      if (type !== principal.type) continue;
      if (id === principal.id) found.add("caller");
      if (principal.roleArn !== undefined && id === principal.roleArn) found.add("role");
      if (principal.accountId && (id === principal.accountId || id === `arn:aws:iam::${principal.accountId}:root`)) found.add("account");
    }
  }
  return found;
}

function principalMismatch(statement: Statement, { principal }: AccessQuery): string {
  if (statement.notPrincipal) return `NotPrincipal excludes ${principal.id}`;
  return `Principal ${JSON.stringify(statement.principal ?? {})} doesn't name ${principal.id}`;
}
