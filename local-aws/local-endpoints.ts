/** What isn't an AWS API: the token issuer's public documents, and local AWS's own window on itself. */
import type { Account } from "./account";
import type { HttpAnswer, HttpRequest } from "./http";
import { resources } from "./resources";
import { ISSUER, publicKeys } from "./services/cognito-identity/token";

/** Answers `/.well-known/…` and `/_local/…`; undefined for every other path. */
export async function serveLocal(account: Account, request: HttpRequest): Promise<HttpAnswer | undefined> {
  if (request.method !== "GET") return undefined;
  switch (request.path) {
    case "/.well-known/jwks_uri":
      return answer(await publicKeys(account));
    case "/.well-known/openid-configuration":
      return answer({
        issuer: ISSUER,
        jwks_uri: `${account.endpoint}/.well-known/jwks_uri`,
        response_types_supported: ["token"],
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: ["RS512"],
      });
    case "/_local/health":
      return answer({ status: "ready", accountId: account.id, region: account.region });
    case "/_local/resources":
      return answer({ resources: resources(account) });
    case "/_local/decisions":
      return answer({ decisions: account.decisions.last(lastOf(request)) });
    default:
      return undefined;
  }
}

function lastOf(request: HttpRequest): number | undefined {
  const last = new URLSearchParams(request.query).get("last");
  return last !== null && /^\d+$/.test(last) ? Number(last) : undefined;
}

function answer(body: object): HttpAnswer {
  return { status: 200, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}
