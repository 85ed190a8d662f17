/** The files that are written, where, and what happens when they cannot be. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { summaryReport } from "../../../harness/reporting/markdown";
import { makeReportDirectory, writeReports } from "../../../harness/reporting/write";
import { EARLIER, PASSED } from "../../support/sample-reports";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "reports-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const NO_SUMMARY = { stepSummary: "" };

test("writes the four files into a directory of any depth", () => {
  const reports = join(directory, "of/tonight");
  makeReportDirectory(reports);
  const { files, warnings } = writeReports(PASSED, reports, NO_SUMMARY);
  expect(files).toEqual(
    ["report.json", "junit.xml", "summary.md", "report.html"].map((name) => join(reports, name)),
  );
  expect(readdirSync(reports).sort()).toEqual(["junit.xml", "report.html", "report.json", "summary.md"]);
  expect(JSON.parse(readFileSync(join(reports, "report.json"), "utf8"))).toEqual(PASSED);
  expect(warnings).toEqual([]);
});

test("appends the summary to the file that GitHub names", () => {
  const stepSummary = join(directory, "step-summary");
  writeFileSync(stepSummary, "# Earlier step\n");
  writeReports(PASSED, directory, { stepSummary });
  expect(readFileSync(stepSummary, "utf8")).toBe(`# Earlier step\n${summaryReport(PASSED)}\n`);
});

test("a summary that cannot be appended is a warning", () => {
  const { files, warnings } = writeReports(PASSED, directory, { stepSummary: join(directory, "no/such") });
  expect(files).toHaveLength(4);
  expect(warnings).toEqual([expect.stringMatching(/^GITHUB_STEP_SUMMARY: cannot append .* \(ENOENT\)/)]);
});

test("a directory that cannot be made, and a file that cannot be written, say what to do", () => {
  const file = join(directory, "file");
  writeFileSync(file, "");
  expect(() => makeReportDirectory(join(file, "reports"))).toThrow(/\(ENOTDIR\)\. Name another one\./);
  mkdirSync(join(directory, "junit.xml"));
  expect(() => writeReports(PASSED, directory, NO_SUMMARY)).toThrow(
    /Cannot write .*junit\.xml \(EISDIR\)\..*--report-dir/,
  );
});

describe("--history", () => {
  let history: string;
  const trend = () =>
    readFileSync(join(directory, "report.html"), "utf8").match(/<p class="caption">.*?<\/p>/)?.[0];

  beforeEach(() => {
    history = join(directory, "history");
    mkdirSync(history);
  });

  test("reads earlier reports at any depth and in any order", () => {
    for (const [index, report] of [...EARLIER].reverse().entries()) {
      mkdirSync(join(history, `night-${index}`));
      writeFileSync(join(history, `night-${index}`, "report.json"), JSON.stringify(report));
    }
    writeFileSync(join(history, "report.html"), "not looked at");
    expect(writeReports(PASSED, directory, { history, ...NO_SUMMARY }).warnings).toEqual([]);
    expect(trend()).toContain("15 runs, 2026-02-28 to 2026-03-14");
  });

  test("passes over what is broken, foreign or of another version, and says so", () => {
    writeFileSync(join(history, "1-good.json"), JSON.stringify(EARLIER[0]));
    writeFileSync(join(history, "2-broken.json"), JSON.stringify(EARLIER[1]).slice(0, 100));
    writeFileSync(join(history, "3-foreign.json"), '{"numPassedTests": 3}');
    writeFileSync(join(history, "4-later.json"), JSON.stringify({ ...EARLIER[2], schemaVersion: 2 }));
    mkdirSync(join(history, "5-directory.json"));
    expect(writeReports(PASSED, directory, { history, ...NO_SUMMARY }).warnings).toEqual([
      "--history: passed over 2-broken.json: it is not JSON.",
      "--history: passed over 3-foreign.json: it is not a report of this harness.",
      "--history: passed over 4-later.json: it is not a report of this harness.",
      "--history: passed over 5-directory.json: EISDIR.",
    ]);
    expect(trend()).toContain("2 runs");
  });

  test("no report is counted twice", () => {
    writeReports(PASSED, history, NO_SUMMARY);
    writeFileSync(join(history, "earlier.json"), JSON.stringify(EARLIER[0]));
    writeFileSync(join(history, "copy.json"), JSON.stringify(EARLIER[0]));
    writeReports(PASSED, directory, { history, ...NO_SUMMARY });
    expect(trend()).toContain("2 runs");
  });

  test("walks of another way are another trend", () => {
    writeFileSync(join(history, "earlier.json"), JSON.stringify(EARLIER[0]));
    writeFileSync(join(history, "client.json"), JSON.stringify({ ...EARLIER[1], via: "login" }));
    writeReports(PASSED, directory, { history, ...NO_SUMMARY });
    expect(trend()).toContain("2 runs");
  });

  test("a directory of other things is told in a few words", () => {
    for (let index = 1; index <= 20; index += 1) {
      writeFileSync(join(history, `other-${index}.json`), "{}");
    }
    const { warnings } = writeReports(PASSED, directory, { history, ...NO_SUMMARY });
    expect(warnings).toHaveLength(6);
    expect(warnings.at(-1)).toBe("--history: passed over 15 more files.");
  });

  test("a missing directory leaves the trend out", () => {
    const { warnings } = writeReports(PASSED, directory, { history: join(directory, "none"), ...NO_SUMMARY });
    expect(warnings).toEqual([
      expect.stringMatching(/cannot read .*none \(ENOENT\); the report shows no trend/),
    ]);
    expect(trend()).toBeUndefined();
  });
});
