/**
 * Session tokens. As at AWS, which keeps no list of sessions either, a token is its session, sealed: nothing grows with the sessions
 * that are issued, and whoever holds a token can neither read nor change it.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { Account } from "../account";
import { dictionary } from "../account/dictionary";
import type { Session } from "../account/state/sts";

/** How the tokens of AWS begin: the base64 of `origin_ec` behind what looks like its tag and length. */
const PREFIX = "IQoJb3JpZ2luX2Vj";

const CIPHER = "aes-256-gcm";
/** Bytes. With one key, random nonces of this length are safe for 2^32 tokens. */
const NONCE = 12;
const TAG = 16;

export function sealSession(account: Account, session: Omit<Session, "sessionToken">): string {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv(CIPHER, sealingKey(account), nonce, { authTagLength: TAG });
  const sealed = [cipher.update(JSON.stringify(session)), cipher.final()];
  return PREFIX + Buffer.concat([nonce, ...sealed, cipher.getAuthTag()]).toString("base64");
}

/** The session of a token; undefined for any text that isn't a token of this account since its last reset, character by character. */
export function openSession(account: Account, sessionToken: string): Session | undefined {
  const text = sessionToken.slice(PREFIX.length);
  const bytes = Buffer.from(text, "base64");
  // Base64 is read loosely: what was read is written again.
  if (!sessionToken.startsWith(PREFIX) || bytes.length < NONCE + TAG || bytes.toString("base64") !== text) {
    return undefined;
  }
  const decipher = createDecipheriv(CIPHER, sealingKey(account), bytes.subarray(0, NONCE), {
    authTagLength: TAG,
  });
  decipher.setAuthTag(bytes.subarray(-TAG));
  const json = decipher.update(bytes.subarray(NONCE, -TAG));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  const session = JSON.parse(json.toString());
  session.tags = dictionary(Object.entries(session.tags));
  session.sessionToken = sessionToken;
  return session;
}

/** Decoded for each token: that takes less than half a microsecond. */
function sealingKey({ state }: Account): Buffer {
  return Buffer.from(state.sts.sealingKey, "base64");
}
