/** The constraints that IAM's service model puts on the members of its requests. */
import { z } from "zod";

export const roleName = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[\w+=,.@-]+$/);
export const policyName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[\w+=,.@-]+$/);
export const arn = z.string().min(20).max(2048);
export const policyDocument = z.string().min(1).max(131072);
export const path = z
  .string()
  .min(1)
  .max(512)
  .regex(/^(\/)|(\/[\u0021-\u007E]+\/)$/);
export const description = z.string().max(1000);
export const maxSessionDuration = z.coerce.number().int().min(3600).max(43200);
export const tags = z
  .array(z.object({ Key: z.string().min(1).max(128), Value: z.string().max(256) }))
  .max(50);
export const tagKeys = z.array(z.string().min(1).max(128)).max(50);
