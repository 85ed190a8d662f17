/** What the command line prints, on which stream; everything loses its secrets here. */

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { stripVTControlCharacters, styleText } from "node:util";
import type { Redactor } from "../run/redact";

/** What a terminal can show. */
export type Style = "bold" | "dim" | "red" | "green" | "yellow";
/** Shows a text in a style, where the stream shows styles. */
export type Colorize = (style: Style, text: string) => string;

/** A stream as `process.stdout` is one. */
export interface Stream {
  readonly isTTY?: boolean;
  /** How many characters fit a line of the terminal. */
  readonly columns?: number;
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

/** Plain lines, and at a terminal colors and a line that lives. No other part of a command writes to a stream. */
export class Screen {
  readonly colorize: Colorize;
  readonly colors: boolean;
  /** Whether a person looks on, to whom {@link busy} shows something. */
  readonly isLive: boolean;
  private readonly stream: Stream;
  private readonly links: boolean;
  /** Where lines are wrapped; undefined where they are not. */
  private readonly width?: number;
  private frame = 0;
  private what = () => "";
  private spinner?: NodeJS.Timeout;

  constructor(private readonly options: ScreenOptions) {
    const { json, stdout, stderr, environment } = options;
    this.stream = json ? stderr : stdout;
    const isTerminal = this.stream.isTTY === true && environment.TERM !== "dumb";
    const { FORCE_COLOR: forced } = environment;
    // https://nodejs.org/api/cli.html#force_color1-2-3 comes before https://no-color.org
    this.colors = forced === undefined ? isTerminal && !environment.NO_COLOR : /^(true|[123])?$/.test(forced);
    this.colorize = (style, text) => (this.colors ? styleText(style, text, { validateStream: false }) : text);
    // A job's log keeps every frame.
    this.isLive = isTerminal && !environment.CI;
    this.links = this.isLive && showsLinks(environment);
    this.width = isTerminal ? this.stream.columns : undefined;
  }

  /** Prints progress and summary. */
  lines(lines: readonly string[]): void {
    if (lines.length > 0) {
      this.rest();
      const { redactor } = this.options;
      // Redacted first: a secret that is wrapped would not be found.
      const text = redactor.text(lines.join("\n")).split("\n");
      this.stream.write(`${text.map((line) => wrapped(line, this.width)).join("\n")}\n`);
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

  /** Shows that something is going on, until the next line; only where a person looks on. @param what asked anew for every frame */
  busy(what: string | (() => string)): void {
    this.what = typeof what === "string" ? () => what : what;
    if (!this.isLive || this.spinner !== undefined) {
      return;
    }
    this.spinner = setInterval(() => {
      // One that is wrapped could not be cleared.
      const shown = `${FRAMES[this.frame++ % FRAMES.length]} ${this.options.redactor.text(this.what())}`;
      this.stream.write(`${CLEAR}${shown.slice(0, (this.width ?? Number.POSITIVE_INFINITY) - 1)}`);
    }, FRAME_INTERVAL);
    this.spinner.unref();
  }

  /** Writes where a file is: its URL, or its path as a link in terminals that show one. */
  link(file: string): string {
    const url = pathToFileURL(resolve(file)).href;
    return this.links ? `\x1b]8;;${url}\x1b\\${file}\x1b]8;;\x1b\\` : url;
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

/** Tells whether the terminal says that it shows links. https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda */
function showsLinks({
  TERM_PROGRAM,
  TERM,
  VTE_VERSION,
  WT_SESSION,
  KONSOLE_VERSION,
}: NodeJS.ProcessEnv): boolean {
  return (
    ["iTerm.app", "WezTerm", "vscode", "ghostty"].includes(TERM_PROGRAM ?? "") ||
    /^(xterm-kitty|xterm-ghostty|alacritty)/.test(TERM ?? "") ||
    // The first versions of VTE that show links end by them.
    Number(VTE_VERSION) >= 5202 ||
    Boolean(WT_SESSION || KONSOLE_VERSION)
  );
}

/** What stands before a detail's text: the lines after the first begin below it. */
const HANGING = /^(?: {4,6}\S+ +| *(?:\S )?)/;

/** Breaks a line at blanks, so that it fits; a longer word, such as an ARN, stays whole, to be copied. */
function wrapped(line: string, width: number | undefined): string {
  const plain = stripVTControlCharacters(line);
  if (width === undefined || plain.length <= width) {
    return line;
  }
  const indent = HANGING.exec(plain)?.[0].length ?? 0;
  const [first = "", ...words] = line.split(/(?<=\S) (?=\S)/);
  let length = stripVTControlCharacters(first).length;
  let text = first;
  for (const word of words) {
    const more = stripVTControlCharacters(word).length;
    const fits = length + 1 + more <= width;
    text += fits ? ` ${word}` : `\n${" ".repeat(indent)}${word}`;
    length = fits ? length + 1 + more : indent + more;
  }
  return text;
}
