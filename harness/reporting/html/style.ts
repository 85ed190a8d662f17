/** The style sheet of report.html. */

/** Every pair of text and ground has the contrast of WCAG 2.2 AA, 4.5 to 1: https://www.w3.org/TR/WCAG22/#contrast-minimum */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f6f7f8; --sheet: #ffffff; --text: #1b1f24; --quiet: #57606a; --line: #d9dde2; --faint: #eceff2;
  --passed: #1a7f4b; --failed: #c0281c; --degraded: #8a5a00; --skipped: #6a737d; --link: #0b5cad;
  --wrong: #fde8e6; --right: #e3f4ea; --sign: #ffffff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #101418; --sheet: #181d22; --text: #e4e8ec; --quiet: #9aa5b1; --line: #2c343c; --faint: #222930;
    --passed: #4cc38a; --failed: #ff8a7d; --degraded: #e2b14f; --skipped: #8b96a2; --link: #79b8ff;
    --wrong: #43211f; --right: #173626; --sign: #101418;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 68rem; background: var(--ground); color: var(--text);
  overflow-wrap: anywhere; font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
.symbols { position: absolute; }
code, pre { font: .85em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; unicode-bidi: isolate; }
h1 { margin: .25rem 0 1rem; font-size: 1.6rem; line-height: 1.25; font-weight: 650; text-wrap: balance; }
h2 { margin: 0 0 .9rem; font-size: 1.05rem; font-weight: 650; }
h3 { margin: 0; font-size: 1rem; font-weight: 650; }
h4 { margin: 0 0 .3rem; font-size: .85rem; font-weight: 600; color: var(--quiet); }
a { color: var(--link); }
small { display: block; color: var(--quiet); font-size: .8rem; }
.outcome {
  display: inline-block; margin: 0; padding: .1rem .7rem; border-radius: 1rem; color: var(--sign);
  font-size: .85rem; font-weight: 650; background: var(--degraded);
}
.passed .outcome { background: var(--passed); }
.failed .outcome { background: var(--failed); }
.reason { margin: 0 0 1rem; white-space: pre-line; }
.target { display: flex; flex-wrap: wrap; gap: .6rem 2rem; margin: 0 0 1.5rem; }
.target dt, .comparison dt { color: var(--quiet); font-size: .8rem; }
.target dd, .comparison dd { margin: 0; }
section { margin: 0 0 1rem; padding: 1.1rem 1.25rem; background: var(--sheet); border: 1px solid var(--line); border-radius: .75rem; min-width: 0; }
.columns { display: grid; gap: 0 1rem; }
.title { display: block; color: var(--quiet); font-size: .85rem; font-weight: 400; }

.mark { vertical-align: -.15em; }
.disc { fill: currentColor; }
.ring { fill: var(--sheet); stroke: currentColor; stroke-width: 1.4; }
.sign, .dash { fill: none; stroke: var(--sign); stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
.dash { stroke: currentColor; }
.mark.passed, .step.passed, .bar .passed { color: var(--passed); }
.mark.failed, .step.failed, .bar .failed { color: var(--failed); }
.mark.degraded, .step.degraded, .bar .degraded { color: var(--degraded); }
.mark.skipped, .step.skipped, .bar .skipped { color: var(--skipped); }

.card + .card { margin-top: 1.25rem; padding-top: 1.25rem; border-top: 1px solid var(--line); }
.hint { margin: .75rem 0; padding: .6rem .85rem; border-left: 3px solid var(--degraded); background: var(--faint); border-radius: 0 .4rem .4rem 0; }
.comparison { display: grid; gap: .6rem; margin: .75rem 0; }
.comparison div { padding: .5rem .75rem; border-radius: .4rem; min-width: 0; }
.comparison dt { color: inherit; }
.comparison code { white-space: pre-wrap; }
.expected { background: var(--right); }
.actual { background: var(--wrong); }
.findings pre { margin: 0 0 .75rem; padding: .6rem .85rem; background: var(--faint); border-radius: .4rem; white-space: pre-wrap; }
.facts { display: flex; flex-wrap: wrap; gap: .15rem 1.25rem; margin: .4rem 0 0; padding: 0; list-style: none; color: var(--quiet); font-size: .85rem; }

.flow { display: block; width: 100%; max-width: 30rem; margin: 0 auto; font-family: inherit; }
.lane path { stroke: var(--line); stroke-width: 1.5; }
.lane rect { fill: var(--faint); stroke: var(--line); }
.lane text { fill: var(--text); font-size: 12px; font-weight: 600; }
.way { fill: none; stroke: currentColor; stroke-width: 1.8; }
.head { fill: currentColor; }
.step.skipped .way { stroke-dasharray: 3 4; }
.step text { paint-order: stroke; stroke: var(--sheet); stroke-width: 4px; stroke-linejoin: round; }
.name { fill: var(--text); font-size: 12px; font-weight: 650; }
.state { fill: currentColor; font-weight: 600; }
.flow .title { fill: var(--quiet); font-size: 11px; }

table { width: 100%; border-collapse: collapse; }
caption { padding: 0 0 .5rem; text-align: left; color: var(--quiet); font-size: .85rem; }
th, td { padding: .5rem .5rem .5rem 0; text-align: left; vertical-align: top; border-top: 1px solid var(--line); font-weight: 400; }
thead th { padding-top: 0; border-top: 0; color: var(--quiet); font-size: .8rem; }
tbody th { font-weight: 600; }
.timeline tbody th, .trend tbody th { white-space: nowrap; }
.trend { max-width: 44rem; }
.trend tbody th, .trend tbody td { vertical-align: middle; }
.number { padding-right: 0; white-space: nowrap; text-align: right; font-variant-numeric: tabular-nums; }
.bar { width: 100%; vertical-align: middle; }
.bar svg { display: block; width: 100%; }
.timeline .bar svg { height: 1rem; }
.trend .bar svg { max-width: 24rem; }
.axis { stroke: var(--line); stroke-width: 1; }
.worked { fill: currentColor; }
.waited { fill: currentColor; opacity: .35; }
.line { fill: none; stroke: var(--skipped); stroke-width: 1.5; stroke-linejoin: round; }
.point { fill: var(--passed); }
.refusals { table-layout: fixed; font-size: .95rem; line-height: 1.35; }
.refusals code { font-size: .8rem; line-height: inherit; }
.refusals small { margin-top: .15rem; }
.refusals thead th { width: 30%; }
.refusals thead th:first-child { width: 24%; }
.refusals thead th:last-child { width: 46%; }
.refusals tr.failed th { color: var(--failed); }
summary { margin-top: .9rem; padding: .3rem 0; cursor: pointer; color: var(--link); }
.seen { margin: .5rem 0 0; padding: .6rem 0 0; border: 0; border-top: 1px solid var(--line); border-radius: 0; }
.seen p { margin: .3rem 0 0; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 2px; }

@media (min-width: 56rem) {
  .columns { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
  .comparison { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
}
@media (max-width: 40rem) {
  body { padding: 1rem .75rem 2rem; }
  section { padding: 1rem; }
  h1 { font-size: 1.35rem; }
  .target { display: grid; gap: .2rem; }
  .target div { display: grid; grid-template-columns: 4rem minmax(0, 1fr); align-items: baseline; }
  table, caption, tbody, tbody th, tbody td { display: block; width: 100%; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tbody tr { display: grid; grid-template-columns: minmax(0, 1fr) auto; padding: .6rem 0; border-top: 1px solid var(--line); }
  tbody tr:first-child { padding-top: 0; border-top: 0; }
  tbody th, tbody td { padding: .15rem 0; border: 0; }
  .bar { grid-column: 1 / -1; order: 1; }
  .refusals tr { display: block; }
  .refusals td::before { content: attr(data-label); display: block; color: var(--quiet); font-size: .8rem; }
}
@media print {
  body { max-width: none; background: none; }
  section, .card, tr { break-inside: avoid; }
}
`;
