// A suite of a user of the package that walks what it has deployed: the role trusts another pool, which the report must find.
import {
  CognitoIdentityClient,
  CreateIdentityPoolCommand,
  SetIdentityPoolRolesCommand,
} from "@aws-sdk/client-cognito-identity";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { parseOutputs, walkFlow } from "developer-authenticated-identities";

const PROVIDER = "login.shop.example";

test("a wrong trust policy fails the credentials, and the statement is named", async () => {
  const cognito = new CognitoIdentityClient();
  const { IdentityPoolId } = await cognito.send(
    new CreateIdentityPoolCommand({
      IdentityPoolName: "shop",
      DeveloperProviderName: PROVIDER,
      AllowUnauthenticatedIdentities: false,
      AllowClassicFlow: false,
    }),
  );
  const statement = {
    Effect: "Allow",
    Principal: { Federated: "cognito-identity.amazonaws.com" },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: {
      StringEquals: {
        "cognito-identity.amazonaws.com:aud": "us-east-1:11111111-2222-3333-4444-555555555555",
      },
      "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": "authenticated" },
    },
  };
  const { Role } = await new IAMClient().send(
    new CreateRoleCommand({
      RoleName: "shop",
      AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }),
    }),
  );
  await cognito.send(
    new SetIdentityPoolRolesCommand({ IdentityPoolId, Roles: { authenticated: Role?.Arn ?? "" } }),
  );
  const outputs = {
    region: localAws.region,
    identity_pool_id: IdentityPoolId,
    developer_provider_name: PROVIDER,
    authenticated_role_arn: Role?.Arn,
    invoke_url: `https://api.execute-api.${localAws.region}.amazonaws.com/shop`,
  };
  const report = await walkFlow({ deployment: parseOutputs({ outputs }, "the suite"), diagnose: true });
  expect(report.outcome).toBe("failed");
  expect(report.steps[3]).toMatchObject({ name: "credentials", status: "failed" });
  expect(report.steps[3]?.findings).toContainEqual(expect.stringContaining("Trust policy of shop"));
});
