/** Functions and their versions, found by the names and ARNs that requests use. */
import { z } from "zod";
import type { Account } from "../../account";
import type { FunctionVersion, LambdaFunction } from "../../account/state/lambda";
import { invalidParameter, notFound, otherAccount } from "./failure";

const NAME =
  /^(?:arn:aws[a-zA-Z-]*:lambda:)?(?:((?:eusc-)?[a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\d):)?(?:(\d{12}):)?(?:function:)?([a-zA-Z0-9-_]+)(?::(\$LATEST|[a-zA-Z0-9-_]+))?$/;

/** A function's name, partial ARN or ARN, with or without a qualifier, where only the function is meant. */
export const functionName = z.string().min(1).max(140).regex(NAME);

/** The same, of operations that know versions. */
export const versionedFunctionName = z.string().min(1).max(256).regex(NAME);

const qualifier = z
  .string()
  .min(1)
  .max(128)
  .regex(/^(?:\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+)$/);

/** The input of the many operations that name a function and perhaps one of its versions. */
export const ofVersion = z.object({ FunctionName: versionedFunctionName, Qualifier: qualifier.optional() });

interface VersionReference {
  FunctionName: string;
  Qualifier?: string;
}

export function functionArn(place: Pick<Account, "id" | "region">, name: string, qualifier?: string): string {
  const arn = `arn:aws:lambda:${place.region}:${place.id}:function:${name}`;
  return qualifier === undefined ? arn : `${arn}:${qualifier}`;
}

/** The name of the function that an ARN names, with a qualifier or without; the empty text for every other ARN. */
export function functionIn(arn: string): string {
  return /^arn:aws:lambda:.*?:function:([^:]+)/.exec(arn)?.[1] ?? "";
}

/**
 * The ARN of the function that a request names, without a qualifier: what IAM policies have to cover for operations on the whole
 * function.
 */
export function unqualifiedArn(account: Account, reference: VersionReference): string {
  const { region = account.region, accountId: id = account.id, name } = parse(reference);
  return functionArn({ region, id }, name);
}

/** The ARN that a request names, with its qualifier: what IAM policies have to cover for operations on a version. */
export function requestedArn(account: Account, reference: VersionReference): string {
  const { qualifier } = parse(reference);
  const arn = unqualifiedArn(account, reference);
  return qualifier === undefined ? arn : `${arn}:${qualifier}`;
}

/**
 * The name that a request gives to an operation on the whole function; an ARN may be given, but only one of this account and region.
 *
 * @throws ServiceError `InvalidParameterValueException` for a qualifier, which such an operation wouldn't heed,
 * `ResourceNotFoundException` for another region, `AccessDeniedException` for another account
 */
export function wholeName(account: Account, reference: VersionReference): string {
  const { name, qualifier } = parse(reference);
  if (qualifier !== undefined) {
    throw invalidParameter(
      `This operation is on the whole function ${name}: leave out the qualifier ${qualifier}.`,
    );
  }
  return ownName(account, reference);
}

/**
 * The function that an operation on the whole function is for.
 *
 * @throws ServiceError `ResourceNotFoundException`, `InvalidParameterValueException` for a qualifier
 */
export function findFunction(account: Account, reference: VersionReference): LambdaFunction {
  const found = account.state.lambda.functions[wholeName(account, reference)];
  if (found === undefined) {
    throw notFound(`Function not found: ${unqualifiedArn(account, reference)}`);
  }
  return found;
}

/**
 * The version that a request names, `$LATEST` when it names none; `qualified` says whether it does.
 *
 * @throws ServiceError `ResourceNotFoundException`, `InvalidParameterValueException` for two qualifiers that differ
 */
export function findVersion(
  account: Account,
  reference: VersionReference,
): { fn: LambdaFunction; version: FunctionVersion; qualified: boolean } {
  const qualifier = qualifierOf(reference);
  const fn = account.state.lambda.functions[ownName(account, reference)];
  const version = versionOf(fn, qualifier ?? "$LATEST");
  if (fn === undefined || version === undefined) {
    throw notFound(`Function not found: ${requestedArn(account, reference)}`);
  }
  return { fn, version, qualified: qualifier !== undefined };
}

/** One of a function's versions, `$LATEST` among them; undefined without the function or the version. */
export function versionOf(fn: LambdaFunction | undefined, version: string): FunctionVersion | undefined {
  return [fn?.latest, ...(fn?.published ?? [])].find((one) => one?.version === version);
}

/**
 * The version that a request names.
 *
 * @throws ServiceError `InvalidParameterValueException` for two that differ
 */
export function qualifierOf(reference: VersionReference): string | undefined {
  const { qualifier, nameQualifier } = parse(reference);
  if (nameQualifier !== undefined && nameQualifier !== qualifier) {
    throw invalidParameter(
      "The derived qualifier from the function name does not match the specified qualifier.",
    );
  }
  return qualifier;
}

/** The name in a reference that may have a qualifier. */
export function ownName(account: Account, reference: VersionReference): string {
  const { region = account.region, accountId = account.id, name } = parse(reference);
  if (region !== account.region) {
    throw notFound(`Functions from '${region}' are not reachable in this region ('${account.region}')`);
  }
  if (accountId !== account.id) {
    throw otherAccount();
  }
  return name;
}

function parse(reference: VersionReference) {
  const [, region, accountId, name = "", nameQualifier] = NAME.exec(reference.FunctionName) ?? [];
  return { region, accountId, name, nameQualifier, qualifier: reference.Qualifier ?? nameQualifier };
}
