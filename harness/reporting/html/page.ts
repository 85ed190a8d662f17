/** report.html: the report as one page that needs no network, no script and no other file. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { accessCounts } from "../../access/words";
import { figure } from "../../load/words";
import {
  type AccessReport,
  countByStatus,
  type LoadReport,
  type Report,
  type StepResult,
} from "../../report";
import { describeSkew } from "../../run/clock";
import { formatDuration } from "../../run/durations";
import type { EarlierReport } from "../history";
import { failedResults, failure, failures, headline, passed } from "../words";
import { accessCard, accessTable } from "./access";
import { flowPicture, MARK_SYMBOLS, mark, stepRows } from "./drawings";
import { loadSection } from "./load";
import { type Filling, Markup, markup } from "./markup";
import { refusalGroups } from "./refusals";
import { seen } from "./result";
import { breakable, evidence } from "./text";
import { trend } from "./trend";

const STYLE = readFileSync(join(__dirname, "style.css"), "utf8");

/** The browser applies this one style sheet and loads nothing at all: https://www.w3.org/TR/CSP3/ */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; img-src data:; base-uri 'none'; form-action 'none'`;

/** What else the page shows. */
interface HtmlOptions {
  /** Earlier reports, from the oldest to the latest, for the trend. @default none */
  readonly history?: readonly EarlierReport[];
}

/** Writes report.html: it loads nothing and runs no script. */
export function htmlReport(report: Report, { history = [] }: HtmlOptions = {}): string {
  const { outcome, error, steps, refusals, warnings } = report;
  const title = headline(report);
  const blamed = failedResults(report);
  const count = failures(report).length;
  const cards = [
    ...blamed.map((result) => failureCard(result, count === 1 ? result.title : failure(report, result))),
    accessCard(report.access),
  ];
  const told = markup`<ul>${warnings.map((warning) => markup`<li>${breakable(warning)}</li>`)}</ul>`;
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<link rel="icon" href="${icon(outcome)}">
<style>${new Markup(STYLE)}</style>
</head>
<body class="${outcome}">
${MARK_SYMBOLS}
<header>
<div class="outcome">${mark(OUTCOME_MARKS[outcome], 40)}<div><p>${outcome}</p><h1>${breakable(title, LONGEST_IN_HEADING)}</h1></div></div>
${error === null ? undefined : markup`<p class="reason">${breakable(error.message)}</p>`}
${tiles(report)}
${target(report)}
</header>
<main>
${count === 0 ? undefined : section("failures", count === 1 ? "What is wrong" : `What is wrong (${count})`, cards)}
${warnings.length === 0 ? undefined : section("warnings", "Warnings", told)}
${section("flow", "The flow", markup`<div class="flow">${flowPicture(steps)}${stepRows(steps)}</div>`)}
${refusals.length === 0 ? undefined : section("refusals", "Calls that must be refused", refusalGroups(refusals))}
${section("load", "Load", loadSection(report.load))}
${section("access", "Who may call what", accessTable(report.access))}
${section("trend", "Trend", trend(report, history))}
</main>
</body>
</html>
`.text;
}

/** Characters of a name that fit beside the mark on a phone. */
const LONGEST_IN_HEADING = 24;

/** The shapes of the outcomes. */
const OUTCOME_MARKS = { passed: "passed", failed: "failed", error: "degraded" } as const;

/** Makes a section; none without content. */
function section(id: string, title: string, content: Filling): Markup | undefined {
  return content === undefined
    ? undefined
    : markup`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>
${content}</section>`;
}

/** Shows in figures what a reader looks for first. */
function tiles({ steps, refusals, access, leftBehind, load, durationMs, fresh, startedAt }: Report): Markup {
  const shown: [label: string, figure: string, remark: string][] = [
    tally("Steps", steps),
    ...(load === undefined ? [] : [walks(load)]),
    ...(refusals.length > 0 ? [tally("Refusals", refusals)] : []),
    ...(access === undefined ? [] : [accessTally(access)]),
    ...(leftBehind === undefined ? [] : [leftBehindTally(leftBehind)]),
    ["Took", formatDuration(durationMs), fresh ? "as a fresh deployment" : ""],
    ["Started", startedAt.slice(11, 16), `${startedAt.slice(0, 10)}, UTC`],
  ];
  return markup`<dl class="tiles">${shown.map(([label, figure, remark]) => markup`<div><dt>${label}</dt><dd><b>${figure}</b> <small>${remark}</small></dd></div>`)}</dl>`;
}

function walks({ passed, failed, perSecond }: LoadReport): [string, string, string] {
  const remark = failed === 0 ? "none failed" : `${figure(failed)} failed`;
  return ["Walks", figure(passed + failed), `${remark}, ${figure(perSecond)} a second`];
}

function tally(label: string, results: readonly StepResult[]): [string, string, string] {
  const others = countByStatus(results).filter(([status]) => status !== "passed");
  const remark = others.map(([status, count]) => `${count} ${status}`).join(", ");
  return [label, `${passed(results)} of ${results.length}`, remark === "" ? "all passed" : remark];
}

function accessTally(access: AccessReport): [string, string, string] {
  const [asDeclared = "", ...others] = accessCounts(access).split(", ");
  const [figure = "", remark = ""] = asDeclared.split(/ (?=as )/);
  return ["Who may call what", figure, others.join(", ") || remark];
}

function leftBehindTally({ found, deleted }: NonNullable<Report["leftBehind"]>): [string, string, string] {
  return ["Left behind", String(found), found === 0 ? "by earlier runs" : `identities, ${deleted} deleted`];
}

function target({ target, via, clockSkewMs }: Report): Markup {
  const facts = [
    ["Pool", markup`<code>${breakable(target.identityPoolId)}</code>`],
    ["API", markup`<code>${breakable(target.invokeUrl)}</code>`],
    [
      "On",
      target.endpoint === null ? `AWS, ${target.region}` : markup`<code>${breakable(target.endpoint)}</code>`,
    ],
    ["Way", via && "as a client, by the login endpoint"],
    ["Clock", clockSkewMs ? `this machine's is ${describeSkew(clockSkewMs)} AWS's` : undefined],
  ] as const;
  const shown = facts.filter(([, value]) => value !== undefined);
  return markup`<dl class="target">${shown.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** Draws the outcome's color for the browser's tab; without an icon of its own the browser would ask the server for one. */
function icon(outcome: Report["outcome"]): string {
  const color = { passed: "#1a7f4b", failed: "#c0281c", error: "#8a5a00" }[outcome];
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="${color}"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(drawing)}`;
}

/** Shows all there is to know of what failed, the likely cause before the evidence. @param title what the headline does not say */
function failureCard(result: StepResult, title: string): Markup {
  const { status, hint, findings } = result;
  const found = markup`<div class="findings"><h4>Looked up</h4><ul>${findings.map((finding) => markup`<li>${evidence(finding)}</li>`)}</ul></div>`;
  return markup`<article class="card"><h3>${mark(status)} ${breakable(title)}</h3>
${hint === null ? undefined : markup`<p class="hint"><strong>Most likely:</strong> ${breakable(hint)}</p>`}
${seen(result)}${findings.length === 0 ? undefined : found}</article>
`;
}
