/** What IAM refuses to store as a role's trust policy. */

import type { Statement } from "../../../iam-policy/document";
import { literalPattern, matches } from "../../../iam-policy/pattern";
import type { Account } from "../../account";
import { COGNITO_PROVIDER } from "../cognito-identity/provider";
import { ServiceError } from "../service-error";
import { documentSize, malformed, parseDocument, validateActions } from "./policy-validation";

/** Characters. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const SIZE_LIMIT = 2048;

/** @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html */
const STS_ACTIONS = [
  "AssumeRole",
  "AssumeRoleWithSAML",
  "AssumeRoleWithWebIdentity",
  "AssumeRoot",
  "DecodeAuthorizationMessage",
  "GetAccessKeyInfo",
  "GetCallerIdentity",
  "GetDelegatedAccessToken",
  "GetFederationToken",
  "GetServiceBearerToken",
  "GetSessionToken",
  "GetWebIdentityToken",
  "SetContext",
  "SetSourceIdentity",
  "TagGetWebIdentityToken",
  "TagSession",
].map((name) => `sts:${name}`);

/** Actions are compared without case. */
function covers(action: string, known: string): boolean {
  return matches(literalPattern(action.toLowerCase()), known.toLowerCase());
}

/** @throws ServiceError when the document can't be a role's trust policy */
export function validateTrustPolicy(account: Account, json: string): void {
  for (const statement of parseDocument(json).statements) {
    if (statement.resource || statement.notResource) {
      throw malformed("Has prohibited field Resource");
    }
    if (!statement.principal && !statement.notPrincipal) {
      throw malformed("Missing required field Principal");
    }
    if (!statement.action === !statement.notAction) {
      throw malformed("Policy statement must contain actions.");
    }
    validateActions(statement);
    if (statement.action?.some((action) => !STS_ACTIONS.some((known) => covers(action, known)))) {
      throw malformed("AssumeRole policy may only specify STS AssumeRole actions.");
    }
    validatePrincipals(account, statement);
    requireConditionForCognito(statement);
    requireSubjectForSharedIssuers(statement);
  }
  if (documentSize(json) > SIZE_LIMIT) {
    throw new ServiceError("LimitExceeded", `Cannot exceed quota for ACLSizePerRole: ${SIZE_LIMIT}`, 409);
  }
}

/** Without a condition every pool of every AWS customer would be trusted: https://github.com/aws-amplify/amplify-cli/issues/13689 */
function requireConditionForCognito({ effect, principal, condition }: Statement): void {
  const unconditional = Object.values(condition).every((keys) => Object.keys(keys).length === 0);
  if (effect === "Allow" && unconditional && principal?.Federated?.includes(COGNITO_PROVIDER)) {
    throw malformed("A condition block must be present for the Cognito provider");
  }
}

/**
 * Issuers whose tokens are of many organizations, which only the subject tells apart. AWS has more of them.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
 */
const SHARED_ISSUERS = ["token.actions.githubusercontent.com"];

function requireSubjectForSharedIssuers({ effect, principal, condition }: Statement): void {
  for (const issuer of SHARED_ISSUERS) {
    const trusted = principal?.Federated?.some((id) => id.endsWith(`:oidc-provider/${issuer}`));
    const key = `${issuer}:sub`;
    const evaluated = Object.entries(condition).some(
      ([operator, keys]) =>
        /^(ForAnyValue:)?String(Equals|EqualsIgnoreCase|Like)$/.test(operator) &&
        Object.entries(keys).some(
          ([name, values]) =>
            name.toLowerCase() === key &&
            values.length > 0 &&
            // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html#idp_oidc_Create_GitHub
            !values.some((value) => /^[*?]*$/.test(value)),
        ),
    );
    if (effect === "Allow" && trusted && !evaluated) {
      throw malformed(
        `A trust policy for ${issuer} must have a condition on ${key} that is not only a wildcard`,
      );
    }
  }
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_policies.html */
function validatePrincipals(account: Account, statement: Statement): void {
  const { AWS = [], Service = [], Federated = [] } = statement.principal ?? statement.notPrincipal ?? {};
  for (const id of AWS) {
    if (!isPrincipal(account, id)) {
      throw malformed(`Invalid principal in policy: "AWS":"${id}"`);
    }
  }
  for (const id of Service) {
    if (!/^[a-z0-9.-]+\.(amazonaws\.com(\.cn)?|amazon\.com|aws\.internal)$/.test(id)) {
      throw malformed(`Invalid principal in policy: "SERVICE":"${id}"`);
    }
  }
  for (const id of Federated) {
    if (!isProvider(id)) {
      throw malformed(`Invalid principal in policy: "FEDERATED":"${id}"`);
    }
  }
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-federated-web-identity */
const PUBLIC_PROVIDERS = [COGNITO_PROVIDER, "accounts.google.com", "graph.facebook.com", "www.amazon.com"];

function isProvider(id: string): boolean {
  return (
    PUBLIC_PROVIDERS.includes(id) || /^arn:aws[\w-]*:iam::\d{12}:(oidc-provider|saml-provider)\/\S+$/.test(id)
  );
}

/** Another account's principals can't be looked up here, so their form has to do. */
function isPrincipal(account: Account, id: string): boolean {
  if (id === "*" || /^\d{12}$/.test(id) || /^A(ROA|IDA)[A-Z0-9]{16,}$/.test(id)) {
    return true;
  }
  const arn = /^arn:aws[\w-]*:(iam|sts)::(\d{12}):(root|(user|role|assumed-role|federated-user)\/.+)$/.exec(
    id,
  );
  if (arn === null) {
    return false;
  }
  const [, service, owner, resource, type] = arn;
  if (owner !== account.id || type === undefined) {
    return true;
  }
  const roles = Object.values(account.state.iam.roles);
  if (service === "iam") {
    return roles.some((role) => role.arn === id);
  }
  return type === "assumed-role" && roles.some((role) => resource?.startsWith(`assumed-role/${role.name}/`));
}
