/** The roles of an identity pool, and the mappings by which logins of public providers get others. */
import { z } from "zod";
import { dictionary } from "../../account/dictionary";
import type { IdentityPool, RoleMapping } from "../../account/state/cognito-identity";
import { authorize } from "../../authorize/authorize";
import { nonEmpty } from "../output";
import { type Call, operation } from "../service";
import { ServiceError } from "../service-error";
import * as inputs from "./inputs";
import { onPool, requirePool } from "./pool";
import { COGNITO_PROVIDER } from "./provider";

const onlyPool = z.object({ IdentityPoolId: inputs.poolId });

export const poolRoleOperations = {
  SetIdentityPoolRoles: operation({
    input: onlyPool.extend({ Roles: inputs.roles, RoleMappings: inputs.roleMappings.optional() }),
    // The action has no resource type: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncognitoidentity.html
    permission: () => ({ resource: "*" }),
    run(call) {
      const { account, input } = call;
      const pool = requirePool(account, input.IdentityPoolId);
      const mappings = input.RoleMappings ?? dictionary();
      for (const [provider, mapping] of Object.entries(mappings)) {
        requireMapping(pool, provider, mapping);
      }
      const rules = Object.values(mappings).flatMap((mapping) => mapping.RulesConfiguration?.Rules ?? []);
      for (const arn of new Set([...Object.values(input.Roles), ...rules.map((rule) => rule.RoleARN)])) {
        requirePassableRole(call, arn);
      }
      pool.roles = input.Roles;
      pool.roleMappings = mappings;
      return undefined;
    },
  }),

  GetIdentityPoolRoles: operation({
    readOnly: true,
    input: onlyPool,
    permission: onPool,
    run({ account, input }) {
      const pool = requirePool(account, input.IdentityPoolId);
      return {
        IdentityPoolId: pool.id,
        Roles: nonEmpty(pool.roles),
        RoleMappings: nonEmpty(pool.roleMappings),
      };
    },
  }),
};

/** Cognito has one answer for a text that isn't a role of the account and for a caller who may not pass it. */
function requirePassableRole({ account, caller }: Call<unknown>, arn: string): void {
  const isRole = new RegExp(`^arn:aws[\\w-]*:iam::${account.id}:role/.+$`).test(arn);
  const allowed =
    isRole &&
    authorize(account, {
      caller,
      action: "iam:PassRole",
      resource: arn,
      context: { "iam:PassedToService": COGNITO_PROVIDER },
    }).allowed;
  if (!allowed) {
    throw new ServiceError("NotAuthorizedException", `Access to Role '${arn}' is forbidden.`);
  }
}

/** https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_RoleMapping.html */
function requireMapping(pool: IdentityPool, provider: string, mapping: RoleMapping): void {
  const invalid = (message: string) => new ServiceError("InvalidParameterException", message);
  if (!mappableProviders(pool).includes(provider)) {
    // https://github.com/aws/aws-cdk/issues/22951
    throw invalid(`(${provider}) is not a valid RoleMapping ProviderName or is not a configured provider.`);
  }
  if (mapping.AmbiguousRoleResolution === undefined) {
    throw invalid(`The role mapping of ${provider} has no AmbiguousRoleResolution.`);
  }
  if ((mapping.Type === "Rules") !== (mapping.RulesConfiguration !== undefined)) {
    throw invalid(
      `The role mapping of ${provider} must have RulesConfiguration exactly if its Type is Rules.`,
    );
  }
}

function mappableProviders(pool: IdentityPool): string[] {
  return [
    ...Object.keys(pool.supportedLoginProviders),
    ...pool.cognitoIdentityProviders.map(({ ProviderName, ClientId }) => `${ProviderName}:${ClientId}`),
    ...pool.openIdConnectProviderArns,
    ...pool.samlProviderArns,
  ];
}
