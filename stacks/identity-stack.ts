// The pool and its roles: long-lived, because whoever loses the pool loses every identity in it.
import type { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import type { Construct } from "constructs";
import { DeveloperIdentityPool } from "./modules/developer-identity-pool";
import type { Settings } from "./settings";
import { declareOutputs, resourceName, StageStack, type StageStackProps } from "./stage-stack";

export class IdentityStack extends StageStack {
  /** The role of signed-in identities, for stacks that grant something to them. */
  readonly authenticatedRole: IamRole;
  /** The pool, for stacks that mint tokens for it. */
  readonly pool: DeveloperIdentityPool;

  constructor(scope: Construct, id: string, props: StageStackProps) {
    super(scope, id, props);
    this.pool = declareIdentity(this, props.settings);
    this.authenticatedRole = this.pool.authenticatedRole;
  }
}

/** Declares what the stack is about, in whichever scope: the stack itself, or a part of another. */
export function declareIdentity(scope: Construct, settings: Settings): DeveloperIdentityPool {
  const { developerProviderName, principalTags, protectIdentities, region } = settings;
  const pool = new DeveloperIdentityPool(scope, "pool", {
    identityPoolName: resourceName(settings, "pool"),
    developerProviderName,
    preventDestroy: protectIdentities,
    allowSessionTags: principalTags.map(({ tag }) => tag),
  });
  declareOutputs(scope, {
    identity_pool_id: { value: pool.identityPoolId, description: "The identity pool." },
    developer_provider_name: {
      value: pool.developerProviderName,
      description: "Key in Logins under which the backend signs its users in.",
    },
    authenticated_role_arn: {
      value: pool.authenticatedRoleArn,
      description: "Role that signed-in identities assume.",
    },
    region: { value: region, description: "Region of the pool and of the API." },
  });
  return pool;
}
