/** Why the account said yes or no: AWS keeps its reasons to itself, local AWS records them for the developer. */

export interface DecisionRecord {
  readonly at: string;
  /** What was decided: `signature`, `access`, `trust`, `token`, `resource-policy`, … */
  readonly kind: string;
  readonly outcome: "allowed" | "refused";
  /** One line: who wanted what, on which ARN. */
  readonly subject: string;
  /** The reasoning, a line each. Never holds a secret, a token or a signature. */
  readonly detail: readonly string[];
}

/** How many decisions are kept; older ones are dropped. */
const CAPACITY = 1000;

/** Characters of a line and lines of a decision: clients choose what stands in them. */
const MAX_LINE = 2000;
const MAX_LINES = 100;

export class DecisionLog {
  readonly #records: DecisionRecord[] = [];

  readonly #now: () => Date;
  readonly #log: (line: string) => void;
  readonly #explain: boolean;

  /** @param explain whether to tell what was allowed as well */
  constructor(now: () => Date, log: (line: string) => void, explain: boolean) {
    this.#now = now;
    this.#log = log;
    this.#explain = explain;
  }

  note({ kind, outcome, subject, detail }: Omit<DecisionRecord, "at">): void {
    const record = {
      at: this.#now().toISOString(),
      kind,
      outcome,
      subject: clipped(subject),
      detail: clippedList(detail),
    };
    this.#records.push(record);
    if (this.#records.length > CAPACITY) {
      this.#records.shift();
    }
    if (record.outcome === "refused" || this.#explain) {
      this.#log(readable(record));
    }
  }

  /** The last decisions, oldest first. */
  last(count: number = CAPACITY): readonly DecisionRecord[] {
    return count <= 0 ? [] : this.#records.slice(-count);
  }

  clear(): void {
    this.#records.length = 0;
  }
}

function clipped(line: string): string {
  return line.length <= MAX_LINE ? line : `${line.slice(0, MAX_LINE)}… (${line.length} characters)`;
}

function clippedList(lines: readonly string[]): string[] {
  const kept = lines.slice(0, MAX_LINES).map(clipped);
  return lines.length <= MAX_LINES ? kept : [...kept, `… (${lines.length} lines)`];
}

/** A decision as lines to read: who, what, on which ARN, then why. */
function readable({ outcome, kind, subject, detail }: DecisionRecord): string {
  return [`${outcome} (${kind}): ${subject}`, ...detail.map((line) => `  ${line}`)].map(escaped).join("\n");
}

/** Without what moves a terminal's cursor or starts a line: a client could write decisions that nobody took. */
function escaped(line: string): string {
  return line.replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (character) => `\\u${(character.codePointAt(0) as number).toString(16).padStart(4, "0")}`,
  );
}
