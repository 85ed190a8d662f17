/** The stations as cards: what each is for, and once it was passed, what was sent and what came. */
import { element, mark } from "./elements";
import { STATION_NAMES, STATIONS, type StationName } from "./stations";
import type { Outcome } from "./walk";

const WORDS: Readonly<Record<Outcome["status"], string>> = {
  passed: "passed",
  failed: "failed",
  skipped: "not needed",
};

/** The list, and what changes in it. */
export class StationList {
  private readonly cards = new Map<
    StationName,
    { card: HTMLElement; state: HTMLElement; seen: HTMLElement }
  >();

  constructor(list: HTMLElement) {
    for (const [index, name] of STATION_NAMES.entries()) {
      const { title, happens, wrong } = STATIONS[name];
      const state = element("p", { class: "state" });
      const seen = element("div", { class: "seen" });
      const card = element(
        "li",
        { class: "panel station ahead" },
        element(
          "div",
          { class: "station-head" },
          element("span", { class: "ordinal", "aria-hidden": "true" }, String(index + 1)),
          element("h3", {}, title),
          state,
        ),
        element("p", { class: "happens" }, happens),
        seen,
        element(
          "details",
          {},
          element("summary", {}, "What goes wrong here"),
          element("ul", { class: "wrong" }, ...wrong.map((text) => element("li", {}, text))),
        ),
      );
      this.cards.set(name, { card, state, seen });
    }
    list.replaceChildren(...[...this.cards.values()].map(({ card }) => card));
  }

  show(name: StationName, outcome: Outcome): void {
    const { card, state, seen } = this.cards.get(name) ?? {};
    if (card === undefined || state === undefined || seen === undefined) {
      return;
    }
    const { status, durationMs, request, answer, claims, note } = outcome;
    card.className = `panel station ${status}`;
    const time = durationMs === undefined ? "" : ` in ${Math.max(1, Math.round(durationMs))} ms`;
    state.replaceChildren(mark(status), element("span", {}, WORDS[status] + time));
    seen.replaceChildren(
      ...[
        note === undefined
          ? undefined
          : element("p", { class: status === "failed" ? "note failed" : "note" }, note),
        request === undefined && answer === undefined ? undefined : exchange(request, answer),
        claims === undefined
          ? undefined
          : element(
              "details",
              {},
              element("summary", {}, "What the token says"),
              code(claims, "The token’s claims"),
            ),
      ].filter((part) => part !== undefined),
    );
  }

  /** Takes back what was shown. */
  clear(): void {
    for (const { card, state, seen } of this.cards.values()) {
      card.className = "panel station ahead";
      state.replaceChildren();
      seen.replaceChildren();
    }
  }
}

/** Shown at once where there is room; on a phone the five stations shall still be seen as five. */
function exchange(request: string | undefined, answer: string | undefined): HTMLElement {
  const title = request === undefined ? "Answer" : answer === undefined ? "Request" : "Request and answer";
  const parts = element(
    "div",
    { class: "exchange" },
    transcript("Request", request),
    transcript("Answer", answer),
  );
  const roomy = matchMedia("(min-width: 40rem)").matches;
  return element("details", { open: roomy ? "" : undefined }, element("summary", {}, title), parts);
}

function transcript(title: string, text: string | undefined): HTMLElement | undefined {
  return text === undefined ? undefined : element("div", {}, code(text, title));
}

/** Code that may be wider than its box, so it can be reached and scrolled by keyboard. */
export function code(text: string, label: string): HTMLElement {
  return element("pre", { tabindex: 0, role: "group", "aria-label": label }, element("code", {}, text));
}
