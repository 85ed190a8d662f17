// The pool and its roles: long-lived, because whoever loses the pool loses every identity in it.
import type { Construct } from "constructs";
import { DeveloperIdentityPool } from "./modules/developer-identity-pool";
import type { Settings } from "./settings";
import { StageStack } from "./stage-stack";

export class IdentityStack extends StageStack {
  /** The authenticated role's name, for stacks that grant something to signed-in identities. */
  readonly authenticatedRoleName: string;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id, settings);
    const pool = new DeveloperIdentityPool(this, "pool", {
      name: this.nameOf("pool"),
      developerProviderName: settings.developerProviderName,
      protectIdentities: settings.protectIdentities,
    });
    this.authenticatedRoleName = pool.authenticatedRoleName;
    this.output({
      identity_pool_id: pool.identityPoolId,
      developer_provider_name: pool.developerProviderName,
      authenticated_role_arn: pool.authenticatedRoleArn,
      region: settings.region,
    });
  }
}
