/** What a role's policies say about a failure: the statement that grants it, denies it, or just misses it. Nothing is evaluated. */
import { conditionsOf } from "../../iam-policy/condition";
import type { Statement } from "../../iam-policy/document";
import { coversAction } from "../../iam-policy/evaluate";
import { matchesAny } from "../../iam-policy/pattern";
import type { NamedPolicy } from "../access/aws-reader";
import { COGNITO_IDENTITY } from "../calls/cognito";

const INVOKE = "execute-api:Invoke";

/**
 * Writes a line for each statement about `execute-api:Invoke`; one that says so when there is none.
 *
 * @param role the role's name, for messages
 * @param resource the ARN that the call needs
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
 */
export function grantFindings(role: string, policies: readonly NamedPolicy[], resource: string): string[] {
  const findings = policies.flatMap(({ name, document }) =>
    document.statements.flatMap((statement, index) =>
      coversAction(statement, INVOKE)
        ? [`Role ${role}, ${name}, ${labelOf(statement, index)}: ${grantVerdict(statement, resource)}`]
        : [],
    ),
  );
  const none = `none of its ${policies.length} policies has a statement on ${INVOKE}; needed on ${resource}`;
  return findings.length > 0 ? findings : [`Role ${role}: ${none}`];
}

function grantVerdict(statement: Statement, wanted: string): string {
  const { effect, notAction, notResource } = statement;
  const does = `${effect === "Allow" ? "allows" : "denies"} ${INVOKE}`;
  const patterns = statement.resource ?? notResource ?? ["*"];
  const listed = patterns.join(", ");
  if (matchesAny(patterns, wanted) === (notResource !== undefined)) {
    return `${does} on ${notResource === undefined ? "" : "all but "}${listed}, the call is on ${wanted}`;
  }
  const by = [
    ...(notAction === undefined ? [] : [`every action but ${notAction.join(", ")}`]),
    ...(notResource === undefined ? [] : [`every resource but ${listed}`]),
  ];
  const under = conditionsOf(statement).map(({ operator, key }) => `${operator} ${key}`);
  return [
    `${does} on ${wanted}`,
    by.length === 0 ? "" : ` (${by.join(" and ")})`,
    under.length === 0 ? "" : `, if ${under.join(", ")} is met`,
  ].join("");
}

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
 * Writes a line for each thing that keeps the role from being assumed, and one for each statement that is in order.
 *
 * @param subject whose policy it is, for messages
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html
 */
export function trustFindings(subject: string, statements: readonly Statement[], login: Login): string[] {
  const findings = statements.flatMap((statement, index) => {
    const problems = trustProblems(statement, login);
    const inOrder = statement.effect === "Allow" ? "allows what is needed" : "denies what is needed";
    const lines = problems.length > 0 ? problems : [inOrder];
    return lines.map((line) => `${subject}, ${labelOf(statement, index)}: ${line}`);
  });
  const tags = statements.some((statement) => statement.effect === "Allow" && coversAction(statement, TAG));
  return login.tagged && !tags
    ? [...findings, `${subject}: no statement allows ${TAG}, and the session carries tags`]
    : findings;
}

function trustProblems(statement: Statement, login: Login): string[] {
  const { action, notAction, principal, notPrincipal } = statement;
  const problems: string[] = [];
  if (!coversAction(statement, ASSUME)) {
    const element = notAction === undefined ? `Action is ${show(action)}` : `NotAction is ${show(notAction)}`;
    problems.push(`${element}, needed is "${ASSUME}"`);
  }
  if (notPrincipal !== undefined) {
    problems.push("NotPrincipal was not looked at");
  } else if (!principal?.Federated?.includes(COGNITO_IDENTITY)) {
    problems.push(`Principal's Federated is ${show(principal?.Federated)}, needed is "${COGNITO_IDENTITY}"`);
  }
  const conditions = conditionsOf(statement).map((condition) => conditionProblem(condition, login));
  return [...problems, ...conditions.filter((problem) => problem !== undefined)];
}

type Condition = ReturnType<typeof conditionsOf>[number];

function conditionProblem({ operator, key, values }: Condition, login: Login): string | undefined {
  const where = `${operator} ${key}`;
  if (!/^(ForAnyValue:|ForAllValues:)?String(Equals|Like)(IfExists)?$/i.test(operator)) {
    return `${where} was not looked at`;
  }
  const claims: Readonly<Record<string, readonly string[]>> = {
    [`${COGNITO_IDENTITY}:aud`]: [login.identityPoolId],
    // One user may be demanded too, but a walk's users are new ones.
    [`${COGNITO_IDENTITY}:amr`]: ["authenticated", login.developerProviderName],
  };
  const claimed = claims[key.toLowerCase()];
  if (claimed === undefined) {
    return /^cognito-identity\./i.test(key)
      ? `${where} names a key that Cognito does not set; those it sets begin with ${COGNITO_IDENTITY}:`
      : `${where} was not looked at`;
  }
  return claimed.some((value) => matchesAny(values, value))
    ? undefined
    : `${where} demands ${show(values)}, the token has ${show(claimed)}`;
}

/** Lists the pools that a trust policy demands tokens of. */
export function audiencesOf(statements: readonly Statement[]): string[] {
  return statements
    .flatMap(conditionsOf)
    .filter(({ key }) => key.toLowerCase().endsWith(":aud"))
    .flatMap(({ values }) => values);
}

/** Names a statement in messages, e.g. `statement 1 (AllowLogin)`. */
function labelOf({ sid }: Statement, index: number): string {
  return `statement ${index + 1}${sid === undefined ? "" : ` (${sid})`}`;
}

function show(values: readonly string[] = []): string {
  return values.length === 0 ? "absent" : values.map((value) => `"${value}"`).join(", ");
}
