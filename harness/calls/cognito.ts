/** The backend's side of the flow: a Cognito client with the credentials that the SDK's default provider chain finds. */
import { CognitoIdentityClient } from "@aws-sdk/client-cognito-identity";
import type { HttpHandler } from "@smithy/protocol-http";
import type { Clock } from "../run/clock";
import { HarnessError, SettingsError } from "../run/errors";
import type { Redactor } from "../run/redact";
import { limitedCall } from "./call";
import { firstLine } from "./first-line";
import type { CallConditions } from "./service-call";

/** The backend's keys, when they don't come from the environment or a profile. */
export interface BackendCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Where the backend's client goes, as whom, and who learns from its calls. */
export interface BackendOptions {
  readonly region: string;
  /** Given by the caller; otherwise the SDK reads AWS_ENDPOINT_URL itself. */
  readonly endpoint?: string;
  /** Given by the caller; otherwise the SDK's default provider chain is asked. */
  readonly credentials?: BackendCredentials;
  /** Learns from every answer. */
  readonly clock: Clock;
  /** Learns every signature. */
  readonly redactor: Redactor;
  /** Carries its calls. */
  readonly requestHandler: HttpHandler;
}

/** A client that makes each call once: what is worth repeating is decided elsewhere, and shows in the report. */
export function createBackend(options: BackendOptions): CognitoIdentityClient {
  const client = new CognitoIdentityClient({
    region: options.region,
    endpoint: options.endpoint,
    credentials: options.credentials,
    maxAttempts: 1,
    requestHandler: options.requestHandler,
  });
  // Innermost: requests are signed by then, and answers not yet read into errors.
  client.middlewareStack.add(
    (next) => async (args) => {
      const sent = args.request as { headers?: Record<string, string> };
      options.redactor.addSignature(sent.headers?.authorization);
      const sentAt = Date.now();
      const output = await next(args);
      const received = output.response as { headers?: Record<string, string> };
      options.clock.note(received.headers?.date, sentAt, Date.now());
      return output;
    },
    { name: "noteDateAndSignature", step: "deserialize", priority: "low" },
  );
  return client;
}

/**
 * Finds the backend's credentials before anything is called, so that missing ones are told as such.
 *
 * @throws SettingsError when there are none
 */
export async function requireCredentials(
  backend: CognitoIdentityClient,
  redactor: Redactor,
  { signal, callTimeLimit: timeLimit }: Pick<CallConditions, "signal" | "callTimeLimit">,
): Promise<void> {
  try {
    const what = "Looking for AWS credentials";
    const found = await limitedCall({ what, endpoint: null, signal, timeLimit }, () =>
      backend.config.credentials(),
    );
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
const UNKNOWN_CALLER = new Set([
  "UnrecognizedClientException",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
  "IncompleteSignature",
  "IncompleteSignatureException",
  "MissingAuthenticationTokenException",
  "ExpiredTokenException",
  "ExpiredToken",
]);

/** The settings error behind AWS's refusal of the backend's credentials; null when the refusal is of another kind. */
export function credentialsRefused(error: unknown): SettingsError | null {
  if (!(error instanceof Error) || !UNKNOWN_CALLER.has(error.name)) {
    return null;
  }
  return new SettingsError(
    `AWS does not accept the backend's credentials (${error.name}: ${firstLine(error.message)}). ` +
      "Renew them, and check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_PROFILE, AWS_SESSION_TOKEN (which belongs to temporary keys: unset it for others), and this machine's clock.",
    { cause: error },
  );
}
