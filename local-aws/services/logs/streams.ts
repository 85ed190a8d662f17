/** Log streams as requests name them. */
import { z } from "zod";
import type { LogGroup, LogStream } from "../../account/state/logs";
import { ServiceError } from "../service-error";
import { logGroupNameOf } from "./groups";

export const logStreamName = z
  .string()
  .min(1)
  .max(512)
  .regex(/^[^:*]*$/);

/** @throws ServiceError `ResourceNotFoundException` */
export function findStream(group: LogGroup, name: string): LogStream {
  const stream = group.streams[name];
  if (stream === undefined) {
    throw new ServiceError("ResourceNotFoundException", "The specified log stream does not exist.");
  }
  return stream;
}

/**
 * The group that a request means: it gives the name or the identifier, not both.
 *
 * @throws ServiceError `InvalidParameterException`
 */
export function groupNameIn(input: { logGroupName?: string; logGroupIdentifier?: string }): string {
  const { logGroupName: name, logGroupIdentifier: identifier } = input;
  if (name !== undefined && identifier === undefined) {
    return name;
  }
  if (name === undefined && identifier !== undefined) {
    return logGroupNameOf(identifier);
  }
  throw new ServiceError(
    "InvalidParameterException",
    "Exactly one of logGroupName and logGroupIdentifier must be given.",
  );
}
