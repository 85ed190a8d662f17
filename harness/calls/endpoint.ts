/** Where calls go: to AWS, or to the one endpoint that stands in for it. */
import { SettingsError } from "../run/errors";

/**
 * Cognito's issuer in every commercial region; also the name of the login under which its own tokens are presented.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flow.html
 */
export const COGNITO_IDENTITY = "cognito-identity.amazonaws.com";
export const TOKEN_ISSUER = `https://${COGNITO_IDENTITY}`;

/**
 * The origin that stands in for AWS, as the caller gives it, or AWS_ENDPOINT_URL, which the SDKs, the AWS CLI and
 * Terraform read too; null for AWS itself.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 *
 * @param source where the value is from, for messages
 * @throws SettingsError when the value is not an http or https URL
 */
export function standInEndpoint(value: string | undefined, source: string): string | null {
  if (value === undefined || value === "") {
    return null;
  }
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new SettingsError(
      `${source} is not an http or https URL (found ${JSON.stringify(value)}). Correct it, or leave it unset to reach AWS itself.`,
    );
  }
  return url.origin;
}

/** Where the issuer publishes the keys that sign its tokens. */
export function jwksUri(endpoint: string | null): string {
  return `${endpoint ?? TOKEN_ISSUER}/.well-known/jwks_uri`;
}

/** The origin to connect to for a URL of the API. The `Host` header stays that of the URL, and so does the signature. */
export function apiOrigin(url: URL, endpoint: string | null): string {
  return endpoint !== null && /\.execute-api\./.test(url.hostname) ? endpoint : url.origin;
}
