/** The resource policy of an API: checked and expanded when it is saved, escaped when it is read. */

import { MalformedPolicyError, type PolicyDocument, parsePolicy } from "../../../iam-policy/document";
import type { Account } from "../../account";
import { badRequest } from "./failure";

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
const MAXIMUM_BYTES = 8192;

/**
 * Checks a policy and writes the shorthand `execute-api:/stage/METHOD/path` out as ARNs of this API.
 * @returns the policy as JSON
 * @throws ServiceError `BadRequestException` for text that is not a resource policy
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html
 */
export function savedPolicy(account: Account, restApiId: string, text: string): string {
  if (Buffer.byteLength(text) > MAXIMUM_BYTES) {
    throw badRequest(`Invalid policy document. The policy is longer than ${MAXIMUM_BYTES} bytes.`);
  }
  if (!isResourcePolicy(text)) {
    throw badRequest(
      "Invalid policy document. Please check the policy syntax and ensure that Principals are valid.",
    );
  }
  const base = `arn:aws:execute-api:${account.region}:${account.id}:${restApiId}/`;
  return JSON.stringify(JSON.parse(text), (key, value: unknown) =>
    key === "Resource" || key === "NotResource" ? expandArns(value, base) : value,
  );
}

/** `GetRestApi` answers the policy as the inside of a JSON string, quotes escaped; clients unescape it. */
export function escapedPolicy(policy: string | undefined): string | undefined {
  return policy === undefined ? undefined : JSON.stringify(policy).slice(1, -1);
}

function isResourcePolicy(text: string): boolean {
  let document: PolicyDocument;
  try {
    document = parsePolicy(text);
  } catch (error) {
    if (error instanceof MalformedPolicyError) {
      return false;
    }
    throw error;
  }
  return document.statements.every(
    (statement) =>
      (statement.principal ?? statement.notPrincipal) !== undefined &&
      (statement.action ?? statement.notAction) !== undefined &&
      (statement.resource ?? statement.notResource) !== undefined,
  );
}

function expandArns(resource: unknown, base: string): unknown {
  if (Array.isArray(resource)) {
    return resource.map((member) => expandArns(member, base));
  }
  return typeof resource === "string" ? resource.replace(/^execute-api:\/*/, base) : resource;
}
