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
    /^## ✅ The flow works: all 5 steps passed; all 2 refusals as expected\.\n\nPool .*\n\n\| {2}\| Step \| Call \| Time \|\n\| --- .*\n\| ✅ passed \| pool \| DescribeIdentityPool \| 61 ms \|\n/,
  );
  expect(summary).toContain("<details><summary>Calls that must be refused: 2 passed, 1 skipped</summary>");
  expect(summary).toContain(
    "| ➖ skipped | guest | GetId without logins | skipped | The deployment declares guests. |",
  );
});

test("what failed comes before the tables: the cause, then the evidence", () => {
  const summary = summaryReport(FAILED);
  expect(summary).toMatch(/^## ❌ Failed: call, restricted-route\.\n/);
  expect(summary).toMatch(
    /### call: GET \/hello, signed\n\n\*\*Most likely:\*\* The authenticated role .*\n\n```diff\n- expected: GET \/dev\/hello: 200\n\+ actual: {3}GET \/dev\/hello: 403 .*\n```\n\n```\nrole dev-authenticated.*\n.*\n.*\n```\n\nRequest .*\n\n### restricted-route/,
  );
  expect(summary).toContain(
    "<details open><summary>Calls that must be refused: 1 passed, 1 failed</summary>",
  );
  expect(summary).toContain("2.8 s, 3 attempts, 2.1 s of it waiting");
  expect(summary).toContain("**Warnings**\n\n- Clean-up: identities of this run may be left in the pool.");
});

test("who may call what is a row a route, with what is not as declared before it", () => {
  const summary = summaryReport(OPEN);
  expect(summary).toMatch(
    /^## ❌ Not as declared: open to signed-in users on another user.*; and 1 more\.\n/,
  );
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
  expect(summaryReport(TOO_SLOW)).toMatch(/^## ❌ Too slow: token\.\n[\s\S]*Took 1\.8 s, budget 500 ms\./);
});

test.each(Object.entries(SAMPLES))(
  "every row of every table has as many cells as its head: %s",
  (_, report) => {
    const tables = markdown.render(summaryReport(report)).match(/<table>[\s\S]*?<\/table>/g) ?? [];
    const routes = new Set(report.access?.cells.map(({ route }) => route)).size;
    const expected = [
      { rows: report.steps.length, cells: 4 },
      { rows: report.refusals.length, cells: 5 },
      { rows: routes, cells: 6 },
    ].filter(({ rows }) => rows > 0);
    expect(tables).toHaveLength(expected.length);
    tables.forEach((table, index) => {
      const rows = table.split("<tr>").slice(1);
      expect(rows).toHaveLength(1 + (expected[index]?.rows ?? 0));
      for (const row of rows) {
        expect(row.match(/<t[hd]>/g)).toHaveLength(expected[index]?.cells ?? 0);
      }
    });
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
