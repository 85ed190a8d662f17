/** The way as a sequence diagram, each station drawn when it is passed. */
import { drawing } from "./elements";
import { PARTICIPANTS, type Participant, STATION_NAMES, STATIONS, type StationName } from "./stations";
import type { Outcome } from "./walk";

/** Narrow enough for a phone, so that its letters need not shrink there. */
const WIDTH = 348;
const HEAD = 38;
const ROW = 66;
const HEIGHT = HEAD + STATION_NAMES.length * ROW + 4;
const LANE_WIDTH = 54;

const laneOf = (name: Participant) =>
  LANE_WIDTH / 2 + 1 + PARTICIPANTS.indexOf(name) * ((WIDTH - LANE_WIDTH - 2) / (PARTICIPANTS.length - 1));

/** The picture, and what changes in it. */
export class Picture {
  readonly element: SVGSVGElement;
  private readonly told = drawing("desc", { id: "picture-told" });
  private readonly rows = new Map<StationName, SVGGElement>();
  private readonly statuses = new Map<StationName, string>();

  constructor() {
    const lanes = PARTICIPANTS.map((name) => {
      const x = laneOf(name);
      return drawing(
        "g",
        { class: "lane" },
        drawing("path", { d: `M${x} 28V${HEIGHT}` }),
        drawing("rect", { x: x - LANE_WIDTH / 2, y: 1, width: LANE_WIDTH, height: 27, rx: 6 }),
        drawing("text", { x, y: 19, "text-anchor": "middle" }, name),
      );
    });
    for (const [index, name] of STATION_NAMES.entries()) {
      this.rows.set(name, rowOf(name, index));
    }
    this.element = drawing(
      "svg",
      {
        class: "sequence",
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        role: "img",
        "aria-labelledby": "picture-title picture-told",
      },
      drawing("title", { id: "picture-title" }, "The way from the page to the function and back"),
      this.told,
      ...lanes,
      ...this.rows.values(),
    );
    this.clear();
  }

  /** Draws a station's outcome. */
  show(name: StationName, { status }: Outcome): void {
    this.rows.get(name)?.setAttribute("class", `row ${status}`);
    this.statuses.set(name, status);
    this.tell();
  }

  /** Takes back what was drawn. */
  clear(): void {
    this.statuses.clear();
    for (const row of this.rows.values()) {
      row.setAttribute("class", "row ahead");
    }
    this.tell();
  }

  private tell(): void {
    this.told.textContent = STATION_NAMES.map((name) => `${name} ${this.statuses.get(name) ?? "ahead"}`).join(
      ", ",
    );
  }
}

function rowOf(name: StationName, index: number): SVGGElement {
  const { call, there, back } = STATIONS[name];
  const y = HEAD + index * ROW + 36;
  const legs = there
    .slice(1)
    .map((to, leg) => arrow(laneOf(there[leg] as Participant), laneOf(to), y, "there"));
  const returned = back === undefined ? undefined : arrow(laneOf(back[0]), laneOf(back[1]), y + 14, "back");
  const from = laneOf(there[0]);
  return drawing(
    "g",
    {},
    drawing("text", { class: "call", x: from + 15, y: y - 10 }, call),
    ...legs,
    returned,
    drawing("circle", { class: "disc", cx: from, cy: y, r: 10 }),
    drawing("text", { class: "number", x: from, y: y + 4, "text-anchor": "middle" }, String(index + 1)),
  );
}

function arrow(from: number, to: number, y: number, way: "there" | "back"): SVGGElement {
  const direction = Math.sign(to - from);
  const tip = to - direction * 2;
  const base = tip - direction * 6;
  return drawing(
    "g",
    { class: way },
    drawing("path", { class: "line", d: `M${from} ${y}H${base}`, pathLength: 1 }),
    drawing("path", { class: "head", d: `M${tip} ${y}L${base} ${y - 4}V${y + 4}z` }),
  );
}
