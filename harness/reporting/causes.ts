/** The known causes of failure: what each looks like from outside, and how to put it right. */
import type { StepName } from "../report";
import { describeSkew } from "../run/clock";
import { isClockSkew, SIGNATURE_REFUSED } from "../run/cognito-client";
import type { RunContext } from "../run/context";
import { type ErrorResponse, OTHER_WORDS } from "../run/errors";
import type { Failure } from "../steps/step";

/** What else is known when a step has failed. */
export interface Facts extends Pick<RunContext, "clock" | "principalTags" | "fresh"> {
  /** Whether what is behind the failure is looked up. */
  readonly diagnosed: boolean;
}

/** A cause: what a failure of it looks like, members that are absent matching anything, and how to put it right. */
interface Cause {
  readonly when: {
    readonly step?: StepName | readonly StepName[];
    readonly subject?: string | RegExp;
    readonly actual?: RegExp;
    readonly service?: ErrorResponse["service"];
    readonly status?: number;
    readonly code?: string | RegExp;
    readonly message?: RegExp;
  };
  /** What else must hold. @default nothing */
  readonly provided?: (facts: Facts, failure: Failure) => boolean;
  /** Begins with what is wrong, up to the first colon or full stop: short enough for a headline. */
  readonly hint: string | ((facts: Facts) => string);
}

/** Makes a hint for what AWS may only be late with, and what a lookup shows; it names the options that were not used. */
function unlessLate(hint: string): (facts: Facts) => string {
  return ({ fresh, diagnosed }) => {
    const late = fresh ? "" : " Just after a deployment it may need half a minute: --fresh waits for it.";
    const unseen = diagnosed ? "" : " --diagnose shows what is there.";
    return `${hint}${late}${unseen}`;
  };
}

/** The steps that the backend's credentials are for. */
const BACKEND_STEPS = ["pool", "roles", "token"] as const;

/** By name. The first that matches is told, so the particular stand before the general. */
export const CAUSES: Readonly<Record<string, Cause>> = {
  throttled: {
    when: { code: /^(TooManyRequestsException|LimitExceededException)$/ },
    hint: "AWS throttled the call. Run again when less goes on, raise the stage's throttling, or have the account's quota raised.",
  },
  "throttled-on-the-way": {
    when: { status: 429 },
    hint: "Something between here and AWS throttled the call. Run again when less goes on, or ask who runs the proxy.",
  },
  "clock-skew": {
    when: {},
    provided: ({ clock }, { response }) => isClockSkew(response, clock.skew),
    hint: ({ clock: { skew } }) =>
      skew === undefined
        ? "The clocks differ: set this machine's by NTP. AWS refuses signatures dated more than five minutes off."
        : `Clock skew: this machine's clock is ${describeSkew(skew)} AWS's, and AWS refuses signatures dated more than five minutes off. Set it by NTP.`,
  },
  "refused-in-other-words": {
    when: { subject: OTHER_WORDS },
    hint: "It was refused with the right status, but in other words than AWS's own: a firewall, gateway responses of your own or the API's resource policy may have answered first, or AWS words it differently by now. The door is shut; what this call was to show could not be seen.",
  },
  "pool-not-found": {
    when: { step: BACKEND_STEPS, code: "ResourceNotFoundException" },
    hint: "The outputs name a pool that this account and region does not hold. Deploy again, or use the credentials of the account that was deployed to.",
  },
  "backend-not-permitted": {
    when: { step: BACKEND_STEPS, code: "AccessDeniedException" },
    hint: "The backend's credentials lack the permission named in the message. The command's option `--print-policy` prints the policy that they need.",
  },
  "developer-provider-differs": {
    when: { subject: "developer provider" },
    hint: "The outputs name another developer provider than the pool has: they are stale, edited, or of another deployment. Deploy again with --outputs-file.",
  },
  "guests-not-allowed": {
    when: { subject: "guests allowed", actual: /^false$/ },
    hint: "The pool allows no guests: the outputs declare a role for them (unauthenticated_role_arn), which nobody gets. Set allow_unauthenticated_identities to true, or remove the role.",
  },
  "guests-allowed": {
    when: { subject: "guests allowed" },
    hint: "The pool gives identities to callers who have not signed in. Set allow_unauthenticated_identities to false.",
  },
  "classic-flow-allowed": {
    when: { subject: "classic flow allowed" },
    hint: "The pool allows the classic flow. Set allow_classic_flow to false explicitly: a pool that was never told counts as allowing it.",
  },
  "roles-not-attached": {
    when: { subject: "authenticated role", actual: /^absent$/ },
    hint: "The pool's roles attachment is missing: without it nobody gets credentials. Deploy it.",
  },
  "other-role-attached": {
    when: { subject: "authenticated role" },
    hint: "The pool's roles attachment names another role. There is one attachment a pool; a second one overwrites the first.",
  },
  "guest-role-undeclared": {
    when: { subject: "guest role" },
    hint: "The pool's guest role is not the one in the outputs (unauthenticated_role_arn). Remove the role, or declare it.",
  },
  "developer-provider-unknown": {
    when: { message: /does not support the specified developer provider/ },
    hint: "Logins must name the pool's own developer provider; see developer_provider_name in the outputs.",
  },
  "token-of-another-issuer": {
    when: { step: "token", subject: "token" },
    hint: "The token was not signed by Cognito's published keys for this pool: something between here and AWS answers in its place, or AWS_ENDPOINT_URL is set for a part of the calls only.",
  },
  "issuer-keys-missing": {
    when: { subject: /^status of GET .*jwks/ },
    hint: "The issuer's keys could not be read. Let https://cognito-identity.amazonaws.com/.well-known/jwks_uri through, and check AWS_ENDPOINT_URL.",
  },
  // https://github.com/aws/aws-sdk-net/issues/1251
  "wrong-logins-key": {
    when: {
      message:
        /Issuer doesn't match providerName|provide a valid public provider|not from a supported provider/,
    },
    hint: "The token stands under the wrong key in Logins: a developer's token belongs under cognito-identity.amazonaws.com, not under the developer provider's name.",
  },
  // https://github.com/aws/aws-sdk-net/issues/420
  "get-id-with-developer-token": {
    when: { message: /Can't pass in a Cognito token/ },
    hint: "GetId or GetOpenIdToken was called with a developer's token. The backend has got the identity id with the token: go straight to GetCredentialsForIdentity.",
  },
  "token-expired": {
    when: { step: "credentials", message: /Token expired/ },
    hint: "The token was used after its end. Give it a longer TokenDuration, or ask for it later.",
  },
  "token-of-another-identity": {
    when: { step: "credentials", message: /Logins don't match|Access to Identity/ },
    hint: "The token is of another identity than the one asked for. Use the identity id that came with the token.",
  },
  // https://docs.aws.amazon.com/cognito/latest/developerguide/attributes-for-access-control.html
  "tag-session-not-allowed": {
    when: { code: "InvalidIdentityPoolConfigurationException" },
    provided: ({ principalTags }) => principalTags !== undefined,
    hint: "The authenticated role cannot be assumed with principal tags: its trust policy must allow sts:TagSession beside sts:AssumeRoleWithWebIdentity, with aud = this pool and amr = the developer provider. Does it work without tags, sts:TagSession is what is missing: declare the keys in DeveloperIdentityPool's prop allowSessionTags.",
  },
  "trust-policy": {
    when: { code: "InvalidIdentityPoolConfigurationException" },
    hint: unlessLate(
      "The authenticated role cannot be assumed: it must exist, and its trust policy allow sts:AssumeRoleWithWebIdentity to cognito-identity.amazonaws.com with aud = this pool and amr = the developer provider (or authenticated).",
    ),
  },
  "explicit-deny": {
    when: { service: "execute-api", code: "AccessDeniedException", message: /explicit deny/ },
    hint: "A policy denies execute-api:Invoke explicitly, and a deny wins over every grant: see the kind of policy in the message.",
  },
  "invoke-grant-missing": {
    when: { step: "call", code: "AccessDeniedException" },
    hint: unlessLate(
      "The role lacks the grant: the authenticated role must be allowed execute-api:Invoke on exactly this API, stage, method and path. Deploy the grant.",
    ),
  },
  "stage-not-deployed": {
    when: { step: "call", code: "ForbiddenException" },
    hint: unlessLate(
      "The stage is not deployed: this API has none as in invoke_url, or a firewall or an API key stands before it.",
    ),
  },
  "route-not-deployed": {
    when: { step: "call", code: "MissingAuthenticationTokenException" },
    hint: "The deployed stage has no such route: a changed API needs a new deployment. Or the Authorization header was lost on the way.",
  },
  // https://github.com/mhart/aws4/issues/16
  "session-token-not-sent": {
    when: { step: "call", code: "UnrecognizedClientException" },
    hint: "The session token did not arrive (X-Amz-Security-Token), or belongs to another key: temporary credentials are refused without it. See whether a proxy takes the header away.",
  },
  // https://github.com/mhart/aws4/issues/124
  "wrong-region-or-service": {
    when: { step: "call", message: /Credential should be scoped to/ },
    hint: "Signed for another region or service than the API's: region in the outputs must be the API's, and invoke_url its own execute-api host or a custom domain in that region.",
  },
  "request-changed-on-the-way": {
    when: { step: "call", code: SIGNATURE_REFUSED },
    hint: "What arrived is not what was signed: host, path, query or a signed header was changed on the way. Check invoke_url against the API's host, and proxies that rewrite.",
  },
  "invoke-permission-missing": {
    when: { step: "call", status: 500 },
    hint: unlessLate(
      "API Gateway may not invoke the function: the Lambda permission for apigateway.amazonaws.com with this API's source ARN is missing or too narrow, or the integration does not POST.",
    ),
  },
  "session-refused": {
    when: { step: "login", code: "invalid_session" },
    hint: "The login endpoint does not accept the session: its issuer, audience, key and algorithm must be those that the login stack was deployed with (APP_ISSUER, APP_AUDIENCE, APP_JWKS or APP_JWKS_URI, APP_ALGORITHMS), and it must not be over. The function's log group says which it is.",
  },
  "claim-unusable": {
    when: { step: "login", code: "unusable_claim" },
    hint: "A claim cannot become a tag: the session is good, but PRINCIPAL_TAGS makes a tag of a claim that cannot be one. Log in as a user whose claims can.",
  },
  "login-failed": {
    when: { step: "login", status: 502 },
    hint: "The login function could not read the application's keys or mint a token. Its log group says why; its role needs the pool's mintingPolicy.",
  },
  "function-failed": {
    when: { step: "call", status: 502 },
    hint: "The function failed: it crashed, ran into its time limit, or answered in a form that API Gateway does not accept. Read its log group.",
  },
  "function-too-slow": {
    when: { step: "call", status: 504 },
    hint: "The function did not answer within API Gateway's time limit. Read its log group.",
  },
  "route-open-to-all": {
    when: { subject: "identity that the function saw", actual: /^absent$/ },
    hint: "API Gateway let the call in without asking who calls: the route's authorisation is not AWS_IAM. Set it, and deploy the API again.",
  },
  "other-function": {
    when: { subject: "greeting" },
    hint: "Something else than the project's function answers GET /hello: see the integration of the route and the deployed code.",
  },
};

/** Finds the hint for a failure; undefined when no known cause fits. */
export function hintFor(failure: Failure, facts: Facts): string | undefined {
  const hint = Object.values(CAUSES).find((cause) => fits(cause, failure, facts))?.hint;
  return typeof hint === "function" ? hint(facts) : hint;
}

function fits({ when, provided }: Cause, failure: Failure, facts: Facts): boolean {
  const seen: Readonly<Record<string, unknown>> = { ...failure.response, ...failure };
  return (
    Object.entries(when).every(([member, wanted]) => matches(wanted, seen[member])) &&
    (provided === undefined || provided(facts, failure))
  );
}

function matches(wanted: unknown, seen: unknown): boolean {
  return wanted instanceof RegExp ? wanted.test(String(seen ?? "")) : [wanted].flat().includes(seen);
}
