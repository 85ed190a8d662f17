/**
 * `npm run github -- issue`: one open issue while the nightly verification of a deployment fails. Its text always says how things stand;
 * a comment, of which people get mail, is written when *what* fails changes and when it works again: a comment every night would teach
 * everybody to look away. One that is closed stays closed: the next failure is another, with a beginning of its own.
 */
import type { Command } from "commander";
import { z } from "zod";
import { subcommand } from "../command";
import { type GitHub, GitHubRefusalError } from "./api";
import { CONVERSATION_HELP, converse } from "./conversation";
import { digest, issueBody, lasting, stillFailing } from "./issue-text";
import { type Memory, recall } from "./marker";
import { type Night, readNight } from "./night";
import { deploymentOption, type GitHubSettings } from "./settings";

const LABEL = "nightly-verification";

const issueSchema = z.object({
  number: z.int(),
  html_url: z.string(),
  body: z.string().nullable(),
  created_at: z.string(),
  user: z.object({ login: z.string() }).nullable(),
  // Every pull request is an issue to this API.
  pull_request: z.unknown().optional(),
});
type Issue = z.infer<typeof issueSchema>;

interface IssueOptions {
  readonly reportDir: string;
  readonly title?: string;
  readonly deployment: string;
}

export function issueCommand(): Command {
  return subcommand(
    "issue",
    "Opens one issue when the verification failed or did not run, keeps it up to date while that lasts, and closes it when all is well.",
  )
    .requiredOption("--report-dir <DIR>", "what npm run verify wrote; without a report there, it did not run")
    .addOption(deploymentOption())
    .option("--title <TITLE>", "of a new issue")
    .addHelpText("after", CONVERSATION_HELP)
    .action(async ({ reportDir, ...options }: IssueOptions) => {
      process.exitCode = await converse("issues: write", (github, settings) =>
        keepIssue(github, settings, { ...options, night: readNight(reportDir), now: new Date() }),
      );
    });
}

/** What is to be told of which deployment. */
export interface Told extends Omit<IssueOptions, "reportDir"> {
  readonly night: Night;
  readonly now: Date;
}

/** Brings the issue in line with the night, and says in a sentence what was done. Done twice, it changes nothing the second time. */
export async function keepIssue(github: GitHub, settings: GitHubSettings, told: Told): Promise<string> {
  const issue = await onlyIssue(github, told.deployment);
  if (told.night.failures.length === 0) {
    return issue === undefined ? "All is well, and no issue is open." : close(github, settings, told, issue);
  }
  return issue === undefined ? open(github, settings, told) : update(github, settings, told, issue);
}

/**
 * Finds the open issue of this deployment among those that this token's owner opened. Of several, as two runs at once make them, the
 * oldest counts, and the others are closed.
 */
async function onlyIssue(github: GitHub, deployment: string): Promise<Issue | undefined> {
  const login = await github.login();
  const labelled = await github.list(`/issues?state=open&labels=${LABEL}`, issueSchema);
  const [oldest, ...others] = labelled
    .filter(({ user, pull_request }) => user?.login === login && pull_request === undefined)
    .filter(({ body }) => recall(body)?.deployment === deployment)
    .sort((a, b) => a.number - b.number);
  for (const { number } of others) {
    await comment(github, number, `The same as #${oldest?.number}, which goes on.`);
    await github.call(
      "PATCH",
      `/issues/${number}`,
      { state: "closed", state_reason: "not_planned" },
      issueSchema,
    );
  }
  return oldest;
}

async function open(github: GitHub, settings: GitHubSettings, told: Told): Promise<string> {
  const { title = `Nightly verification fails: ${told.deployment}` } = told;
  await createLabel(github);
  const memory = remembered(settings, told, undefined);
  const body = issueBody(settings, told, memory);
  const opened = await github.call("POST", "/issues", { title, body, labels: [LABEL] }, issueSchema);
  // Another run may have done the same since.
  const issue = await onlyIssue(github, told.deployment);
  return issue === undefined || issue.number === opened.number
    ? `Opened ${opened.html_url}`
    : update(github, settings, told, issue);
}

async function update(github: GitHub, settings: GitHubSettings, told: Told, issue: Issue): Promise<string> {
  const before = recall(issue.body);
  const memory = remembered(settings, told, before);
  const changed = before?.failure !== memory.failure;
  if (changed) {
    // Before the text, which remembers that it was told: rather twice than never.
    await comment(github, issue.number, stillFailing(settings, told, before?.headline));
  }
  await github.call(
    "PATCH",
    `/issues/${issue.number}`,
    { body: issueBody(settings, told, memory) },
    issueSchema,
  );
  return `Updated ${issue.html_url}${changed ? ", with a comment: what fails has changed" : ""}`;
}

async function close(github: GitHub, settings: GitHubSettings, told: Told, issue: Issue): Promise<string> {
  const { since = issue.created_at, runs = 1 } = recall(issue.body) ?? {};
  const lasted = lasting(told.now.getTime() - Date.parse(since));
  const by = settings.runUrl === undefined ? "" : ` ([this run](${settings.runUrl}))`;
  await comment(
    github,
    issue.number,
    `It works again${by}, after ${runs === 1 ? "one run" : `${runs} runs`} that failed in ${lasted}.`,
  );
  const closed = { state: "closed", state_reason: "completed" };
  await github.call("PATCH", `/issues/${issue.number}`, closed, issueSchema);
  return `Closed ${issue.html_url}`;
}

/** What the issue has to know of this run; a run that is told twice counts once. */
function remembered({ runUrl }: GitHubSettings, { deployment, night, now }: Told, before?: Memory): Memory {
  const { since = now.toISOString(), runs = 0, lastRun } = before ?? {};
  const again = runUrl !== undefined && runUrl === lastRun;
  return {
    deployment,
    since,
    runs: again ? runs : runs + 1,
    lastRun: runUrl,
    failure: digest(night),
    headline: night.headline.slice(0, 200),
  };
}

async function comment(github: GitHub, issue: number, body: string): Promise<void> {
  await github.call("POST", `/issues/${issue}/comments`, { body }, z.looseObject({ id: z.int() }));
}

async function createLabel(github: GitHub): Promise<void> {
  const label = {
    name: LABEL,
    color: "b60205",
    description: "The nightly verification of a deployment fails",
  };
  try {
    await github.call("POST", "/labels", label, z.looseObject({}));
  } catch (error) {
    // 422: it is there. https://docs.github.com/en/rest/issues/labels#create-a-label
    if (!(error instanceof GitHubRefusalError && error.status === 422)) {
      throw error;
    }
  }
}
