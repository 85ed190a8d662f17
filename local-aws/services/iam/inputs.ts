/** The constraints that IAM's service model puts on the members of its requests. */
// biome-ignore-all lint/suspicious/noControlCharactersInRegex: the patterns are written as in the service model, which messages quote
import { z } from "zod";

const documentCharacters = /^[\u0009\u000A\u000D\u0020-\u00FF]+$/;
const descriptionCharacters = /^[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*$/;

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
/** What the model of STS has beside. */
export const arnCharacters = /^[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD]+$/;
export const policyDocument = z.string().min(1).max(131072).regex(documentCharacters);
/** A session policy has no limit of its own in the model of STS. */
export const sessionPolicy = z.string().min(1).regex(documentCharacters);
export const rolePath = z
  .string()
  .min(1)
  .max(512)
  .regex(/^(?:(\u002F)|(\u002F[\u0021-\u007E]+\u002F))$/);
export const policyPath = z
  .string()
  .min(1)
  .max(512)
  .regex(/^((\/[A-Za-z0-9.,+@=_-]+)*)\/$/);
export const pathPrefix = z
  .string()
  .min(1)
  .max(512)
  .regex(/^\u002F[\u0021-\u007F]*$/);
export const roleDescription = z.string().max(1000).regex(descriptionCharacters);
export const policyDescription = z.string().max(1000);
export const maxSessionDuration = z.coerce.number().int().min(3600).max(43200);
export const versionId = z.string().regex(/^v[1-9][0-9]*(\.[A-Za-z0-9-]*)?$/);
export const providerUrl = z.string().min(1).max(255);
export const clientId = z.string().min(1).max(255);
export const thumbprint = z.string().min(40).max(40);
export const boolean = z.enum(["true", "false"]).transform((text) => text === "true");
