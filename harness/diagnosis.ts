/** What most likely is wrong, told from the step that failed and from what came instead. */
import type { Refusal } from "./assert";
import type { StepName } from "./report";

/** What a failed step showed. */
export interface Symptom {
  readonly step: StepName;
  /** What the assertion looked at; null when a call was refused. */
  readonly subject: string | null;
  readonly refusal: Refusal | null;
}

interface Cause {
  readonly step: StepName | "any";
  readonly subject?: string;
  readonly code?: string;
  readonly status?: number;
  readonly hint: string;
}

/** The known causes; the first that matches is told, so the particular stand before the general. */
const CAUSES: readonly Cause[] = [
  {
    step: "any",
    code: "TooManyRequestsException",
    hint: "AWS throttled the call. Wait, or have the quota raised.",
  },
  {
    step: "call",
    code: "AccessDeniedException",
    hint: "The authenticated role is not granted execute-api:Invoke for exactly this API, stage, method and path. Deploy the grant; just after a deployment, IAM may need half a minute.",
  },
  {
    step: "any",
    code: "AccessDeniedException",
    hint: "The backend's credentials lack the permission named in the message. Attach it for this pool's ARN.",
  },
  {
    step: "pool",
    code: "ResourceNotFoundException",
    hint: "The outputs name a pool that this account and region does not hold. Deploy again, or use the credentials of the account that was deployed to.",
  },
  {
    step: "pool",
    subject: "developer provider",
    hint: "The outputs name another developer provider than the pool has: they are stale, edited, or of another deployment. Deploy again with --outputs-file.",
  },
  {
    step: "pool",
    subject: "classic flow allowed",
    hint: "Set allow_classic_flow to false explicitly: a pool that was never told counts as allowing it.",
  },
  {
    step: "roles",
    subject: "authenticated role",
    hint: "The pool's roles attachment is missing or names another role. There is one attachment a pool; a second one overwrites the first.",
  },
  {
    step: "credentials",
    code: "InvalidIdentityPoolConfigurationException",
    hint: "The authenticated role cannot be assumed: its trust policy must allow sts:AssumeRoleWithWebIdentity to cognito-identity.amazonaws.com with aud = this pool and amr = the developer provider (or authenticated). Just after a deployment, IAM may need half a minute.",
  },
  {
    step: "call",
    code: "ForbiddenException",
    hint: "The stage in invoke_url is not deployed on this API.",
  },
  {
    step: "call",
    code: "MissingAuthenticationTokenException",
    hint: "The API has no such route in the deployed stage: a changed API needs a new deployment.",
  },
  {
    step: "call",
    code: "InvalidSignatureException",
    hint: "The signature was not accepted: check this machine's clock, and that invoke_url and region belong to this API.",
  },
  {
    step: "call",
    code: "UnrecognizedClientException",
    hint: "The temporary credentials are not known where the API is, or the session token was not sent.",
  },
  {
    step: "call",
    status: 500,
    hint: "API Gateway may not invoke the function: the Lambda permission for apigateway.amazonaws.com with this API's source ARN is missing or too narrow.",
  },
  {
    step: "call",
    status: 502,
    hint: "The function crashed, ran into its time limit, or answered in a form that API Gateway does not accept. Read its log group.",
  },
  {
    step: "call",
    status: 504,
    hint: "The function did not answer within API Gateway's time limit. Read its log group.",
  },
];

/** The hint for a failed step; null when no known cause matches. */
export function hintFor(symptom: Symptom): string | null {
  const cause = CAUSES.find(
    (known) =>
      (known.step === "any" || known.step === symptom.step) &&
      (known.subject === undefined || known.subject === symptom.subject) &&
      (known.code === undefined || known.code === symptom.refusal?.code) &&
      (known.status === undefined || known.status === symptom.refusal?.status),
  );
  return cause?.hint ?? null;
}
