/** `Principal` and `NotPrincipal`: whether, and as what, a resource policy's statement names the caller. */
import type { PrincipalElement, Statement } from "./document";

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

/**
 * How a `Principal` element names the caller; what a resource policy grants depends on it. `everybody` is a star, or a
 * `NotPrincipal` that lists others: it means the caller without saying who that is.
 */
export type Naming = "caller" | "role" | "everybody" | "account";

/** The ways of saying who the caller is. */
const BY_NAME = ["caller", "role", "account"] as const;

/** How a resource policy's statement names the caller; undefined when it doesn't, or excludes it. */
export function principalNaming(statement: Statement, principal: RequestPrincipal): Naming | undefined {
  const naming = bestNaming(statement, principal);
  // Whether everybody includes who has the token of another provider isn't documented: an allowance must name the provider.
  const unvouched = principal.type === "Federated" && statement.effect === "Allow" && naming === "everybody";
  return unvouched ? undefined : naming;
}

function bestNaming(statement: Statement, principal: RequestPrincipal): Naming | undefined {
  if (statement.notPrincipal) {
    const listed = namings(statement.notPrincipal, principal);
    const ways: Naming[] = BY_NAME.filter(
      (way) => way === "caller" || Boolean(way === "role" ? principal.roleArn : principal.accountId),
    );
    // From a denial a caller is left out only if every way of naming it is listed, its account's included; from an allowance by any.
    const excluded =
      listed.has("everybody") ||
      (statement.effect === "Deny"
        ? ways.every((way) => listed.has(way))
        : ways.some((way) => listed.has(way)));
    return excluded ? undefined : "everybody";
  }
  const listed = namings(statement.principal ?? {}, principal);
  // By what grants most.
  return (["caller", "role", "everybody", "account"] as const).find((way) => listed.has(way));
}

function namings(element: PrincipalElement, principal: RequestPrincipal): Set<Naming> {
  const found = new Set<Naming>();
  for (const [type, ids] of Object.entries(element)) {
    for (const id of ids) {
      if (id === "*" && (type === "*" || type === "AWS")) {
        found.add("everybody");
      }
      if (type !== principal.type) {
        continue;
      }
      if (id === principal.id) {
        found.add("caller");
      }
      if (principal.roleArn !== undefined && id === principal.roleArn) {
        found.add("role");
      }
      if (
        principal.accountId &&
        (id === principal.accountId || id === `arn:aws:iam::${principal.accountId}:root`)
      ) {
        found.add("account");
      }
    }
  }
  return found;
}
