/** The constraints that the service model of Cognito Identity puts on the members of its requests. */
import { z } from "zod";

export const poolId = z
  .string()
  .min(1)
  .max(55)
  .regex(/^[\w-]+:[0-9a-f-]+$/);
export const identityId = z
  .string()
  .min(1)
  .max(55)
  .regex(/^[\w-]+:[0-9a-f-]+$/);
export const poolName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[\w\s+=,.@-]+$/);
export const developerProviderName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[\w._-]+$/);
export const developerUserIdentifier = z.string().min(1).max(1024);
export const roleArn = z.string().min(20).max(2048);
export const resourceArn = z.string().min(20).max(2048);
export const tags = z.record(z.string().min(1).max(128), z.string().max(256));
export const logins = z
  .record(z.string().min(1).max(128), z.string().min(1).max(50000))
  .refine((value) => Object.keys(value).length <= 10, "Member must have length less than or equal to 10");
export const principalTags = z
  .record(z.string().min(1).max(128), z.string().min(1).max(256))
  .refine((value) => Object.keys(value).length <= 50, "Member must have length less than or equal to 50");
export const roles = z.partialRecord(z.enum(["authenticated", "unauthenticated"]), roleArn);
