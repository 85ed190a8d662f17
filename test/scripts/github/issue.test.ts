/** One issue while the verification of a deployment fails: opened, kept up to date, closed; told to a GitHub on loopback. */
import MarkdownIt from "markdown-it";
import { inline } from "../../../harness/reporting/markdown";
import { headline } from "../../../harness/reporting/words";
import { recall, remember } from "../../../scripts/github/marker";
import { FakeGitHub, type FakeIssue, refusal, TOKEN } from "../../support/github";
import { tell } from "../../support/night";
import {
  ENDED,
  FAILED,
  HOSTILE,
  NOT_BEGUN,
  OPEN,
  PASSED,
  result,
  TOO_SLOW,
} from "../../support/sample-reports";

const LABEL = "nightly-verification";

let github: FakeGitHub;
beforeEach(async () => {
  github = await new FakeGitHub().start();
});
afterEach(() => github.stop());

function only(issues: readonly FakeIssue[]): FakeIssue {
  expect(issues).toHaveLength(1);
  return issues[0] as FakeIssue;
}

test("opens, updates without a comment, comments on a change, closes, and opens another", async () => {
  expect(await tell(github, { report: PASSED, run: 1 })).toBe("All is well, and no issue is open.");
  expect(github.issues).toEqual([]);

  const opened = await tell(github, { report: FAILED, run: 2, at: "2026-03-14T03:00:00.000Z" });
  expect(opened).toBe("Opened https://github.com/octo-org/shop/issues/1");
  const issue = only(github.open);
  expect(issue).toMatchObject({ title: "Nightly verification fails: prod in eu-central-1", labels: [LABEL] });
  expect(issue.body.startsWith(`**${inline(headline(FAILED))}**\n`)).toBe(true);
  expect(issue.body).toContain(
    "fails since 2026-03-14 03:00 UTC, in one run; [the last](https://github.com/octo-org/shop/actions/runs/2)",
  );
  expect(issue.body).toContain("Step 5");
  expect(issue.body).toContain("must be allowed execute-api:Invoke");

  await tell(github, { report: { ...FAILED, durationMs: 7 }, run: 3, at: "2026-03-15T03:00:00.000Z" });
  expect(only(github.open).body).toContain(
    "fails since 2026-03-14 03:00 UTC, in 2 runs; [the last](https://github.com/octo-org/shop/actions/runs/3)",
  );
  expect(github.comments).toEqual([]);

  await tell(github, { report: ENDED, run: 4, at: "2026-03-16T03:00:00.000Z" });
  const [changed = "", ...more] = github.commentsOf(1);
  expect(more).toEqual([]);
  expect(changed).toMatch(/^What fails has changed \(\[run\]\(.*\/4\)\)\.\n/);
  expect(changed).toContain(`\n- Now: ${inline(headline(ENDED))}\n- Before: ${inline(headline(FAILED))}\n`);
  expect(only(github.open).body).toContain("in 3 runs");

  const closed = await tell(github, { report: PASSED, run: 5, at: "2026-03-17T03:00:00.000Z" });
  expect(closed).toBe("Closed https://github.com/octo-org/shop/issues/1");
  expect(issue).toMatchObject({ state: "closed", state_reason: "completed" });
  expect(github.commentsOf(1).at(-1)).toBe(
    "It works again ([this run](https://github.com/octo-org/shop/actions/runs/5)), after 3 runs that failed in 3 days.",
  );

  await tell(github, { report: FAILED, run: 6 });
  expect(only(github.open)).toMatchObject({ number: 2, labels: [LABEL] });
  expect(issue.state).toBe("closed");
  expect(github.labels).toEqual(new Set([LABEL]));
});

test.each([
  ["no report", undefined, /verification itself did not run[\s\S]*report\.json is not there/],
  ["a report that broke off", '{"schemaVersion":1,', /verification itself did not run[\s\S]*can't be read/],
  ["something else", { schemaVersion: 2 }, /verification itself did not run[\s\S]*not a report/],
  [
    "a walk that could not be made",
    NOT_BEGUN,
    /\| Not walked: .* \|.*No AWS credentials for the backend.*Set AWS/,
  ],
  ["a walk that was too slow", TOO_SLOW, /\| Too slow: step 3, /],
])("%s opens an issue in words of its own", async (_, report, words) => {
  await tell(github, { report, run: 1 });
  expect(only(github.open).body).toMatch(words);
});

test("what the access matrix found is told", async () => {
  await tell(github, { report: OPEN, run: 1 });
  const rows = only(github.open)
    .body.split("\n")
    .filter((line) => line.startsWith("| "));
  expect(rows.slice(2)).toEqual([
    expect.stringMatching(
      /^\| Open to signed-in users on.*GET \/users.* \| <code>refused<\/code> \| <code>allowed<\/code> \|/,
    ),
    expect.stringMatching(/^\| Open to anyone: POST \/orders \|.*Declare the route/),
  ]);
});

test("two deployments have an issue each", async () => {
  await tell(github, { report: FAILED, run: 1 });
  await tell(github, { report: FAILED, run: 2, deployment: "dev in eu-central-1", title: "Dev is down" });
  expect(github.open.map(({ title }) => title)).toEqual([
    "Nightly verification fails: prod in eu-central-1",
    "Dev is down",
  ]);
  await tell(github, { report: PASSED, run: 3 });
  expect(only(github.open).title).toBe("Dev is down");
});

test("of two that runs opened at once, the oldest goes on, and is found behind many others", async () => {
  let raced = false;
  github.interfere = ({ method, path }) => {
    if (method === "POST" && path.endsWith("/issues") && !raced) {
      raced = true;
      // The other run was a moment earlier.
      const memory = remember({ deployment: "prod in eu-central-1", runs: 1, failure: "0123456789abcdef" });
      github.add({ labels: [LABEL], body: `Text.\n\n${memory}\n` });
    }
    return undefined;
  };
  expect(await tell(github, { report: FAILED, run: 2 })).toMatch(/^Updated .*\/issues\/1,/);
  expect(only(github.open).number).toBe(1);
  expect(github.issues[1]).toMatchObject({ number: 2, state: "closed", state_reason: "not_planned" });
  expect(github.commentsOf(2)).toEqual(["The same as #1, which goes on."]);

  github.pageSize = 3;
  for (let other = 0; other < 10; other++) {
    github.add({ labels: [LABEL], body: "opened by hand" });
  }
  await tell(github, { report: PASSED, run: 3 });
  expect(github.issues[0]).toMatchObject({ state: "closed", state_reason: "completed" });
  expect(github.open).toHaveLength(10);
});

test("an issue of somebody else's, a pull request and one without the label are left alone", async () => {
  await tell(github, { report: FAILED, run: 1 });
  const { body } = only(github.open);
  github.issues.length = 0;
  github.add({ body, labels: [LABEL], login: "mallory" });
  github.add({ body, labels: [LABEL], pull_request: {} });
  github.add({ body, labels: [] });
  const before = structuredClone(github.issues);
  await tell(github, { report: PASSED, run: 2 });
  expect(github.issues).toEqual(before);
  await tell(github, { report: FAILED, run: 3 });
  expect(github.open).toHaveLength(4);
});

test("a run that is told twice counts once, as after an answer that got lost", async () => {
  await tell(github, { report: FAILED, run: 1 });
  const waited: number[] = [];
  let lost = false;
  github.interfere = ({ method }) => {
    if (method === "PATCH" && !lost) {
      lost = true;
      return { after: { status: 502, body: "<html>Bad Gateway</html>" } };
    }
    return undefined;
  };
  await tell(github, { report: ENDED, run: 2 }, waited);
  expect(waited).toEqual([1000]);
  expect(only(github.open).body).toContain("in 2 runs");
  expect(github.comments).toHaveLength(1);
});

test("an opening whose answer got lost is found, not repeated", async () => {
  let lost = false;
  github.interfere = ({ method, path }) => {
    if (method === "POST" && path.endsWith("/issues") && !lost) {
      lost = true;
      return { after: { status: 504 } };
    }
    return undefined;
  };
  await tell(github, { report: FAILED, run: 1 });
  expect(lost).toBe(true);
  expect(only(github.issues).body).toContain("in one run");
  expect(github.comments).toEqual([]);
});

test("nothing that a server answered becomes live, or can pass for what the issue remembers", async () => {
  const forged = 'x <!-- npm run github {"deployment":"dev in us\\u002deast\\u002d1"} -->';
  const calls = "@octocat #12 GH-12 octo-org/shop#3 </td><img src=x> [a](https://evil.example)";
  const report = {
    ...HOSTILE,
    steps: HOSTILE.steps.map((step) => ({
      ...step,
      status: "failed",
      title: calls,
      actual: forged,
      hint: calls,
    })),
  };
  await tell(github, { report, run: 1 });
  await tell(github, { report: { ...report, steps: report.steps.slice(1) }, run: 2 });
  const texts = [only(github.open).body, ...github.commentsOf(1)];
  expect(texts.length).toBeGreaterThan(1);
  for (const text of texts) {
    const html = new MarkdownIt({ html: true, linkify: true }).render(text);
    const seen = html.replace(/<!--[\s\S]*?-->/g, "").replace(/<[^>]*>/g, "");
    expect(seen).toContain("octocat");
    expect(seen).not.toMatch(/@octocat|#\d|GH-\d/);
    expect(html).not.toMatch(/<img|<script|href="(?!https:\/\/github\.com\/octo-org\/shop\/)/);
  }
  expect(recall(texts[0] as string)).toMatchObject({ deployment: "prod in eu-central-1", runs: 2 });
});

test("a headline of any characters is remembered, so that the next night finds the issue", async () => {
  const headline = 'Step 5: "GET /hello" answered \\ <403> -->\n\u0007 ümlaut 😀';
  const deployment = "prod in eu-central-1";
  expect(recall(`text\n${remember({ deployment, headline })}\n`)).toEqual({ deployment, headline });
  const refused = { kind: "settings", message: 'The slot "Nightly" is no name.' };
  for (const run of [1, 2]) {
    await tell(github, { report: { ...ENDED, outcome: "error", error: refused }, run });
  }
  expect(only(github.issues).body).toContain("in 2 runs");
});

test("a report of any size makes an issue that GitHub takes, and says what it left out", async () => {
  const long = "@|*<".repeat(1000);
  const refusals = Array.from({ length: 200 }, (_, index) =>
    result(`refusal-${index}`, { status: "failed", title: long, expected: long, actual: long, hint: long }),
  );
  await tell(github, { report: { ...FAILED, refusals }, run: 1 });
  await tell(github, { report: { ...FAILED, refusals: refusals.slice(1) }, run: 2 });
  expect(only(github.open).body).toMatch(/\n\d{3} more are in the report\.\n/);
  expect(github.commentsOf(1)).toHaveLength(1);
});

test("the names of everything that fails, not their order or texts, are what may change", async () => {
  await tell(github, { report: FAILED, run: 1 });
  const refusals = FAILED.refusals.map((one) => ({ ...one, actual: "other words" })).toReversed();
  await tell(github, { report: { ...FAILED, refusals }, run: 2 });
  expect(github.comments).toEqual([]);
});

describe("when GitHub refuses", () => {
  test.each([
    [
      "issues are turned off",
      () => Object.assign(github, { issuesEnabled: false }),
      /410.*Issues are turned off: turn them on/,
    ],
    [
      "the token may only read",
      () => Object.assign(github, { mayWrite: false }),
      /403: Resource not accessible by integration.*"permissions: issues: write"/,
    ],
    [
      "the repository can't be seen",
      () => Object.assign(github, { interfere: () => ({ before: refusal(404, "Not Found") }) }),
      /404: Not Found\. See whether GITHUB_REPOSITORY \(octo-org\/shop\)/,
    ],
    [
      "the token is none",
      () => Object.assign(github, { interfere: () => ({ before: refusal(401, "Bad credentials") }) }),
      /401: Bad credentials\. GITHUB_TOKEN is not valid/,
    ],
  ])("%s: it says so at once", async (_, arrange, words) => {
    arrange();
    const waited: number[] = [];
    const failing = tell(github, { report: FAILED, run: 1 }, waited);
    await expect(failing).rejects.toMatchObject({ kind: "settings", message: expect.stringMatching(words) });
    await expect(failing).rejects.not.toMatchObject({ message: expect.stringContaining(TOKEN) });
    expect(waited).toEqual([]);
  });

  test.each([
    [
      "as long as it is told",
      { ...refusal(403, "You have exceeded a secondary rate limit."), headers: { "retry-after": "7" } },
      7000,
    ],
    ["a minute where it isn't told", refusal(403, "You have exceeded a secondary rate limit."), 60_000],
    ["a minute", refusal(429, "Too many requests"), 60_000],
  ])("for a limit, it waits %s", async (_, answer, wait) => {
    let times = 0;
    github.interfere = () => (times++ === 0 ? { before: answer } : undefined);
    const waited: number[] = [];
    await tell(github, { report: FAILED, run: 1 }, waited);
    expect(waited).toEqual([wait]);
    expect(github.open).toHaveLength(1);
  });

  test("for an hour, it doesn't wait", async () => {
    const headers = {
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset": String(Math.ceil(Date.now() / 1000) + 3600),
    };
    github.interfere = () => ({ before: { ...refusal(403, "API rate limit exceeded"), headers } });
    const waited: number[] = [];
    await expect(tell(github, { report: FAILED, run: 1 }, waited)).rejects.toMatchObject({
      kind: "unreachable",
    });
    expect(waited).toEqual([]);
  });

  test("with a fault of its own, four times, each wait longer", async () => {
    github.interfere = () => ({ before: { status: 503, body: "<html>Unicorn!</html>" } });
    const waited: number[] = [];
    await expect(tell(github, { report: FAILED, run: 1 }, waited)).rejects.toMatchObject({
      kind: "unreachable",
      message: expect.stringContaining("503"),
    });
    expect(waited).toEqual([1000, 2000, 4000]);
  });
});

test("follows a renamed repository with the same call, and takes the token nowhere else", async () => {
  github.interfere = ({ method, path }) =>
    method === "POST" && path === "/repos/octo-org/shop/issues"
      ? { before: { status: 301, headers: { location: "/repos/octo-org/shop/issues?moved" } } }
      : undefined;
  await tell(github, { report: FAILED, run: 1 });
  expect(github.open).toHaveLength(1);

  const other = await new FakeGitHub().start();
  try {
    github.interfere = () => ({ before: { status: 307, headers: { location: `${other.url}/graphql` } } });
    await expect(tell(github, { report: FAILED, run: 2 })).rejects.toMatchObject({ kind: "settings" });
    expect(other.seen).toEqual([]);
  } finally {
    other.stop();
  }
});
