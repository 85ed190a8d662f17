/** How the harness reaches anything: undici's connections, through the proxy that the environment names, the SDK's calls too. */
import { type HttpHandler, HttpResponse } from "@smithy/protocol-http";
import { type Dispatcher, EnvHttpProxyAgent } from "undici";
import { SettingsError } from "./errors";

/** Never through a proxy, as Go programs, Terraform among them, have it: a proxy's loopback is another machine's. */
const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/**
 * Connections of their own for one walk; whoever made them destroys them. `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are
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

/** Lets a client of the SDK use the connections, which its own handler can't: that one knows no proxies. */
export function sdkRequestHandler(dispatcher: Dispatcher): HttpHandler {
  return {
    async handle({ protocol, hostname, port, path, query, method, headers, body }, { abortSignal } = {}) {
      const parameters = Object.entries(query ?? {}).flatMap(([name, values]) =>
        [values].flat().map((value) => `${escapeUri(name)}=${escapeUri(value ?? "")}`),
      );
      const answer = await dispatcher.request({
        origin: `${protocol}//${hostname}${port === undefined ? "" : `:${port}`}`,
        path: parameters.length === 0 ? path : `${path}?${parameters.join("&")}`,
        method: method as Dispatcher.HttpMethod,
        headers,
        body,
        signal: abortSignal as AbortSignal | undefined,
      });
      const received = Object.entries(answer.headers).map(([name, value]) => [
        name,
        [value].flat().join(", "),
      ]);
      return {
        response: new HttpResponse({
          statusCode: answer.statusCode,
          headers: Object.fromEntries(received),
          body: answer.body,
        }),
      };
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };
}

function isProxy(value: string): boolean {
  return URL.canParse(value) && /^(https?|socks5?):$/.test(new URL(value).protocol);
}

/** As signatures have it: RFC 3986's reserved characters are encoded, too, that `encodeURIComponent` leaves. */
function escapeUri(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
