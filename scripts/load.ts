/** `npm run load`: many users walk the flow against a deployment, brought by Artillery; reports what they saw, and takes their identities away. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { inspect } from "node:util";
import { InvalidArgumentError } from "commander";
import {
  ENDINGS,
  HarnessError,
  makeReportDirectory,
  type ProgressEvent,
  Redactor,
  readOutputs,
  SettingsError,
  writeReports,
} from "../harness";
import { Console } from "../harness/cli/console";
import { type CommandProcess, runAsProcess } from "../harness/cli/process";
import { Screen } from "../harness/cli/screen";
import { runLoad } from "../harness/load/run";
import { arrivalsOf, type LoadPlan } from "../harness/load/tally";
import { LOAD_STEP_NAMES } from "../harness/report";
import { explainer } from "../harness/reporting/explain";
import { parseDuration } from "../harness/run/durations";
import { npmCommand } from "./command";
import { artilleryEngine, findArtillery } from "./load/artillery";
import { writeScenario } from "./load/scenario";

/**
 * Calls a second that an account may make of GetOpenIdTokenForDeveloperIdentity, and as many of GetCredentialsForIdentity, in a region,
 * unless it was granted more. https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
 */
const QUOTA = 200;

interface Options extends Pick<LoadPlan, "users" | "rate" | "atATime" | "p95"> {
  readonly outputs: string;
  /** Milliseconds. */
  readonly duration: number;
  readonly maxErrorRate: number;
  readonly quota: number;
  readonly slot: string;
  readonly reportDir?: string;
  readonly scenario?: string;
  readonly verbose?: boolean;
}

const command = npmCommand(
  "load",
  "Lets many users walk the flow against a deployment, each with an identity and credentials of its own, and deletes the identities at the end. Needs the backend's credentials, as npm run verify does.",
)
  .requiredOption("--outputs <FILE>", "what was deployed, as cdktf wrote it")
  .option("--users <NUMBER>", "how many different users there are; they arrive in turn", count, 200)
  .option("--duration <DURATION>", "how long they arrive", duration, 30_000)
  .option("--rate <NUMBER>", "how many arrive in a second", rate, 20)
  .option("--at-a-time <NUMBER>", "how many walk at the same time at most; who arrives then waits", count, 50)
  .option(
    "--quota <NUMBER>",
    "calls a second of GetOpenIdTokenForDeveloperIdentity that AWS granted the account; the rate must be below",
    count,
    QUOTA,
  )
  .option("--max-error-rate <SHARE>", "share of walks that may fail, e.g. 0.5%", share, 0)
  .option(
    "--p95 <STEP=DURATION>",
    "95 of a hundred pass the step within this, e.g. call=800ms; may be repeated",
    p95,
    {},
  )
  .option(
    "--slot <NAME>",
    "names the users: a later run with it takes away what one that was killed left",
    slot,
    "load",
  )
  .option("--report-dir <DIR>", "write report.json, junit.xml, summary.md and report.html there")
  .option("--scenario <DIR>", "only write what Artillery needs to run this elsewhere")
  .option("--verbose", "show what Artillery says")
  .addHelpText(
    "after",
    `
At a rate of 20 each quota of Cognito's is used to a tenth. Two runs at the same time need a --slot each.

Exit codes: 0 passed, 1 a limit was missed or a step failed, 2 wrong usage or settings, 3 could not be reached or Artillery could not
run, 130 interrupted, after cleaning up.`,
  );

async function load(options: Options, given: CommandProcess): Promise<number> {
  const redactor = new Redactor();
  const screen = new Screen({ ...given, redactor, json: false });
  const { reportDir, verbose = false } = options;
  let directory: string | undefined;
  try {
    const plan = planOf(options);
    const deployment = readOutputs(options.outputs);
    redactor.neverShorten(deployment.identityPoolId);
    if (options.scenario !== undefined) {
      await writeScenario(options.scenario, deployment, plan, options.slot);
      screen.lines([`Scenario: ${screen.link(options.scenario)}`]);
      return ENDINGS.passed.code;
    }
    if (reportDir !== undefined) {
      makeReportDirectory(reportDir);
    }
    const artillery = await findArtillery((line) => screen.lines([line]), given.signal);
    directory = mkdtempSync(path.join(tmpdir(), "load-"));
    await writeScenario(directory, deployment, plan, options.slot);
    screen.lines([
      `${arrivalsOf(plan)} walks by ${plan.users} users, ${plan.rate} a second, through ${deployment.identityPoolId} to ${deployment.invokeUrl}`,
      "",
    ]);
    const console = new Console({ colorize: screen.colorize, verbose: false });
    const engine = artilleryEngine(artillery, directory, (line) => verbose && screen.lines([`  | ${line}`]));
    const onProgress = (event: ProgressEvent) => screen.lines(console.lines(event));
    const onBusy = (line: () => string) => screen.busy(line);
    const { signal } = given;
    const report = await runLoad(
      { deployment, plan, engine, redactor, signal, onProgress, onBusy },
      explainer,
    );
    screen.lines(console.summary(report));
    if (report.error !== null) {
      screen.printError(report.error.message);
    }
    if (reportDir !== undefined) {
      const { files, warnings } = writeReports(report, reportDir);
      const [page = ""] = files.slice(-1);
      screen.lines([`Report: ${screen.link(page)}`, ...warnings.map((warning) => `! ${warning}`)]);
    }
    return ENDINGS[report.error?.kind ?? (report.outcome === "passed" ? "passed" : "failed")].code;
  } catch (error) {
    if (given.signal.aborted) {
      screen.printError("Interrupted before anybody arrived.");
      return ENDINGS.interrupted.code;
    }
    screen.printError(error instanceof HarnessError ? error.message : inspect(error));
    return error instanceof HarnessError ? ENDINGS[error.kind].code : ENDINGS.failed.code;
  } finally {
    if (directory !== undefined) {
      rmSync(directory, { recursive: true, force: true });
    }
  }
}

/** @throws SettingsError when the options don't fit each other */
function planOf({ users, rate, duration, atATime, quota, maxErrorRate, p95 }: Options): LoadPlan {
  const plan = { users, rate, arrivalMs: duration, atATime, maxErrorRate, p95 };
  if (rate >= quota) {
    throw new SettingsError(
      `--rate ${rate} is no lower than the quota: an account may call GetOpenIdTokenForDeveloperIdentity ${quota} times a second in a region, its other callers too. Give a lower rate, or with --quota what AWS granted.`,
    );
  }
  if (users > arrivalsOf(plan)) {
    const needed = Math.ceil(users / rate);
    throw new SettingsError(
      `${users} users do not arrive in ${duration / 1000} s at ${rate} a second. Give --duration ${needed}s or more, a higher --rate, or fewer --users.`,
    );
  }
  return plan;
}

function count(given: string): number {
  return numberIn(given, /^\d+$/, 1, 1_000_000, "a whole number from 1 to 1000000");
}

function rate(given: string): number {
  return numberIn(given, /^\d+(\.\d+)?$/, 0.01, 100_000, "a number of arrivals a second, e.g. 20 or 0.5");
}

function share(given: string): number {
  const percent = given.replace(/ ?%$/, "");
  return numberIn(percent, /^\d+(\.\d+)?$/, 0, 100, "a share of walks in percent, e.g. 0.5%") / 100;
}

function numberIn(given: string, form: RegExp, least: number, most: number, what: string): number {
  const number = Number(given);
  if (!form.test(given) || number < least || number > most) {
    throw new InvalidArgumentError(`Give ${what}.`);
  }
  return number;
}

function duration(given: string): number {
  try {
    return parseDuration(given);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

function p95(given: string, before: LoadPlan["p95"]): LoadPlan["p95"] {
  const [, step, time = ""] = /^(\w+)=(.+)$/.exec(given) ?? [];
  const name = LOAD_STEP_NAMES.find((one) => one === step);
  if (name === undefined) {
    throw new InvalidArgumentError(
      `Give one of ${LOAD_STEP_NAMES.join(", ")} and its time, e.g. call=800ms.`,
    );
  }
  return { ...before, [name]: duration(time) };
}

function slot(given: string): string {
  if (!/^[a-z\d][a-z\d-]{0,31}$/.test(given)) {
    throw new InvalidArgumentError("Give 1 to 32 small letters, digits and hyphens, e.g. load.");
  }
  return given;
}

const options = command.parse().opts<Options>();
runAsProcess((given) => load(options, given));
