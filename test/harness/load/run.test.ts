/** Many users walk a deployment on local AWS: each with an identity of its own, all taken away again, whatever ends the run. */
import { parseOutputs, Redactor } from "../../../harness";
import { Crowd, userName } from "../../../harness/load/crowd";
import { type LoadEngine, type LoadEvent, type LoadOptions, runLoad } from "../../../harness/load/run";
import type { LoadPlan } from "../../../harness/load/tally";
import type { ProgressEvent } from "../../../harness/report";
import { explainer } from "../../../harness/reporting/explain";
import { createRun, type RunContext } from "../../../harness/run/context";
import { UnreachableError } from "../../../harness/run/errors";
import { type LocalAws, startLocalAws } from "../../../local-aws";
import { requestsOf } from "../../../scripts/bench/requests";
import {
  type DeploymentFaults,
  type DeploymentOutputs,
  deployWithSdk,
} from "../../../scripts/sdk-deployment";
import { identitiesLeft } from "../../support/identities-left";
import { jsonProblems } from "../../support/report-validation";

let local: LocalAws;
let outputs: DeploymentOutputs;
beforeEach(async () => {
  local = await startLocalAws();
});
afterEach(async () => {
  await Promise.all(runs.splice(0).map((run) => run.end()));
  await local.stop();
});

/** Runs of those who bring users, which clean up after the test only. */
const runs: RunContext[] = [];

async function deploy(faults: DeploymentFaults = {}): Promise<void> {
  outputs = await deployWithSdk(local, faults);
}

/** What users told, in the order in which they did. */
let told: LoadEvent[];
beforeEach(() => {
  told = [];
});

/** Brings all users at once, as Artillery's processor does for its virtual users. */
function crowdOf({ users, atATime }: LoadPlan, walks: number): LoadEngine {
  return async (tell) => {
    const run = createRun({ ...target(), redactor: new Redactor({ latest: 1000 }) });
    runs.push(run);
    const say = (event: LoadEvent) => {
      told.push(event);
      // As it comes over a pipe.
      tell(JSON.parse(JSON.stringify(event)));
    };
    const crowd = new Crowd(run, { users, atATime, slot: "test", tell: say });
    await Promise.all(Array.from({ length: walks }, () => crowd.walk()));
  };
}

const target = () => ({
  deployment: parseOutputs({ stack: outputs }, "test"),
  endpoint: local.endpoint,
  credentials: local.credentials,
});

function load(plan: Partial<LoadPlan> = {}, options: Partial<LoadOptions> = {}, walks?: number) {
  const whole = { users: 30, rate: 30, arrivalMs: 1000, atATime: 8, maxErrorRate: 0, p95: {}, ...plan };
  const engine = crowdOf(whole, walks ?? whole.users);
  return runLoad({ ...target(), plan: whole, engine, ...options }, explainer);
}

const left = () => identitiesLeft(local, outputs.identity_pool_id);
const walksOf = () => told.flatMap((event) => (event.type === "end" ? [event.walk] : []));

test("each user has an identity of its own, again when it comes again, and none is left", async () => {
  await deploy();
  const report = await load({ users: 20 }, {}, 40);
  expect(report).toMatchObject({
    outcome: "passed",
    load: { users: 20, passed: 40, failed: 0, unfinished: 0, errors: [] },
    steps: ["pool", "roles", "token", "credentials", "call"].map((name) => ({ name, status: "passed" })),
    warnings: [],
  });
  expect(jsonProblems(JSON.stringify(report))).toEqual([]);
  const identities = new Map<string, Set<string | undefined>>();
  for (const { user, identityId } of walksOf()) {
    identities.set(user, (identities.get(user) ?? new Set()).add(identityId));
  }
  expect([...identities.keys()].sort()).toEqual(
    Array.from({ length: 20 }, (_, n) => userName("test", n)).sort(),
  );
  expect([...identities.values()].map((ids) => ids.size)).toEqual(Array(20).fill(1));
  expect(new Set([...identities.values()].flatMap((ids) => [...ids])).size).toBe(20);
  expect(await left()).toBe(0);
});

test("no more walk at a time than may", async () => {
  await deploy();
  let walking = 0;
  let most = 0;
  const { load: borne } = await load({ users: 25, atATime: 3 });
  for (const { type } of told) {
    walking += type === "begin" ? 1 : -1;
    most = Math.max(most, walking);
  }
  expect(most).toBe(3);
  expect(borne).toMatchObject({ passed: 25, waited: 22 });
});

test("identities are deleted sixty at a time", async () => {
  await deploy();
  const requests = await requestsOf(local, async () => {
    expect((await load({ users: 61, atATime: 50 })).load).toMatchObject({ passed: 61, errors: [] });
  });
  expect(requests.filter((request) => request.endsWith(".DeleteIdentities"))).toHaveLength(2);
  expect(requests.filter((request) => request.endsWith(".GetOpenIdTokenForDeveloperIdentity"))).toHaveLength(
    61,
  );
  expect(requests.filter((request) => request.includes("jwks"))).toHaveLength(1);
  expect(await left()).toBe(0);
});

test("what all are refused fails the step, with the cause", async () => {
  await deploy({ withoutInvokeGrant: true });
  const report = await load({ users: 5 });
  expect(report.outcome).toBe("failed");
  expect(report.load?.errors).toMatchObject([{ step: "call", class: "AccessDeniedException", count: 5 }]);
  expect(report.steps[4]).toMatchObject({ name: "call", status: "failed" });
  expect(report.steps[4]?.hint).toMatch(/^The role lacks the grant/);
  expect(report.steps[3]).toMatchObject({ status: "passed" });
  expect(await left()).toBe(0);
});

test("what some are refused passes within the limit; repeated calls are counted", async () => {
  await deploy({ throttled: { rate: 1, burst: 2 } });
  const throttled = await load({ users: 6, maxErrorRate: 1 });
  expect(throttled.outcome).toBe("passed");
  expect(throttled.load?.steps[2]?.repeated).toBeGreaterThan(0);
  expect(throttled.load?.errors).toMatchObject([{ step: "call", class: "TooManyRequestsException" }]);
  expect(throttled.load?.failed).toBeGreaterThan(0);
});

test("a p95 that is missed fails the run", async () => {
  await deploy();
  const report = await load({ users: 5, p95: { call: 1, token: 60_000 } });
  expect(report.outcome).toBe("failed");
  expect(report.load?.limits.map(({ passed }) => passed)).toEqual([true, false, true]);
  expect(report.steps.map(({ status }) => status)).toEqual([
    "passed",
    "passed",
    "passed",
    "passed",
    "failed",
  ]);
});

test("nobody comes to a pool that is not as it should be", async () => {
  await deploy({ classicFlowAllowed: true });
  const report = await load();
  expect(told).toEqual([]);
  expect(report).toMatchObject({
    outcome: "failed",
    steps: [{ status: "failed" }, ...Array(4).fill({ status: "skipped" })],
  });
  expect(report.load).toBeUndefined();
});

test("interrupted, the run reports who was through, and takes away every identity", async () => {
  await deploy();
  const interruption = new AbortController();
  const engine: LoadEngine = async (tell, signal) => {
    const run = createRun(target());
    runs.push(run);
    let ended = 0;
    const say = (event: LoadEvent) => {
      // Killed, it says nothing any more.
      if (!signal.aborted) {
        tell(event);
        ended += event.type === "end" ? 1 : 0;
        if (ended === 15) {
          interruption.abort();
        }
      }
    };
    const crowd = new Crowd(run, { users: 40, atATime: 8, slot: "test", tell: say });
    const walkOn = async () => {
      while (!signal.aborted) {
        await crowd.walk();
      }
    };
    await Promise.all(Array.from({ length: 8 }, walkOn));
    signal.throwIfAborted();
  };
  const report = await load({ users: 40 }, { engine, signal: interruption.signal });
  expect(report).toMatchObject({ outcome: "error", error: { kind: "interrupted" }, warnings: [] });
  expect(report.load).toMatchObject({ passed: 15, unfinished: 7 });
  expect(jsonProblems(JSON.stringify(report))).toEqual([]);
  expect(await left()).toBe(0);
});

test("when the engine fails, identities that nobody told of are found by their users' names", async () => {
  await deploy();
  const engine: LoadEngine = async (tell) => {
    // Signed in, and killed before it could say so.
    await crowdOf({ users: 7, rate: 1, arrivalMs: 1, atATime: 7, maxErrorRate: 0, p95: {} }, 7)((event) => {
      if (event.type === "begin") {
        tell(event);
      }
    }, new AbortController().signal);
    throw new UnreachableError("Artillery ended with 11.");
  };
  const report = await load({}, { engine });
  expect(report).toMatchObject({
    outcome: "error",
    error: { kind: "unreachable", message: "Artillery ended with 11." },
  });
  expect(report.load).toMatchObject({ passed: 0, unfinished: 7 });
  expect(await left()).toBe(0);
});

test("a later run with the slot takes away what an earlier one left", async () => {
  await deploy();
  const plan = { users: 10, rate: 1, arrivalMs: 1, atATime: 10, maxErrorRate: 0, p95: {} };
  // As of a run that was killed: nobody cleans up.
  await crowdOf(plan, 10)(() => {}, new AbortController().signal);
  expect(await left()).toBe(10);
  await load({ users: 10 });
  expect(await left()).toBe(0);
});

test("no secret is in what users tell, in the events or the report", async () => {
  await deploy({ withoutInvokeGrant: true });
  const events: ProgressEvent[] = [];
  const report = await load({ users: 3 }, { onProgress: (event) => events.push(event) });
  const said = JSON.stringify([told, events, report]);
  expect(said).not.toMatch(/eyJ[\w-]+\.|Signature=[0-9a-f]|ASIA[A-Z0-9]{12}/);
  expect(said).not.toContain(local.credentials.secretAccessKey);
  expect(JSON.stringify(report)).not.toContain(walksOf()[0]?.identityId);
});
