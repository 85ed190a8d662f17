/** One pure function that decides as IAM does within one account, and says how it came to its decision. */
import { unmetCondition } from "./condition";
import type { ConditionContext } from "./context";
import type { PolicyDocument, Statement } from "./document";
import { literalPattern, matches, type Pattern, resolvePattern, type Scope } from "./pattern";
import { type Naming, principalNaming, type RequestPrincipal } from "./principal-element";

export type { RequestPrincipal };

/** Where a policy hangs; AWS names the first three in its AccessDenied messages. */
export type PolicyKind = "identity-based" | "resource-based" | "session" | "permissions boundary";

/** A kind as AWS's messages name it. */
export function named(kind: PolicyKind): string {
  return kind === "permissions boundary" ? kind : `${kind} policy`;
}

export interface Policy {
  readonly kind: PolicyKind;
  /** How the trace calls it, e.g. `role demo-authenticated, inline policy invoke-hello`. */
  readonly name: string;
  readonly document: PolicyDocument;
}

interface AccessQuery {
  readonly principal: RequestPrincipal;
  readonly action: string;
  readonly resource: string;
  readonly context: ConditionContext;
}

class StatementTrace {
  readonly #mismatch: Mismatch | undefined;

  constructor(
    readonly kind: PolicyKind,
    readonly policy: string,
    readonly statement: string,
    readonly effect: "Allow" | "Deny",
    mismatch: Mismatch | undefined,
  ) {
    this.#mismatch = mismatch;
  }

  get applies(): boolean {
    return this.#mismatch === undefined;
  }

  /** Why the statement doesn't apply; undefined when it does. */
  get mismatch(): string | undefined {
    return this.#mismatch?.();
  }
}

/** Why a statement doesn't apply. Of many statements only those that decide are told of, so it is worded when it is read. */
type Mismatch = () => string;

export interface Evaluation {
  readonly effect: "allow" | "explicit-deny" | "implicit-deny";
  /** The kind of policy that decided; for an implicit denial the kind that should have allowed. */
  readonly by: PolicyKind;
  readonly trace: readonly StatementTrace[];
}

/** What the statements that apply say, before they are weighed against each other. */
interface Findings {
  readonly trace: StatementTrace[];
  /** The kinds of policy that deny explicitly, in the order found. */
  readonly denied: PolicyKind[];
  /** The kinds of policy that allow; for a resource-based one only if that counts without the account's own consent. */
  readonly allowed: Set<PolicyKind>;
  /** How the allowing statements of resource-based policies name the caller. */
  readonly namings: Set<Naming>;
}

/**
 * Decides a request of a principal on a resource of the same account.
 *
 * An explicit denial anywhere wins. A resource policy that names the caller itself grants at once; one that names the caller's
 * role, or everybody, grants what the boundary and the session policy leave; one that names only the account leaves the decision
 * to identity policies. Otherwise identity policies and, if there are any, a permissions boundary and session policies must all allow.
 *
 * Of everybody AWS says two things: that boundary and session policy limit what is granted to a role, by whatever element, and that
 * they don't limit what a star grants. The first is taken, which lets less through.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function evaluate(query: AccessQuery, policies: readonly Policy[]): Evaluation {
  return weigh(query, policies, find(query, policies, ["account"]));
}

/**
 * Decides whether a principal may assume a role, whose trust policy is among the policies as the resource-based one.
 *
 * A role trusts nobody by itself: without a statement of its trust policy that names the caller, the caller's role or the account,
 * what identity policies allow counts for nothing. Beyond that it is `evaluate`: where trust names only the account, an identity
 * policy must allow as well. Where it names everybody, AWS's documentation is silent; that is taken for the account too.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function evaluateTrust(query: AccessQuery, policies: readonly Policy[]): Evaluation {
  const findings = find(query, policies, ["account", "everybody"]);
  if (findings.denied.length === 0 && findings.namings.size === 0) {
    return { effect: "implicit-deny", by: "resource-based", trace: findings.trace };
  }
  return weigh(query, policies, findings);
}

/** @param consented the ways of naming a principal of the account that need the consent of its identity policies */
function find(query: AccessQuery, policies: readonly Policy[], consented: readonly Naming[]): Findings {
  const findings: Findings = { trace: [], denied: [], allowed: new Set(), namings: new Set() };
  for (const { kind, name, document } of policies) {
    for (const statement of document.statements) {
      const { effect } = statement;
      const naming = kind === "resource-based" ? principalNaming(statement, query.principal) : "caller";
      const mismatch =
        naming === undefined
          ? principalMismatch(statement, query)
          : mismatchOf(kind, statement, query, document.version);
      const consent =
        effect === "Allow" &&
        query.principal.type === "AWS" &&
        kind === "resource-based" &&
        consented.includes(naming as Naming);
      const why = mismatch ?? (consent ? () => missingConsent(naming as Naming) : undefined);
      findings.trace.push(new StatementTrace(kind, name, statement.name, effect, why));
      if (mismatch !== undefined) {
        continue;
      }
      if (effect === "Deny") {
        findings.denied.push(kind);
      } else {
        if (!consent) {
          findings.allowed.add(kind);
        }
        if (kind === "resource-based") {
          findings.namings.add(naming as Naming);
        }
      }
    }
  }
  return findings;
}

function missingConsent(naming: Naming): string {
  return `it names ${naming === "account" ? "only the account" : "everybody and not the caller"}, so an identity-based policy must allow it too`;
}

function weigh(query: AccessQuery, policies: readonly Policy[], findings: Findings): Evaluation {
  const { trace, denied, allowed, namings } = findings;
  if (denied[0] !== undefined) {
    return { effect: "explicit-deny", by: denied[0], trace };
  }
  if (query.principal.isRoot === true) {
    return { effect: "allow", by: "identity-based", trace };
  }
  if (namings.has("caller")) {
    return { effect: "allow", by: "resource-based", trace };
  }
  const outsider = query.principal.type !== "AWS";
  if (outsider) {
    return { effect: namings.has("everybody") ? "allow" : "implicit-deny", by: "resource-based", trace };
  }
  if (!allowed.has("identity-based") && !allowed.has("resource-based")) {
    return { effect: "implicit-deny", by: "identity-based", trace };
  }
  for (const limit of ["permissions boundary", "session"] as const) {
    const limited = policies.some(({ kind }) => kind === limit);
    if (limited && !allowed.has(limit)) {
      return { effect: "implicit-deny", by: limit, trace };
    }
  }
  return { effect: "allow", by: allowed.has("identity-based") ? "identity-based" : "resource-based", trace };
}

/** A trace as lines to read: the statements that decided, or for an implicit denial why each one didn't apply. */
export function explain(evaluation: Evaluation): string[] {
  const decisive =
    evaluation.effect === "allow" ? "Allow" : evaluation.effect === "explicit-deny" ? "Deny" : undefined;
  const lines = evaluation.trace
    .filter((entry) => decisive === undefined || (entry.applies && entry.effect === decisive))
    .map(
      (entry) =>
        `${entry.effect} statement ${entry.statement} of ${entry.policy} ${entry.applies ? "applies" : `doesn't apply: ${entry.mismatch}`}`,
    );
  if (evaluation.effect !== "implicit-deny") {
    return lines;
  }
  const missing = `no ${named(evaluation.by)} allows it`;
  return lines.length === 0 ? [`${missing}: there is no statement at all`] : [missing, ...lines];
}

function mismatchOf(
  kind: PolicyKind,
  statement: Statement,
  query: AccessQuery,
  version: PolicyDocument["version"],
): Mismatch | undefined {
  // What a resource policy (a trust policy above all) leaves out is the resource that it hangs on; other policies hang on none.
  if (kind !== "resource-based" && !statement.resource && !statement.notResource) {
    return () => "it names no resource";
  }
  const scope = { context: query.context, variables: version === "2012-10-17" };
  const mismatch =
    actionMismatch(statement, query.action) ?? resourceMismatch(statement, query.resource, scope);
  if (mismatch !== undefined) {
    return mismatch;
  }
  const unmet = unmetCondition(statement, scope);
  return unmet === undefined ? undefined : () => unmet;
}

/** Whether a statement is about an action, whose case does not count. */
export function coversAction({ action, notAction }: Statement, wanted: string): boolean {
  return (
    (action === undefined || listsAction(action, wanted)) &&
    (notAction === undefined || !listsAction(notAction, wanted))
  );
}

/** Patterns that mean the same in every request, by the list of a statement that they stand in: read once. */
const actions = new WeakMap<readonly string[], readonly Pattern[]>();

function listsAction(patterns: readonly string[], wanted: string): boolean {
  let read = actions.get(patterns);
  if (read === undefined) {
    read = patterns.map((pattern) => literalPattern(pattern.toLowerCase()));
    actions.set(patterns, read);
  }
  const text = wanted.toLowerCase();
  return read.some((pattern) => matches(pattern, text));
}

function actionMismatch(statement: Statement, action: string): Mismatch | undefined {
  if (coversAction(statement, action)) {
    return undefined;
  }
  return () =>
    statement.action
      ? `Action ${JSON.stringify(statement.action)} doesn't cover ${action}`
      : `NotAction excludes ${action}`;
}

function resourceMismatch(statement: Statement, resource: string, scope: Scope): Mismatch | undefined {
  if (statement.resource && !resourcesCover(statement.resource, resource, scope)) {
    return () => `Resource ${JSON.stringify(statement.resource)} doesn't cover ${resource}`;
  }
  if (statement.notResource && resourcesCover(statement.notResource, resource, scope)) {
    return () => `NotResource excludes ${resource}`;
  }
  // What a variable without a value would have left out isn't known: an allowance of the rest might allow just that.
  const unknown =
    statement.effect === "Allow" &&
    statement.notResource?.find((pattern) => resourcePattern(pattern, scope) === undefined);
  if (unknown) {
    return () => `NotResource ${unknown} has a variable without a value`;
  }
  return undefined;
}

/** As `actions`, for lists in which no policy variable stands. */
const resources = new WeakMap<readonly string[], readonly Pattern[]>();

function resourcesCover(patterns: readonly string[], resource: string, scope: Scope): boolean {
  let resolved = resources.get(patterns);
  if (resolved === undefined) {
    resolved = patterns
      .map((pattern) => resourcePattern(pattern, scope))
      .filter((pattern) => pattern !== undefined && pattern !== "no ARN");
    if (!patterns.some((pattern) => pattern.includes("${"))) {
      resources.set(patterns, resolved);
    }
  }
  return resolved.some((pattern) => matches(pattern, resource));
}

/** Undefined when a variable has no value. */
function resourcePattern(pattern: string, scope: Scope): Pattern | "no ARN" | undefined {
  if (pattern === "*") {
    return ["any"];
  }
  const parts = pattern.split(":");
  // The vendor part can't be a pattern (IAM: "Resource vendor must be fully qualified and cannot contain regexes").
  if (parts.length < 6 || /[*?]/.test(parts[2] as string)) {
    return "no ARN";
  }
  const head = literalPattern(`${parts.slice(0, 5).join(":")}:`);
  const tail = resolvePattern(parts.slice(5).join(":"), scope, true);
  return tail && [...head, ...tail];
}

function principalMismatch(statement: Statement, { principal }: AccessQuery): Mismatch {
  if (statement.notPrincipal) {
    return () => `NotPrincipal excludes ${principal.id}`;
  }
  return () => `Principal ${JSON.stringify(statement.principal ?? {})} doesn't name ${principal.id}`;
}
