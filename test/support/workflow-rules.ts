/** What a workflow of this project must keep to, beyond what actionlint knows: who may do what, what is pinned, and that what it names is there. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { PROJECT } from "./programs";

export interface Step {
  readonly id?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Job {
  readonly if?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
  readonly [key: string]: unknown;
}

export interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: unknown;
  readonly env?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

export function readWorkflow(text: string): Workflow {
  return parse(text);
}

/** Lists what is wrong with a workflow; nothing when it keeps to all. */
export function problemsOf(text: string): string[] {
  const workflow = readWorkflow(text);
  const jobs = Object.entries(workflow.jobs);
  return [
    ...triggerProblems(workflow),
    ...(isEmpty(workflow.permissions)
      ? []
      : ["permissions at the top must be {}, so that each job says its own"]),
    ...pinProblems(text),
    ...secretProblems(text),
    ...jobs.flatMap(([name, job]) => [
      ...jobProblems(job, workflow).map((problem) => `${name}: ${problem}`),
      ...job.steps.flatMap((step) => stepProblems(step).map((problem) => `${name}: ${problem}`)),
    ]),
  ];
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

/** Both run with secrets and a token that writes, on behalf of whoever opens a pull request. */
function triggerProblems({ on }: Workflow): string[] {
  return ["pull_request_target", "workflow_run"].flatMap((trigger) =>
    trigger in on ? [`${trigger} lends this repository's rights to others' pull requests`] : [],
  );
}

/** A tag can be moved by whoever takes over an action; a commit can't. */
function pinProblems(text: string): string[] {
  return [...text.matchAll(/^.*\buses: *(\S.*)$/gm)].flatMap(([, used = ""]) =>
    /^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(used)
      ? []
      : [`${used} is not pinned as OWNER/NAME@COMMIT # vX.Y.Z`],
  );
}

function secretProblems(text: string): string[] {
  return /\$\{\{[^}]*\bsecrets\b|^ *secrets:/m.test(text)
    ? ["secrets are read; roles are assumed by OIDC, and the job's token is github.token"]
    : [];
}

function jobProblems(job: Job, workflow: Workflow): string[] {
  const { permissions } = job;
  const writes = Object.entries(permissions ?? {}).flatMap(([scope, access]) =>
    access === "write" ? [scope] : [],
  );
  const assumes = writes.includes("id-token");
  const condition = job.if ?? "";
  const forPullRequests =
    "pull_request" in workflow.on && !/github\.ref == 'refs\/heads\/main'/.test(condition);
  const checkouts = job.steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
  return [
    ...(permissions === undefined || typeof permissions === "string"
      ? ["says no permissions of its own"]
      : []),
    ...(typeof job["timeout-minutes"] === "number" ? [] : ["has no timeout-minutes"]),
    ...(assumes && writes.length > 1
      ? [`may assume a role and also write ${writes.filter((scope) => scope !== "id-token")}`]
      : []),
    ...(assumes && !/vars\.\w+ != ''/.test(condition)
      ? ["assumes a role and runs where none is configured, as in a fork"]
      : []),
    ...(assumes && forPullRequests && !condition.includes("head.repo.full_name == github.repository")
      ? ["assumes a role for pull requests of forks"]
      : []),
    ...(writes.length > 0 && !assumes && "pull_request" in workflow.on
      ? checkouts.flatMap((step) =>
          step.with?.ref === `\${{ github.event.pull_request.base.sha }}`
            ? []
            : [`runs a pull request's code with a token that writes ${writes}`],
        )
      : []),
    ...(writes.length > 0 &&
    job.steps.some(({ run }) => /\bnpm (ci|install)\b(?!.*--ignore-scripts)/.test(run ?? ""))
      ? ["runs packages' install scripts with rights to write"]
      : []),
    // Its archive is unpacked with absolute paths, and every job of main, whose packages may run scripts, can have written it.
    ...(writes.length > 0 && job.steps.some(restoresCache) ? ["unpacks a cache with rights to write"] : []),
  ];
}

function restoresCache({ uses, with: inputs }: Step): boolean {
  return (
    /^actions\/cache(\/restore)?@/.test(uses ?? "") ||
    // By default it takes one as soon as package.json names a package manager.
    (uses?.startsWith("actions/setup-node@") === true &&
      (inputs?.cache !== undefined || inputs?.["package-manager-cache"] !== false))
  );
}

function stepProblems({ uses, run = "", with: inputs }: Step): string[] {
  const credentials = uses?.startsWith("aws-actions/configure-aws-credentials@");
  return [
    ...(uses?.startsWith("actions/checkout@") && inputs?.["persist-credentials"] !== false
      ? ["leaves the job's token in the checkout"]
      : []),
    // Else what another job has made, which may run a pull request's code, lies over the scripts and packages of this one.
    ...(uses?.startsWith("actions/download-artifact@") && !/^[\w-]+$/.test(String(inputs?.path ?? "."))
      ? ["unpacks an artifact elsewhere than in a directory of its own"]
      : []),
    ...(credentials && !/^\$\{\{ vars\.AWS_\w+_ROLE_ARN \}\}$/.test(String(inputs?.["role-to-assume"]))
      ? ["takes credentials other than a role from a variable"]
      : []),
    // Whatever stands in an expression would be read by the shell.
    ...[...run.matchAll(/\$\{\{.*?\}\}/gs)].map(
      ([expression]) => `${expression} in a script; hand it on by env`,
    ),
    ...missingNames(run).map((name) => `${name} isn't there`),
  ];
}

/** Npm scripts, programs of packages and files that a script names, and that don't exist. */
function missingNames(run: string): string[] {
  const { scripts } = JSON.parse(readFileSync(path.join(PROJECT, "package.json"), "utf8"));
  const npm = [...run.matchAll(/\bnpm run ([\w:-]+)/g)].flatMap(([, name = ""]) =>
    name in scripts ? [] : [`npm run ${name}`],
  );
  const npx = [...run.matchAll(/\bnpx ([\w-]+)/g)].flatMap(([, name = ""]) =>
    existsSync(path.join(PROJECT, "node_modules", ".bin", name)) ? [] : [`npx ${name}`],
  );
  const files = [...run.matchAll(/(?<=^|\s)(?:\.\/)?[\w.-]+(?:\/[\w.-]+)*\.(?:sh|ts|js)(?=\s|$)/gm)].flatMap(
    ([file]) => (existsSync(path.join(PROJECT, file)) ? [] : [file]),
  );
  return [...npm, ...npx, ...files];
}
