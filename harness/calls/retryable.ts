/** Answers that may be gone a moment later: the only ones that are repeated. */
import { CognitoIdentityServiceException } from "@aws-sdk/client-cognito-identity";
import { NoAnswerError, UnreachableError } from "../run/errors";
import { AssertionFailure, type Refusal, UnreadableAnswer } from "./assert";

/** A kind of failure that may pass by itself. */
export interface Transient {
  /** For the report. */
  readonly what: string;
  /** `fresh`: only right after a deployment; at any other time it is a fault to be told. */
  readonly when: "always" | "fresh";
  readonly matches: (error: unknown, refusal: Refusal | null) => boolean;
}

/** The first that matches counts. */
const TRANSIENTS: readonly Transient[] = [
  {
    // AWS does not answer within the call's limit: a cold network path, a load balancer that is being replaced.
    // Could hide: a service or a function that hangs now and then.
    what: "no answer in time",
    when: "fresh",
    matches: (error) => error instanceof NoAnswerError,
  },
  {
    // Connections break in every network, and the SDKs repeat such calls too.
    // Could hide: a proxy that breaks some of the connections; the attempts in the report show it.
    what: "no connection",
    when: "always",
    matches: (error) => error instanceof UnreachableError,
  },
  {
    // Quotas are shared by all callers of the account and region, so that another job's burst may hit this one.
    // https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
    // A usage plan's quota (LimitExceededException) is not repeated: it lasts until its day, week or month is over.
    // Could hide: a stage whose throttling is set too low for its users.
    what: "throttled",
    when: "always",
    matches: (_, refusal) =>
      refusal?.code === "TooManyRequestsException" ||
      (refusal?.status === 429 && refusal.code !== "LimitExceededException"),
  },
  {
    // A new role or trust policy is not everywhere at once; Cognito then cannot assume it, and says so in these words.
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
    // Could hide: nothing for longer than the window; a trust policy that is wrong stays wrong.
    what: "role not assumable yet",
    when: "fresh",
    matches: (_, refusal) => refusal?.code === "InvalidIdentityPoolConfigurationException",
  },
  {
    // The grant is a policy, and policies are as late as roles are (the link above).
    // Could hide: nothing for longer than the window; a grant that is missing stays missing.
    what: "grant not effective yet",
    when: "fresh",
    matches: (_, refusal) => refusal?.service === "execute-api" && refusal.code === "AccessDeniedException",
  },
  {
    // A new stage is not known to all of API Gateway's hosts at once.
    // Could hide: nothing for longer than the window; a firewall or an API key that refuses goes on refusing.
    what: "stage not served yet",
    when: "fresh",
    matches: (_, refusal) => refusal?.service === "execute-api" && refusal.code === "ForbiddenException",
  },
  {
    // API Gateway's own trouble, and what it answers until the permission to invoke a new function, and the function's
    // role, are effective.
    // Could hide: an API that fails now and then; the report notes each repetition.
    what: "server error of the API",
    when: "always",
    matches: (_, refusal) => refusal?.service === "execute-api" && refusal.status >= 500,
  },
  {
    // A service's own trouble, which its SDKs repeat too.
    // Could hide: an outage that comes and goes; the report notes each repetition.
    what: "the service's own failure",
    when: "always",
    matches: (_, refusal) => refusal !== null && refusal.service !== "execute-api" && refusal.status >= 500,
  },
  {
    // Something between here and AWS cut the answer off or answered in its place.
    // Could hide: a proxy that does so now and then, a function that does not always answer JSON.
    what: "unreadable answer",
    when: "fresh",
    matches: (error) => error instanceof UnreadableAnswer,
  },
];

/** What kind of transient answer it was; null when repeating the call would be hiding a fault. */
export function transientOf(error: unknown): Transient | null {
  const refusal = refusalIn(error);
  return TRANSIENTS.find((transient) => transient.matches(error, refusal)) ?? null;
}

/** The service's refusal behind an error; null when the error is of another kind. */
export function refusalIn(error: unknown): Refusal | null {
  if (error instanceof AssertionFailure) {
    return error.refusal;
  }
  if (error instanceof CognitoIdentityServiceException) {
    return {
      service: "cognito-identity",
      status: error.$metadata.httpStatusCode ?? 0,
      code: error.name,
      message: error.message,
    };
  }
  return null;
}
