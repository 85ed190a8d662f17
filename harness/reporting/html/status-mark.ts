/** The mark of a status: shape as well as colour, so that it can be told without seeing colours. */
import type { Status } from "../../report";
import { type Markup, markup } from "./markup";

/** Drawn once on the page, in a square of 16; each use refers to them. */
export const MARK_SYMBOLS = markup`<svg class="symbols" width="0" height="0" aria-hidden="true">
<symbol id="passed" viewBox="0 0 16 16"><circle cx="8" cy="8" r="8" class="disc"/><path d="M4.6 8.3 7 10.7l4.4-5" class="sign"/></symbol>
<symbol id="failed" viewBox="0 0 16 16"><path d="M5 0h6l5 5v6l-5 5H5l-5-5V5z" class="disc"/><path d="M5.2 5.2l5.6 5.6m0-5.6-5.6 5.6" class="sign"/></symbol>
<symbol id="degraded" viewBox="0 0 16 16"><path d="M8 .5 16 15.5H0z" class="disc"/><path d="M8 6v4m0 2.4v.1" class="sign"/></symbol>
<symbol id="skipped" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7.2" class="ring"/><path d="M5 8h6" class="dash"/></symbol>
</svg>`;

/** The mark and, for who cannot see it, the word. */
export function statusMark(status: Status): Markup {
  return markup`<svg class="mark ${status}" width="16" height="16" role="img" aria-label="${status}"><use href="#${status}"/></svg>`;
}
