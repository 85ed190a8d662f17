/** What a signed-in user of an identity pool may do, asked of an account that enforces it. */
import {
  CognitoIdentityClient,
  CreateIdentityPoolCommand,
  GetCredentialsForIdentityCommand,
  GetOpenIdTokenForDeveloperIdentityCommand,
  SetIdentityPoolRolesCommand,
} from "@aws-sdk/client-cognito-identity";
import { CreateRoleCommand, IAMClient, ListRolesCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { type LocalAws, startLocalAws } from "developer-authenticated-identities/local-aws";

const PROVIDER = "login.example";
const HOUR = 60 * 60 * 1000;

let aws: LocalAws;
/** How far the account's clock is ahead, in milliseconds. */
let ahead = 0;

beforeAll(async () => {
  aws = await startLocalAws({ now: () => new Date(Date.now() + ahead) });
});
beforeEach(async () => {
  ahead = 0;
  await aws.reset();
});
afterAll(() => aws.stop());

/** Declares a pool whose users may do what the statement says, and signs one in. */
async function signIn(statement: object) {
  const iam = new IAMClient(aws);
  const cognito = new CognitoIdentityClient(aws);
  const { IdentityPoolId } = await cognito.send(
    new CreateIdentityPoolCommand({
      IdentityPoolName: "example",
      DeveloperProviderName: PROVIDER,
      AllowUnauthenticatedIdentities: false,
    }),
  );
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName: "user",
      AssumeRolePolicyDocument: policy({
        Effect: "Allow",
        Principal: { Federated: "cognito-identity.amazonaws.com" },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: { "cognito-identity.amazonaws.com:aud": IdentityPoolId },
          "ForAnyValue:StringEquals": { "cognito-identity.amazonaws.com:amr": PROVIDER },
        },
      }),
    }),
  );
  await iam.send(
    new PutRolePolicyCommand({ RoleName: "user", PolicyName: "may", PolicyDocument: policy(statement) }),
  );
  await cognito.send(
    new SetIdentityPoolRolesCommand({ IdentityPoolId, Roles: { authenticated: Role?.Arn ?? "" } }),
  );
  const { IdentityId, Token = "" } = await cognito.send(
    new GetOpenIdTokenForDeveloperIdentityCommand({ IdentityPoolId, Logins: { [PROVIDER]: "ada" } }),
  );
  const { Credentials } = await cognito.send(
    new GetCredentialsForIdentityCommand({ IdentityId, Logins: { "cognito-identity.amazonaws.com": Token } }),
  );
  const credentials = {
    accessKeyId: Credentials?.AccessKeyId ?? "",
    secretAccessKey: Credentials?.SecretKey ?? "",
    sessionToken: Credentials?.SessionToken,
  };
  return { endpoint: aws.endpoint, region: aws.region, credentials };
}

function policy(statement: object): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}

const MAY_LIST = { Effect: "Allow", Action: "lambda:ListFunctions", Resource: "*" };

test("what the role's policy allows succeeds, and the rest is refused with its reason", async () => {
  const user = await signIn(MAY_LIST);
  await expect(new LambdaClient(user).send(new ListFunctionsCommand())).resolves.toMatchObject({
    Functions: [],
  });
  await expect(new IAMClient(user).send(new ListRolesCommand())).rejects.toMatchObject({
    name: "AccessDenied",
    message: expect.stringContaining("no identity-based policy allows the iam:ListRoles action"),
  });
  const [decision] = aws.decisions(1);
  expect(decision).toMatchObject({
    outcome: "refused",
    detail: [expect.any(String), expect.stringContaining("doesn't cover iam:ListRoles")],
  });
});

test("the session is over after an hour, which passes in no time", async () => {
  const user = await signIn(MAY_LIST);
  ahead = HOUR + 1000;
  const lambda = new LambdaClient({ ...user, systemClockOffset: ahead });
  await expect(lambda.send(new ListFunctionsCommand())).rejects.toMatchObject({
    name: "ExpiredTokenException",
  });
});
