/** The command line of local AWS: an account that stays up until Ctrl-C, and the environment to use it with. */
import { readFileSync } from "node:fs";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import {
  AccountFileInUseError,
  InvalidOptionError,
  type LocalAwsOptions,
  PortInUseError,
  startLocalAws,
  UnusableAccountFileError,
} from ".";

const DEFAULT_PORT = 4566;

const ROOT_USER = `
The root user's key pair is taken from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY if both are set, else from the file,
else made up; a session's (AWS_SESSION_TOKEN) is never taken. The region is AWS_REGION (default us-east-1).`;

/** What whoever started it can mend. */
const CURABLE = [InvalidOptionError, PortInUseError, AccountFileInUseError, UnusableAccountFileError];

const OK = 0;
const WRONG_USAGE = 2;

/** Where the command is part of something that knows more than it. */
export interface LocalAwsSurroundings {
  /** The command as its user types it. @default local-aws */
  readonly command?: string;
  /** Further variables that its user should export. @default none */
  readonly environment?: Readonly<Record<string, string>>;
  /** What its user can do with it, told when it is up. @default nothing is told */
  readonly hint?: string;
}

interface Options {
  readonly port: number;
  readonly data?: string;
  readonly oidcKeys?: LocalAwsOptions["oidcKeys"];
  readonly explain?: true;
}

/** @throws CommanderError after it has told what is wrong, or what the options are */
function readOptions(args: readonly string[], command: string): Options {
  return new Command(command)
    .description("Starts an AWS account on 127.0.0.1 and keeps it up until Ctrl-C.")
    .addOption(
      new Option("--port <port>", "the port to listen on, 0 for a free one")
        .default(DEFAULT_PORT)
        .argParser(readPort),
    )
    .option(
      "--data <file>",
      "keep the account in this file, so that it survives a restart; it holds secrets (default: in memory)",
    )
    .addOption(
      new Option(
        "--oidc-keys <file>",
        "public keys of OpenID Connect issuers, in place of those that they publish: JSON of each issuer's URL and key set",
      ).argParser(readOidcKeys),
    )
    .option("--explain", "tell the reasons of every decision; without it only those of refusals are told")
    .helpOption("--help", "this text")
    .addHelpText("after", ROOT_USER)
    .showHelpAfterError()
    .exitOverride()
    .parse(args, { from: "user" })
    .opts();
}

/**
 * Runs until SIGINT, SIGTERM or SIGHUP.
 *
 * @returns the exit code
 */
export async function runLocalAws(
  args: string[],
  { command = "local-aws", environment = {}, hint }: LocalAwsSurroundings = {},
): Promise<number> {
  let options: Options;
  try {
    options = readOptions(args, command);
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      throw error;
    }
    return error.exitCode === OK ? OK : WRONG_USAGE;
  }
  const credentials = rootKeyPair(process.env);
  try {
    const account = await startLocalAws({
      ...options,
      region: process.env.AWS_REGION || undefined,
      credentials,
      log: (line) => console.error(line),
    });
    console.log(
      `Local AWS is up: account ${account.accountId} in ${account.region} at ${account.endpoint}\n`,
    );
    console.log("To use it, in another shell:\n");
    // Clients prefer a profile to these variables, and sign with a session's token if there is one.
    console.log("  unset AWS_SESSION_TOKEN AWS_PROFILE");
    for (const [name, value] of Object.entries({ ...account.environment, ...environment })) {
      // A key pair that came from the environment is the user's own: its secret isn't shown.
      const hidden = credentials !== undefined && name === "AWS_SECRET_ACCESS_KEY";
      console.log(hidden ? `  export ${name}=…   # as in this shell` : `  export ${name}=${value}`);
    }
    if (hint !== undefined) {
      console.log(`\n${hint}`);
    }
    console.log("\nCtrl-C ends it.");
    await new Promise<void>((resolve) => {
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
        process.once(signal, () => resolve());
      }
    });
    await account.stop();
    return OK;
  } catch (error) {
    if (!CURABLE.some((curable) => error instanceof curable)) {
      throw error;
    }
    console.error((error as Error).message);
    return WRONG_USAGE;
  }
}

/** The key pair that the shell holds for long; a session's would be refused without its token, and with it as one unknown. */
function rootKeyPair(shell: NodeJS.ProcessEnv) {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = shell;
  if (!accessKeyId || !secretAccessKey) {
    return undefined;
  }
  if (!shell.AWS_SESSION_TOKEN && !accessKeyId.startsWith("ASIA")) {
    return { accessKeyId, secretAccessKey };
  }
  console.error(
    "The credentials in this shell are a session's, which no account has as its root: local AWS doesn't take them.",
  );
  return undefined;
}

function readPort(given: string): number {
  const port = Number(given);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new InvalidArgumentError("A port is a number from 0 to 65535.");
  }
  return port;
}

function readOidcKeys(file: string): LocalAwsOptions["oidcKeys"] {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    // Not the parser's words: they quote the file.
    const why = (error as NodeJS.ErrnoException).code ?? "it isn't JSON";
    throw new InvalidArgumentError(`The file can't be read (${why}).`);
  }
}
