/** A backend of docs/recipes.md as a process: started from files, asked over HTTP. */
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { request } from "undici";
import { type Application, AUDIENCE, ISSUER } from "./application-session";
import { PROJECT, type Started, start, withoutAws } from "./programs";

/** The variables that say whose sessions the backend takes. */
export const acceptedSessions = ({ jwks }: Application) => ({
  APP_JWKS: jwks,
  APP_ISSUER: ISSUER,
  APP_AUDIENCE: AUDIENCE,
});

export interface LoginAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  // biome-ignore lint/suspicious/noExplicitAny: what the answer is, the tests say
  readonly body: any;
}

export class LoginBackend {
  readonly #blocked: string[] = [];

  private constructor(
    readonly folder: string,
    private readonly url: string,
    private readonly running: Started,
  ) {}

  /**
   * Starts it in a folder with these files and waits for the line with its URL.
   *
   * @param before what is run in the folder first, e.g. an installation; without it, Node finds the project's packages
   */
  static async start(
    files: Readonly<Record<string, string>>,
    command: readonly [string, ...string[]],
    environment: Readonly<Record<string, string>>,
    before?: (folder: string) => Promise<void>,
  ): Promise<LoginBackend> {
    const folder = mkdtempSync(path.join(tmpdir(), "login-backend-"));
    try {
      for (const [name, text] of Object.entries({ ...files, blocked: "" })) {
        writeFileSync(path.join(folder, name), text);
      }
      if (before) {
        await before(folder);
      } else {
        symlinkSync(path.join(PROJECT, "node_modules"), path.join(folder, "node_modules"));
      }
      const [program, ...args] = command;
      const env = {
        ...withoutAws(),
        NO_PROXY: "127.0.0.1",
        BLOCKED_USERS_FILE: path.join(folder, "blocked"),
        ...environment,
      };
      const running = start(program, args, env, folder);
      const said = await running.said(/http:\/\/127\.0\.0\.1:[1-9]\d*/);
      const [origin = ""] = /http:\/\/127\.0\.0\.1:\d+/.exec(said) ?? [];
      return new LoginBackend(folder, `${origin}/login`, running);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** `POST /login` with the session, or with headers and a body of one's own. */
  async login(
    session?: string,
    more: { headers?: Record<string, string>; body?: string } = {},
  ): Promise<LoginAnswer> {
    const headers = {
      ...(session === undefined ? {} : { Authorization: `Bearer ${session}` }),
      ...more.headers,
    };
    const answer = await request(this.url, { method: "POST", headers, body: more.body });
    return { status: answer.statusCode, headers: answer.headers, body: await answer.body.json() };
  }

  /** Refuses the user from the next login on. */
  block(user: string): void {
    this.#blocked.push(user);
    writeFileSync(path.join(this.folder, "blocked"), this.#blocked.join("\n"));
  }

  /** Ends it, and returns all that it has said. */
  async stop(): Promise<string> {
    this.running.process.kill("SIGTERM");
    const { output } = await this.running.finished;
    rmSync(this.folder, { recursive: true, force: true });
    return output;
  }
}
