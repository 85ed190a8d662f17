/** The constraints that the service model of STS puts on the members of its requests. */
// biome-ignore-all lint/suspicious/noControlCharactersInRegex: the pattern is written as in the service model, which messages quote
import { z } from "zod";
import { sessionPolicyMembers } from "./session-policies";

const characters = /^[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD]+$/;

/** What every request for a role's session has. Durations are seconds. */
export const sessionRequest = z.object({
  RoleArn: z.string().min(20).max(2048).regex(characters),
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
export const providerId = z.string().min(4).max(2048);
