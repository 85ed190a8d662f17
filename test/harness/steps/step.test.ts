/** Which status a step gets, and which time counts against its budget. */
import type { ProgressEvent } from "../../../harness/report";
import type { RunContext } from "../../../harness/run/context";
import { NotApplicableError, type Step, StepRecorder } from "../../../harness/steps/step";

// Time passes only where a step says so, however busy the machine is.
beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const WAIT = 400;

/** Waits, as between two attempts. */
const waiting: Step<void, void> = {
  name: "waiting",
  title: "wait",
  expected: () => "nothing",
  async run({ wait }) {
    const waited = wait(WAIT);
    jest.advanceTimersByTime(WAIT);
    await waited;
    return { actual: "nothing", output: undefined };
  },
};

function recorder(budgets: Record<string, number>) {
  const events: ProgressEvent[] = [];
  // Of the run, steps that pass need only what they themselves ask for.
  const run = { emit: (event: ProgressEvent) => events.push(event) } as unknown as RunContext;
  const steps = new StepRecorder(run, budgets);
  return { steps, events };
}

test("waiting does not count against the budget", async () => {
  const { steps } = recorder({ waiting: 0 });
  await steps.run(waiting);
  expect(steps.results([waiting], "")).toMatchObject([
    { status: "passed", waitedMs: WAIT, durationMs: WAIT, budgetMs: 0 },
  ]);
});

test("time without waiting does", async () => {
  const { steps } = recorder({ busy: WAIT - 1 });
  const busy: typeof waiting = {
    ...waiting,
    name: "busy",
    run: async () => {
      jest.advanceTimersByTime(WAIT);
      return { actual: "nothing", output: undefined };
    },
  };
  await steps.run(busy);
  expect(steps.results([busy], "")).toMatchObject([{ status: "degraded", durationMs: WAIT, waitedMs: 0 }]);
  expect(steps.has("degraded")).toBe(true);
});

test("what does not apply is skipped and says why, and so is what was not reached", async () => {
  const { steps, events } = recorder({});
  const idle: typeof waiting = {
    ...waiting,
    name: "idle",
    run: () => Promise.reject(new NotApplicableError("there is nothing to ask")),
  };
  await expect(steps.run(idle)).rejects.toThrow(NotApplicableError);
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
