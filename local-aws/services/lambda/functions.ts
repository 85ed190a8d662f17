/** Functions and their versions, found by the names and ARNs that requests use. */
import { z } from "zod";
import type { Account } from "../../account";
import { notFound } from "./failure";
import type { FunctionVersion, LambdaFunction } from "./state";

const NAME =
  /^(?:arn:aws[a-zA-Z-]*:lambda:)?(?:([a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\d):)?(?:(\d{12}):)?(?:function:)?([a-zA-Z0-9-_]{1,64})(?::(\$LATEST|[a-zA-Z0-9-_]+))?$/;

/**
 * A function's name, partial ARN or ARN, with or without a qualifier. Functions are kept by name in a plain object, where
 * `__proto__` would be taken for something else.
 */
export const functionName = z
  .string()
  .min(1)
  .max(256)
  .regex(NAME)
  .refine((name) => !name.includes("__proto__"));

export const qualifier = z
  .string()
  .min(1)
  .max(128)
  .regex(/^\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+$/);

/** The input of the many operations that name a function and perhaps one of its versions. */
export const ofVersion = z.object({ FunctionName: functionName, Qualifier: qualifier.optional() });

export interface VersionReference {
  FunctionName: string;
  Qualifier?: string;
}

export function functionArn(account: Account, name: string): string {
  return `arn:aws:lambda:${account.region}:${account.id}:function:${name}`;
}

/** The ARN that a request names, with its qualifier; what IAM policies have to cover. */
export function requestedArn(account: Account, reference: VersionReference): string {
  const { region, accountId, name, qualifier } = parse(reference);
  const arn = `arn:aws:lambda:${region ?? account.region}:${accountId ?? account.id}:function:${name}`;
  return qualifier === undefined ? arn : `${arn}:${qualifier}`;
}

/** @throws ServiceError `ResourceNotFoundException` */
export function findFunction(account: Account, reference: VersionReference): LambdaFunction {
  const { region = account.region, accountId = account.id, name } = parse(reference);
  const { functions } = account.state.lambda;
  const found = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (found === undefined || region !== account.region || accountId !== account.id) {
    throw notFound(`Function not found: ${requestedArn(account, reference)}`);
  }
  return found;
}

/** `$LATEST` unless the request names a published version. @throws ServiceError `ResourceNotFoundException` */
export function findVersion(
  account: Account,
  reference: VersionReference,
): { fn: LambdaFunction; version: FunctionVersion } {
  const fn = findFunction(account, reference);
  const { qualifier = "$LATEST" } = parse(reference);
  const version = [fn.latest, ...fn.published].find((one) => one.version === qualifier);
  if (version === undefined) throw notFound(`Function not found: ${requestedArn(account, reference)}`);
  return { fn, version };
}

function parse(reference: VersionReference) {
  const [, region, accountId, name = "", qualifier] = NAME.exec(reference.FunctionName) ?? [];
  return { region, accountId, name, qualifier: reference.Qualifier ?? qualifier };
}
