/** What IAM refuses to store: each check answers `MalformedPolicyDocument` in IAM's words where they are known. */
import { ServiceError } from "../../errors";
import { parseOperator } from "../../iam-policy/condition";
import { MalformedPolicy, type PolicyDocument, parsePolicy, type Statement } from "../../iam-policy/document";

/** Characters. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MANAGED_POLICY_LIMIT = 6144;

export const malformed = (message: string) => new ServiceError("MalformedPolicyDocument", message);

/** @throws ServiceError when the document can't be a role's inline policy or a managed policy */
export function validateIdentityPolicy(json: string): void {
  for (const statement of parseDocument(json).statements) {
    if (statement.principal || statement.notPrincipal)
      throw malformed("Policy document should not specify a principal.");
    if (!statement.action === !statement.notAction) throw malformed("Policy statement must contain actions.");
    if (!statement.resource === !statement.notResource)
      throw malformed("Policy statement must contain resources.");
    validateActions(statement);
    for (const resource of [...(statement.resource ?? []), ...(statement.notResource ?? [])])
      validateResource(resource);
  }
}

/** @throws ServiceError when the document can't be a managed policy */
export function validateManagedPolicy(json: string): void {
  validateIdentityPolicy(json);
  if (documentSize(json) > MANAGED_POLICY_LIMIT) {
    throw new ServiceError(
      "LimitExceeded",
      `Cannot exceed quota for PolicySize: ${MANAGED_POLICY_LIMIT}`,
      409,
    );
  }
}

/** @throws ServiceError when IAM's grammar doesn't know the document */
export function parseDocument(json: string): PolicyDocument {
  let document: PolicyDocument;
  try {
    document = parsePolicy(json);
  } catch (error) {
    if (error instanceof MalformedPolicy) throw malformed(error.message);
    throw error;
  }
  if (document.statements.length === 0) throw malformed("Syntax errors in policy.");
  const sids = document.statements.flatMap(({ sid }) => (sid === undefined ? [] : [sid]));
  if (new Set(sids).size !== sids.length)
    throw malformed("Statement IDs (SID) in a single policy must be unique.");
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
    if (action === "*") continue;
    if (!action.includes(":")) {
      throw malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
    }
    if (!/^[a-z0-9-]+:[\w*?]+$/i.test(action)) {
      throw malformed(
        "Actions/Condition can contain only one colon, and a vendor may not contain wildcards.",
      );
    }
  }
}

function validateResource(resource: string): void {
  if (resource === "*") return;
  const parts = resource.split(":");
  if (parts.length < 6 || parts[0] !== "arn") {
    throw malformed(`Resource ${resource} must be in ARN format or "*".`);
  }
  if (/[*?]/.test(parts[2] as string)) {
    throw malformed(`Resource vendor must be fully qualified and cannot contain regexes.`);
  }
}

function validateConditions(statement: Statement): void {
  for (const [operator, keys] of Object.entries(statement.condition)) {
    if (parseOperator(operator) === undefined) throw malformed(`Invalid Condition type : ${operator}.`);
    for (const key of Object.keys(keys)) {
      if (!key.includes(":"))
        throw malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
    }
  }
}

/** Characters of a document as IAM's quotas count them: without white space. */
export function documentSize(json: string): number {
  return json.replace(/\s/g, "").length;
}
