/** Why a trust policy does not let Cognito assume the role: the statement and the line in it. */
import { COGNITO_IDENTITY } from "../calls/endpoint";
import { type Condition, matchesAny, type Statement } from "./policy-document";

/** What the role is assumed with. */
export interface Login {
  readonly identityPoolId: string;
  readonly developerProviderName: string;
  /** Whether the session carries tags. */
  readonly tagged: boolean;
}

const ASSUME = "sts:AssumeRoleWithWebIdentity";
const TAG = "sts:TagSession";

/**
 * A line for each thing that keeps the role from being assumed, and one for each statement that is in order.
 *
 * @param subject whose policy it is, for messages
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html
 */
export function trustFindings(subject: string, statements: readonly Statement[], login: Login): string[] {
  const findings = statements.flatMap((statement) => {
    const problems = statementProblems(statement, login);
    const lines = problems.length > 0 ? problems : [inOrder(statement)];
    return lines.map((line) => `${subject}, ${statement.label}: ${line}`);
  });
  const tags = statements.some(({ effect, actions }) => effect === "Allow" && matchesAny(actions, TAG, "i"));
  return login.tagged && !tags
    ? [...findings, `${subject}: no statement allows ${TAG}, and the session carries tags`]
    : findings;
}

function inOrder({ effect }: Statement): string {
  return effect === "Allow" ? `allows what is needed` : "denies what is needed";
}

function statementProblems(statement: Statement, login: Login): string[] {
  const { actions, federated, conditions } = statement;
  const problems: string[] = [];
  if (!matchesAny(actions, ASSUME, "i")) {
    problems.push(`Action is ${show(actions)}, needed is "${ASSUME}"`);
  }
  if (!federated.includes(COGNITO_IDENTITY)) {
    problems.push(`Principal's Federated is ${show(federated)}, needed is "${COGNITO_IDENTITY}"`);
  }
  return [...problems, ...conditions.flatMap((condition) => conditionProblem(condition, login) ?? [])];
}

function conditionProblem({ operator, key, values }: Condition, login: Login): string | null {
  const { identityPoolId, developerProviderName } = login;
  const where = `${operator} ${key}`;
  if (!/^(ForAnyValue:|ForAllValues:)?String(Equals|Like)(IfExists)?$/i.test(operator)) {
    return `${where} was not looked at`;
  }
  switch (key.toLowerCase()) {
    case `${COGNITO_IDENTITY}:aud`:
      return matchesAny(values, identityPoolId)
        ? null
        : `${where} demands ${show(values)}, the token has "${identityPoolId}"`;
    case `${COGNITO_IDENTITY}:amr`: {
      const amr = ["authenticated", developerProviderName];
      // One user may be demanded too, but a walk's users are new ones.
      return amr.some((method) => matchesAny(values, method))
        ? null
        : `${where} demands ${show(values)}, the token has ${show(amr)}`;
    }
    default:
      return /^cognito-identity\./i.test(key)
        ? `${where} names a key that Cognito does not set; those it sets begin with ${COGNITO_IDENTITY}:`
        : `${where} was not looked at`;
  }
}

function show(values: readonly string[]): string {
  const quoted = values.map((value) => `"${value}"`).join(", ");
  return values.length === 0 ? "absent" : quoted;
}
