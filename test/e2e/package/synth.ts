// What a user of the package writes to declare a pool by one of its modules.
import { App, TerraformStack } from "cdktf";
import { DeveloperIdentityPool } from "developer-authenticated-identities/modules/developer-identity-pool";

const stack = new TerraformStack(new App(), "shop");
const pool = new DeveloperIdentityPool(stack, "pool", {
  identityPoolName: "shop",
  developerProviderName: "login.shop.example",
});
console.log(Object.keys(stack.toTerraform().resource).join(" "), pool.identityPoolId !== "");
