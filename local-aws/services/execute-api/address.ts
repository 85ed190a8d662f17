/** Where a request names its API: in the host, as on AWS, or in the path, for clients to whom `*.localhost` isn't this machine. */
import type { RequestHost } from "../../read/host";
import { type HttpRequest, header } from "../../read/http-request";
import { UnreadableRequestError } from "../../read/read";

export interface ApiAddress {
  /** It may be anything. */
  readonly apiId: string;
  /** The name by which integrations and logs are told that the API was called. */
  readonly domainName: string;
  /** The stage and all behind it, as sent. */
  readonly path: string;
}

/** LocalStack's: https://docs.localstack.cloud/aws/services/apigateway/ */
const PATH_FORM = /^\/_aws\/execute-api\/([^/]*)(.*)$/s;

/**
 * Undefined for a request that is for no API. A call in the path form is signed as it is sent; to policies, integrations and logs it
 * is the same call as one in the host form.
 *
 * @throws UnreadableRequestError
 */
export function addressOf(request: HttpRequest, host: RequestHost, region: string): ApiAddress | undefined {
  if (host.kind === "api") {
    const domainName = (header(request, "host") ?? "").replace(/:\d+$/, "");
    return { apiId: host.apiId, domainName, path: request.path };
  }
  const [, apiId, path] = PATH_FORM.exec(request.path) ?? [];
  if (apiId === undefined || path === undefined) {
    return undefined;
  }
  // They are resolved before the path is signed: with them, a signature for one API would be good for another.
  if (/\/\.\.?(\/|$)/.test(path)) {
    throw new UnreadableRequestError(
      400,
      "In /_aws/execute-api/… the path can't have the segments . and ..: resolve them first.",
    );
  }
  return { apiId, domainName: `${apiId}.execute-api.${region}.amazonaws.com`, path };
}
