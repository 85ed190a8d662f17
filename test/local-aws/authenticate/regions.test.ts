/** Which regions a signature may name: the account's own, and for services with a global endpoint that one's. */
import { CognitoIdentityClient, ListIdentityPoolsCommand } from "@aws-sdk/client-cognito-identity";
import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { type LocalAws, startLocalAws } from "../../../local-aws";

let account: LocalAws;

beforeAll(async () => {
  account = await startLocalAws({ region: "eu-west-1" });
});

afterAll(() => account.stop());

const calls: Record<string, (region: string) => Promise<unknown>> = {
  iam: (region) => new IAMClient(connection(region)).send(new ListRolesCommand()),
  sts: (region) => new STSClient(connection(region)).send(new GetCallerIdentityCommand()),
  "cognito-identity": (region) =>
    new CognitoIdentityClient(connection(region)).send(new ListIdentityPoolsCommand({ MaxResults: 1 })),
};

function connection(region: string) {
  return { endpoint: account.endpoint, credentials: account.credentials, region, maxAttempts: 1 };
}

test.each([
  ["iam", "eu-west-1", true],
  ["iam", "us-east-1", true],
  ["iam", "eu-central-1", false],
  ["sts", "eu-west-1", true],
  ["sts", "us-east-1", true],
  ["sts", "eu-central-1", false],
  ["cognito-identity", "eu-west-1", true],
  ["cognito-identity", "us-east-1", false],
])("%s signed for %s: accepted %s", async (service, region, accepted) => {
  const call = calls[service]?.(region);
  if (accepted) {
    await expect(call).resolves.toBeDefined();
  } else {
    await expect(call).rejects.toThrow("Credential should be scoped to a valid region");
  }
});
