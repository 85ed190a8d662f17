// Answers whoever is let in with a greeting and with the identity that API Gateway vouches for. The event's headers
// carry the caller's session token: never log them.
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from "aws-lambda";

/** Body of the answer. */
export interface Greeting {
  readonly message: string;
  /** The caller's identity id, `REGION:UUID`; null for callers whose credentials are not Cognito's. */
  readonly identityId: string | null;
  /** The identity's pool, `REGION:UUID`; null as above. */
  readonly identityPoolId: string | null;
  /** The backend's own name for the user; null when the login was not by the developer provider. */
  readonly developerUserIdentifier: string | null;
}

/** Lambda proxy integration: `ALLOWED_ORIGIN` and `DEVELOPER_PROVIDER_NAME` come from the function's environment. */
export async function handler(
  event: Pick<APIGatewayProxyEvent, "requestContext">,
): Promise<APIGatewayProxyResult> {
  const { cognitoIdentityId, cognitoIdentityPoolId, cognitoAuthenticationProvider } =
    event.requestContext.identity;
  const user = developerUserIdentifier(cognitoAuthenticationProvider, cognitoIdentityPoolId);
  const greeting: Greeting = {
    message: `Hello, ${user ?? cognitoIdentityId ?? "caller without an identity"}!`,
    identityId: cognitoIdentityId,
    identityPoolId: cognitoIdentityPoolId,
    developerUserIdentifier: user,
  };
  return { statusCode: 200, headers: answerHeaders(), body: JSON.stringify(greeting) };
}

/**
 * The user identifier in `PROVIDER,PROVIDER:POOL:USER`. It may itself contain commas and colons, so it is found by
 * what must stand before it, not by splitting.
 */
function developerUserIdentifier(logins: string | null, poolId: string | null): string | null {
  const provider = process.env.DEVELOPER_PROVIDER_NAME;
  if (!logins || !poolId || !provider) {
    return null;
  }
  const prefix = `,${provider}:${poolId}:`;
  const start = `,${logins}`.indexOf(prefix);
  return start === -1 ? null : `,${logins}`.slice(start + prefix.length);
}

function answerHeaders(): Record<string, string> {
  const headers: Record<string, string> = { "Content-Type": "application/json", "Cache-Control": "no-store" };
  const origin = process.env.ALLOWED_ORIGIN;
  if (!origin) {
    return headers;
  }
  headers["Access-Control-Allow-Origin"] = origin;
  // An answer for one origin must not be served from a cache to another.
  if (origin !== "*") {
    headers.Vary = "Origin";
  }
  return headers;
}
