/** What TypeScript sees of `started-processes.cjs`. */

/**
 * Ends every process that carries the mark in its environment or descends from `root`, but neither `root` nor the calling process.
 *
 * @param mark a text that is in no other process's environment
 * @param root the id of a process that lives
 */
export function endStartedProcesses(mark: string, root?: number): void;
