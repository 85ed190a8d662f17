/** report.html: the report as one page that needs no network, no script and no other file. */
import { createHash } from "node:crypto";
import type { Report, StepResult } from "../../report";
import { formatDuration } from "../../run/durations";
import { firstLine } from "../../run/errors";
import type { EarlierReport } from "../history";
import { failedResults, headline, timing } from "../words";
import { flowPicture, MARK_SYMBOLS, statusMark, timeline, trend } from "./drawings";
import { Markup, markup } from "./markup";
import { STYLE } from "./style";

/** What else the page shows. */
export interface HtmlOptions {
  /** Earlier reports, from the oldest to the latest, for the trend. @default none */
  readonly history?: readonly EarlierReport[];
}

/** The browser applies this one style sheet and loads nothing at all: https://www.w3.org/TR/CSP3/ */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; img-src data:; base-uri 'none'; form-action 'none'`;

/** Writes report.html: it loads nothing and runs no script. */
export function htmlReport(report: Report, options: HtmlOptions = {}): string {
  const title = headline(report);
  const blamed = failedResults(report);
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
<body class="${report.outcome}">
${MARK_SYMBOLS}
<header>
<p class="outcome">${report.outcome}</p>
<h1>${title}</h1>
${report.error === null ? undefined : markup`<p class="reason">${report.error.message}</p>`}
${target(report)}
</header>
<main>
${blamed.length === 0 ? undefined : section("failures", blamed.length === 1 ? "What is wrong" : `What is wrong (${blamed.length})`, markup`${blamed.map(failureCard)}`)}
${report.warnings.length === 0 ? undefined : section("warnings", "Warnings", markup`<ul>${report.warnings.map((warning) => markup`<li>${warning}</li>`)}</ul>`)}
<div class="columns">
${section("flow", "The flow", flowPicture(report.steps))}
${section("time", "Time", markup`${timeline(report.steps)}${stepDetails(report.steps)}`)}
</div>
${report.refusals.length === 0 ? undefined : section("refusals", "Calls that must be refused", refusalTable(report.refusals))}
${history(report, options.history ?? [])}
</main>
</body>
</html>
`.text;
}

function section(id: string, title: string, content: Markup): Markup {
  return markup`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>
${content}</section>`;
}

function history(report: Report, earlier: readonly EarlierReport[]): Markup | undefined {
  const content = trend(report, earlier);
  return content === undefined ? undefined : section("trend", "Trend", content);
}

function target({ target, startedAt, durationMs, fresh, clockSkewMs }: Report): Markup {
  const facts: readonly (readonly [name: string, value: Markup])[] = [
    ["Pool", markup`<code>${target.identityPoolId}</code>`],
    ["API", markup`<code>${target.invokeUrl}</code>`],
    [
      "On",
      target.endpoint === null ? markup`AWS, ${target.region}` : markup`<code>${target.endpoint}</code>`,
    ],
    ["Started", markup`<time datetime="${startedAt}">${startedAt.slice(0, 19).replace("T", " ")} UTC</time>`],
    ["Took", markup`${formatDuration(durationMs)}${fresh ? ", as a fresh deployment" : ""}`],
    ...(clockSkewMs === null || clockSkewMs === 0
      ? []
      : [
          [
            "Clock",
            markup`AWS is ${formatDuration(Math.abs(clockSkewMs))} ${clockSkewMs > 0 ? "ahead" : "behind"}`,
          ] as const,
        ]),
  ];
  return markup`<dl class="target">${facts.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** Draws the outcome's color for the browser's tab; without an icon of its own the browser would ask the server for one. */
function icon(outcome: Report["outcome"]): string {
  const color = { passed: "#1a7f4b", failed: "#c0281c", error: "#8a5a00" }[outcome];
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="${color}"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(drawing)}`;
}

/** Shows all there is to know of what failed, the likely cause before the evidence. */
function failureCard(result: StepResult): Markup {
  return markup`<article class="card ${result.status}"><h3>${statusMark(result.status)} ${result.name}<span class="title">${result.title}</span></h3>
${result.hint === null ? undefined : markup`<p class="hint"><strong>Most likely:</strong> ${result.hint}</p>`}
<dl class="comparison"><div class="expected"><dt>Expected</dt><dd><code>${result.expected ?? ""}</code></dd></div>
<div class="actual"><dt>Actual</dt><dd><code>${result.actual ?? ""}</code></dd></div></dl>
${findings(result)}${facts(result)}</article>
`;
}

/** Shows what was seen in each step, folded away. */
function stepDetails(steps: readonly StepResult[]): Markup {
  return markup`<details><summary>What was seen in each step</summary>
${steps.map(
  (
    step,
    index,
  ) => markup`<section class="seen"><h3>${statusMark(step.status)} ${index + 1} ${step.name}<span class="title">${step.title}</span></h3>
${step.actual === null ? undefined : markup`<p><code>${step.actual}</code></p>`}${facts(step)}</section>
`,
)}</details>`;
}

/** Shows the refusals. On a narrow screen their cells stand one under the other; the roles keep it a table there. */
function refusalTable(refusals: readonly StepResult[]): Markup {
  return markup`<table class="refusals" role="table"><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Refusal</th><th role="columnheader" scope="col">Expected</th><th role="columnheader" scope="col">Answer</th></tr></thead>
<tbody role="rowgroup">${refusals.map(
    (
      refusal,
    ) => markup`<tr role="row" class="${refusal.status}"><th role="rowheader" scope="row">${statusMark(refusal.status)} ${refusal.name}<span class="title">${refusal.title}</span></th>
<td role="cell" data-label="Expected"><code>${refusal.expected ?? "–"}</code><small>${documented(refusal)}</small></td>
<td role="cell" data-label="Answer"><code>${refusal.actual === null ? "–" : firstLine(refusal.actual)}</code>${[timing(refusal), ...refusal.notes].map((text) => markup`<small>${text}</small>`)}</td></tr>
`,
  )}</tbody></table>`;
}

function findings({ findings: lines }: StepResult): Markup | undefined {
  return lines.length === 0
    ? undefined
    : markup`<div class="findings"><h4>Looked up</h4><pre tabindex="0">${lines.join("\n")}</pre></div>
`;
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
