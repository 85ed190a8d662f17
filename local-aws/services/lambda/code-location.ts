/**
 * Where a version's deployment package can be downloaded, as with the presigned URLs of S3 that Lambda gives: whoever has the URL has the
 * package for ten minutes.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_FunctionCodeLocation.html
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Account } from "../../account";
import type { FunctionVersion } from "../../account/state/lambda";
import { versionOf } from "./functions";

/** Seconds. */
const LIFE = 600;

const PATH = /^\/_local\/code\/([a-zA-Z0-9-_]+)\/(\$LATEST|\d+)$/;

export function codeLocation(account: Account, name: string, { version }: FunctionVersion): string {
  const path = `/_local/code/${name}/${version}`;
  const expires = String(Math.floor(account.now().getTime() / 1000) + LIFE);
  return `${account.endpoint}${path}?Expires=${expires}&Signature=${signature(account, path, expires)}`;
}

/**
 * The package that the URL is for.
 *
 * @param query the URL's, without its question mark
 * @returns undefined for a path of something else, `"refused"` for a URL that wasn't given, has expired or whose version is gone
 */
export function codeAt(account: Account, path: string, query: string): Buffer | "refused" | undefined {
  const [, name = "", version = ""] = PATH.exec(path) ?? [];
  if (name === "") {
    return undefined;
  }
  const parameters = new URLSearchParams(query);
  const expires = parameters.get("Expires") ?? "";
  const given = Buffer.from(parameters.get("Signature") ?? "");
  const right = Buffer.from(signature(account, path, expires));
  if (given.length !== right.length || !timingSafeEqual(given, right)) {
    return "refused";
  }
  if (Number(expires) * 1000 < account.now().getTime()) {
    return "refused";
  }
  const found = versionOf(account.state.lambda.functions[name], version);
  return found === undefined ? "refused" : Buffer.from(found.code.zip, "base64");
}

/** Made with the root user's key, which is not shown to anybody who may read a function. */
function signature({ rootCredentials }: Account, path: string, expires: string): string {
  return createHmac("sha256", rootCredentials.secretAccessKey)
    .update(`code\n${path}\n${expires}`)
    .digest("hex");
}
