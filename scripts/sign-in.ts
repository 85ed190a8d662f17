/**
 * `npm run sign-in`: does what backend and client do when a user signs in, and prints what a shell has to export to be that user. Its
 * output holds secrets and is for `eval`; nothing else goes to standard output.
 */
import {
  CognitoIdentityClient,
  GetCredentialsForIdentityCommand,
  GetOpenIdTokenForDeveloperIdentityCommand,
} from "@aws-sdk/client-cognito-identity";
import { type Deployment, ENDINGS, readOutputs, SettingsError } from "../harness";
import { apiUrl } from "./api-url";
import { npmCommand } from "./command";

// The SDK's version is pinned, and its notice would stand before every message.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

const command = npmCommand(
  "sign-in",
  "Signs a user in at the deployed identity pool with the backend's credentials, and prints the user's temporary ones as exports, with the API's URL as API_URL: eval \"$(npm run sign-in --silent -- alice)\"",
)
  .argument("[user]", "the developer user identifier", "alice")
  .option("--outputs <FILE>", "what cdktf deploy wrote", "outputs.json");

/** The variables of a signed-in user's shell. */
async function signIn(deployment: Deployment, user: string): Promise<Readonly<Record<string, string>>> {
  const { region, identityPoolId, developerProviderName, invokeUrl } = deployment;
  const cognito = new CognitoIdentityClient({ region });
  const { IdentityId, Token } = await cognito.send(
    new GetOpenIdTokenForDeveloperIdentityCommand({
      IdentityPoolId: identityPoolId,
      Logins: { [developerProviderName]: user },
    }),
  );
  const { Credentials: issued } = await cognito.send(
    new GetCredentialsForIdentityCommand({
      IdentityId,
      Logins: { "cognito-identity.amazonaws.com": Token as string },
    }),
  );
  return {
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: issued?.AccessKeyId as string,
    AWS_SECRET_ACCESS_KEY: issued?.SecretKey as string,
    AWS_SESSION_TOKEN: issued?.SessionToken as string,
    API_URL: apiUrl(invokeUrl, process.env.AWS_ENDPOINT_URL),
  };
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}

async function main(): Promise<number> {
  const [user = ""] = command.parse().processedArgs as string[];
  try {
    const variables = await signIn(readOutputs(command.opts<{ outputs: string }>().outputs), user);
    console.log("unset AWS_PROFILE");
    for (const [name, value] of Object.entries(variables)) {
      console.log(`export ${name}=${quoted(value)}`);
    }
    return ENDINGS.passed.code;
  } catch (error) {
    const { name, message } = error as Error;
    // What AWS says below its first line of a wrong signature is what was signed, session tokens too.
    const cause = error instanceof SettingsError ? message : `${name}: ${message.split("\n", 1)[0]}`;
    console.error(`Could not sign ${user} in: ${cause}`);
    return error instanceof SettingsError ? ENDINGS.settings.code : ENDINGS.failed.code;
  }
}

void main().then((code) => {
  process.exitCode = code;
});
