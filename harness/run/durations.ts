/** Durations as people write them on a command line. */
import { closest } from "fastest-levenshtein";

/** Milliseconds by unit. */
const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, ms: 1 };

/** Milliseconds; what a timer can take. https://nodejs.org/api/timers.html#settimeoutcallback-delay-args */
const LONGEST = 2 ** 31 - 1;

/**
 * Milliseconds of a number with its unit: `500ms`, `10s`, `1.5m`.
 *
 * @throws RangeError naming the nearest valid one
 */
export function parseDuration(text: string): number {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)\s*(\D*)$/.exec(text) ?? [];
  const scale = UNITS[unit];
  if (number === undefined) {
    throw new RangeError(`${JSON.stringify(text)} is not a duration. Give a number with its unit, e.g. 90s.`);
  }
  if (scale === undefined) {
    const meant = closest(unit, Object.keys(UNITS));
    throw new RangeError(`${JSON.stringify(text)} is not a duration. Did you mean ${number}${meant}?`);
  }
  const milliseconds = Math.round(Number(number) * scale);
  if (milliseconds < 1 || milliseconds > LONGEST) {
    throw new RangeError(`${JSON.stringify(text)} is out of range. Give 1ms to 35791m, e.g. 90s.`);
  }
  return milliseconds;
}
