/**
 * Local AWS: an AWS account in this process that real clients call and that enforces what AWS enforces.
 *
 * @example
 * const aws = await startLocalAws();
 * const iam = new IAMClient({ endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials });
 * // …
 * await aws.stop();
 */
import type { AddressInfo } from "node:net";
import { type Account, emptyAccountState } from "./account";
import { AccountFile, readAccount, UnusableAccountFile } from "./account-file";
import { DecisionLog, type DecisionRecord } from "./decisions";
import { secretAccessKey, uniqueId } from "./ids";
import { resources } from "./resources";
import { createListener } from "./server";
import { Stoppables } from "./stoppables";

export { UnusableAccountFile } from "./account-file";
export type { DecisionRecord } from "./decisions";

export interface LocalAwsOptions {
  /** @default 0 - a free port */
  readonly port?: number;
  /** @default us-east-1 */
  readonly region?: string;
  /** Twelve digits. @default 123456789012 */
  readonly accountId?: string;
  /** The root user's access key. @default - a random one */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** The account's clock. @default - the machine's */
  readonly now?: () => Date;
  /** Milliseconds that a client has for sending a whole request, before it is answered 408 and hung up on. @default 60000 */
  readonly requestTimeout?: number;
  /** Receives what the account wants to tell: every refusal with its reasons, and its own faults. @default - nothing is told */
  readonly log?: (line: string) => void;
  /** Tells the log of everything that was allowed as well. @default false */
  readonly explain?: boolean;
  /**
   * A file that keeps the account: read at the start if it exists, written after every change. It also keeps account id, region
   * and root credentials, so what was exported for an earlier run stays valid. @default - everything is in memory
   */
  readonly data?: string;
}

export interface LocalAws {
  /** e.g. `http://127.0.0.1:4566` */
  readonly endpoint: string;
  readonly port: number;
  readonly region: string;
  readonly accountId: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** What SDKs, the AWS CLI, Terraform and the harness need in their environment to use this account. */
  readonly environment: Readonly<Record<string, string>>;
  /** The ARNs of all that exists. */
  resources(): string[];
  /** Recent decisions with their reasons, oldest first. */
  decisions(last?: number): readonly DecisionRecord[];
  /** Empties the account: nothing exists, no session is valid; the credentials stay. */
  reset(): Promise<void>;
  /** Ends the listener and everything that runs in the account. */
  stop(): Promise<void>;
}

/** The port is taken. */
export class PortInUse extends Error {
  override readonly name = "PortInUse";

  constructor(readonly port: number) {
    super(
      `Port ${port} on 127.0.0.1 is in use. Stop what listens there, or choose another port (--port 0 takes a free one).`,
    );
  }
}

/**
 * Starts an account on loopback.
 *
 * @throws PortInUse
 * @throws UnusableAccountFile when `data` names a file that holds something else, or an account that the other options contradict
 */
export async function startLocalAws(options: LocalAwsOptions = {}): Promise<LocalAws> {
  const now = options.now ?? (() => new Date());
  const log = options.log ?? (() => {});
  const saved = options.data === undefined ? undefined : readAccount(options.data);
  const id = options.accountId ?? saved?.accountId ?? "123456789012";
  const region = options.region ?? saved?.region ?? "us-east-1";
  if (saved !== undefined && (saved.accountId !== id || saved.region !== region)) {
    throw new UnusableAccountFile(
      options.data as string,
      `it holds account ${saved.accountId} in ${saved.region}, and account ${id} in ${region} was asked for`,
    );
  }
  const rootCredentials = options.credentials ??
    saved?.rootCredentials ?? { accessKeyId: uniqueId("AKIA"), secretAccessKey: secretAccessKey() };
  const stoppables = new Stoppables();
  const account: Account = {
    id,
    region,
    now,
    rootCredentials,
    endpoint: "",
    state: saved?.state ?? emptyAccountState(),
    decisions: new DecisionLog(now, log, options.explain ?? false),
    save: async () => file?.save(),
    stoppables,
  };
  const file =
    options.data === undefined
      ? undefined
      : new AccountFile(options.data, () => ({
          accountId: id,
          region,
          rootCredentials,
          state: account.state,
        }));
  await account.save().catch((error: NodeJS.ErrnoException) => {
    throw new UnusableAccountFile(options.data as string, `it can't be written (${error.code})`);
  });
  const server = createListener(account, log, options.requestTimeout);
  const port = await listen(server, options.port ?? 0);
  account.endpoint = `http://127.0.0.1:${port}`;

  return {
    endpoint: account.endpoint,
    port,
    region: account.region,
    accountId: account.id,
    credentials: account.rootCredentials,
    environment: {
      AWS_ENDPOINT_URL: account.endpoint,
      AWS_REGION: account.region,
      // The AWS CLI (version 1) and boto3 know only this one.
      AWS_DEFAULT_REGION: account.region,
      AWS_ACCESS_KEY_ID: account.rootCredentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: account.rootCredentials.secretAccessKey,
    },
    resources: () => resources(account),
    decisions: (last) => account.decisions.last(last),
    async reset() {
      await stoppables.stopAll();
      account.state = emptyAccountState();
      account.decisions.clear();
      await account.save();
    },
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await stoppables.end();
      // What came after the last answer, such as the end of a function's log.
      await account.save();
    },
  };
}

function listen(server: ReturnType<typeof createListener>, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "EADDRINUSE" ? new PortInUse(port) : error),
    );
    server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}
