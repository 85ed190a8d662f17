/** The deployment as the page sees it: with the addresses that a browser can reach. */
import { type Deployment as Outputs, SettingsError } from "../../harness";
import type { Deployment } from "../../web/page/deployment";

/**
 * @param endpoint the origin that stands in for AWS; undefined for AWS itself
 * @param users who can sign in
 * @throws SettingsError when the deployment has no login endpoint
 */
export function pageDeployment(
  outputs: Outputs,
  endpoint: string | undefined,
  users: readonly string[],
): Deployment {
  const { region, identityPoolId, invokeUrl, loginUrl, probeRoute, refusedRoute, userRoute } = outputs;
  if (loginUrl === undefined) {
    throw new SettingsError("The deployment has no login endpoint: login_url is not among its outputs.");
  }
  return {
    account: endpoint === undefined ? "AWS" : "local AWS",
    region,
    identityPoolId,
    cognitoUrl: endpoint ?? `https://cognito-identity.${region}.amazonaws.com`,
    loginUrl: reachable(loginUrl, endpoint),
    apiUrl: reachable(invokeUrl, endpoint),
    probePath: pathOf(probeRoute),
    refusedPath: refusedRoute && pathOf(refusedRoute),
    userPath: userRoute && pathOf(userRoute),
    users,
  };
}

/**
 * An API's address on what stands in for AWS. Browsers resolve every name below `localhost` to loopback, so that each API is an
 * origin of its own, as on AWS: https://www.rfc-editor.org/rfc/rfc6761#section-6.3
 */
function reachable(url: string, endpoint: string | undefined): string {
  const [, api] = /^https:\/\/(\w+)\.execute-api\./.exec(url) ?? [];
  if (endpoint === undefined || api === undefined) {
    return url;
  }
  const { protocol, port } = new URL(endpoint);
  const { pathname } = new URL(url);
  return `${protocol}//${api}.execute-api.localhost${port && `:${port}`}${pathname}`;
}

function pathOf(route: string): string {
  return route.replace(/^\S+ /, "");
}
