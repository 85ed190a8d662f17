/** The key that signs an account's tokens: made before it is needed, since that takes a while, and imported once. */
import { createPrivateKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from "jose";
import type { Account } from "../../account";
import type { LiveKind } from "../../account/live";

export const ALGORITHM = "RS512";

interface SigningKey {
  readonly jwk: JWK;
  readonly privateKey: KeyObject;
  readonly publicKey: CryptoKey;
}

/** The key as it signs, by the key as the state has it. */
interface Keys {
  made?: Promise<JWK>;
  readonly imported: WeakMap<JWK, Promise<SigningKey>>;
}

const KEYS: LiveKind<Keys> = { make: () => ({ imported: new WeakMap() }) };

/** A key that is no account's yet. */
let spare: Promise<JWK> | undefined;

/** Has a key ready for the account's first token, unless the account has one; another thread makes it. */
export function prepareSigningKey(account: Account): void {
  if (account.state.cognitoIdentity.signingKey === undefined) {
    spare ??= newKey();
    // Whoever takes it is told.
    spare.catch(() => {});
  }
}

/** The account's key; it gets one if it has none. */
export async function signingKey(account: Account): Promise<SigningKey> {
  const state = account.state.cognitoIdentity;
  const keys = account.live.part(KEYS);
  if (state.signingKey === undefined) {
    keys.made ??= takeKey();
    const made = await keys.made;
    state.signingKey ??= { ...made, kid: `${account.region}1` };
  }
  const jwk = state.signingKey;
  let imported = keys.imported.get(jwk);
  if (imported === undefined) {
    imported = importKey(jwk);
    keys.imported.set(jwk, imported);
  }
  return imported;
}

function takeKey(): Promise<JWK> {
  const key = spare ?? newKey();
  spare = undefined;
  return key;
}

async function newKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  return exportJWK(privateKey);
}

async function importKey(jwk: JWK): Promise<SigningKey> {
  const { d, p, q, dp, dq, qi, ...publicJwk } = jwk;
  return {
    jwk,
    privateKey: createPrivateKey({ key: jwk as JsonWebKey, format: "jwk" }),
    publicKey: (await importJWK(publicJwk, ALGORITHM)) as CryptoKey,
  };
}
