/** Identifiers and secrets in the forms that AWS gives them. */
import { randomBytes, randomInt } from "node:crypto";

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const LOWER_ALPHANUMERIC = "abcdefghijklmnopqrstuvwxyz0123456789";

function randomText(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");
}

/**
 * @param prefix `AROA` role, `ANPA` managed policy, `ASIA` temporary access key, `AKIA` long-lived access key
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
 */
export function uniqueId(prefix: "AROA" | "ANPA" | "ASIA" | "AKIA"): string {
  return prefix + randomText(BASE32, 16);
}

/** Ids of API Gateway: ten (REST APIs) or six (everything below) lower-case letters and digits. */
export function apiGatewayId(length: 6 | 10): string {
  return randomText(LOWER_ALPHANUMERIC, length);
}

/** 40 characters, as secret access keys have. */
export function secretAccessKey(): string {
  return randomBytes(30).toString("base64");
}

/**
 * The root of a trace, e.g. `Root=1-58406520-a006649127e371903a2de979`.
 *
 * @see https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-traceids
 */
export function traceRoot(time: Date): string {
  return `Root=1-${Math.floor(time.getTime() / 1000).toString(16)}-${bytesOfId(12).toString("hex")}`;
}

const STOCK = 4096;
let stock = Buffer.alloc(0);

/** Random bytes for an id: every request needs some, and asking for a few takes as long as asking for thousands. */
export function bytesOfId(count: number): Buffer {
  if (stock.length < count) {
    stock = randomBytes(Math.max(STOCK, count));
  }
  const bytes = stock.subarray(0, count);
  stock = stock.subarray(count);
  return bytes;
}
