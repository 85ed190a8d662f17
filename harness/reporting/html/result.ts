/** What there is to see of a step or a refusal in report.html: expected, actual, and the facts around them. */
import type { StepResult } from "../../report";
import { remarks, timing } from "../words";
import { type Markup, markup } from "./markup";
import { breakable, evidence } from "./text";

/** Shows what was expected above what came, and the facts. */
export function seen(result: StepResult): Markup {
  const { expected, actual } = result;
  const shown = [
    ["Expected", "expected", expected],
    ["Actual", "actual", actual],
  ] as const;
  const rows = shown.map(([label, name, text]) =>
    text === null
      ? undefined
      : markup`<div class="${name}"><dt>${label}</dt><dd>${evidence(text)}</dd></div>`,
  );
  return markup`<dl class="comparison">${rows}</dl>${facts(result)}`;
}

function facts(result: StepResult): Markup {
  const request =
    result.requestId === null ? undefined : markup`request <code>${breakable(result.requestId)}</code>`;
  const known = [timing(result), request, ...remarks(result).map(breakable), documented(result)];
  return markup`<ul class="facts">${known.filter((fact) => fact !== undefined).map((fact) => markup`<li>${fact}</li>`)}</ul>`;
}

/** Links to what is expected; only web addresses become links. */
function documented({ source }: StepResult): Markup | undefined {
  return source === null || !/^https:\/\//.test(source)
    ? undefined
    : markup`<a href="${source}" rel="noreferrer">documented</a>`;
}
