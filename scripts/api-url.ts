/** Where a deployed API is called: on AWS by its own host, on local AWS by a path, since few resolvers know the host there. */

/**
 * @param invokeUrl the output `invoke_url`
 * @param endpoint what stands in for AWS (`AWS_ENDPOINT_URL`); undefined or empty for AWS itself
 */
export function apiUrl(invokeUrl: string, endpoint: string | undefined): string {
  const { host, pathname } = new URL(invokeUrl);
  const apiId = /^([a-z0-9]+)\.execute-api\./.exec(host)?.[1];
  if (!endpoint || apiId === undefined) {
    return invokeUrl;
  }
  return `${endpoint.replace(/\/+$/, "")}/_aws/execute-api/${apiId}${pathname}`;
}
