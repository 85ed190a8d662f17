/** What isn't an AWS API: the token issuer's public documents, and what local AWS tells about itself. */
import type { Account } from "../../account";
import { type HttpRequest, isFromWebPage } from "../../read/http-request";
import { UnreadableRequestError } from "../../read/read";
import type { HttpResponse } from "../../respond/http-response";
import { resources } from "..";
import { ISSUER, publicKeys } from "../cognito-identity/token";
import { codeAt } from "../lambda/code-location";

/** Whether a request is for `/.well-known/…` or `/_local/…`. */
export function isLocal({ path }: HttpRequest): boolean {
  return /^\/(_local|\.well-known)\//.test(path);
}

/**
 * @throws UnreadableRequestError for what isn't there, and for what isn't a web page's business
 */
export async function serveLocal(account: Account, request: HttpRequest): Promise<HttpResponse> {
  const { method, path } = request;
  if (path.startsWith("/_local/")) {
    refusePages(request);
  }
  if (method !== "GET") {
    throw new UnreadableRequestError(405, `${path} is there to be read: use GET.`);
  }
  const code = codeAt(account, path, request.query);
  if (code === "refused") {
    throw new UnreadableRequestError(
      403,
      "The URL of the code is wrong or has expired: ask GetFunction anew.",
    );
  }
  if (code !== undefined) {
    return { status: 200, headers: { "Content-Type": "application/zip" }, body: code };
  }
  switch (path) {
    case "/.well-known/jwks_uri":
      return json(await signingKeys(account));
    case "/.well-known/openid-configuration":
      return json({
        issuer: ISSUER,
        jwks_uri: `${account.endpoint}/.well-known/jwks_uri`,
        response_types_supported: ["token"],
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: ["RS512"],
      });
    case "/_local/health":
      return json({ status: "ready", accountId: account.id, region: account.region });
    case "/_local/resources":
      return json({ resources: resources(account) });
    case "/_local/decisions":
      return json({ decisions: account.decisions.last(lastOf(request)) });
    default:
      throw new UnreadableRequestError(404, `There is no ${path}.`);
  }
}

/** The first who asks for the key has it made. */
async function signingKeys(account: Account): Promise<object> {
  const keys = await publicKeys(account);
  await account.save();
  return keys;
}

/**
 * Without CORS headers a page of another site can't read an answer, but it can still ask for one and embed it; and what an API
 * answers in the path form is a page of this origin.
 */
function refusePages(request: HttpRequest): void {
  if (isFromWebPage(request)) {
    throw new UnreadableRequestError(403, "Web pages may not see into local AWS.");
  }
}

/** @throws UnreadableRequestError */
function lastOf(request: HttpRequest): number | undefined {
  const last = new URLSearchParams(request.query).get("last");
  if (last === null) {
    return undefined;
  }
  if (/^\d{1,9}$/.test(last)) {
    return Number(last);
  }
  throw new UnreadableRequestError(400, "`last` is the number of decisions to show, e.g. ?last=20.");
}

function json(body: object): HttpResponse {
  return {
    status: 200,
    headers: { "Content-Type": "application/json", "X-Content-Type-Options": "nosniff" },
    body: JSON.stringify(body),
  };
}
