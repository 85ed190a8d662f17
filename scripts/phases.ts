/** The conductor's progress: a line when a phase starts, what its tools say meanwhile, a line with its time when it ends. */

/** What a phase was to show didn't come true. */
export class PhaseFailedError extends Error {
  override readonly name = "PhaseFailedError";

  constructor(
    readonly exitCode: number,
    message: string,
  ) {
    super(message);
  }
}

/** Runs phases one after the other and prints how they go. */
export class Phases {
  private readonly started = performance.now();

  constructor(private readonly print: (line: string) => void) {}

  /** Runs a phase and prints its name and how long it took, also when it fails. */
  async run<T>(name: string, phase: () => Promise<T>): Promise<T> {
    const started = performance.now();
    this.print(`▸ ${name}`);
    try {
      const result = await phase();
      this.print(`  done in ${seconds(started)}`);
      return result;
    } catch (error) {
      this.print(`  failed after ${seconds(started)}: ${name}`);
      throw error;
    }
  }

  /** Prints a line of the running phase. */
  emit(line: string): void {
    this.print(`  ${line}`);
  }

  /** Tells the time since the first phase. */
  total(): string {
    return seconds(this.started);
  }
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
