/** Secrets as the page shows them: whatever was once seen in a secret's place is masked wherever it turns up again. */
import type { Exchange } from "./exchange";

/** Members of answers and requests that hold secrets: the application's, Cognito's and those of the login endpoint. */
const SECRET_MEMBERS = new Set([
  "session",
  "token",
  "secretAccessKey",
  "sessionToken",
  "SecretKey",
  "SessionToken",
  "cognito-identity.amazonaws.com",
]);

const DOTS = "••••••";

/** A secret of fewer characters would lose too much of itself by what is shown. */
const LONG_ENOUGH = 64;
const SHOWN = 4;

const known = new Set<string>();

/** Masks all secrets of this exchange, and of earlier ones, in a text. */
export function masked(text: string, exchange: Exchange): string {
  learn(exchange);
  return [...known]
    .sort((a, b) => b.length - a.length)
    .reduce((shown, secret) => shown.replaceAll(secret, mask(secret)), text);
}

/** Learns the secrets of an exchange. */
function learn({ headers, body, answer }: Exchange): void {
  const bearer = /^Bearer (.+)$/.exec(headers.get("Authorization") ?? "")?.[1];
  const signature = /Signature=(\w+)/.exec(headers.get("Authorization") ?? "")?.[1];
  for (const secret of [bearer, signature, headers.get("X-Amz-Security-Token")]) {
    remember(secret);
  }
  for (const json of [body, answer?.body ?? ""]) {
    visit(parsed(json), (name, value) => {
      if (SECRET_MEMBERS.has(name)) {
        remember(value);
      }
    });
  }
}

function remember(secret: unknown): void {
  if (typeof secret === "string" && secret.length > 2 * SHOWN) {
    known.add(secret);
  }
}

function mask(secret: string): string {
  return secret.length < LONG_ENOUGH ? DOTS : `${secret.slice(0, SHOWN)}${DOTS}${secret.slice(-SHOWN)}`;
}

/** Reads JSON; undefined for anything else. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function visit(value: unknown, see: (name: string, value: unknown) => void): void {
  if (typeof value !== "object" || value === null) {
    return;
  }
  for (const [name, member] of Object.entries(value)) {
    see(name, member);
    visit(member, see);
  }
}
