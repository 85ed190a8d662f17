/** The trust policy of `allowSessionTags`, judged by an account: tags of the declared keys get credentials, others get none. */
import {
  CognitoIdentityClient,
  CreateIdentityPoolCommand,
  GetCredentialsForIdentityCommand,
  GetOpenIdTokenForDeveloperIdentityCommand,
  SetIdentityPoolRolesCommand,
} from "@aws-sdk/client-cognito-identity";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { Testing } from "cdktf";
import { type LocalAws, startLocalAws } from "../../../local-aws";
import { DeveloperIdentityPool } from "../../../stacks/modules/developer-identity-pool";
import { onlyResource } from "../../support/configuration";

const PROVIDER = "login.shop.example";

let aws: LocalAws;
let cognito: CognitoIdentityClient;
let iam: IAMClient;

beforeAll(async () => {
  aws = await startLocalAws();
  cognito = new CognitoIdentityClient(aws);
  iam = new IAMClient(aws);
});

afterAll(async () => {
  cognito.destroy();
  iam.destroy();
  await aws.stop();
});

/** A pool whose authenticated role has the module's trust policy; returns what signs a user in with the tags. */
async function poolWith(name: string, allowSessionTags?: readonly string[]) {
  const { IdentityPoolId } = await cognito.send(
    new CreateIdentityPoolCommand({
      IdentityPoolName: name,
      AllowUnauthenticatedIdentities: false,
      DeveloperProviderName: PROVIDER,
    }),
  );
  const synthesized = Testing.synthScope((stack) => {
    new DeveloperIdentityPool(stack, "pool", {
      identityPoolName: name,
      developerProviderName: PROVIDER,
      allowSessionTags,
    });
  });
  const trust: string = onlyResource(JSON.parse(synthesized), "aws_iam_role").assume_role_policy;
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName: name,
      AssumeRolePolicyDocument: trust.replaceAll(/\$\{[^}]+\}/g, IdentityPoolId as string),
    }),
  );
  const Roles = { authenticated: Role?.Arn as string };
  await cognito.send(new SetIdentityPoolRolesCommand({ IdentityPoolId, Roles }));
  return async (PrincipalTags?: Record<string, string>) => {
    const { IdentityId, Token } = await cognito.send(
      new GetOpenIdTokenForDeveloperIdentityCommand({
        IdentityPoolId,
        Logins: { [PROVIDER]: "user" },
        PrincipalTags,
      }),
    );
    const Logins = { "cognito-identity.amazonaws.com": Token as string };
    return cognito.send(new GetCredentialsForIdentityCommand({ IdentityId, Logins }));
  };
}

const REFUSED = { name: "InvalidIdentityPoolConfigurationException" };

test("the declared keys, any of them or none", async () => {
  const signIn = await poolWith("declared", ["team", "cost"]);
  const all: (Record<string, string> | undefined)[] = [
    undefined,
    { team: "blue" },
    { team: "blue", cost: "1" },
  ];
  for (const tags of all) {
    await expect(signIn(tags)).resolves.toHaveProperty("Credentials.SessionToken");
  }
  await expect(signIn({ admin: "yes" })).rejects.toMatchObject(REFUSED);
  await expect(signIn({ team: "blue", admin: "yes" })).rejects.toMatchObject(REFUSED);
});

test("without the prop, no tags", async () => {
  const signIn = await poolWith("plain");
  await expect(signIn()).resolves.toHaveProperty("Credentials.SessionToken");
  await expect(signIn({ team: "blue" })).rejects.toMatchObject(REFUSED);
});
