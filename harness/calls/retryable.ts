/** Failures that may be gone a moment later: the only ones after which a call is repeated. */
import {
  type ErrorResponse,
  errorResponseIn,
  NoAnswerError,
  UnreachableError,
  UnreadableAnswerError,
} from "../run/errors";

/** A kind of failure that may pass by itself. */
export interface RetryableFailure {
  /** For the report. */
  readonly what: string;
  /** `fresh`: only right after a deployment; at any other time it is a fault to be told. */
  readonly when: "always" | "fresh";
  readonly matches: (error: unknown, response: ErrorResponse | undefined) => boolean;
}

/** The first that matches counts. */
const RETRYABLE: readonly RetryableFailure[] = [
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
    matches: (_, response) =>
      response?.code === "TooManyRequestsException" ||
      (response?.status === 429 && response.code !== "LimitExceededException"),
  },
  {
    // A new role or trust policy is not everywhere at once; Cognito then cannot assume it, and says so in these words.
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
    // Could hide: nothing for longer than the window; a trust policy that is wrong stays wrong.
    what: "role not assumable yet",
    when: "fresh",
    matches: (_, response) => response?.code === "InvalidIdentityPoolConfigurationException",
  },
  {
    // The grant is a policy, and policies are as late as roles are (the link above).
    // Could hide: nothing for longer than the window; a grant that is missing stays missing.
    what: "grant not effective yet",
    when: "fresh",
    matches: (_, response) =>
      response?.service === "execute-api" && response.code === "AccessDeniedException",
  },
  {
    // A new stage is not known to all of API Gateway's hosts at once.
    // Could hide: nothing for longer than the window; a firewall or an API key that refuses goes on refusing.
    what: "stage not served yet",
    when: "fresh",
    matches: (_, response) => response?.service === "execute-api" && response.code === "ForbiddenException",
  },
  {
    // API Gateway's own trouble, and what it answers until the permission to invoke a new function, and the function's
    // role, are effective.
    // Could hide: an API that fails now and then; the report notes each repetition.
    what: "server error of the API",
    when: "always",
    matches: (_, response) => response?.service === "execute-api" && response.status >= 500,
  },
  {
    // A service's own trouble, which its SDKs repeat too.
    // Could hide: an outage that comes and goes; the report notes each repetition.
    what: "the service's own failure",
    when: "always",
    matches: (_, response) =>
      response !== undefined && response.service !== "execute-api" && response.status >= 500,
  },
  {
    // Something between here and AWS cut the answer off or answered in its place.
    // Could hide: a proxy that does so now and then, a function that does not always answer JSON.
    what: "unreadable answer",
    when: "fresh",
    matches: (error) => error instanceof UnreadableAnswerError,
  },
];

/** Finds what kind it is of; undefined when repeating the call would hide a fault. */
export function retryableFailure(error: unknown): RetryableFailure | undefined {
  const response = errorResponseIn(error);
  return RETRYABLE.find((failure) => failure.matches(error, response));
}
