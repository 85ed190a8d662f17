/** The application's sessions, for a walk as a client: from a file, or from a command that makes them. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import type { Sessions } from "../run/context";
import { SettingsError } from "../run/errors";
import type { Deployment } from "../run/outputs";
import type { VerifyOptions } from "./options";

/** Milliseconds that the command may take. */
const COMMAND_TIME_LIMIT = 30_000;

/**
 * Makes what gives the sessions.
 *
 * @throws SettingsError when the deployment has no login endpoint
 */
export function sessionsOf(
  { sessionFile, sessionCommand = "" }: Pick<VerifyOptions, "sessionFile" | "sessionCommand">,
  { loginUrl }: Deployment,
  environment: NodeJS.ProcessEnv,
): Sessions {
  if (loginUrl === undefined) {
    throw new SettingsError(
      "The outputs name no login_url, which --via login begins with. Deploy the login stack (see its settings in the README), or leave out --via.",
    );
  }
  if (sessionFile !== undefined) {
    return { valid: async () => required(read(sessionFile), `--session-file ${sessionFile} is empty.`) };
  }
  const session = (kind: string) => printedBy(sessionCommand, { ...environment, SESSION_KIND: kind });
  return {
    async valid() {
      return required(await session("valid"), "The session command printed nothing for SESSION_KIND=valid.");
    },
    defective: async (kind) => (await session(kind)) || undefined,
  };
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new SettingsError(`--session-file ${file} cannot be read (${code}). Name another one.`);
  }
}

/** Runs the command in a shell. What it prints is never shown, be it an error: it may hold a session. */
async function printedBy(command: string, env: NodeJS.ProcessEnv): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)("/bin/sh", ["-c", command], {
      env,
      timeout: COMMAND_TIME_LIMIT,
    });
    return stdout.trim();
  } catch (error) {
    const { code } = error as { code?: number | string };
    throw new SettingsError(
      `The session command ended with an error (${code ?? "out of time"}) for SESSION_KIND=${env.SESSION_KIND}. Run it by hand to see why.`,
    );
  }
}

function required(session: string, problem: string): string {
  if (session === "") {
    throw new SettingsError(`${problem} A session of the application's is needed, as its clients send it.`);
  }
  return session;
}
