/** Where the API is, as far as its URL and its role's account tell: what its settings are read from, and what policies name. */
import type { Deployment } from "./outputs";

/** An API of API Gateway, and the stage that is called. */
export interface ApiLocation {
  readonly apiId: string;
  readonly stage: string;
  /** `arn:aws:execute-api:REGION:ACCOUNT:API`; stage, method and path follow it. */
  readonly arn: string;
  /** `arn:aws:apigateway:REGION::/restapis/API`, which reading its settings takes a permission on. */
  readonly settingsArn: string;
}

/** Reads it off the URL; undefined for a custom domain, which does not tell which API is behind it. */
export function apiLocation({
  invokeUrl,
  region,
  authenticatedRoleArn,
}: Deployment): ApiLocation | undefined {
  const url = new URL(invokeUrl);
  const apiId = /^([a-z0-9]+)\.execute-api\./.exec(url.hostname)?.[1];
  const stage = url.pathname.split("/")[1];
  if (apiId === undefined || stage === undefined) {
    return undefined;
  }
  const [, partition, , , account] = authenticatedRoleArn.split(":");
  return {
    apiId,
    stage,
    arn: `arn:${partition}:execute-api:${region}:${account}:${apiId}`,
    settingsArn: `arn:${partition}:apigateway:${region}::/restapis/${apiId}`,
  };
}
