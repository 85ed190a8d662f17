/** Ten thousand requests, wanted and refused, some from clients that hang up: nothing may pile up. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Measurement } from "../support/load";

const REQUESTS = 10_000;
/** By then the decision log is full, what is compiled lazily is compiled, and every client has had its function process. */
const WARM_UP = 3_000;

/**
 * Bytes that a request may leave behind on average. One in fourteen opens a session, about 2 KB that the account has to remember
 * until the session has ended; the rest is the collector's inaccuracy.
 */
const LEFT_BEHIND = 400;

/** Handles of the function processes that a moment of more concurrent calls may add. */
const FEW_HANDLES = 40;

test("memory, threads, handles and processes are stable over 10,000 requests", async () => {
  const load = join(__dirname, "../support/load.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--expose-gc",
    "--import",
    "tsx",
    load,
    String(REQUESTS),
    String(WARM_UP),
  ]);
  const [warm, half, end] = JSON.parse(stdout) as [Measurement, Measurement, Measurement];
  // The load checks every status; this is to see that all kinds took part.
  expect(end.requests).toBeGreaterThanOrEqual(REQUESTS);
  for (const status of [200, 400, 403, 421]) {
    expect(end.statuses[status]).toBeGreaterThan(500);
  }
  expect(end.faults).toBe(0);

  for (const [from, to] of [
    [warm, end],
    [half, end],
  ] as const) {
    expect((to.heap - from.heap) / (to.requests - from.requests)).toBeLessThan(LEFT_BEHIND);
    expect(to.threads).toBe(from.threads);
    expect(to.handles).toBeLessThan(from.handles + FEW_HANDLES);
    expect(to.files ?? 0).toBeLessThan((from.files ?? 0) + FEW_HANDLES);
    expect(to.processes).toBeLessThanOrEqual(8);
  }
}, 180_000);
