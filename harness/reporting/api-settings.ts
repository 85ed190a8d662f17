/** What an API's settings say about a failure: its stages, and how a route is guarded and answered. */
import type { PathSettings } from "../access/aws-reader";
import type { ApiLocation } from "../run/api-location";

/** Writes a line for each thing worth knowing about a route. */
export function routeFindings(
  { apiId, stage, arn }: ApiLocation,
  method: string,
  path: string,
  { stages, methods }: PathSettings,
): string[] {
  const route = `API ${apiId}, ${method} ${path}`;
  const findings: string[] = [];
  if (!stages.includes(stage)) {
    const has = stages.length === 0 ? "no stage" : `the stages ${stages.join(", ")}`;
    findings.push(`API ${apiId}: has ${has}, invoke_url names ${stage}`);
  }
  const found = methods[method];
  if (found === undefined) {
    const has = Object.keys(methods).join(", ") || "none";
    return [...findings, `API ${apiId}: has no ${method} ${path}; methods of ${path}: ${has}`];
  }
  findings.push(`${route}: authorizationType is ${found.authorizationType}`);
  const { type = "absent", httpMethod, uri } = found.methodIntegration ?? {};
  if (uri === undefined) {
    return [...findings, `${route}: integration is ${type}`];
  }
  const functionArn = /\/functions\/(.+)\/invocations$/.exec(uri)?.[1] ?? uri;
  return [
    ...findings,
    `${route}: integration is ${type}, ${httpMethod} to ${functionArn}`,
    `${functionArn}: its policy must allow lambda:InvokeFunction to apigateway.amazonaws.com with the source ARN ${arn}/${stage}/${method}${path}, or a pattern that matches it`,
  ];
}
