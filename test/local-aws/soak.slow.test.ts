/** Ten thousand requests, wanted and refused, some from clients that hang up: nothing may pile up. `npm run soak` is the same for longer. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Measurement } from "../support/soak";

const REQUESTS = 10_000;

test("memory, threads, handles and processes are stable over 10,000 requests", async () => {
  const program = ["--expose-gc", "--import", "tsx", join(__dirname, "../support/soak.ts")];
  const length = ["--requests", String(REQUESTS), "--sessions", "800", "--concurrency", "8", "--json"];
  // It fails on any wrong status, on an invocation that isn't in the log, and on what piles up.
  const { stdout } = await promisify(execFile)(process.execPath, [...program, ...length]);
  const stages = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Measurement);
  expect(stages).toHaveLength(10);
  // This is to see that all kinds took part.
  const end = stages.at(-1) as Measurement;
  expect(end.requests).toBeGreaterThanOrEqual(REQUESTS);
  expect(end.sessions).toBeGreaterThanOrEqual(800);
  expect(end.invocations).toBeGreaterThan(1000);
  for (const status of [200, 400, 403, 421]) {
    expect(end.statuses[status]).toBeGreaterThan(500);
  }
}, 180_000);
