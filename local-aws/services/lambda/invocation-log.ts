/** The log of one execution environment: its stream in CloudWatch Logs, written with the permissions of the function's role. */
import { randomBytes } from "node:crypto";
import type { Account } from "../../account";
import type { FunctionVersion } from "../../account/state/lambda";
import type { SessionCredentials } from "../../account/state/sts";
import { sessionPrincipal } from "../../authenticate/credentials";
import { openSession } from "../../authenticate/session-token";
import { authorize } from "../../authorize/authorize";
import { type LogMessage, writeLogEvents } from "../logs/events";
import { createGroup, groupOf, logGroupResource, logStreamArn } from "../logs/groups";
import { EVENT_OVERHEAD } from "../logs/storage";

/** How much an invocation may write, characters; what comes after is dropped, so that a flood can't fill the account's memory. */
const MAXIMUM_OUTPUT = 4 * 1024 * 1024;

/** Bytes of log that `Invoke` shows in `X-Amz-Log-Result`. */
const TAIL = 4096;

export class InvocationLog {
  /** `2026/01/31/[$LATEST]0123456789abcdef0123456789abcdef` */
  readonly stream: string;
  readonly #account: Account;
  readonly #session: SessionCredentials;
  readonly #group: string;
  #messages: LogMessage[] = [];
  #size = 0;
  #streamAllowed = false;

  constructor(account: Account, session: SessionCredentials, version: FunctionVersion) {
    this.#account = account;
    this.#session = session;
    this.#group = version.logGroup;
    const day = account.now().toISOString().slice(0, 10).replaceAll("-", "/");
    this.stream = `${day}/[${version.version}]${randomBytes(16).toString("hex")}`;
  }

  /** When the environment's credentials end, epoch milliseconds. */
  get credentialsEnd(): number {
    return this.#session.expiration;
  }

  /** Takes what the function writes. */
  write(message: string): void {
    // CloudWatch Logs has no empty events.
    if (message === "" || this.#size > MAXIMUM_OUTPUT) {
      return;
    }
    this.#size += message.length + EVENT_OVERHEAD;
    const flooded = this.#size > MAXIMUM_OUTPUT;
    this.report(
      flooded
        ? `Local AWS dropped the rest: the invocation wrote more than ${MAXIMUM_OUTPUT} characters.`
        : message,
    );
  }

  /** Takes what Lambda itself has to say. */
  report(message: string): void {
    this.#messages.push({ timestamp: this.#account.now().getTime(), message });
  }

  /** Delivers what came since the last delivery, if the role may write it, and returns its last 4 KB. */
  deliver(): string {
    const messages = this.#messages;
    this.#messages = [];
    this.#size = 0;
    const text = Buffer.from(messages.map(({ message }) => `${message}\n`).join(""));
    if (messages.length > 0 && this.#mayWrite()) {
      writeLogEvents(this.#account, { group: this.#group, stream: this.stream, messages });
    }
    return text.subarray(-TAIL).toString();
  }

  #mayWrite(): boolean {
    if (groupOf(this.#account, this.#group) === undefined) {
      if (!this.#may("logs:CreateLogGroup", logGroupResource(this.#account, this.#group))) {
        return false;
      }
      createGroup(this.#account, this.#group);
    }
    const stream = logStreamArn(this.#account, this.#group, this.stream);
    this.#streamAllowed ||= this.#may("logs:CreateLogStream", stream);
    return this.#streamAllowed && this.#may("logs:PutLogEvents", stream);
  }

  #may(action: string, resource: string): boolean {
    // By the token, since the account may have been reset meanwhile: then it knows nothing of the session.
    const session = openSession(this.#account, this.#session.sessionToken);
    if (session === undefined) {
      return false;
    }
    return authorize(this.#account, { caller: sessionPrincipal(this.#account, session), action, resource })
      .allowed;
  }
}
