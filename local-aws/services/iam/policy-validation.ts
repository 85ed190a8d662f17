/** What IAM refuses to store: each check answers `MalformedPolicyDocument` in IAM's words where they are known. */

import { parseOperator } from "../../../iam-policy/condition";
import {
  MalformedPolicyError,
  type PolicyDocument,
  parsePolicy,
  type Statement,
} from "../../../iam-policy/document";
import { ServiceError } from "../service-error";

/** Characters. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MANAGED_POLICY_LIMIT = 6144;

export const malformed = (message: string) => new ServiceError("MalformedPolicyDocument", message);

/** @throws ServiceError when the document can't be a role's inline policy or a managed policy */
export function validateIdentityPolicy(json: string): void {
  validateIdentityStatements(parseDocument(json));
}

/** @throws ServiceError when the document can't be a managed policy */
export function validateManagedPolicy(json: string): void {
  const document = parseDocument(json);
  if (document.version !== "2012-10-17") {
    throw malformed("Policy document must be version 2012-10-17 or greater.");
  }
  validateIdentityStatements(document);
  if (documentSize(json) > MANAGED_POLICY_LIMIT) {
    throw new ServiceError(
      "LimitExceeded",
      `Cannot exceed quota for PolicySize: ${MANAGED_POLICY_LIMIT}`,
      409,
    );
  }
}

function validateIdentityStatements({ statements }: PolicyDocument): void {
  for (const statement of statements) {
    if (statement.principal || statement.notPrincipal) {
      throw malformed("Policy document should not specify a principal.");
    }
    if (!statement.action === !statement.notAction) {
      throw malformed("Policy statement must contain actions.");
    }
    if (!statement.resource === !statement.notResource) {
      throw malformed("Policy statement must contain resources.");
    }
    validateActions(statement);
    for (const resource of [...(statement.resource ?? []), ...(statement.notResource ?? [])]) {
      validateResource(resource);
    }
  }
}

/** @throws ServiceError when IAM's grammar doesn't know the document */
export function parseDocument(json: string): PolicyDocument {
  let document: PolicyDocument;
  try {
    document = parsePolicy(json);
  } catch (error) {
    if (error instanceof MalformedPolicyError) {
      throw malformed(error.message);
    }
    throw error;
  }
  if (document.statements.length === 0) {
    throw malformed("Syntax errors in policy.");
  }
  const sids = document.statements.flatMap(({ sid }) => (sid ? [sid] : []));
  if (new Set(sids).size !== sids.length) {
    throw malformed("Statement IDs (SID) in a single policy must be unique.");
  }
  for (const statement of document.statements) {
    if (!/^[0-9A-Za-z]*$/.test(statement.sid ?? "")) {
      throw malformed(
        "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*",
      );
    }
    validateConditions(statement);
  }
  return document;
}

export function validateActions(statement: Statement): void {
  for (const action of [...(statement.action ?? []), ...(statement.notAction ?? [])]) {
    if (action === "*") {
      continue;
    }
    const [vendor = "", ...names] = action.split(":");
    if (names.length === 0) {
      throw malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
    }
    if (names.length > 1) {
      throw malformed("Actions/Condition can contain only one colon.");
    }
    if (!/^[a-z0-9.-]+$/i.test(vendor)) {
      throw malformed(`Vendor ${vendor} is not valid`);
    }
  }
}

function validateResource(resource: string): void {
  if (resource === "*") {
    return;
  }
  const [arn, , service = "", region, , ...rest] = resource.split(":");
  if (rest.length === 0 || arn !== "arn") {
    throw malformed(`Resource ${resource} must be in ARN format or "*".`);
  }
  if (service === "") {
    throw malformed("The policy failed legacy parsing");
  }
  if (/[*?]/.test(service)) {
    throw malformed("Resource vendor must be fully qualified and cannot contain regexes.");
  }
  if (service === "iam" && region !== "") {
    throw malformed(`IAM resource ${resource} cannot contain region information.`);
  }
  if (service === "s3" && region !== "" && !rest[0]?.startsWith("accesspoint/")) {
    throw malformed(`Resource ${resource} can not contain region information.`);
  }
}

function validateConditions(statement: Statement): void {
  for (const [operator, keys] of Object.entries(statement.condition)) {
    // An operator that is given nothing to compare is not looked at.
    if (Object.keys(keys).length > 0 && parseOperator(operator) === undefined) {
      throw malformed(`Invalid Condition type : ${operator}.`);
    }
  }
}

/** Characters of a document as IAM's quotas count them: without white space. */
export function documentSize(json: string): number {
  return json.replace(/\s/g, "").length;
}
