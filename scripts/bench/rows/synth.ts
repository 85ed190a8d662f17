/** Synthesis: what this app takes beside the smallest one, and many stages beside one. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { PROJECT, tsx } from "../../workspace";
import { type Contender, compare } from "../comparison";
import { runProgram } from "../program";
import type { Row } from "../row";

const APPS = path.join(__dirname, "..", "apps");

/** Fewer than the 50 that the aim was set for would be less than it; one app has them all. */
const STAGES = 50;

export const SYNTH_ROWS: readonly Row[] = [
  {
    name: "synth",
    what: "`cdktf synth` of the whole app",
    against: "of an app with one resource",
    aims: [
      { of: "cpu", atMost: 1.3 },
      { of: "memory", atMost: 1.3 },
    ],
    rounds: { warmUp: 1, counted: 7 },
    measure: (rounds) =>
      inDirectories((whole, one) =>
        compare(
          synth(whole, path.join(PROJECT, "main.ts")),
          synth(one, path.join(APPS, "one-resource.ts")),
          rounds,
        ),
      ),
  },
  {
    name: "stages",
    what: `${STAGES} stages in one app, synthesised`,
    against: "one stage",
    aims: [{ of: "wall", atMost: 15 }],
    rounds: { warmUp: 1, counted: 5 },
    measure: (rounds) => inDirectories((many, one) => compare(stages(many, STAGES), stages(one, 1), rounds)),
  },
];

/** With the settings' defaults, whatever the shell has. */
const environment = () =>
  Object.fromEntries(
    ["PATH", "HOME", "TMPDIR"].flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

function synth(directory: string, app: string): Contender {
  const command = [process.execPath, "--import", tsx(), app].map((part) => JSON.stringify(part)).join(" ");
  const configuration = {
    language: "typescript",
    app: command,
    sendCrashReports: "false",
    projectId: "bench",
  };
  writeFileSync(path.join(directory, "cdktf.json"), JSON.stringify(configuration));
  const cli = createRequire(__filename).resolve("cdktf-cli/bundle/bin/cdktf");
  const env = { ...environment(), CI: "true", CHECKPOINT_DISABLE: "1" };
  return () => runProgram({ command: process.execPath, args: [cli, "synth"], cwd: directory, env });
}

function stages(directory: string, count: number): Contender {
  const args = ["--import", tsx(), path.join(APPS, "stages.ts"), String(count)];
  return () => runProgram({ command: process.execPath, args, cwd: directory, env: environment() });
}

async function inDirectories<T>(use: (a: string, b: string) => Promise<T>): Promise<T> {
  const [a, b] = ["a", "b"].map((name) => mkdtempSync(path.join(tmpdir(), `bench-${name}-`))) as [
    string,
    string,
  ];
  try {
    return await use(a, b);
  } finally {
    for (const directory of [a, b]) {
      rmSync(directory, { recursive: true, force: true });
    }
  }
}
