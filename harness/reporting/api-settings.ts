/** What an API's settings say about a failure: its stages, and how a route is guarded and answered. */
import type { Deployment } from "../run/outputs";
import type { RouteSettings } from "./aws-reader";

/** Where the API is, as far as its URL and its role's account tell. */
export interface ApiLocation {
  readonly apiId: string;
  readonly stage: string;
  /** `arn:aws:execute-api:REGION:ACCOUNT:API`; stage, method and path follow it. */
  readonly arn: string;
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
  return { apiId, stage, arn: `arn:${partition}:execute-api:${region}:${account}:${apiId}` };
}

/** Writes a line for each thing worth knowing about a route. */
export function routeFindings(
  location: ApiLocation,
  method: string,
  path: string,
  settings: RouteSettings,
): string[] {
  const { apiId, stage, arn } = location;
  const api = `API ${apiId}`;
  const findings: string[] = [];
  if (!settings.stages.includes(stage)) {
    const has = settings.stages.length === 0 ? "no stage" : `the stages ${settings.stages.join(", ")}`;
    findings.push(`${api}: has ${has}, invoke_url names ${stage}`);
  }
  const found = settings.resource?.resourceMethods?.[method];
  if (found === undefined) {
    const methods = Object.keys(settings.resource?.resourceMethods ?? {});
    const has = methods.length === 0 ? "none" : methods.join(", ");
    return [...findings, `${api}: has no ${method} ${path}; methods of ${path}: ${has}`];
  }
  findings.push(`${api}, ${method} ${path}: authorizationType is ${found.authorizationType}`);
  const integration = found.methodIntegration;
  if (integration?.uri === undefined) {
    return [...findings, `${api}, ${method} ${path}: integration is ${integration?.type ?? "absent"}`];
  }
  const { type, httpMethod, uri } = integration;
  const functionArn = /\/functions\/(.+)\/invocations$/.exec(uri)?.[1] ?? uri;
  return [
    ...findings,
    `${api}, ${method} ${path}: integration is ${type}, ${httpMethod} to ${functionArn}`,
    `${functionArn}: its policy must allow lambda:InvokeFunction to apigateway.amazonaws.com with the source ARN ${arn}/${stage}/${method}${path}, or a pattern that matches it`,
  ];
}
