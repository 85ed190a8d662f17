/** Lambda's modelled errors; each carries a `Type` that says whose fault it is. */
import { ServiceError } from "../service-error";

const USER = { Type: "User" };

export const invalidParameter = (message: string) =>
  new ServiceError("InvalidParameterValueException", message, 400, USER);

/** The one error whose message the model writes with a capital letter. */
export const notFound = (message: string) =>
  new ServiceError("ResourceNotFoundException", message, 404, USER, "Message");

/** Recorded: an ARN of another account is refused without a word. */
export const otherAccount = () => new ServiceError("AccessDeniedException", "", 403);

export const conflict = (message: string) =>
  new ServiceError("ResourceConflictException", message, 409, USER);

export const staleRevision = () =>
  new ServiceError(
    "PreconditionFailedException",
    "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id",
    412,
    USER,
  );

export const throttled = () =>
  new ServiceError("TooManyRequestsException", "Rate Exceeded.", 429, {
    Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
    Type: "User",
  });

/** As many events wait as the account keeps. */
export const tooManyEvents = () =>
  new ServiceError("TooManyRequestsException", "Rate Exceeded.", 429, {
    Reason: "ConcurrentInvocationLimitExceeded",
    Type: "User",
  });

export const CANNOT_ASSUME = "The role defined for the function cannot be assumed by Lambda.";

/** The role could be assumed when the function was made, and can't be any more. */
export const roleRefused = () => new ServiceError("AccessDeniedException", CANNOT_ASSUME, 403, USER);
