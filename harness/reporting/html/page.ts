/** report.html: the report as one page that needs no network, no script and no other file. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { leftBehindSentence } from "../../access/words";
import type { Report, StepResult } from "../../report";
import { formatDuration } from "../../run/durations";
import { firstLine } from "../../run/errors";
import type { EarlierReport } from "../history";
import { failedResults, headline, timing } from "../words";
import { accessTable } from "./access";
import { flowPicture, MARK_SYMBOLS, named, timeline, trend } from "./drawings";
import { type Filling, Markup, markup, row, table } from "./markup";

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
  const wrong = blamed.length === 1 ? "What is wrong" : `What is wrong (${blamed.length})`;
  const told = markup`<ul>${warnings.map((warning) => markup`<li>${warning}</li>`)}</ul>`;
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<link rel="icon" href="${icon(report.outcome)}">
<style>${new Markup(STYLE)}</style>
</head>
<body class="${outcome}">
${MARK_SYMBOLS}
<header>
<p class="outcome">${outcome}</p>
<h1>${title}</h1>
${error === null ? undefined : markup`<p class="reason">${error.message}</p>`}
${target(report)}
</header>
<main>
${blamed.length === 0 ? undefined : section("failures", wrong, blamed.map(failureCard))}
${warnings.length === 0 ? undefined : section("warnings", "Warnings", told)}
<div class="columns">
${section("flow", "The flow", flowPicture(steps))}
${section("time", "Time", [timeline(steps), stepDetails(steps)])}
</div>
${refusals.length === 0 ? undefined : section("refusals", "Calls that must be refused", refusalTable(refusals))}
${section("access", "Who may call what", accessTable(report.access))}
${section("trend", "Trend", trend(report, history))}
</main>
</body>
</html>
`.text;
}

/** Makes a section; none without content. */
function section(id: string, title: string, content: Filling): Markup | undefined {
  return content === undefined
    ? undefined
    : markup`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>
${content}</section>`;
}

function target({ target, via, startedAt, durationMs, fresh, clockSkewMs, leftBehind }: Report): Markup {
  const { region, endpoint, identityPoolId, invokeUrl } = target;
  const skew = formatDuration(Math.abs(clockSkewMs ?? 0));
  const facts: readonly (readonly [name: string, value?: Markup])[] = [
    ["Pool", markup`<code>${identityPoolId}</code>`],
    ["API", markup`<code>${invokeUrl}</code>`],
    ["On", endpoint === null ? markup`AWS, ${region}` : markup`<code>${endpoint}</code>`],
    ["As", via && markup`a client, by the login endpoint`],
    ["Started", markup`<time datetime="${startedAt}">${startedAt.slice(0, 19).replace("T", " ")} UTC</time>`],
    ["Took", markup`${formatDuration(durationMs)}${fresh ? ", as a fresh deployment" : ""}`],
    ["Left behind", leftBehind && markup`${leftBehindSentence(leftBehind)}`],
    ["Clock", clockSkewMs ? markup`AWS is ${skew} ${clockSkewMs > 0 ? "ahead" : "behind"}` : undefined],
  ];
  const shown = facts.filter(([, value]) => value !== undefined);
  return markup`<dl class="target">${shown.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** Draws the outcome's color for the browser's tab; without an icon of its own the browser would ask the server for one. */
function icon(outcome: Report["outcome"]): string {
  const color = { passed: "#1a7f4b", failed: "#c0281c", error: "#8a5a00" }[outcome];
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="${color}"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(drawing)}`;
}

/** Shows all there is to know of what failed, the likely cause before the evidence. */
function failureCard(result: StepResult): Markup {
  const { status, title, hint, expected, actual, findings } = result;
  const found = markup`<div class="findings"><h4>Looked up</h4><pre tabindex="0">${findings.join("\n")}</pre></div>`;
  return markup`<article class="card ${status}"><h3>${named(result)}<span class="title">${title}</span></h3>
${hint === null ? undefined : markup`<p class="hint"><strong>Most likely:</strong> ${hint}</p>`}
<dl class="comparison"><div class="expected"><dt>Expected</dt><dd><code>${expected ?? ""}</code></dd></div>
<div class="actual"><dt>Actual</dt><dd><code>${actual ?? ""}</code></dd></div></dl>
${findings.length === 0 ? undefined : found}${facts(result)}</article>
`;
}

/** Shows what was seen in each step, folded away. */
function stepDetails(steps: readonly StepResult[]): Markup {
  const seen = steps.map((step, index) => {
    const actual = step.actual === null ? undefined : markup`<p><code>${step.actual}</code></p>`;
    return markup`<section class="seen"><h3>${named(step, index)}<span class="title">${step.title}</span></h3>
${actual}${facts(step)}</section>
`;
  });
  return markup`<details><summary>What was seen in each step</summary>
${seen}</details>`;
}

function refusalTable(refusals: readonly StepResult[]): Markup {
  const rows = refusals.map((refusal) => {
    const { status, title, expected, actual, notes } = refusal;
    return row(
      status,
      markup`${named(refusal)}<span class="title">${title}</span>`,
      markup`<td role="cell" data-label="Expected"><code>${expected ?? "–"}</code><small>${documented(refusal)}</small></td>
<td role="cell" data-label="Answer"><code>${actual === null ? "–" : firstLine(actual)}</code>${[timing(refusal), ...notes].map((text) => markup`<small>${text}</small>`)}</td>`,
    );
  });
  return table("refusals", ["Refusal", "Expected", "Answer"], rows);
}

function facts(result: StepResult): Markup {
  const request = result.requestId === null ? undefined : markup`request <code>${result.requestId}</code>`;
  const known = [timing(result), request, ...result.notes, documented(result)];
  return markup`<ul class="facts">${known.filter((fact) => fact !== undefined).map((fact) => markup`<li>${fact}</li>`)}</ul>`;
}

/** Links to what is expected; only web addresses become links. */
function documented({ source }: StepResult): Markup | undefined {
  return source === null || !/^https:\/\//.test(source)
    ? undefined
    : markup`<a href="${source}" rel="noreferrer">documented</a>`;
}
