/** What the command line prints, on which stream; everything loses its secrets here. */

import { styleText } from "node:util";
import type { Redactor } from "../run/redact";

/** What a terminal can show. */
export type Style = "bold" | "dim" | "red" | "green" | "yellow";
/** Shows a text in a style, where the stream shows styles. */
export type Colorize = (style: Style, text: string) => string;

/** A stream as `process.stdout` is one. */
export interface Stream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** The streams to write to, and what decides how. */
export interface ScreenOptions {
  readonly redactor: Redactor;
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly environment: NodeJS.ProcessEnv;
  /** Whether stdout is kept for the report alone. */
  readonly json: boolean;
}

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
/** Milliseconds. */
const FRAME_INTERVAL = 80;
/** Returns to the line's begin and clears it. */
const CLEAR = "\r\x1b[K";

/** Plain lines, and at a terminal colors and a spinner. Nothing else in the harness writes to a stream. */
export class Screen {
  readonly colorize: Colorize;
  private readonly stream: Stream;
  private readonly spins: boolean;
  private spinner?: NodeJS.Timeout;

  constructor(private readonly options: ScreenOptions) {
    const { json, stdout, stderr, environment } = options;
    this.stream = json ? stderr : stdout;
    const isTerminal = this.stream.isTTY === true && environment.TERM !== "dumb";
    // https://no-color.org
    const colors = isTerminal && !environment.NO_COLOR;
    this.colorize = (style, text) => (colors ? styleText(style, text, { validateStream: false }) : text);
    // A job's log keeps every frame.
    this.spins = isTerminal && !environment.CI;
  }

  /** Prints progress and summary. */
  lines(lines: readonly string[]): void {
    if (lines.length > 0) {
      this.rest();
      this.write(this.stream, `${lines.join("\n")}\n`);
    }
  }

  /** Prints what went wrong. */
  printError(message: string): void {
    this.rest();
    this.write(this.options.stderr, `${message}\n`);
  }

  /** Prints what was asked for on stdout. */
  result(text: string): void {
    this.rest();
    this.write(this.options.stdout, `${text}\n`);
  }

  /** Shows that something is going on, until the next line; only where a person looks on. */
  busy(what: string): void {
    this.rest();
    if (!this.spins) {
      return;
    }
    let frame = 0;
    this.spinner = setInterval(() => {
      this.write(this.stream, `${CLEAR}${FRAMES[frame++ % FRAMES.length]} ${what}`);
    }, FRAME_INTERVAL);
    this.spinner.unref();
  }

  private rest(): void {
    if (this.spinner !== undefined) {
      clearInterval(this.spinner);
      this.spinner = undefined;
      this.stream.write(CLEAR);
    }
  }

  private write(stream: Stream, text: string): void {
    stream.write(this.options.redactor.text(text));
  }
}
