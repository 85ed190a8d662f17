/** report.html: the report as one page that needs no network, no script and no other file. */
import { createHash } from "node:crypto";
import type { Report } from "../../report";
import type { EarlierReport } from "../history";
import { formatDuration } from "../timing";
import { culprits, headline } from "../words";
import { flowPicture } from "./drawings";
import { Markup, markup } from "./markup";
import { failureCard, refusalTable, stepDetails } from "./results";
import { MARK_SYMBOLS } from "./status-mark";
import { STYLE } from "./style";
import { timeline } from "./timeline";
import { trend } from "./trend";

export interface HtmlOptions {
  /** Earlier reports, from the oldest to the latest, for the trend. @default none */
  readonly history?: readonly EarlierReport[];
}

/** The browser applies this one style sheet and loads nothing at all: https://www.w3.org/TR/CSP3/ */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; img-src data:; base-uri 'none'; form-action 'none'`;

/** The whole page: it loads nothing and runs no script. */
export function htmlReport(report: Report, options: HtmlOptions = {}): string {
  const title = headline(report);
  const blamed = culprits(report);
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
${report.error === null ? null : markup`<p class="reason">${report.error.message}</p>`}
${target(report)}
</header>
<main>
${blamed.length === 0 ? null : section("failures", blamed.length === 1 ? "What is wrong" : `What is wrong (${blamed.length})`, markup`${blamed.map(failureCard)}`)}
${report.warnings.length === 0 ? null : section("warnings", "Warnings", markup`<ul>${report.warnings.map((warning) => markup`<li>${warning}</li>`)}</ul>`)}
<div class="columns">
${section("flow", "The flow", flowPicture(report.steps))}
${section("time", "Time", markup`${timeline(report.steps)}${stepDetails(report.steps)}`)}
</div>
${report.refusals.length === 0 ? null : section("refusals", "Calls that must be refused", refusalTable(report.refusals))}
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

function history(report: Report, earlier: readonly EarlierReport[]): Markup | null {
  const content = trend(report, earlier);
  return content === null ? null : section("trend", "Trend", content);
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

/** The outcome's colour in the browser's tab; without an icon of its own the browser would ask the server for one. */
function icon(outcome: Report["outcome"]): string {
  const colour = { passed: "#1a7f4b", failed: "#c0281c", error: "#8a5a00" }[outcome];
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="${colour}"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(drawing)}`;
}
