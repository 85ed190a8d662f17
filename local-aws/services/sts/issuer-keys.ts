/**
 * The keys by which an issuer's tokens are verified: given with the account's start, else those that the issuer publishes. Fetching
 * them is the one thing for which local AWS goes out: by https only, to an issuer that somebody has made a provider of the account.
 *
 * @see https://openid.net/specs/openid-connect-discovery-1_0.html
 */
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from "jose";
import { z } from "zod";
import type { Account } from "../../account";
import type { LiveKind } from "../../account/live";

/** Milliseconds for one document, with all of its body. */
const TIMEOUT = 5000;
/** Bytes of one document. */
const SIZE_LIMIT = 256 * 1024;
/** Issuers whose keys are remembered; an account has as many providers. */
const REMEMBERED = 100;

/** The issuer couldn't be asked: no connection, no trust in its certificate, no answer in time. */
export class IssuerUnreachableError extends Error {
  override readonly name = "IssuerUnreachableError";
}

/** The issuer answered with something that holds no keys. */
export class UnusableIssuerError extends Error {
  override readonly name = "UnusableIssuerError";
}

/** By issuer; the keys themselves are cached in there, and fetched again when a token has one that is unknown. */
const FETCHED: LiveKind<Map<string, JWTVerifyGetKey>> = { make: () => new Map() };

const discovery = z.object({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https$/ }) });

/**
 * The keys of an issuer, for `jwtVerify`. What that throws besides its own errors are the two below.
 *
 * @param issuer a URL that a provider of the account has
 * @throws IssuerUnreachableError
 * @throws UnusableIssuerError
 */
export async function issuerKeys(account: Account, issuer: string): Promise<JWTVerifyGetKey> {
  const given = Object.hasOwn(account.oidcKeys, issuer) ? account.oidcKeys[issuer] : undefined;
  if (given !== undefined) {
    return createLocalJWKSet(given as unknown as JSONWebKeySet);
  }
  const fetched = account.live.part(FETCHED);
  const known = fetched.get(issuer);
  if (known !== undefined) {
    return known;
  }
  const keys = createRemoteJWKSet(await keysAddress(issuer), {
    timeoutDuration: TIMEOUT,
    [customFetch]: (url, { headers, signal }) => boundedFetch(url, { headers, signal }),
  });
  if (fetched.size >= REMEMBERED) {
    fetched.clear();
  }
  fetched.set(issuer, keys);
  return keys;
}

async function keysAddress(issuer: string): Promise<URL> {
  const address = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const answer = await boundedFetch(address, { signal: AbortSignal.timeout(TIMEOUT) });
  const document = discovery.safeParse(await answer.json().catch(() => undefined));
  if (answer.status !== 200 || !document.success) {
    throw new UnusableIssuerError(
      `${address} answered ${answer.status} without an issuer and an https jwks_uri`,
    );
  }
  if (document.data.issuer !== issuer) {
    throw new UnusableIssuerError(`${address} is of the issuer ${JSON.stringify(document.data.issuer)}`);
  }
  return new URL(document.data.jwks_uri);
}

/** Follows no redirect: it could lead to where the issuer has no say, be it into the network of this machine. */
async function boundedFetch(url: string, init: RequestInit): Promise<Response> {
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    const answer = await fetch(url, { ...init, redirect: "manual" });
    for await (const part of answer.body ?? []) {
      size += part.byteLength;
      if (size > SIZE_LIMIT) {
        break;
      }
      parts.push(part);
    }
    if (size <= SIZE_LIMIT) {
      return new Response(Buffer.concat(parts), { status: answer.status });
    }
  } catch (error) {
    const { cause, message } = error as Error;
    throw new IssuerUnreachableError(
      `${url} can't be fetched (${(cause as Error | undefined)?.message ?? message})`,
    );
  }
  throw new UnusableIssuerError(`${url} has more than ${SIZE_LIMIT} bytes`);
}
