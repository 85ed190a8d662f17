/** The constraints that the service model of STS puts on the members of its requests. */
import { z } from "zod";
import { arn, arnCharacters } from "../iam/inputs";
import { sessionPolicyMembers } from "./session-policies";

/** What every request for a role's session has. Durations are seconds. */
export const sessionRequest = z.object({
  RoleArn: arn.regex(arnCharacters),
  RoleSessionName: z
    .string()
    .min(2)
    .max(64)
    .regex(/^[\w+=,.@-]*$/),
  DurationSeconds: z.coerce.number().int().min(900).max(43200).default(3600),
  ...sessionPolicyMembers,
});

export const externalId = z
  .string()
  .min(2)
  .max(1224)
  .regex(/^[\w+=,.@:/-]*$/);
export const sourceIdentity = z
  .string()
  .min(2)
  .max(64)
  .regex(/^[\w+=,.@-]*$/);
export const webIdentityToken = z.string().min(4).max(20000);
