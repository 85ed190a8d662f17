/** Where a local account stands in for AWS it can say why it refused, which AWS keeps to itself. */
import { request } from "undici";
import { z } from "zod";
import { attempt } from "../calls/service-call";
import type { Walk } from "../steps/step";

/** What the account publishes at `/_local/decisions`, oldest first. */
const decisionsSchema = z.object({
  decisions: z.array(
    z.object({
      at: z.string(),
      kind: z.string(),
      outcome: z.string(),
      subject: z.string(),
      detail: z.array(z.string()),
    }),
  ),
});
type Decision = z.infer<typeof decisionsSchema>["decisions"][number];

/** How many refusals are told: the last, and the one before for its context. */
const TOLD = 2;

export class LocalExplanation {
  /** How the account's last decision before the walk reads; null when there was none, or it is no such account. */
  private readonly before: Promise<string | null>;

  constructor(private readonly walk: Walk) {
    this.before = this.decisions(1).then((decisions) => identity(decisions.at(-1)));
  }

  /** The account's own words for the refusals since the walk began; empty where it is not such an account. */
  async lines(): Promise<string[]> {
    const before = await this.before;
    const decisions = await this.decisions(50);
    const since = decisions.findLastIndex((decision) => identity(decision) === before) + 1;
    const refused = decisions.slice(since).filter(({ outcome }) => outcome === "refused");
    const told = refused.map(
      ({ kind, subject, detail }) =>
        `The account says (${kind}): ${[`refused ${subject}`, ...detail].join("; ")}`,
    );
    // A call that was repeated was refused repeatedly.
    return [...new Set(told)].slice(-TOLD);
  }

  private async decisions(last: number): Promise<Decision[]> {
    const { endpoint, dispatcher } = this.walk;
    if (endpoint === null) {
      return [];
    }
    try {
      const answer = await attempt(this.walk, "GET /_local/decisions", async (signal) => {
        const { statusCode, body } = await request(`${endpoint}/_local/decisions?last=${last}`, {
          dispatcher,
          signal,
        });
        return { statusCode, text: await body.text() };
      });
      return answer.statusCode === 200 ? decisionsSchema.parse(JSON.parse(answer.text)).decisions : [];
    } catch {
      // Another stand-in, which explains nothing: there is only less to tell.
      return [];
    }
  }
}

function identity(decision: Decision | undefined): string | null {
  return decision === undefined ? null : JSON.stringify(decision);
}
