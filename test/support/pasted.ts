/** What a user pastes into a shell: the lines that a command printed, run as they stand. */
import { spawnSync } from "node:child_process";
import { type Finished, PROJECT, runToEnd } from "./programs";

/** The programs that call the API, by the beginning of their line, and what tells whether they are on this machine. */
const CALLERS = {
  curl: { line: /^curl --aws-sigv4 /, probe: ["curl", "--version"] },
  Node: { line: /^node -e /, probe: ["node", "--version"] },
  Python: { line: /^python3 -c /, probe: ["python3", "-c", "import botocore"] },
} as const;

type Caller = keyof typeof CALLERS;

/** Those that are here; of the others the log says so. */
export const CALLERS_HERE = (Object.keys(CALLERS) as Caller[]).filter((name) => {
  const [command, ...args] = CALLERS[name].probe;
  const found = spawnSync(command, args, { stdio: "ignore" }).status === 0;
  if (!found) {
    console.warn(
      `${args.at(-1) === "import botocore" ? "botocore" : command} isn't here: its line is left out.`,
    );
  }
  return found;
});

/**
 * Pastes, into a fresh shell in the checkout, the environment that was printed, the signing in, and the line of one caller.
 *
 * @param printed what a command printed, its lines for the shell indented
 */
export function paste(printed: string, caller: Caller, environment: NodeJS.ProcessEnv): Promise<Finished> {
  const lines = printed
    .split("\n")
    .filter((line) => line.startsWith("  "))
    .map((line) => line.trim());
  const prepared = lines.filter((line) => /^(unset|export|eval) /.test(line));
  const calls = lines.filter((line) => CALLERS[caller].line.test(line));
  return runToEnd("sh", ["-c", [...prepared, ...calls].join("\n")], environment, PROJECT);
}
