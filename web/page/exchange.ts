/** What goes over the network, as the page shows it. The client uses the browser's own `fetch`, which is watched here. */

/** A request and its answer. */
export interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: string;
  /** Undefined when the browser gave no answer: nobody answered, or the answer isn't for this origin's pages. */
  readonly answer?: { readonly status: number; readonly headers: Headers; readonly body: string };
  /** On the clock of `performance.now()`, in milliseconds. */
  readonly startedAt: number;
  readonly durationMs: number;
}

const watchers = new Set<(exchange: Exchange) => void>();
/** By what `fetch` came to: a response or an error. */
const ended = new WeakMap<object, Exchange>();
const browserFetch = globalThis.fetch;

globalThis.fetch = async (input, init) => {
  const request = new Request(input, init);
  const sent = { method: request.method, url: new URL(request.url), headers: request.headers };
  const body = await request.clone().text();
  const startedAt = performance.now();
  const tell = (end: object, answer?: Exchange["answer"]) => {
    const exchange = { ...sent, body, answer, startedAt, durationMs: performance.now() - startedAt };
    ended.set(end, exchange);
    for (const watcher of watchers) {
      watcher(exchange);
    }
  };
  try {
    const response = await browserFetch(request);
    const { status, headers } = response;
    tell(response, { status, headers, body: await response.clone().text() });
    return response;
  } catch (cause) {
    const message = `The browser gave no answer of ${sent.url.origin}: ${(cause as Error).message}`;
    const error = new TypeError(message, { cause });
    tell(error);
    throw error;
  }
};

/** Finds the exchange that ended so; undefined when nothing was sent. */
export function exchangeOf(end: object): Exchange | undefined {
  return ended.get(end);
}

/** Does the work and tells of every exchange meanwhile, in the order in which they end. */
export async function watched<T>(work: () => Promise<T>, watcher: (exchange: Exchange) => void): Promise<T> {
  watchers.add(watcher);
  try {
    return await work();
  } finally {
    watchers.delete(watcher);
  }
}
