/** Whenever the process is killed, what it had answered is in its file: real processes, at random moments, also while the file is written anew. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { readAccount } from "../../../local-aws/account/file";
import type { LogGroup } from "../../../local-aws/account/state/logs";

const KILLS = 16;
const CALLERS = 8;
/** Milliseconds. */
const LONGEST_LIFE = 900;

const credentials = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "secret" };

let directory: string;
let child: ChildProcess | undefined;

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), "kill-"));
});

afterAll(() => {
  child?.kill("SIGKILL");
  rmSync(directory, { recursive: true, force: true });
});

async function start(data: string): Promise<{ process: ChildProcess; endpoint: string }> {
  const source = `require("./local-aws").startLocalAws(${JSON.stringify({ data, credentials })})
    .then(({ endpoint }) => console.log(endpoint));`;
  child = spawn(process.execPath, ["--import", "tsx", "--eval", source], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [endpoint] = await once(child.stdout as NodeJS.ReadableStream, "data");
  return { process: child, endpoint: String(endpoint).trim() };
}

test(`nothing that was answered is lost by any of ${KILLS} kills`, async () => {
  const data = path.join(directory, "account.json");
  const answered: { readonly logGroupName: string; readonly message: string }[] = [];
  let whileWritingAnew = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    const { process, endpoint } = await start(data);
    const client = new CloudWatchLogsClient({ endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
    const callers = Array.from({ length: CALLERS }, async (_, caller) => {
      // A group for each: one that all write to soon has so much that its oldest events go.
      const logGroupName = `group-${kill}-${caller}`;
      const stream = { logGroupName, logStreamName: "stream" };
      await client.send(new CreateLogGroupCommand({ logGroupName }));
      await client.send(new CreateLogStreamCommand(stream));
      for (let count = 0; ; count += 1) {
        const message = `${caller}-${count} ${"x".repeat(30_000)}`;
        const logEvents = [{ timestamp: Date.now(), message }];
        await client.send(new PutLogEventsCommand({ ...stream, logEvents }));
        answered.push({ logGroupName, message });
      }
    });
    const ended = Promise.allSettled(callers);
    const end = performance.now() + Math.random() * LONGEST_LIFE;
    // Every other time, as soon as it is written anew.
    while (performance.now() < end || (kill % 2 === 1 && performance.now() < end + LONGEST_LIFE)) {
      if (kill % 2 === 1 && existsSync(`${data}.tmp`)) {
        break;
      }
      await setTimeout(1);
    }
    process.kill("SIGKILL");
    await Promise.all([once(process, "exit"), ended]);
    client.destroy();
    whileWritingAnew += existsSync(`${data}.tmp`) ? 1 : 0;
    const groups: Record<string, LogGroup> = readAccount(data)?.state.logs.groups ?? {};
    const kept = new Set(
      Object.entries(groups).flatMap(([name, { streams }]) =>
        Object.values(streams).flatMap(({ events }) => events.map(({ message }) => `${name} ${message}`)),
      ),
    );
    const lost = answered.filter(({ logGroupName, message }) => !kept.has(`${logGroupName} ${message}`));
    expect(lost).toEqual([]);
  }
  expect([answered.length > KILLS * CALLERS, whileWritingAnew > 0]).toEqual([true, true]);
  console.log(
    `${answered.length} answers; ${whileWritingAnew} of ${KILLS} kills came while the file was written anew`,
  );
}, 200_000);
