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

export class DecisionLog {
  readonly #records: DecisionRecord[] = [];

  constructor(
    private readonly now: () => Date,
    private readonly log: (line: string) => void,
    /** Whether to tell what was allowed as well. */
    private readonly explain: boolean,
  ) {}

  note(decision: Omit<DecisionRecord, "at">): void {
    const record = { at: this.now().toISOString(), ...decision };
    this.#records.push(record);
    if (this.#records.length > CAPACITY) this.#records.shift();
    if (record.outcome === "refused" || this.explain) this.log(readable(record));
  }

  /** The last decisions, oldest first. */
  last(count: number = CAPACITY): readonly DecisionRecord[] {
    return count <= 0 ? [] : this.#records.slice(-count);
  }

  clear(): void {
    this.#records.length = 0;
  }
}

/** A decision as lines to read: who, what, on which ARN, then why. */
function readable({ outcome, kind, subject, detail }: DecisionRecord): string {
  return [`${outcome} (${kind}): ${subject}`, ...detail.map((line) => `  ${line}`)].join("\n");
}
