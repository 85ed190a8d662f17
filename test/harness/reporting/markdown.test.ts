/** summary.md renders as it should, and no answer of a server breaks out of its place. */
import MarkdownIt from "markdown-it";
import { inline, summaryReport } from "../../../harness/reporting/markdown";
import { FAILED, HOSTILE, HOSTILE_TEXT, OPEN, PASSED, SAMPLES, TOO_SLOW } from "../../support/sample-reports";

/** As lenient as GitHub's: tables, HTML, and addresses that become links. */
const markdown = new MarkdownIt({ html: true, linkify: true });

/** The elements of the page by their names, in their order. */
function elements(html: string): string[] {
  return [...html.matchAll(/<([a-z][a-z0-9]*)/g)].map(([, name = ""]) => name);
}

test("the outcome comes first, then the steps, and the refusals are folded away", () => {
  const summary = summaryReport(PASSED);
  expect(summary).toMatch(
    /^## ✅ The flow works: all 5 steps passed; all 2 refusals as expected\n\nPool .*\n\n\| {2}\| Step \| Call \| Time \|\n\| --- .*\n\| ✅ passed \| pool \| DescribeIdentityPool \| 61 ms \|\n/,
  );
  expect(summary).toContain("<details><summary>Signature and keys: ✅ 1 passed</summary>\n\n|  | Refusal |");
  expect(summary).toContain(
    "<details><summary>➖ 1 skipped: The deployment declares guests.</summary>\n\n- guest-identity: GetId without logins\n\n</details>",
  );
});

test("what AWS does not document for certain has a badge, and the legend says so once", () => {
  const summary = summaryReport(PASSED);
  expect(summary).toMatch(/\| expired-token \|.*<code>400 NotAuthorizedException: [^|]*<\/code> ◇ \|\n/);
  expect(summary.match(/not documented for certain/g)).toHaveLength(1);
  expect(summary).not.toContain("this came:");
  expect(summaryReport(FAILED)).not.toContain("◇");
});

test("what failed comes before the tables: the cause, then the evidence", () => {
  const summary = summaryReport(FAILED);
  expect(summary).toMatch(
    /^## ❌ Step 5 failed: GET \/hello answered 403, the role lacks the grant; 1 more failure\n/,
  );
  expect(summary).toMatch(
    /### Step 5 failed: GET \/hello answered 403, the role lacks the grant\n\n\*\*Most likely:\*\* The role .*\n\n```diff\n- expected: GET \/dev\/hello: 200\n\+ actual: {3}GET \/dev\/hello: 403 .*\n```\n\n```\nrole dev-authenticated.*\n.*\n.*\n```\n\nRequest .*\n\n### Not refused: GET \/restricted with valid credentials\n/,
  );
  expect(summary).toContain("<details open><summary>Routes and methods: ❌ 1 failed</summary>");
  expect(summary).toContain("2.8 s, 3 attempts, 2.1 s of it waiting");
  expect(summary).toContain("**Warnings**\n\n- Clean-up: identities of this run may be left in the pool.");
});

test("who may call what is a row a route, with what is not as declared before it", () => {
  const summary = summaryReport(OPEN);
  expect(summary).toMatch(/^## ❌ Open to signed-in users on another user.*; 1 more failure\n/);
  expect(summary).toContain("2 identities of earlier runs found, 2 deleted");
  expect(summary).toMatch(
    /\*\*Who may call what:\*\* .*\n\n- open to signed-in users on another user.*\n- open to anyone: POST \/orders\n\n\| Route \| nobody \| a guest \| signed in \|/,
  );
  expect(summary).toContain("| ✅ allowed | ❌ allowed | ✅ refused |");
  expect(summary).toContain(
    "| ➖ *refused* (computed) | ➖ *refused* (computed) | ➖ *allowed* (computed) |",
  );
});

test("a step that was too slow under --strict is what failed", () => {
  expect(summaryReport(TOO_SLOW)).toMatch(
    /^## ❌ Too slow: step 3, GetOpenIdTokenForDeveloperIdentity took 1\.8 s, budget 500 ms\n[\s\S]*Took 1\.8 s, budget 500 ms\./,
  );
});

test.each(Object.entries(SAMPLES))(
  "every row of every table has as many cells as its head: %s",
  (_, report) => {
    const tables = markdown.render(summaryReport(report)).match(/<table>[\s\S]*?<\/table>/g) ?? [];
    const asked = report.refusals.filter(({ status }) => status !== "skipped");
    const routes = new Set(report.access?.cells.map(({ route }) => route)).size;
    let rows = 0;
    tables.forEach((table, index) => {
      const [head = "", ...body] = table.split("<tr>").slice(1);
      rows += body.length;
      const cells = head.includes("Route") ? 6 : head.includes("p95") ? 8 : index === 0 ? 4 : 5;
      for (const row of [head, ...body]) {
        expect(row.match(/<t[hd]>/g)).toHaveLength(cells);
      }
    });
    expect(rows).toBe(report.steps.length + asked.length + routes + (report.load?.steps.length ?? 0));
  },
);

describe("a server's answer", () => {
  const html = markdown.render(summaryReport(HOSTILE));

  test("can be no markup, no link, no mention, no emoji and no formula", () => {
    const own = ["br", "code", "details", "em", "h2", "h3", "li", "p", "pre", "strong", "summary", "ul"];
    const tables = ["table", "tbody", "td", "th", "thead", "tr"];
    expect([...new Set(elements(html))].sort()).toEqual([...own, ...tables].sort());
    // The only bold words are the summary's own.
    expect(html.match(/<strong>[^<]*/g)).toEqual([
      "<strong>Most likely:",
      "<strong>Load:",
      "<strong>Who may call what:",
      "<strong>Warnings",
    ]);
    const outsideOfBlocks = summaryReport(HOSTILE).replace(/^(`{3,}).*\n[\s\S]*?\n\1$/gm, "");
    expect(outsideOfBlocks).not.toMatch(/@octocat|:tada:|\$x\$|https:\/\/evil|www\.evil/);
    // GitHub looks for these in what a reader sees, where the references are characters again.
    const seen = markdown.render(inline("@octocat #12 GH-12 octo-org/shop#3 &#64;hubot"));
    expect(seen).not.toMatch(/@\w|#\d|GH-\d/);
  });

  test("is readable all the same", () => {
    const text = html
      .replaceAll("&lt;", "<")
      .replaceAll("&gt;", ">")
      .replaceAll("&quot;", '"')
      .replaceAll("&amp;", "&")
      .replaceAll("@\u200b", "@");
    const shown = HOSTILE_TEXT.replace(/\s+/g, " ").replace(
      "\u0000\u001b[31mred\u202egnirts\ud800",
      "\\u0000\\u001b[31mred\\u202egnirts\\ud800",
    );
    expect(text).toContain(shown);
  });

  test("of many pages is cut short", () => {
    const summary = summaryReport({ ...FAILED, warnings: ["x".repeat(1_000_000)] });
    expect(summary.length).toBeLessThan(10_000);
  });
});
