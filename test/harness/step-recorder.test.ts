/** Which status a step gets, and which time counts against its budget. */
import { CallLog } from "../../harness/calls/call-log";
import type { ProgressEvent } from "../../harness/run/options";
import { StepRecorder } from "../../harness/steps/recorder";
import { NotApplicable, type Step, type Walk } from "../../harness/steps/step";

// Time passes only where a step says so, however busy the machine is.
beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const WAIT = 400;

/** Waits, as between two attempts. */
const waiting: Step<void, void> = {
  name: "waiting",
  title: "wait",
  expected: () => "nothing",
  async run(_walk, calls) {
    calls.waited(WAIT);
    jest.advanceTimersByTime(WAIT);
    return { actual: "nothing", result: undefined };
  },
};

function recorder(budgets: Record<string, number>) {
  const events: ProgressEvent[] = [];
  // Of the walk, steps that pass need only what they themselves ask for.
  const walk = {} as Walk;
  const steps = new StepRecorder({ walk, budgets, investigate: null, tell: (event) => events.push(event) });
  return { steps, events };
}

test("waiting does not count against the budget", async () => {
  const { steps } = recorder({ waiting: 0 });
  await steps.run(waiting, undefined);
  expect(steps.results([waiting], "")).toMatchObject([
    { status: "passed", waitedMs: WAIT, durationMs: WAIT, budgetMs: 0 },
  ]);
});

test("time without waiting does", async () => {
  const { steps } = recorder({ busy: WAIT - 1 });
  const busy: typeof waiting = {
    ...waiting,
    name: "busy",
    run: (walk, _, input) => waiting.run(walk, new CallLog(), input),
  };
  await steps.run(busy, undefined);
  expect(steps.results([busy], "")).toMatchObject([{ status: "degraded", durationMs: WAIT, waitedMs: 0 }]);
  expect(steps.has("degraded")).toBe(true);
});

test("what does not apply is skipped and says why, and so is what was not reached", async () => {
  const { steps, events } = recorder({});
  const idle: typeof waiting = {
    ...waiting,
    name: "idle",
    run: () => Promise.reject(new NotApplicable("there is nothing to ask")),
  };
  await expect(steps.run(idle, undefined)).rejects.toThrow(NotApplicable);
  const results = steps.results([idle, waiting], "it was too late");
  expect(results.map(({ status, notes }) => [status, notes])).toEqual([
    ["skipped", ["there is nothing to ask"]],
    ["skipped", ["it was too late"]],
  ]);
  expect(events).toEqual([
    { type: "started", name: "idle", title: "wait" },
    { type: "finished", result: results[0] },
  ]);
});
