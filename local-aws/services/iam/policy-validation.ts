/** What IAM refuses to store: each check answers `MalformedPolicyDocument` in IAM's words where they are known. */
import { ServiceError } from "../../errors";
import { parseOperator } from "../../iam-policy/condition";
import { MalformedPolicy, type PolicyDocument, parsePolicy, type Statement } from "../../iam-policy/document";

const malformed = (message: string) => new ServiceError("MalformedPolicyDocument", message);

/** @throws ServiceError when the document can't be a role's inline policy or a managed policy */
export function validateIdentityPolicy(json: string): void {
  for (const statement of parse(json).statements) {
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

/** @throws ServiceError when the document can't be a role's trust policy */
export function validateTrustPolicy(json: string): void {
  for (const statement of parse(json).statements) {
    if (statement.resource || statement.notResource) throw malformed("Has prohibited field Resource");
    if (!statement.principal && !statement.notPrincipal) throw malformed("Missing required field Principal");
    if (!statement.action === !statement.notAction) throw malformed("Policy statement must contain actions.");
    validateActions(statement);
    const actions = statement.action ?? [];
    if (actions.some((action) => !/^(sts:.*|\*)$/i.test(action))) {
      throw malformed("AssumeRole policy may only specify STS AssumeRole actions.");
    }
    const federated = statement.principal?.Federated ?? [];
    if (
      statement.effect === "Allow" &&
      federated.includes("cognito-identity.amazonaws.com") &&
      Object.values(statement.condition).every((keys) => Object.keys(keys).length === 0)
    ) {
      // https://github.com/aws-amplify/amplify-cli/issues/13689
      throw malformed("A condition block must be present for the Cognito provider");
    }
  }
}

function parse(json: string): PolicyDocument {
  let document: PolicyDocument;
  try {
    document = parsePolicy(json);
  } catch (error) {
    if (error instanceof MalformedPolicy) throw malformed(error.message);
    throw error;
  }
  if (document.statements.length === 0) throw malformed("Syntax errors in policy.");
  const sids = document.statements.map((statement) => statement.name);
  if (new Set(sids).size !== sids.length)
    throw malformed("Statement IDs (SID) in a single policy must be unique.");
  for (const statement of document.statements) validateConditions(statement);
  return document;
}

function validateActions(statement: Statement): void {
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
