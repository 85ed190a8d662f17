/** Runs in a process of its own: local AWS with the project deployed on it. Tells of its memory for each line that it is sent. */
import { createInterface } from "node:readline";
import { startLocalAws } from "../../local-aws";
import { deployWithSdk } from "../../scripts/sdk-deployment";

/** The first line. */
export interface StartedAccount {
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly outputs: unknown;
}

/** Bytes, after a garbage collection. */
export interface AccountMemory {
  readonly heap: number;
  readonly resident: number;
}

async function main(): Promise<void> {
  const local = await startLocalAws();
  const { endpoint, credentials } = local;
  const started: StartedAccount = { endpoint, credentials, outputs: { stack: await deployWithSdk(local) } };
  console.log(JSON.stringify(started));
  for await (const _ of createInterface({ input: process.stdin })) {
    for (let time = 0; time < 3; time++) {
      globalThis.gc?.();
    }
    const { heapUsed: heap, rss: resident } = process.memoryUsage();
    console.log(JSON.stringify({ heap, resident } satisfies AccountMemory));
  }
  await local.stop();
}

void main();
