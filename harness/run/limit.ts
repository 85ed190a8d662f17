/** What ends a run before its time: its own limit, or its caller. */
import { InterruptedError, TimeUpError } from "./errors";

/** Milliseconds that clean-up may take when the run was ended: whoever pressed Ctrl-C does not want to wait. */
const HURRIED_CLEAN_UP = 700;

/** Turns the time limit and the caller's signal into one signal, and leaves the clean-up its own short time. */
export class RunLimit {
  private readonly end = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private readonly interrupt = () => this.end.abort(new InterruptedError());

  /** @param timeLimit in milliseconds, from now */
  constructor(
    timeLimit: number,
    private readonly caller: AbortSignal | undefined,
  ) {
    this.timer = setTimeout(() => this.end.abort(new TimeUpError(timeLimit)), timeLimit);
    caller?.addEventListener("abort", this.interrupt, { once: true });
    if (caller?.aborted) {
      this.interrupt();
    }
  }

  /** Ends the walk; its reason is a `HarnessError`. */
  get signal(): AbortSignal {
    return this.end.signal;
  }

  /** Runs what is to be done after the walk, in a hurry when the walk was ended, or as soon as the caller ends it. */
  async afterwards<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    clearTimeout(this.timer);
    const end = new AbortController();
    let hurried: NodeJS.Timeout | undefined;
    const hurry = () => {
      hurried = setTimeout(() => end.abort(), HURRIED_CLEAN_UP);
    };
    this.signal.addEventListener("abort", hurry, { once: true });
    if (this.signal.aborted) {
      hurry();
    }
    try {
      return await work(end.signal);
    } finally {
      clearTimeout(hurried);
      this.signal.removeEventListener("abort", hurry);
      this.caller?.removeEventListener("abort", this.interrupt);
    }
  }
}
