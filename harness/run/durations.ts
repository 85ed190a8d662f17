/** Durations, in milliseconds: the limits of a walk, and durations as people write and read them. */
import { closest } from "fastest-levenshtein";

/** How long one call may take. */
export const CALL_TIME_LIMIT = 10_000;
/** How long a whole run may take. */
export const RUN_TIME_LIMIT = 5 * 60_000;
/** How long the answers of a fresh deployment are waited for. */
export const FRESH_WINDOW = 90_000;
/** How long a token may still count after its end. */
export const TOKEN_LEEWAY = 60_000;
/** How long each call of the clean-up may take when the run was ended: whoever pressed Ctrl-C does not want to wait. */
export const HURRIED_CLEAN_UP = 700;

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, ms: 1 };

/** What a timer can take. https://nodejs.org/api/timers.html#settimeoutcallback-delay-args */
const LONGEST = 2 ** 31 - 1;

/**
 * Reads a number with its unit, `500ms`, `10s` or `1.5m`, in milliseconds.
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

/** Writes milliseconds as people read them, e.g. `61 ms`, `1.8 s` or `2 min 5 s`. */
export function formatDuration(milliseconds: number): string {
  if (Math.round(milliseconds) < 1000) {
    return `${Math.round(milliseconds)} ms`;
  }
  // Rounded first: 59,960 ms are a minute, not 60.0 s.
  const tenths = Math.round(milliseconds / 100);
  if (tenths < 600) {
    return `${(tenths / 10).toFixed(1)} s`;
  }
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Computes the median; NaN of no values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
