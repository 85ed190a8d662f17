/** The conductor's progress: a heading when a phase starts, what its tools do meanwhile, its finding with its time when it ends. */
import { Screen } from "../harness/cli/screen";
import { formatDuration } from "../harness/run/durations";
import { Redactor } from "../harness/run/redact";
import type { ResourceChange } from "./cdktf";

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

/** How Terraform's signs read. */
const DONE = { "+": "created", "~": "changed", "-": "destroyed" } as const;

/** Runs phases one after the other and prints how they go: at a terminal in one live line, else in a line for each resource. */
export class Phases {
  readonly screen: Screen;
  private readonly verbose: boolean;
  /** How long each took, in milliseconds. */
  private readonly times: [name: string, ms: number][] = [];
  /** Of all phases, and of the one that runs. */
  private readonly all: ResourceChange[] = [];
  private changes: ResourceChange[] = [];
  /** When the running one began, on the clock of `performance.now()`. */
  private began = 0;

  /** @param options verbose: a line for each resource, also at a terminal; json: standard output is kept for a document */
  constructor({
    verbose = false,
    json = false,
  }: { readonly verbose?: boolean; readonly json?: boolean } = {}) {
    const { stdout, stderr, env: environment } = process;
    this.screen = new Screen({
      redactor: new Redactor({ showIdentities: true }),
      stdout,
      stderr,
      environment,
      json,
    });
    this.verbose = verbose || !this.screen.isLive;
  }

  /** Runs a phase and prints its name, what it found and how long it took, also when it fails. @param finding in a few words */
  async run<T>(name: string, phase: () => Promise<T>, finding: (result: T) => string): Promise<T> {
    const { screen, times } = this;
    this.changes = [];
    this.began = performance.now();
    screen.lines([screen.colorize("bold", `▸ ${name}`)]);
    this.busy();
    try {
      const result = await phase();
      const took = screen.colorize("dim", `(${this.took()})`);
      screen.lines([`  ${screen.colorize("green", "✓")} ${finding(result)} ${took}`]);
      return result;
    } catch (error) {
      screen.lines([screen.colorize("red", `  ✗ failed after ${this.took()}: ${name}`)]);
      throw error;
    } finally {
      times.push([name, performance.now() - this.began]);
    }
  }

  /** Prints a line of the running phase. */
  line(text: string): void {
    this.screen.lines([`  ${text}`.trimEnd()]);
    this.busy();
  }

  /** Counts a resource of the running phase. */
  resource(change: ResourceChange): void {
    this.changes.push(change);
    this.all.push(change);
    if (this.verbose) {
      const { sign, type, name, time } = change;
      this.line(this.screen.colorize("dim", `${sign} ${type} ${name} (${time})`));
    }
  }

  /** Counts the resources of the running phase, e.g. `26 resources created`. */
  counted(): string {
    return Object.entries(DONE)
      .map(([sign, done]) => ({ done, count: count(this.changes, sign) }))
      .filter((one) => one.count > 0)
      .map((one) => `${one.count} resource${one.count === 1 ? "" : "s"} ${one.done}`)
      .join(", ");
  }

  /** Prints what all phases together showed, and how long each of them took. */
  end(shown: string): void {
    const { screen, times, all } = this;
    const total = formatDuration(times.reduce((sum, [, ms]) => sum + ms, 0));
    const width = Math.max(...times.map(([name]) => name.length));
    screen.lines([
      "",
      `${screen.colorize("green", `All passed in ${total}`)}: ${shown}, ${count(all, "+")} resources created and ${count(all, "-")} destroyed.`,
      ...times.map(([name, ms]) => `  ${name.padEnd(width)}  ${formatDuration(ms).padStart(8)}`),
    ]);
  }

  private busy(): void {
    this.screen.busy(() => {
      const { type, name } = this.changes.at(-1) ?? {};
      const latest = type === undefined ? [] : [this.counted(), `${type} ${name}`];
      return [this.took(), ...latest].join(" · ");
    });
  }

  private took(): string {
    return formatDuration(performance.now() - this.began);
  }
}

function count(changes: readonly ResourceChange[], sign: string): number {
  return changes.filter((change) => change.sign === sign).length;
}
