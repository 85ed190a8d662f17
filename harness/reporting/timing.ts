/** How long things took, as people read it. */
import type { StepResult } from "../report";

/** @param ms milliseconds */
export function formatDuration(ms: number): string {
  if (Math.round(ms) < 1000) {
    return `${Math.round(ms)} ms`;
  }
  // Rounded first: 59,960 ms are a minute, not 60.0 s.
  const tenths = Math.round(ms / 100);
  if (tenths < 600) {
    return `${(tenths / 10).toFixed(1)} s`;
  }
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** How long it took and under what circumstances. */
export function timing(result: StepResult): string {
  return result.status === "skipped"
    ? "skipped"
    : [formatDuration(result.durationMs), ...circumstances(result)].join(", ");
}

/** How often it was tried, how long it waited and what its budget was, where that is worth a word. */
export function circumstances({ attempts, waitedMs, budgetMs }: StepResult): string[] {
  return [
    attempts > 1 ? `${attempts} attempts` : null,
    waitedMs > 0 ? `${formatDuration(waitedMs)} of it waiting` : null,
    budgetMs !== null ? `budget ${formatDuration(budgetMs)}` : null,
  ].filter((part) => part !== null);
}
