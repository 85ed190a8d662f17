/**
 * GitHub's API, as far as issues and comments need it. A client of our own rather than `@octokit/request`: that is ES modules only,
 * brings six packages, and leaves what is most of this file (time limits, pages, what to do about a refusal) to its caller.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type Dispatcher, request } from "undici";
import { z } from "zod";
import { HarnessError } from "../../harness";
import { printable } from "../../harness/reporting/words";
import { firstLine } from "../../harness/run/errors";
import type { GitHubSettings } from "./settings";

/** The version that GitHub Enterprise Server has as well. https://docs.github.com/en/rest/about-the-rest-api/api-versions */
const API_VERSION = "2022-11-28";
/** Milliseconds that a call may take; GitHub ends it after 10 s itself. https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#timeouts */
const TIME_LIMIT = 15_000;
/** A renamed or moved repository answers with one. https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects */
const MOST_REDIRECTS = 3;
/** More pages of issues under one label were never meant. */
const MOST_PAGES = 20;

const ATTEMPTS = 4;
/** Milliseconds before the second attempt, doubled before each further one. */
const FIRST_WAIT = 1000;
/** Milliseconds; who is asked to wait longer ends instead. */
const LONGEST_WAIT = 120_000;
/** Milliseconds, where GitHub limits and doesn't say how long. https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit */
const UNTOLD_WAIT = 60_000;

/** GitHub refused for a reason that stays. */
export class GitHubRefusalError extends HarnessError {
  override readonly name = "GitHubRefusalError";
  readonly kind = "settings";

  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** GitHub didn't answer, answered with a fault of its own, or asked to wait. The call may have been carried out all the same. */
export class GitHubUnreachableError extends HarnessError {
  override readonly name = "GitHubUnreachableError";
  readonly kind = "unreachable";

  /** @param wait milliseconds that GitHub asks to wait */
  constructor(
    message: string,
    readonly wait?: number,
  ) {
    super(message);
  }
}

/**
 * Does it until GitHub answers, up to four times. It must look before it acts: what it did before an answer got lost is then found
 * rather than done again.
 *
 * @throws GitHubUnreachableError of the last attempt; anything else at once
 */
export async function patiently<Result>(
  act: () => Promise<Result>,
  wait: (ms: number) => Promise<unknown> = sleep,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof GitHubUnreachableError) || attempt === ATTEMPTS) {
        throw error;
      }
      const asked = error.wait ?? FIRST_WAIT * 2 ** (attempt - 1);
      if (asked > LONGEST_WAIT) {
        throw error;
      }
      await wait(asked);
    }
  }
}

const refusal = z.object({
  message: z.string(),
  errors: z.array(z.object({ code: z.string().optional(), message: z.string().optional() })).optional(),
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly json: unknown;
}

/** The repository's part of GitHub's API. */
export class GitHub {
  /** @param permission of the job's token, for the cure of a refusal, e.g. `issues: write` */
  constructor(
    private readonly settings: GitHubSettings,
    private readonly dispatcher: Dispatcher,
    private readonly permission: string,
  ) {}

  /** Calls `/repos/OWNER/NAME/…`. */
  async call<Result>(
    method: "POST" | "PATCH",
    path: string,
    body: object,
    result: z.ZodType<Result>,
  ): Promise<Result> {
    return this.read(path, await this.send(method, this.url(path), body), result);
  }

  /** Reads every page of a list. https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api */
  async list<Item>(path: string, item: z.ZodType<Item>): Promise<readonly Item[]> {
    const items: Item[] = [];
    let next: string | undefined = this.url(`${path}${path.includes("?") ? "&" : "?"}per_page=100`);
    for (let page = 0; next !== undefined && page < MOST_PAGES; page++) {
      const answer: Answer = await this.send("GET", next);
      items.push(...this.read(path, answer, z.array(item)));
      const [, link] = /<([^>]+)>;\s*rel="next"/.exec([answer.headers.link].flat().join(",")) ?? [];
      next = link;
    }
    return items;
  }

  /**
   * Who the token is of: `github-actions[bot]` in a workflow, whose token may not `GET /user`, but may ask GraphQL for its viewer.
   * https://docs.github.com/en/graphql/reference/queries#viewer
   */
  async login(): Promise<string> {
    const { graphqlUrl } = this.settings;
    const answer = await this.send("POST", graphqlUrl, { query: "{ viewer { login } }" });
    const viewer = z.object({ data: z.object({ viewer: z.object({ login: z.string() }) }) });
    return this.read(graphqlUrl, answer, viewer).data.viewer.login;
  }

  private url(path: string): string {
    return `${this.settings.apiUrl}/repos/${this.settings.repository}${path}`;
  }

  private read<Result>(path: string, { json }: Answer, result: z.ZodType<Result>): Result {
    const parsed = result.safeParse(json);
    if (!parsed.success) {
      throw new GitHubUnreachableError(
        `GitHub's answer to ${path} has another form than expected. See whether GITHUB_API_URL is its REST API.`,
      );
    }
    return parsed.data;
  }

  private async send(
    method: Dispatcher.HttpMethod,
    url: string,
    body?: object,
    redirects = 0,
  ): Promise<Answer> {
    const { token, apiUrl, graphqlUrl } = this.settings;
    const to = new URL(url);
    if (![apiUrl, graphqlUrl].some((own) => new URL(own).origin === to.origin)) {
      throw new GitHubRefusalError(
        0,
        `GitHub points to ${to.origin}, which gets no token. Correct GITHUB_API_URL.`,
      );
    }
    const what = `${method} ${to.pathname}`;
    const answer = await this.exchange(what, {
      url,
      method,
      headers: {
        Accept: "application/vnd.github+json",
        Authorization: `Bearer ${token}`,
        "Content-Type": "application/json",
        "User-Agent": "developer-authenticated-identities",
        "X-GitHub-Api-Version": API_VERSION,
      },
      body: body && JSON.stringify(body),
    });
    const { status, headers } = answer;
    if (
      [301, 302, 307, 308].includes(status) &&
      typeof headers.location === "string" &&
      redirects < MOST_REDIRECTS
    ) {
      // The same call again: fetch would make a GET of a POST.
      return this.send(method, new URL(headers.location, to).href, body, redirects + 1);
    }
    if (status < 200 || status > 299) {
      throw this.refused(what, answer);
    }
    return answer;
  }

  private async exchange(
    what: string,
    {
      url,
      ...options
    }: { url: string; method: Dispatcher.HttpMethod; headers: Record<string, string>; body?: string },
  ): Promise<Answer> {
    try {
      const { dispatcher } = this;
      const signal = AbortSignal.timeout(TIME_LIMIT);
      const { statusCode: status, headers, body } = await request(url, { ...options, dispatcher, signal });
      const text = await body.text();
      return {
        status,
        headers,
        json: text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : text,
      };
    } catch (error) {
      const { name, code, message } = error as NodeJS.ErrnoException;
      const cause = name === "TimeoutError" ? `no answer within ${TIME_LIMIT / 1000} s` : (code ?? message);
      throw new GitHubUnreachableError(
        `GitHub can't be reached: ${what}: ${cause}. Check the network, the proxy settings and GITHUB_API_URL.`,
      );
    }
  }

  private refused(what: string, { status, headers, json }: Answer): HarnessError {
    const { message, errors = [] } = refusal.safeParse(json).data ?? { message: "no message" };
    const told = [message, ...errors.map((error) => error.message ?? error.code ?? "")].join(", ");
    const answered = `GitHub answered ${what} with ${status}: ${firstLine(printable(told)).slice(0, 300)}`;
    if (status >= 500) {
      return new GitHubUnreachableError(`${answered}. Try again later; see https://www.githubstatus.com.`);
    }
    const wait = waitAsked(status, headers, message);
    return wait === undefined
      ? new GitHubRefusalError(status, `${answered}. ${this.cure(status, headers)}`)
      : new GitHubUnreachableError(`${answered}. It asks to wait ${Math.ceil(wait / 1000)} s.`, wait);
  }

  /** https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api */
  private cure(status: number, headers: Answer["headers"]): string {
    switch (status) {
      case 401:
        return "GITHUB_TOKEN is not valid: give the step `env: GITHUB_TOKEN: ${{ github.token }}`.";
      case 403: {
        // GitHub names what would do, e.g. "issues=write; pull_requests=write".
        const [accepted = ""] = [headers["x-accepted-github-permissions"] ?? ""].flat()[0]?.split(";") ?? [];
        const needed = /^[a-z_]+=(read|write)$/.test(accepted)
          ? accepted.replace("=", ": ").replaceAll("_", "-")
          : this.permission;
        return `If the token lacks a permission, give the job "permissions: ${needed}"; a run for a pull request from a fork never has it.`;
      }
      case 404:
        return `See whether GITHUB_REPOSITORY (${this.settings.repository}) and the number are right, and whether the token may see it: "permissions: ${this.permission}".`;
      case 410:
        return "Issues are turned off: turn them on in the repository's settings.";
      default:
        return "GitHub took it for invalid.";
    }
  }
}

/** Milliseconds to wait where a limit was met. https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit */
function waitAsked(status: number, headers: Answer["headers"], message: string): number | undefined {
  if (status !== 403 && status !== 429) {
    return undefined;
  }
  const seconds = Number(headers["retry-after"] ?? Number.NaN);
  if (seconds >= 0) {
    return Math.max(1, seconds) * 1000;
  }
  if (headers["x-ratelimit-remaining"] === "0") {
    const reset = Number(headers["x-ratelimit-reset"]) * 1000 - Date.now();
    return reset > 0 ? reset : UNTOLD_WAIT;
  }
  return status === 429 || /rate limit/i.test(message) ? UNTOLD_WAIT : undefined;
}
