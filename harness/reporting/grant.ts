/** What a role's policies say about a call to the API: the statement that grants it, denies it, or just misses it. */
import { matchesAny, type Statement } from "./policy-document";

const INVOKE = "execute-api:Invoke";

export interface NamedPolicy {
  /** For messages, e.g. `inline policy call-hello`. */
  readonly name: string;
  readonly statements: readonly Statement[];
}

/**
 * A line for each statement about `execute-api:Invoke`; one that says so when there is none.
 *
 * @param role the role's name, for messages
 * @param resource the ARN that the call needs
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
 */
export function grantFindings(role: string, policies: readonly NamedPolicy[], resource: string): string[] {
  const findings = policies.flatMap(({ name, statements }) =>
    statements
      .filter(({ actions }) => matchesAny(actions, INVOKE, "i"))
      .map((statement) => `Role ${role}, ${name}, ${statement.label}: ${verdict(statement, resource)}`),
  );
  return findings.length > 0
    ? findings
    : [
        `Role ${role}: none of its ${policies.length} policies has a statement on ${INVOKE}; needed on ${resource}`,
      ];
}

function verdict({ effect, resources, conditions }: Statement, resource: string): string {
  const does = effect === "Allow" ? "allows" : "denies";
  if (!matchesAny(resources, resource)) {
    return `${does} ${INVOKE} on ${resources.join(", ")}, the call is on ${resource}`;
  }
  const under = conditions.map(({ operator, key }) => `${operator} ${key}`).join(", ");
  return `${does} ${INVOKE} on ${resource}${under === "" ? "" : `, if ${under} is met`}`;
}
