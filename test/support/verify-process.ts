/** Runs `npm run verify` as a process of its own, as a user would. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

export interface VerifyResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * @param environment replaces the AWS settings of the environment that the tests run in
 * @param onSpawn gets the process, to send it the signal of Ctrl-C or to stop reading what it writes
 */
export function verify(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  onSpawn: (child: ChildProcess) => void = () => {},
): Promise<VerifyResult> {
  const root = join(__dirname, "../..");
  const inherited = Object.entries(process.env).filter(
    // Jest sets it for its workers, whatever the tests write to.
    ([name]) => !name.startsWith("AWS_") && name !== "FORCE_COLOR",
  );
  const child = spawn(process.execPath, ["--import", "tsx", join(root, "harness/cli/main.ts"), ...args], {
    cwd: root,
    env: {
      ...Object.fromEntries(inherited),
      // No credentials but those that a test gives.
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
      AWS_EC2_METADATA_DISABLED: "true",
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onSpawn(child);
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}
