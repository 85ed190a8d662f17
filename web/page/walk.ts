/** The way from the session to the greeting, station by station, as it shows in what goes over the network. */
import type { Client } from "./client";
import type { Deployment } from "./deployment";
import { type Exchange, exchangeOf, watched } from "./exchange";
import { parsed } from "./secrets";
import type { StationName } from "./stations";
import { answerText, claimsText, requestText } from "./transcript";

/** What became of a station. */
export interface Outcome {
  readonly status: "passed" | "failed" | "skipped";
  readonly durationMs?: number;
  readonly request?: string;
  readonly answer?: string;
  readonly claims?: string;
  /** Said in words when there is no exchange to show, or it alone doesn't explain. */
  readonly note?: string;
}

/** Answers of API Gateway before a function is reached. */
const GATEWAY_REFUSES = [403, 429];

/** Told of each station once, in order. */
export type Told = (station: StationName, outcome: Outcome) => void;

/**
 * Walks until the first station that fails.
 *
 * @returns whether all passed
 */
export async function walk(deployment: Deployment, client: Client, tell: Told): Promise<boolean> {
  return (await fetchCredentials(client, tell)) && (await callApi(deployment, client, tell));
}

async function fetchCredentials(client: Client, tell: Told): Promise<boolean> {
  const left: StationName[] = ["session", "token", "credentials"];
  let failed = false;
  try {
    await watched(
      () => client.credentials(),
      (exchange) => {
        const [station] = left.splice(0, 1);
        const outcome = outcomeOf(exchange);
        failed ||= outcome.status === "failed";
        if (station !== undefined) {
          tell(station, outcome);
        }
      },
    );
  } catch (error) {
    const [next] = left;
    // Most failures are an answer's, which its station shows; of the others the client says what it was.
    if (!failed && next !== undefined) {
      tell(next, { status: "failed", note: (error as Error).message });
    }
    return false;
  }
  if (left[0] === "credentials") {
    tell("credentials", {
      status: "skipped",
      note: "The login endpoint exchanged the token itself (LOGIN_RETURNS=credentials).",
    });
  }
  return true;
}

async function callApi({ apiUrl, probePath }: Deployment, client: Client, tell: Told): Promise<boolean> {
  const started = performance.now();
  const end = await client.call(apiUrl + probePath).catch((error: Error) => error);
  const exchange = exchangeOf(end);
  if (exchange === undefined) {
    tell("signature", { status: "failed", note: (end as Error).message });
    return false;
  }
  const signed = { request: requestText(exchange), durationMs: exchange.startedAt - started };
  const outcome = outcomeOf(exchange);
  if (exchange.answer === undefined || GATEWAY_REFUSES.includes(exchange.answer.status)) {
    tell("signature", { ...outcome, ...signed });
    return false;
  }
  const note = "Let through: the answer is the next station’s.";
  tell("signature", { ...signed, status: "passed", note });
  tell("greeting", { ...outcome, request: undefined });
  return outcome.status === "passed";
}

/** Reads the outcome of an exchange that is a station's. */
function outcomeOf(exchange: Exchange): Outcome {
  const { answer, durationMs } = exchange;
  const told = { durationMs, request: requestText(exchange), answer: answerText(exchange) };
  if (answer === undefined) {
    return {
      ...told,
      status: "failed",
      note: `The browser kept the answer from this page. Most likely ${exchange.url.origin} doesn’t allow the origin ${location.origin}; or nobody answers there.`,
    };
  }
  const { token } = (parsed(answer.body) ?? {}) as { token?: unknown };
  return {
    ...told,
    status: answer.status >= 200 && answer.status < 300 ? "passed" : "failed",
    claims: typeof token === "string" ? claimsText(token) : undefined,
  };
}
