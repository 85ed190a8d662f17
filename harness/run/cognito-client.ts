/** The client of Cognito: it remembers the identities and the secrets that answers give, and finds the backend's credentials. */
import {
  CognitoIdentityClient,
  CognitoIdentityServiceException,
  type GetCredentialsForIdentityResponse,
  type GetOpenIdTokenForDeveloperIdentityResponse,
} from "@aws-sdk/client-cognito-identity";
import type { Dispatcher } from "undici";
import { type Clock, SIGNATURE_TOLERANCE } from "./clock";
import type { Connections, Credentials } from "./connections";
import { sdkRequestHandler } from "./connections";
import { withTimeout } from "./deadline";
import {
  type ErrorResponse,
  errorResponseIn,
  firstLine,
  HarnessError,
  SettingsError,
  UnreadableAnswerError,
} from "./errors";
import type { RunIdentities } from "./identities";
import type { Redactor } from "./redact";

/** Where a client goes, as whom, and who learns from its calls. */
interface CognitoOptions {
  readonly region: string;
  /** @default AWS_ENDPOINT_URL, which the SDK reads itself */
  readonly endpoint?: string;
  /** @default what the SDK's default provider chain finds */
  readonly credentials?: Credentials;
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  readonly redactor: Redactor;
  readonly identities: RunIdentities;
}

/** Makes a client that makes each call once: what is worth repeating is decided elsewhere, and shows in the report. */
export function createCognito(options: CognitoOptions): CognitoIdentityClient {
  const { region, endpoint, credentials, dispatcher, clock, redactor, identities } = options;
  const requestHandler = sdkRequestHandler(dispatcher);
  const client = new CognitoIdentityClient({ region, endpoint, credentials, maxAttempts: 1, requestHandler });
  // Innermost: requests are signed by then, and answers not yet read into errors.
  client.middlewareStack.add(
    (next) => async (args) => {
      const sent = args.request as { headers?: Record<string, string> };
      redactor.addSignature(sent.headers?.authorization);
      const sentAt = Date.now();
      const output = await next(args);
      const received = output.response as { headers?: Record<string, string> };
      clock.note(received.headers?.date, sentAt, Date.now());
      return output;
    },
    { name: "noteDateAndSignature", step: "deserialize", priority: "low" },
  );
  // Outermost: what is given to a user of the run is taken away again, and no secret is ever shown.
  client.middlewareStack.add(
    (next, { commandName = "" }) =>
      async (args) => {
        const operation = commandName.replace(/Command$/, "");
        const user = operation === "GetOpenIdTokenForDeveloperIdentity" ? userIn(args.input) : undefined;
        const settle = user === undefined ? undefined : identities.expect(user);
        try {
          const result = await next(args);
          const output = result.output as Given;
          redactor.add(output.Token);
          redactor.add(output.Credentials?.SecretKey);
          redactor.add(output.Credentials?.SessionToken);
          if (user !== undefined || operation === "GetId") {
            identities.given(output.IdentityId, user);
          }
          settle?.();
          return result;
        } catch (error) {
          // Refused: nothing was created. Without an answer it may have been.
          if (error instanceof CognitoIdentityServiceException) {
            settle?.();
          }
          throw unreadable(operation, error) ?? error;
        }
      },
    { name: "rememberIdentitiesAndSecrets", step: "initialize" },
  );
  return client;
}

/** What answers may give. */
type Given = Partial<GetCredentialsForIdentityResponse & GetOpenIdTokenForDeveloperIdentityResponse>;

function userIn(input: object): string | undefined {
  return Object.values((input as { Logins?: Record<string, string> }).Logins ?? {})[0];
}

/** Recognizes that the SDK could not read what came: it keeps the response in a property of its error. */
function unreadable(name: string, error: unknown): UnreadableAnswerError | undefined {
  const { $response, $metadata } = error as {
    $response?: { statusCode: number };
    $metadata?: { requestId?: string };
  };
  if ($response === undefined || errorResponseIn(error) !== undefined) {
    return undefined;
  }
  const { statusCode: status } = $response;
  const { requestId } = $metadata ?? {};
  const response = { service: "cognito-identity", status, message: "unreadable", requestId } as const;
  return new UnreadableAnswerError(
    name,
    "an answer of Cognito",
    `${status} with a body that is not`,
    response,
  );
}

/**
 * Finds the backend's credentials before anything is called, so that missing ones are told as such.
 *
 * @throws SettingsError when there are none
 */
export async function requireCredentials(connections: Connections): Promise<void> {
  const { cognito, redactor, signal, callTimeLimit: timeLimit } = connections;
  try {
    const what = "Looking for AWS credentials";
    const found = await withTimeout({ what, signal, timeLimit }, () => cognito.config.credentials());
    redactor.add(found.secretAccessKey);
    redactor.add(found.sessionToken);
  } catch (error) {
    if (error instanceof HarnessError) {
      throw error;
    }
    const profile = process.env.AWS_PROFILE;
    throw new SettingsError(
      profile
        ? `No AWS credentials for the backend's calls: the profile ${profile} (AWS_PROFILE) gives none (${error}). Correct it or sign in to it, or unset AWS_PROFILE and set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`
        : `No AWS credentials for the backend's calls (${error}). Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE.`,
      { cause: error },
    );
  }
}

/**
 * Codes with which AWS says that it does not know the caller, whatever was asked.
 * https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/CommonErrors.html
 */
const UNKNOWN_CALLER =
  /^(UnrecognizedClientException|InvalidClientTokenId|(Invalid|Incomplete)Signature(Exception)?|SignatureDoesNotMatch|MissingAuthenticationTokenException|ExpiredToken(Exception)?)$/;

/** Finds the settings error behind AWS's refusal of the backend's credentials; undefined when it is of another kind. */
export function credentialsRefused(error: unknown, { skew }: Clock): SettingsError | undefined {
  if (
    !(error instanceof Error && UNKNOWN_CALLER.test(error.name)) ||
    isClockSkew(errorResponseIn(error), skew)
  ) {
    return undefined;
  }
  return new SettingsError(
    `AWS does not accept the backend's credentials (${error.name}: ${firstLine(error.message)}). ` +
      "Renew them, and check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_PROFILE, AWS_SESSION_TOKEN (which belongs to temporary keys: unset it for others), and this machine's clock.",
    { cause: error },
  );
}

/** Codes with which a signature is refused, by Cognito and by API Gateway. */
export const SIGNATURE_REFUSED =
  /^(InvalidSignature|SignatureDoesNotMatch|RequestExpired|IncompleteSignature)/;
/** API reference: Cognito and API Gateway answer so when the date of a signature is not theirs. */
const SKEW_MESSAGE = /Signature expired|Signature not yet current|Request.*expired/;

/** Tells whether a signature was refused for the clock's sake. @param skew in milliseconds, where it is known */
export function isClockSkew(response: ErrorResponse | undefined, skew = 0): boolean {
  return (
    response !== undefined &&
    SIGNATURE_REFUSED.test(response.code ?? "") &&
    (SKEW_MESSAGE.test(response.message) || Math.abs(skew) >= SIGNATURE_TOLERANCE)
  );
}
