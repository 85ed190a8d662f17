/** What can be told of report.html without a browser; the rest is in html-in-browser.test.ts. */
import { createHash } from "node:crypto";
import { htmlReport } from "../../../harness/reporting/html/page";
import { HOSTILE, PASSED, SAMPLES } from "../../support/sample-reports";

/** The names of the elements and of their attributes, with whatever stands in texts and values left out. */
function structure(html: string): string[] {
  const tags = html.replace(/<style>[\s\S]*?<\/style>/, "").match(/<[a-z][^>]*>/gi) ?? [];
  return [...new Set(tags.flatMap((tag) => tag.replace(/"[^"]*"/g, "").match(/[\w-]+/g) ?? []))].sort();
}

test("a server's answer adds no element and no attribute", () => {
  const usual = new Set(
    Object.values({ ...SAMPLES, HOSTILE: PASSED }).flatMap((report) => structure(htmlReport(report))),
  );
  expect(structure(htmlReport(HOSTILE)).filter((name) => !usual.has(name))).toEqual([]);
});

test("the policy allows the page's own style sheet, its icon, and nothing else", () => {
  const html = htmlReport(PASSED);
  const style = /<style>([\s\S]*?)<\/style>/.exec(html)?.[1] ?? "";
  const hash = createHash("sha256").update(style).digest("base64");
  expect(/Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1]).toBe(
    `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'`,
  );
  expect(style).not.toMatch(/url\(|@import/);
});
