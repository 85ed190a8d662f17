/** How long things took, as people read it. */

/** @param ms milliseconds */
export function formatDuration(ms: number): string {
  if (ms < 1000) {
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

/** How long it took, how often it was tried, how long it waited and what its budget was: what differs from the plain case only. */
export function timing(result: {
  readonly durationMs: number;
  readonly attempts: number;
  readonly waitedMs: number;
  readonly budgetMs: number | null;
  readonly status: string;
}): string {
  if (result.status === "skipped") {
    return "skipped";
  }
  return [
    formatDuration(result.durationMs),
    result.attempts > 1 ? `${result.attempts} attempts` : null,
    result.waitedMs > 0 ? `${formatDuration(result.waitedMs)} of it waiting` : null,
    result.budgetMs !== null ? `budget ${formatDuration(result.budgetMs)}` : null,
  ]
    .filter((part) => part !== null)
    .join(", ");
}
