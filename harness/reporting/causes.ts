/** The known causes of failure: what each looks like from outside, and how to put it right. */

import { describeSkew } from "../run/clock";
import { isClockSkew, SIGNATURE_REFUSED } from "../run/cognito-client";
import { type ErrorResponse, OTHER_WORDS } from "../run/errors";
import type { Failure } from "../steps/step";

/** What else is known when a step has failed. */
export interface Facts {
  /** Milliseconds that AWS's clock is ahead of this machine's; undefined when unknown. */
  readonly clockSkew?: number;
  /** Attributes of the users that the walk signs in; undefined when they have none. */
  readonly principalTags?: Readonly<Record<string, string>>;
  /** Whether the answers of a fresh deployment were waited for. */
  readonly fresh: boolean;
  /** Whether what is behind the failure is looked up. */
  readonly diagnosed: boolean;
}

/** Members that are absent match anything. */
export interface Cause {
  readonly name: string;
  readonly steps?: readonly string[];
  readonly subject?: string | RegExp;
  readonly actual?: RegExp;
  readonly service?: ErrorResponse["service"];
  readonly status?: number;
  readonly code?: string | RegExp;
  readonly message?: RegExp;
  readonly facts?: (facts: Facts, failure: Failure) => boolean;
  readonly hint: string | ((facts: Facts) => string);
}

/** Makes a hint for what AWS may only be late with, and what a lookup shows; it names the options that were not used. */
function unlessLate(hint: string): (facts: Facts) => string {
  return ({ fresh, diagnosed }) =>
    [
      hint,
      ...(fresh ? [] : ["Just after a deployment it may need half a minute: --fresh waits for it."]),
      ...(diagnosed ? [] : ["--diagnose shows what is there."]),
    ].join(" ");
}

/** The first that matches is told, so the particular stand before the general. */
export const CAUSES: readonly Cause[] = [
  {
    name: "throttled",
    code: /^(TooManyRequestsException|LimitExceededException)$/,
    hint: "AWS throttled the call. Run again when less goes on, raise the stage's throttling, or have the account's quota raised.",
  },
  {
    name: "throttled",
    status: 429,
    hint: "Something between here and AWS throttled the call. Run again when less goes on, or ask who runs the proxy.",
  },
  {
    name: "clock-skew",
    facts: ({ clockSkew }, { response }) => isClockSkew(response, clockSkew),
    hint: ({ clockSkew }) =>
      clockSkew === undefined
        ? "The clocks differ: set this machine's by NTP. AWS refuses signatures dated more than five minutes off."
        : `Clock skew: this machine's clock is ${describeSkew(clockSkew)} AWS's, and AWS refuses signatures dated more than five minutes off. Set it by NTP.`,
  },
  {
    name: "refused-in-other-words",
    subject: OTHER_WORDS,
    hint: "It was refused with the right status, but in other words than AWS's own: a firewall, gateway responses of your own or the API's resource policy may have answered first, or AWS words it differently by now. The door is shut; what this call was to show could not be seen.",
  },
  {
    name: "pool-not-found",
    steps: ["pool", "roles", "token"],
    code: "ResourceNotFoundException",
    hint: "The outputs name a pool that this account and region does not hold. Deploy again, or use the credentials of the account that was deployed to.",
  },
  {
    name: "backend-not-permitted",
    steps: ["pool", "roles", "token"],
    code: "AccessDeniedException",
    hint: "The backend's credentials lack the permission named in the message. `npm run verify -- --outputs FILE --print-policy` prints the policy that they need.",
  },
  {
    name: "developer-provider-differs",
    subject: "developer provider",
    hint: "The outputs name another developer provider than the pool has: they are stale, edited, or of another deployment. Deploy again with --outputs-file.",
  },
  {
    name: "guests-not-allowed",
    subject: "guests allowed",
    actual: /^false$/,
    hint: "The outputs declare a role for guests (unauthenticated_role_arn), but the pool gives them no identities. Set allow_unauthenticated_identities to true, or remove the role.",
  },
  {
    name: "guests-allowed",
    subject: "guests allowed",
    hint: "The pool gives identities to callers who have not signed in. Set allow_unauthenticated_identities to false.",
  },
  {
    name: "classic-flow-allowed",
    subject: "classic flow allowed",
    hint: "Set allow_classic_flow to false explicitly: a pool that was never told counts as allowing it.",
  },
  {
    name: "roles-not-attached",
    subject: "authenticated role",
    actual: /^absent$/,
    hint: "The pool's roles attachment is missing: without it nobody gets credentials. Deploy it.",
  },
  {
    name: "other-role-attached",
    subject: "authenticated role",
    hint: "The pool's roles attachment names another role. There is one attachment a pool; a second one overwrites the first.",
  },
  {
    name: "guest-role-undeclared",
    subject: "guest role",
    hint: "The pool's guest role is not the one in the outputs (unauthenticated_role_arn). Remove the role, or declare it.",
  },
  {
    name: "developer-provider-unknown",
    message: /does not support the specified developer provider/,
    hint: "Logins must name the pool's own developer provider; see developer_provider_name in the outputs.",
  },
  {
    name: "token-of-another-issuer",
    steps: ["token"],
    subject: "token",
    hint: "The token was not signed by Cognito's published keys for this pool: something between here and AWS answers in its place, or AWS_ENDPOINT_URL is set for a part of the calls only.",
  },
  {
    name: "issuer-keys-missing",
    subject: /^status of GET .*jwks/,
    hint: "The issuer's keys could not be read. Let https://cognito-identity.amazonaws.com/.well-known/jwks_uri through, and check AWS_ENDPOINT_URL.",
  },
  {
    // https://github.com/aws/aws-sdk-net/issues/1251
    name: "wrong-logins-key",
    message:
      /Issuer doesn't match providerName|provide a valid public provider|not from a supported provider/,
    hint: "The token stands under the wrong key in Logins: a developer's token belongs under cognito-identity.amazonaws.com, not under the developer provider's name.",
  },
  {
    // https://github.com/aws/aws-sdk-net/issues/420
    name: "get-id-with-developer-token",
    message: /Can't pass in a Cognito token/,
    hint: "GetId or GetOpenIdToken was called with a developer's token. The backend has got the identity id with the token: go straight to GetCredentialsForIdentity.",
  },
  {
    name: "token-expired",
    steps: ["credentials"],
    message: /Token expired/,
    hint: "The token was used after its end. Give it a longer TokenDuration, or ask for it later.",
  },
  {
    name: "token-of-another-identity",
    steps: ["credentials"],
    message: /Logins don't match|Access to Identity/,
    hint: "The token is of another identity than the one asked for. Use the identity id that came with the token.",
  },
  {
    // https://docs.aws.amazon.com/cognito/latest/developerguide/attributes-for-access-control.html
    name: "tag-session-not-allowed",
    code: "InvalidIdentityPoolConfigurationException",
    facts: ({ principalTags }) => principalTags !== undefined,
    hint: "The authenticated role cannot be assumed with principal tags: its trust policy must allow sts:TagSession beside sts:AssumeRoleWithWebIdentity, with aud = this pool and amr = the developer provider. Does it work without tags, sts:TagSession is what is missing: declare the keys in DeveloperIdentityPool's prop allowSessionTags.",
  },
  {
    name: "trust-policy",
    code: "InvalidIdentityPoolConfigurationException",
    hint: unlessLate(
      "The authenticated role cannot be assumed: it must exist, and its trust policy allow sts:AssumeRoleWithWebIdentity to cognito-identity.amazonaws.com with aud = this pool and amr = the developer provider (or authenticated).",
    ),
  },
  {
    name: "explicit-deny",
    service: "execute-api",
    code: "AccessDeniedException",
    message: /explicit deny/,
    hint: "A policy denies execute-api:Invoke explicitly, and a deny wins over every grant: see the kind of policy in the message.",
  },
  {
    name: "invoke-grant-missing",
    steps: ["call"],
    code: "AccessDeniedException",
    hint: unlessLate(
      "The authenticated role is not granted execute-api:Invoke for exactly this API, stage, method and path. Deploy the grant.",
    ),
  },
  {
    name: "stage-not-deployed",
    steps: ["call"],
    code: "ForbiddenException",
    hint: unlessLate(
      "The stage in invoke_url is not deployed on this API, or a firewall or an API key stands before it.",
    ),
  },
  {
    name: "route-not-deployed",
    steps: ["call"],
    code: "MissingAuthenticationTokenException",
    hint: "The deployed stage has no such route, or the Authorization header was lost on the way. A changed API needs a new deployment.",
  },
  {
    // https://github.com/mhart/aws4/issues/16
    name: "session-token-not-sent",
    steps: ["call"],
    code: "UnrecognizedClientException",
    hint: "The session token did not arrive (X-Amz-Security-Token), or belongs to another key: temporary credentials are refused without it. See whether a proxy takes the header away.",
  },
  {
    // https://github.com/mhart/aws4/issues/124
    name: "wrong-region-or-service",
    steps: ["call"],
    message: /Credential should be scoped to/,
    hint: "Signed for another region or service than the API's: region in the outputs must be the API's, and invoke_url its own execute-api host or a custom domain in that region.",
  },
  {
    name: "request-changed-on-the-way",
    steps: ["call"],
    code: SIGNATURE_REFUSED,
    hint: "What arrived is not what was signed: host, path, query or a signed header was changed on the way. Check invoke_url against the API's host, and proxies that rewrite.",
  },
  {
    name: "invoke-permission-missing",
    steps: ["call"],
    status: 500,
    hint: unlessLate(
      "API Gateway may not invoke the function: the Lambda permission for apigateway.amazonaws.com with this API's source ARN is missing or too narrow, or the integration does not POST.",
    ),
  },
  {
    name: "function-failed",
    steps: ["call"],
    status: 502,
    hint: "The function crashed, ran into its time limit, or answered in a form that API Gateway does not accept. Read its log group.",
  },
  {
    name: "function-too-slow",
    steps: ["call"],
    status: 504,
    hint: "The function did not answer within API Gateway's time limit. Read its log group.",
  },
  {
    name: "route-open-to-all",
    subject: "identity that the function saw",
    actual: /^absent$/,
    hint: "API Gateway let the call in without asking who calls: the route's authorisation is not AWS_IAM. Set it, and deploy the API again.",
  },
  {
    name: "other-function",
    subject: "greeting",
    hint: "Something else than the project's function answers GET /hello: see the integration of the route and the deployed code.",
  },
];

/** Finds the hint for a failure; undefined when no known cause fits. */
export function hintFor(failure: Failure, facts: Facts): string | undefined {
  const hint = CAUSES.find((cause) => fits(cause, failure, facts))?.hint;
  return typeof hint === "function" ? hint(facts) : hint;
}

function fits(cause: Cause, failure: Failure, facts: Facts): boolean {
  const { response } = failure;
  return (
    (cause.steps === undefined || cause.steps.includes(failure.step)) &&
    matches(cause.subject, failure.subject) &&
    matches(cause.actual, failure.actual) &&
    (cause.service === undefined || cause.service === response?.service) &&
    (cause.status === undefined || cause.status === response?.status) &&
    matches(cause.code, response?.code) &&
    matches(cause.message, response?.message) &&
    (cause.facts === undefined || cause.facts(facts, failure))
  );
}

function matches(wanted: string | RegExp | undefined, found: string | undefined): boolean {
  if (wanted === undefined) {
    return true;
  }
  return typeof wanted === "string" ? wanted === found : wanted.test(found ?? "");
}
