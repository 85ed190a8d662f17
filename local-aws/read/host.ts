/**
 * Whom a request is for, by its `Host`. A web page can rebind its own host name to loopback and then read what answers there, so
 * only names that nobody else can own are answered: those of loopback, of the account's services, and of its APIs.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-7.2
 */
import { SERVICES } from "../services";

/** The account's own endpoint, or the data plane of an API. */
export type RequestHost = { readonly kind: "account" } | { readonly kind: "api"; readonly apiId: string };

const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

const SERVICE = new RegExp(
  `^(?:${SERVICES.map(({ name }) => name).join("|")})(?:\\.([a-z0-9-]+))?\\.amazonaws\\.com$`,
);

const API = /^([a-z0-9]+)\.execute-api\.(?:localhost|([a-z0-9-]+)\.amazonaws\.com)$/;

/**
 * @param host the header's value, in any case, with a port or without
 * @param region the account's: names of other regions are not its own
 * @returns undefined for every other name
 */
export function parseHost(host: string, region: string): RequestHost | undefined {
  const name = host.toLowerCase().replace(/:\d{1,5}$/, "");
  if (LOOPBACK.has(name)) {
    return { kind: "account" };
  }
  const service = SERVICE.exec(name);
  if (service !== null && (service[1] ?? region) === region) {
    return { kind: "account" };
  }
  const api = API.exec(name);
  if (api !== null && (api[2] ?? region) === region) {
    return { kind: "api", apiId: api[1] as string };
  }
  return undefined;
}
