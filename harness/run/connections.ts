/** How the services are reached: undici's connections, through the proxy that the environment names, the SDK's calls too. */
import { Readable } from "node:stream";
import type { CognitoIdentityClient } from "@aws-sdk/client-cognito-identity";
import { buildQueryString, type HttpHandler, HttpResponse } from "@smithy/core/protocols";
import { type Dispatcher, EnvHttpProxyAgent } from "undici";
import type { ProgressEvent } from "../report";
import type { Clock } from "./clock";
import { SettingsError } from "./errors";
import type { Deployment } from "./outputs";
import type { Redactor } from "./redact";

/** Keys of a user, a role or, with a session token, of a session. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** How the services are reached during one run, within which limits, and who hears of it. */
export interface Connections {
  readonly deployment: Deployment;
  /** Cognito, with the backend's credentials. */
  readonly cognito: CognitoIdentityClient;
  /** Makes a client with other credentials. Its connections are undici's, as of all clients: none needs to be destroyed. */
  readonly cognitoAs: (credentials: Credentials) => CognitoIdentityClient;
  /** undici's connections. */
  readonly dispatcher: Dispatcher;
  /** The origin that stands in for AWS; undefined for AWS itself. */
  readonly endpoint?: string;
  /** Milliseconds that a call may take. */
  readonly callTimeLimit: number;
  /** Ends the run. */
  readonly signal: AbortSignal;
  /** The milliseconds for which the answers of a fresh deployment are waited for, and their end on the clock of `performance.now()`. */
  readonly fresh?: { readonly window: number; readonly until: number };
  readonly clock: Clock;
  readonly redactor: Redactor;
  readonly emit: (event: ProgressEvent) => void;
}

/** Never through a proxy, as Go programs, Terraform among them, have it: a proxy's loopback is another machine's. */
const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/**
 * Reads the origin that stands in for AWS, as the caller gives it, or AWS_ENDPOINT_URL, which the SDKs, the AWS CLI and
 * Terraform read too; undefined for AWS itself.
 *
 * @throws SettingsError when the value is not an http or https URL
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export function endpointOverride(option?: string): string | undefined {
  const value = option ?? process.env.AWS_ENDPOINT_URL ?? "";
  if (value === "") {
    return undefined;
  }
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) {
    const source = option === undefined ? "AWS_ENDPOINT_URL" : "The option endpoint";
    throw new SettingsError(
      `${source} is not an http or https URL (found ${JSON.stringify(value)}). Correct it, or leave it unset to reach AWS itself.`,
    );
  }
  return new URL(value).origin;
}

/**
 * Makes connections of their own for one walk; whoever made them destroys them. `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are
 * read, in either case.
 *
 * @throws SettingsError when one of them is not a URL; the value is not shown, since it may hold a password
 */
export function createDispatcher(environment: NodeJS.ProcessEnv = process.env): Dispatcher {
  const given = (name: string) => environment[name] ?? environment[name.toUpperCase()] ?? "";
  for (const name of ["https_proxy", "http_proxy"]) {
    if (given(name) !== "" && !isProxy(given(name))) {
      throw new SettingsError(
        `${name.toUpperCase()} is not the URL of a proxy, e.g. http://proxy.example:3128. Correct it, or unset it.`,
      );
    }
  }
  return new EnvHttpProxyAgent({
    httpProxy: given("http_proxy"),
    httpsProxy: given("https_proxy"),
    noProxy: given("no_proxy") === "*" ? "*" : [given("no_proxy"), ...LOOPBACK].join(","),
  });
}

/** Makes a handler that lets a client of the SDK use the connections, which its own handler can't: that one knows no proxies. */
export function sdkRequestHandler(dispatcher: Dispatcher): HttpHandler {
  return {
    async handle({ protocol, hostname, port, path, query, method, headers, body }, { abortSignal } = {}) {
      const parameters = buildQueryString(query);
      try {
        const answer = await dispatcher.request({
          origin: `${protocol}//${hostname}${port === undefined ? "" : `:${port}`}`,
          path: parameters === "" ? path : `${path}?${parameters}`,
          method: method as Dispatcher.HttpMethod,
          headers,
          body,
          signal: abortSignal as AbortSignal | undefined,
        });
        const received = Object.entries(answer.headers).map(([name, value]) => [
          name,
          [value].flat().join(", "),
        ]);
        // Whole, so that an answer that breaks off fails here, where its cause is known.
        const content = Readable.from([Buffer.from(await answer.body.arrayBuffer())]);
        const { statusCode } = answer;
        return {
          response: new HttpResponse({ statusCode, headers: Object.fromEntries(received), body: content }),
        };
      } catch (cause) {
        throw new Error((cause as Error).message, { cause });
      }
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };
}

function isProxy(value: string): boolean {
  return URL.canParse(value) && /^(https?|socks5?):$/.test(new URL(value).protocol);
}
