/** What a row of the evaluation tables is, and how it is run. */
import type { ConditionContext } from "../../iam-policy/context";
import { parsePolicy } from "../../iam-policy/document";
import {
  evaluate,
  type evaluateTrust,
  explain,
  type Policy,
  type PolicyKind,
  type RequestPrincipal,
} from "../../iam-policy/evaluate";

const IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide";
const API_GATEWAY = "https://docs.aws.amazon.com/apigateway/latest/developerguide";

/** The pages that the rows rest on. */
export const DOCS = {
  logic: `${IAM}/reference_policies_evaluation-logic.html`,
  denyAllow: `${IAM}/reference_policies_evaluation-logic_policy-eval-denyallow.html`,
  session: `${IAM}/access_policies.html#policies_session`,
  principal: `${IAM}/reference_policies_elements_principal.html`,
  notPrincipal: `${IAM}/reference_policies_elements_notprincipal.html`,
  action: `${IAM}/reference_policies_elements_action.html`,
  notAction: `${IAM}/reference_policies_elements_notaction.html`,
  resource: `${IAM}/reference_policies_elements_resource.html`,
  notResource: `${IAM}/reference_policies_elements_notresource.html`,
  version: `${IAM}/reference_policies_elements_version.html`,
  variables: `${IAM}/reference_policies_variables.html`,
  condition: `${IAM}/reference_policies_elements_condition.html`,
  operators: `${IAM}/reference_policies_elements_condition_operators.html`,
  multiValued: `${IAM}/reference_policies_condition-single-vs-multi-valued-context-keys.html`,
  keys: `${IAM}/reference_policies_condition-keys.html`,
  grammar: `${IAM}/reference_policies_grammar.html`,
  tags: `${IAM}/access_iam-tags.html`,
  sessionTags: `${IAM}/id_session-tags.html`,
  assumeRole: "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html",
  cognitoTrust: "https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html",
  executeApi: `${API_GATEWAY}/api-gateway-control-access-using-iam-policies-to-invoke-api.html`,
  apiResourcePolicy: `${API_GATEWAY}/apigateway-authorization-flow.html`,
} as const;

export const ACCOUNT = "123456789012";
export const ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/demo`;
export const SESSION_ARN = `arn:aws:sts::${ACCOUNT}:assumed-role/demo/CognitoIdentityCredentials`;
export const API = `arn:aws:execute-api:us-east-1:${ACCOUNT}:api123`;
export const HELLO = `${API}/prod/GET/hello`;

export const SESSION: RequestPrincipal = {
  type: "AWS",
  id: SESSION_ARN,
  roleArn: ROLE_ARN,
  accountId: ACCOUNT,
};
export const ROOT: RequestPrincipal = {
  type: "AWS",
  id: `arn:aws:iam::${ACCOUNT}:root`,
  accountId: ACCOUNT,
  isRoot: true,
};
export const ANONYMOUS: RequestPrincipal = { type: "Anonymous", id: "anonymous" };

/** Elements of a statement beside its effect. */
export type Elements = Readonly<Record<string, unknown>>;

/** A statement for every action on every resource, unless the elements say otherwise. */
const statement = (Effect: "Allow" | "Deny", elements: Elements): Elements => {
  const has = (name: string) => name in elements || `Not${name}` in elements;
  return {
    Effect,
    ...(has("Action") ? {} : { Action: "*" }),
    ...(has("Resource") ? {} : { Resource: "*" }),
    ...elements,
  };
};
export const allow = (elements: Elements = {}) => statement("Allow", elements);
export const deny = (elements: Elements = {}) => statement("Deny", elements);

export interface PolicyCase {
  readonly name: string;
  readonly source: string;
  /** The statements of the caller's identity policy, boundary and session policy and of the resource's policy, where there is one. */
  readonly identity?: readonly Elements[];
  readonly boundary?: readonly Elements[];
  readonly session?: readonly Elements[];
  readonly resourceBased?: readonly Elements[];
  /** @default "2012-10-17" */
  readonly version?: "2012-10-17" | "2008-10-17";
  /** @default a session of the role `demo` */
  readonly principal?: RequestPrincipal;
  /** @default "execute-api:Invoke" */
  readonly action?: string;
  /** @default GET /hello of the stage `prod` */
  readonly resource?: string;
  readonly context?: ConditionContext;
  readonly expected: "allow" | "explicit-deny" | "implicit-deny";
  /** The kind of policy that decides, where that is the point. */
  readonly by?: PolicyKind;
}

/** A row about one condition of an allowing identity policy: the request is allowed exactly if the condition is met. */
export function met(
  name: string,
  source: string,
  condition: Elements,
  context: ConditionContext,
  expected: boolean,
): PolicyCase {
  return {
    name,
    source,
    identity: [allow({ Condition: condition })],
    context,
    expected: expected ? "allow" : "implicit-deny",
  };
}

function policies({
  identity,
  boundary,
  session,
  resourceBased,
  version = "2012-10-17",
}: PolicyCase): Policy[] {
  const policy = (kind: PolicyKind, statements: readonly Elements[] | undefined): Policy[] =>
    statements === undefined
      ? []
      : [
          {
            kind,
            name: `the ${kind} policy`,
            document: parsePolicy(JSON.stringify({ Version: version, Statement: statements })),
          },
        ];
  return [
    ...policy("identity-based", identity),
    ...policy("permissions boundary", boundary),
    ...policy("session", session),
    ...policy("resource-based", resourceBased),
  ];
}

/** Declares a test for each row, decided as a request or as the assumption of a role. */
export function testCases(
  cases: readonly PolicyCase[],
  decide: typeof evaluate | typeof evaluateTrust = evaluate,
): void {
  test("every row has a name of its own and a source", () => {
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    for (const { source } of cases) {
      expect(source).toMatch(/^https:\/\//);
    }
  });

  test.each(cases)("$name → $expected ($source)", (row) => {
    const { principal = SESSION, action = "execute-api:Invoke", resource = HELLO, context = {} } = row;
    const evaluation = decide({ principal, action, resource, context }, policies(row));
    expect({ effect: evaluation.effect, why: explain(evaluation) }).toMatchObject({ effect: row.expected });
    if (row.by !== undefined) {
      expect(evaluation.by).toBe(row.by);
    }
    // Whatever is decided, it is explained.
    if (principal.isRoot !== true) {
      expect(explain(evaluation).length).toBeGreaterThan(0);
    }
  });
}
