/** Calls a deployed API as its clients do: by its own host name, signed or not. */
import { sign } from "aws4";
import { Client } from "undici";
import type { LocalAws } from "../../../local-aws";
import type { Credentials } from "../../support/identity-account";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export class Caller {
  readonly #connections: Client;

  constructor(private readonly account: LocalAws) {
    this.#connections = new Client(account.endpoint, { pipelining: 10 });
  }

  close(): Promise<void> {
    return this.#connections.close();
  }

  /** @param signed with these, or the account's own credentials, which every route lets in that the resource policy does */
  async call(
    apiId: string,
    method: "GET" | "POST" | "OPTIONS",
    path: string,
    signed: boolean | Credentials = false,
  ): Promise<Answer> {
    const { region, credentials } = this.account;
    const host = `${apiId}.execute-api.${region}.amazonaws.com`;
    const unsigned = { method, path, headers: { Host: host }, service: "execute-api", region };
    const signer = signed === true ? credentials : signed;
    const { headers } = signer ? sign({ ...unsigned, host }, signer) : unsigned;
    const answer = await this.#connections.request({
      method,
      path,
      headers: headers as Record<string, string>,
    });
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
  }
}
