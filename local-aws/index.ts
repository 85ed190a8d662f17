/**
 * Local AWS: an AWS account in this process that real clients call and that enforces what AWS enforces.
 *
 * @example In a suite of Jest: one account for the file, an empty one for each test
 * let aws: LocalAws;
 * beforeAll(async () => {
 *   aws = await startLocalAws();
 * });
 * beforeEach(() => aws.reset());
 * afterAll(() => aws.stop());
 *
 * test("…", async () => {
 *   const iam = new IAMClient({ endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials });
 *   // …
 * });
 */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Account, type AccountState, emptyAccountState } from "./account";
import { DecisionLog, type DecisionRecord } from "./account/decision-log";
import { readAccount } from "./account/file";
import { AccountFileInUseError, lockAccountFile } from "./account/file-lock";
import { AccountFile } from "./account/file-writer";
import { secretAccessKey, uniqueId } from "./account/ids";
import { Live } from "./account/live";
import { checkOptions, type LocalAwsOptions } from "./account/options";
import { UnusableAccountFileError } from "./account/unusable-account-file-error";
import { createListener } from "./server";
import { resources } from "./services";
import { prepareSigningKey } from "./services/cognito-identity/signing-key";

export type { DecisionRecord } from "./account/decision-log";
export { AccountFileInUseError } from "./account/file-lock";
export { type AccessRecord, InvalidOptionError, type KeySet, type LocalAwsOptions } from "./account/options";
export { UnusableAccountFileError } from "./account/unusable-account-file-error";

export interface LocalAws {
  /** e.g. `http://127.0.0.1:4566`; it stays the same through resets. */
  readonly endpoint: string;
  readonly port: number;
  readonly region: string;
  readonly accountId: string;
  /** The root user's access key, which may do everything but assume roles; it stays the same through resets. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** What SDKs, the AWS CLI, Terraform and the harness need in their environment to use this account. */
  readonly environment: Readonly<Record<string, string>>;
  /** The ARNs of all that exists; after a clean-up there should be none. */
  resources(): string[];
  /** Recent decisions with their reasons, oldest first: why something was refused. */
  decisions(last?: number): readonly DecisionRecord[];
  /**
   * Empties the account: when it resolves nothing exists, no session is valid, no function's process of before lives and no decision
   * is remembered; endpoint and credentials stay. Requests that are being answered meanwhile aren't waited for: what runs in a
   * function is ended, and one that is just about to change something may do so in the empty account. Wait for your own requests
   * before you reset.
   */
  reset(): Promise<void>;
  /**
   * Ends the account: connections are closed, functions' processes are killed, what was being worked on is waited for. When it
   * resolves, nothing of the account runs or writes, the port is free, and so is the file.
   *
   * @throws Error of the file system when the last changes can't be written
   */
  stop(): Promise<void>;
}

/** The port is taken. */
export class PortInUseError extends Error {
  override readonly name = "PortInUseError";

  constructor(readonly port: number) {
    super(
      `Port ${port} on 127.0.0.1 is in use. Stop what listens there, or choose another port (--port 0 takes a free one).`,
    );
  }
}

/**
 * Starts an account on loopback.
 *
 * @throws InvalidOptionError
 * @throws PortInUseError
 * @throws AccountFileInUseError when another account keeps itself in the file that `data` names
 * @throws UnusableAccountFileError when `data` names a file that holds something else, or an account that the other options contradict
 */
export async function startLocalAws(options: LocalAwsOptions = {}): Promise<LocalAws> {
  checkOptions(options);
  const { data } = options;
  if (data === undefined) {
    return start(options, () => {});
  }
  const unlock = lock(data);
  try {
    return await start(options, unlock);
  } catch (error) {
    unlock();
    throw error;
  }
}

/** @param unlock gives the account's file back */
async function start(options: LocalAwsOptions, unlock: () => void): Promise<LocalAws> {
  const now = options.now ?? (() => new Date());
  const log = options.log ?? (() => {});
  const saved = options.data === undefined ? undefined : readAccount(options.data);
  const id = options.accountId ?? saved?.accountId ?? "123456789012";
  const region = options.region ?? saved?.region ?? "us-east-1";
  if (saved !== undefined && (saved.accountId !== id || saved.region !== region)) {
    throw new UnusableAccountFileError(
      options.data as string,
      `it holds account ${saved.accountId} in ${saved.region}, and account ${id} in ${region} was asked for`,
    );
  }
  const rootCredentials = options.credentials ??
    saved?.rootCredentials ?? { accessKeyId: uniqueId("AKIA"), secretAccessKey: secretAccessKey() };
  const file =
    options.data === undefined
      ? undefined
      : new AccountFile(options.data, { accountId: id, region, rootCredentials });
  const keep = (state: AccountState) => file?.keep(state) ?? state;
  const account: Account = {
    id,
    region,
    now,
    rootCredentials,
    oidcKeys: options.oidcKeys ?? {},
    endpoint: "",
    state: keep(saved?.state ?? emptyAccountState()),
    decisions: new DecisionLog(now, log, options.explain ?? false),
    onAccess: options.onAccess ?? (() => {}),
    log,
    save: async () => file?.save(),
    live: new Live(),
  };
  const { server, idle } = createListener(account, options.requestTimeout);
  const port = await listen(server, options.port ?? 0);
  account.endpoint = `http://127.0.0.1:${port}`;
  let ended = false;
  prepareSigningKey(account);
  const close = async () => {
    ended = true;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
    await account.live.stop();
    await idle();
  };
  // Not before the port is ours: an account that doesn't come up leaves its file as it was.
  await account.save().catch(async (error: NodeJS.ErrnoException) => {
    await close();
    throw unwritable(options.data as string, error);
  });

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
      await account.live.stop();
      if (!ended) {
        account.live = new Live();
      }
      account.state = keep(emptyAccountState());
      prepareSigningKey(account);
      account.decisions.clear();
      await account.save();
    },
    async stop() {
      await close();
      // What came after the last answer, such as the end of a function's log.
      await file?.close().finally(unlock);
    },
  };
}

function lock(file: string): () => void {
  try {
    return lockAccountFile(file);
  } catch (error) {
    if (error instanceof AccountFileInUseError || error instanceof UnusableAccountFileError) {
      throw error;
    }
    throw unwritable(file, error as NodeJS.ErrnoException);
  }
}

function unwritable(file: string, { code }: NodeJS.ErrnoException): UnusableAccountFileError {
  return new UnusableAccountFileError(file, `it can't be written (${code})`);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "EADDRINUSE" ? new PortInUseError(port) : error),
    );
    server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}
