/** Preloaded before main.ts: every pool as if somebody had switched its classic flow on, and nothing else changed. */
import { CognitoIdentityPool } from "@cdktf/provider-aws/lib/cognito-identity-pool";

const { toTerraform } = CognitoIdentityPool.prototype;
CognitoIdentityPool.prototype.toTerraform = function () {
  this.allowClassicFlow = true;
  return toTerraform.call(this);
};
