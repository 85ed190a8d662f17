/**
 * What Artillery loads: the function `walk` of the scenario, by which each of its virtual users walks the flow as a user of the
 * deployment. It is bundled into one file, so that a worker anywhere can load it. What it tells Artillery holds no secrets.
 */
import { writeSync } from "node:fs";
import { createRun } from "../run/context";
import type { Deployment } from "../run/outputs";
import { Redactor } from "../run/redact";
import { Crowd } from "./crowd";
import type { LoadEvent } from "./run";
import type { LoadStepName } from "./walk";

/** The scenario's variables that Artillery gives each virtual user. */
export interface LoadVariables {
  readonly deployment: Deployment;
  readonly users: number;
  readonly atATime: number;
  readonly slot: string;
  /** How many arrive in all. */
  readonly arrivals: number;
  /** Milliseconds that the run may take. */
  readonly timeLimit: number;
}

/** What Artillery counts. https://www.artillery.io/docs/reference/extension-apis */
interface Metrics {
  emit(kind: "histogram" | "counter", name: string, value: number): void;
}

/**
 * Names the file descriptor on which whoever started Artillery is told of each walk, and then takes the identities away. On workers
 * elsewhere nobody does, and this process takes away its own after its last walk.
 */
export const LOAD_CHANNEL = "LOAD_CHANNEL";

/** Secrets that a walk comes to know, in all forms, and some to spare. */
const SECRETS_OF_A_WALK = 64;

let state: ReturnType<typeof begin> | undefined;

function begin({ deployment, users, atATime, slot, timeLimit, arrivals }: LoadVariables) {
  const redactor = new Redactor({ latest: SECRETS_OF_A_WALK * atATime });
  const run = createRun({ deployment, timeLimit, redactor });
  const channel = process.env[LOAD_CHANNEL];
  const tell = (event: LoadEvent) => {
    if (channel !== undefined) {
      writeSync(Number(channel), `${JSON.stringify(event)}\n`);
    }
  };
  // Workers of one run elsewhere have users of their own. On Fargate it is a task's ARN.
  const workerId = process.env.WORKER_ID?.split("/").at(-1);
  const worker = workerId === undefined ? slot : `${slot}-${workerId}`;
  const crowd = new Crowd(run, { users, atATime, slot: worker, tell });
  return { run, crowd, channel, left: arrivals };
}

/**
 * Walks the flow once.
 *
 * @throws Error named after the failure, by which Artillery counts it
 */
export async function walk(context: { readonly vars: LoadVariables }, metrics: Metrics): Promise<void> {
  state ??= begin(context.vars);
  const { run, crowd, channel } = state;
  const ended = await crowd.walk();
  for (const { name, durationMs } of ended.steps) {
    metrics.emit("histogram", metricOf(name), durationMs);
  }
  state.left -= 1;
  if (state.left === 0 && channel === undefined) {
    for (const warning of await run.end()) {
      console.error(warning);
    }
  }
  if (ended.failure !== undefined) {
    throw new Error(`${ended.failure.step}: ${ended.failure.class}`);
  }
}

function metricOf(name: LoadStepName): string {
  return `flow.${name}`;
}
