/** `$context.identity`: who called, as API Gateway tells integrations and access logs. */

import type { Principal } from "../../authenticate/principal";
import { type HttpRequest, header } from "../../read/http-request";
import { COGNITO_PROVIDER } from "../cognito-identity/provider";

export interface CallerIdentity {
  readonly accessKey: string | null;
  readonly accountId: string | null;
  readonly caller: string | null;
  readonly cognitoAuthenticationProvider: string | null;
  readonly cognitoAuthenticationType: string | null;
  readonly cognitoIdentityId: string | null;
  readonly cognitoIdentityPoolId: string | null;
  readonly principalOrgId: string | null;
  readonly sourceIp: string;
  readonly user: string | null;
  readonly userAgent: string | null;
  readonly userArn: string | null;
}

/**
 * The identity of a request, with its caller once that is known. Every member is always there, null where it says nothing.
 * For a developer-authenticated identity `cognitoAuthenticationProvider` is `PROVIDER,PROVIDER:POOL:USER`.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
export function callerIdentity(request: HttpRequest, caller?: Principal): CallerIdentity {
  const claim = (name: string) => caller?.context[`${COGNITO_PROVIDER}:${name}`];
  const [authenticationType, ...providers] = [claim("amr") ?? []].flat();
  return {
    accessKey: caller?.accessKeyId ?? null,
    accountId: caller?.accountId ?? null,
    caller: caller?.userId ?? null,
    cognitoAuthenticationProvider: providers.length > 0 ? providers.join(",") : null,
    cognitoAuthenticationType: authenticationType ?? null,
    cognitoIdentityId: single(claim("sub")),
    cognitoIdentityPoolId: single(claim("aud")),
    principalOrgId: null,
    sourceIp: request.sourceIp,
    user: caller?.userId ?? null,
    userAgent: header(request, "user-agent") ?? null,
    userArn: caller?.arn ?? null,
  };
}

function single(value: string | readonly string[] | undefined): string | null {
  return typeof value === "string" ? value : null;
}
