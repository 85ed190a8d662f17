/** An exchange as text, as it would stand in a log that may be shown to anybody. */
import type { Exchange } from "./exchange";
import { masked, parsed } from "./secrets";

/** Headers that tell something about the flow; the others are the browser's everyday ones. */
const TELLING = /^(authorization|x-amz-.*|x-amzn-errortype)$/;

/** Longer answers are cut: only a faulty server's are. */
const MOST_CHARACTERS = 4000;

/** Writes the request: method, path, host, telling headers, body. */
export function requestText(exchange: Exchange): string {
  const { method, url, headers, body } = exchange;
  const head = [`${method} ${url.pathname}${url.search}`, `host: ${url.host}`, ...headerLines(headers)];
  return shown([head.join("\n"), pretty(body)], exchange);
}

/** Writes the answer: status, telling headers, body. */
export function answerText(exchange: Exchange): string {
  const { answer } = exchange;
  if (answer === undefined) {
    return "No answer that the browser lets this page read.";
  }
  return shown(
    [[String(answer.status), ...headerLines(answer.headers)].join("\n"), pretty(answer.body)],
    exchange,
  );
}

/** Writes what an error says, its name and its message; the whole answer when it isn't of that form. */
export function errorText(exchange: Exchange): string {
  const { answer } = exchange;
  const { message } = (parsed(answer?.body ?? "") ?? {}) as { message?: unknown };
  if (answer === undefined || typeof message !== "string") {
    return answerText(exchange);
  }
  return shown([`${errorCode(answer)}\n${message.trim()}`.trim()], exchange);
}

/** AWS's name of the error: in a header of API Gateway's, in the body of Cognito's and of the login endpoint's. */
export function errorCode({ headers, body }: NonNullable<Exchange["answer"]>): string {
  const { __type, error } = (parsed(body) ?? {}) as { __type?: unknown; error?: unknown };
  const found = headers.get("x-amzn-ErrorType") ?? __type ?? error;
  return typeof found === "string" ? found.replace(/^.*#/, "").replace(/:.*$/, "") : "";
}

/** Writes a token's claims, which are no secret; undefined when it is no token. */
export function claimsText(token: string): string | undefined {
  const [, payload = ""] = token.split(".");
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (one) =>
      one.charCodeAt(0),
    );
    return JSON.stringify(JSON.parse(new TextDecoder().decode(bytes)), undefined, 2);
  } catch {
    return undefined;
  }
}

function headerLines(headers: Headers): string[] {
  return [...headers]
    .filter(([name]) => TELLING.test(name))
    .map(
      ([name, value]) =>
        `${name}: ${value.replace(/ (?=(?:Credential|SignedHeaders|Signature)=)/g, "\n\u00a0\u00a0")}`,
    );
}

function pretty(body: string): string {
  const json = parsed(body);
  return json === undefined ? body : JSON.stringify(json, undefined, 2);
}

function shown(parts: readonly string[], exchange: Exchange): string {
  const text = masked(parts.filter((part) => part !== "").join("\n\n"), exchange);
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}
