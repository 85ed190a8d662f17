/**
 * A GitHub on loopback: issues, comments and labels of one repository, with the answers that GitHub's documentation gives and people
 * reported. https://docs.github.com/en/rest/issues
 */
import { createServer, type IncomingMessage } from "node:http";
import { listen } from "./listen";

export interface FakeIssue {
  readonly number: number;
  title: string;
  body: string;
  state: "open" | "closed";
  state_reason: string | null;
  labels: string[];
  readonly login: string;
  readonly created_at: string;
  readonly pull_request?: object;
}

export interface FakeComment {
  readonly id: number;
  readonly issue: number;
  body: string;
  readonly login: string;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
}

/** Made up; it must never be seen in what a command prints or writes. */
export const TOKEN = "ghs_thisIsNoTokenOfAnybody1234567890abcd";
export const BOT = "github-actions[bot]";
const REPOSITORY = "octo-org/shop";

export class FakeGitHub {
  readonly issues: FakeIssue[] = [];
  readonly comments: FakeComment[] = [];
  readonly labels = new Set<string>();
  readonly seen: Seen[] = [];
  /** Off, as a repository's settings have it. */
  issuesEnabled = true;
  /** Without it, every write is refused as of a token without the permission. */
  mayWrite = true;
  /** Items a page, however many are asked for. */
  pageSize = 100;
  /** Answers in GitHub's place, before or after what is asked was carried out. */
  interfere?: (seen: Seen) => { readonly before?: Answer; readonly after?: Answer } | undefined;
  private readonly server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk);
    }
    const seen = { method: request.method ?? "", path: request.url ?? "", headers: request.headers };
    this.seen.push(seen);
    const interference = this.interfere?.(seen);
    const { status, headers, body } =
      interference?.before ?? this.after(seen, Buffer.concat(chunks).toString(), interference?.after);
    response.writeHead(status, { "Content-Type": "application/json; charset=utf-8", ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body ?? {}));
  });
  url = "";

  async start(): Promise<this> {
    this.url = `http://127.0.0.1:${await listen(this.server)}`;
    return this;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  /** What GitHub Actions would set. */
  environment(run = 1): Record<string, string> {
    return {
      GITHUB_TOKEN: TOKEN,
      GITHUB_REPOSITORY: REPOSITORY,
      GITHUB_API_URL: this.url,
      GITHUB_GRAPHQL_URL: `${this.url}/graphql`,
      GITHUB_SERVER_URL: "https://github.com",
      GITHUB_RUN_ID: String(run),
      GITHUB_RUN_ATTEMPT: "1",
    };
  }

  /** Adds an issue as somebody opened it. */
  add(changes: Partial<FakeIssue>): FakeIssue {
    const issue: FakeIssue = {
      number: this.issues.length + 1,
      title: "",
      body: "",
      state: "open",
      state_reason: null,
      labels: [],
      login: BOT,
      created_at: new Date(0).toISOString(),
      ...changes,
    };
    this.issues.push(issue);
    return issue;
  }

  get open(): FakeIssue[] {
    return this.issues.filter(({ state }) => state === "open");
  }

  commentsOf(issue: number): string[] {
    return this.comments.filter((one) => one.issue === issue).map(({ body }) => body);
  }

  private after(seen: Seen, body: string, instead: Answer | undefined): Answer {
    const answer = this.answer(seen, body);
    return instead ?? answer;
  }

  private answer({ method, path, headers }: Seen, text: string): Answer {
    if (headers["user-agent"] === undefined) {
      return { status: 403, body: "Request forbidden by administrative rules." };
    }
    if (headers.authorization !== `Bearer ${TOKEN}`) {
      return refusal(401, "Bad credentials");
    }
    if (path === "/graphql") {
      return { status: 200, body: { data: { viewer: { login: BOT } } } };
    }
    if (headers["x-github-api-version"] !== "2022-11-28") {
      return refusal(400, "The API version is not supported");
    }
    const { pathname, searchParams } = new URL(path, this.url);
    const [, repository, rest = ""] = /^\/repos\/([^/]+\/[^/]+)(\/.*)$/.exec(pathname) ?? [];
    if (repository !== REPOSITORY) {
      return refusal(404, "Not Found");
    }
    if (method !== "GET" && !this.mayWrite) {
      const accepted = { "x-accepted-github-permissions": "issues=write; pull_requests=write" };
      return { ...refusal(403, "Resource not accessible by integration"), headers: accepted };
    }
    return this.operate(`${method} ${rest}`, searchParams, text === "" ? {} : JSON.parse(text));
  }

  private operate(call: string, query: URLSearchParams, given: Record<string, unknown>): Answer {
    const { body, title, labels, state, state_reason, name } = given as Record<string, string> & {
      labels?: string[];
    };
    if ((body ?? "").length > 65_536) {
      return invalid("Issue", {
        code: "custom",
        field: "body",
        message: "body is too long (maximum is 65536 characters)",
      });
    }
    const [, number] = /^\w+ \/issues\/(\d+)/.exec(call) ?? [];
    const issue = this.issues.find((one) => one.number === Number(number));
    if (number !== undefined && issue === undefined) {
      return refusal(404, "Not Found");
    }
    switch (call.replace(/\/\d+/, "/N")) {
      case "GET /issues": {
        if (!this.issuesEnabled) {
          return refusal(410, "Issues has been disabled in this repository.");
        }
        const asked = this.issues.filter(
          (one) => one.state === query.get("state") && one.labels.includes(query.get("labels") ?? ""),
        );
        // The newest first.
        return this.page("/issues", query, asked.toReversed().map(shown));
      }
      case "POST /issues":
        return {
          status: 201,
          body: shown(this.add({ title, body, labels, created_at: new Date().toISOString() })),
        };
      case "PATCH /issues/N": {
        const changes = Object.entries({ body, title, state, state_reason }).filter(
          ([, value]) => value !== undefined,
        );
        return { status: 200, body: shown(Object.assign(issue as FakeIssue, Object.fromEntries(changes))) };
      }
      case "GET /issues/N/comments": {
        const asked = this.comments.filter((one) => one.issue === Number(number));
        return this.page(`/issues/${number}/comments`, query, asked.map(shownComment));
      }
      case "POST /issues/N/comments": {
        const comment = {
          id: 1000 + this.comments.length,
          issue: Number(number),
          body: body ?? "",
          login: BOT,
        };
        this.comments.push(comment);
        return { status: 201, body: shownComment(comment) };
      }
      case "PATCH /issues/comments/N": {
        const comment = this.comments.find(({ id }) => id === Number(/\d+$/.exec(call)?.[0]));
        return comment === undefined
          ? refusal(404, "Not Found")
          : { status: 200, body: shownComment(Object.assign(comment, { body })) };
      }
      case "POST /labels":
        if (this.labels.has(name ?? "")) {
          return invalid("Label", { code: "already_exists", field: "name" });
        }
        this.labels.add(name ?? "");
        return { status: 201, body: { id: this.labels.size, name } };
      default:
        return refusal(404, "Not Found");
    }
  }

  private page(path: string, query: URLSearchParams, items: readonly unknown[]): Answer {
    const size = Math.min(this.pageSize, Number(query.get("per_page") ?? 30));
    const page = Number(query.get("page") ?? 1);
    query.set("page", String(page + 1));
    const next = `<${this.url}/repos/${REPOSITORY}${path}?${query}>; rel="next"`;
    const headers: Record<string, string> = items.length > page * size ? { Link: next } : {};
    return { status: 200, headers, body: items.slice((page - 1) * size, page * size) };
  }
}

export function refusal(status: number, message: string): Answer {
  return {
    status,
    body: { message, documentation_url: "https://docs.github.com/rest", status: String(status) },
  };
}

function invalid(resource: string, error: object): Answer {
  return { status: 422, body: { message: "Validation Failed", errors: [{ resource, ...error }] } };
}

function shown({ login, labels, ...issue }: FakeIssue): object {
  return {
    ...issue,
    html_url: `https://github.com/${REPOSITORY}/issues/${issue.number}`,
    user: { login },
    labels: labels.map((name) => ({ name })),
  };
}

function shownComment({ id, issue, body, login }: FakeComment): object {
  return {
    id,
    body,
    user: { login },
    html_url: `https://github.com/${REPOSITORY}/issues/${issue}#issuecomment-${id}`,
  };
}
