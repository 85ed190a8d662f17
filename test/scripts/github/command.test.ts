/** `npm run github` as a workflow calls it: what it prints, with which exit code, and never the token. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { FakeGitHub, TOKEN } from "../../support/github";
import { type Finished, runToEnd } from "../../support/programs";
import { FAILED, PASSED } from "../../support/sample-reports";

let directory: string;
let github: FakeGitHub;
beforeEach(async () => {
  github = await new FakeGitHub().start();
  directory = mkdtempSync(path.join(tmpdir(), "github-"));
});
afterEach(() => {
  github.stop();
  rmSync(directory, { recursive: true });
});

/** Runs it with the environment of a workflow, and asserts of every run that the token stays inside. */
async function run(
  args: readonly string[],
  changes: Record<string, string | undefined> = {},
): Promise<Finished> {
  const environment = {
    ...process.env,
    ...github.environment(),
    STAGE: "prod",
    AWS_REGION: "eu-central-1",
    ...changes,
  };
  const finished = await runToEnd(
    process.execPath,
    ["--import", "tsx", "scripts/github.ts", ...args],
    environment,
  );
  expect(finished.output).not.toContain(TOKEN);
  return finished;
}

function report(content: object): void {
  writeFileSync(path.join(directory, "report.json"), JSON.stringify(content));
}

test("annotate prints without a token; issue opens and closes; the deployment is the environment's", async () => {
  report(FAILED);
  const without = { GITHUB_TOKEN: undefined };
  const annotated = await run(["annotate", "--report-dir", directory], without);
  expect(annotated).toMatchObject({
    code: 0,
    output: expect.stringMatching(/^::error title=Step 5 failed%3A GET/),
  });

  const opened = await run(["issue", "--report-dir", directory]);
  expect(opened).toEqual({ code: 0, output: "Opened https://github.com/octo-org/shop/issues/1\n" });
  expect(github.open).toMatchObject([{ title: "Nightly verification fails: prod in eu-central-1" }]);
  report(PASSED);
  const other = await run(["issue", "--report-dir", directory], { STAGE: undefined, AWS_REGION: undefined });
  expect(other.output).toBe("All is well, and no issue is open.\n");
  const closed = await run(["issue", "--report-dir", directory]);
  expect(closed).toEqual({ code: 0, output: "Closed https://github.com/octo-org/shop/issues/1\n" });
  expect(JSON.stringify([github.issues, github.comments])).not.toContain(TOKEN);
});

test("a comment is written once, updated in place, and cut where it is too long", async () => {
  github.add({ number: 12, pull_request: {} });
  const file = path.join(directory, "plan.md");
  const comment = ["comment", "--file", file, "--pull-request", "12"];
  writeFileSync(file, "## Plan\n\nNo change.\n");
  expect(await run(comment)).toEqual({
    code: 0,
    output: "Wrote https://github.com/octo-org/shop/issues/12#issuecomment-1000\n",
  });
  await run(comment, { STAGE: "dev" });
  writeFileSync(file, `## Plan\n\n\`\`\`diff\n${"+ a line of a plan\n".repeat(5000)}\`\`\`\n`);
  expect((await run(comment)).output).toMatch(/^Updated .*-1000\n$/);
  const [prod = "", dev] = github.commentsOf(12);
  expect(github.comments).toHaveLength(2);
  expect(dev).toMatch(/^## Plan\n\nNo change\.\n\n<!-- /);
  expect(prod.length).toBeLessThan(65_536);
  expect(prod).toMatch(
    /^\*Cut after \d{5} of \d{5} characters; all of it is with \[the run\]\(https:\/\/github\.com\/octo-org\/shop\/actions\/runs\/1\)\.\*\n\n## Plan\n[\s\S]*\n\+ a line of a plan\n\n```\n\n<!-- /,
  );
});

test.each<[string, readonly string[], RegExp]>([
  ["no directory", ["issue"], /required option '--report-dir <DIR>'/],
  [
    "a pull request without a number",
    ["comment", "--file", "README.md", "--pull-request", "x"],
    /has a number, e\.g\. 12/,
  ],
  [
    "a file that isn't there",
    ["comment", "--file", "none.md", "--pull-request", "1"],
    /none\.md can't be read \(ENOENT\)/,
  ],
  [
    "a pull request that isn't there",
    ["comment", "--file", "README.md", "--pull-request", "99"],
    /404: Not Found/,
  ],
])("with %s it ends with 2 and the cure", async (_, args, words) => {
  expect(await run(args)).toMatchObject({ code: 2, output: expect.stringMatching(words) });
});

test("where nothing listens it ends with 3", async () => {
  github.stop();
  const { code, output } = await run(["issue", "--report-dir", directory]);
  expect(output).toMatch(/^GitHub can't be reached: POST \/graphql: ECONNREFUSED\. Check the network/);
  expect(code).toBe(3);
});
