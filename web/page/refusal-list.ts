/** The refusals as cards with a button each. */
import type { Client } from "./client";
import { element, mark } from "./elements";
import { type Exchange, watched } from "./exchange";
import type { Refusal } from "./refusals";
import { parsed } from "./secrets";
import { code } from "./station-list";
import { answerText } from "./transcript";

/** The cards, and whose credentials they use. */
export class RefusalList {
  private readonly buttons: { button: HTMLButtonElement; refusal: Refusal }[] = [];
  private client: Client | undefined;
  private busy = false;

  /** @param announce says it to those who don't see the card */
  constructor(
    list: HTMLElement,
    refusals: readonly Refusal[],
    private readonly announce: (text: string) => void,
  ) {
    list.replaceChildren(...refusals.map((refusal) => this.card(refusal)));
    this.enable();
  }

  /** Lets the calls be made with these credentials; with none, those that need some wait. */
  use(client: Client | undefined): void {
    this.client = client;
    this.enable();
  }

  private card(refusal: Refusal): HTMLElement {
    const sends = element("p", { class: "sends", id: `sends-${refusal.name}` }, refusal.sends);
    const button = element("button", { type: "button", "aria-describedby": sends.id }, refusal.button);
    const result = element("div", { class: "result" });
    button.addEventListener("click", () => this.press(refusal, result));
    this.buttons.push({ button, refusal });
    return element("li", { class: "panel refusal", id: `refusal-${refusal.name}` }, button, sends, result);
  }

  private async press(refusal: Refusal, result: HTMLElement): Promise<void> {
    if (this.busy) {
      return;
    }
    if (refusal.needsUser && this.client === undefined) {
      this.announce("Sign in first: this call takes a user’s credentials.");
      return;
    }
    this.busy = true;
    this.enable();
    const progress = element("p", { class: "progress" }, "Calling…");
    result.replaceChildren(progress);
    let last: Exchange | undefined;
    try {
      await watched(
        () => refusal.run(this.client, (text) => progress.replaceChildren(text)),
        (exchange) => {
          last = exchange;
        },
      );
    } catch (error) {
      progress.replaceChildren((error as Error).message);
    }
    if (last !== undefined) {
      this.show(refusal, last, result);
    }
    this.busy = false;
    this.enable();
  }

  private show(refusal: Refusal, exchange: Exchange, result: HTMLElement): void {
    const { answer } = exchange;
    const refused = answer?.status === refusal.status;
    const status = answer?.status ?? "no answer";
    const verdict = refused ? `Refused with ${status}` : `Not refused as AWS does: ${status}`;
    result.replaceChildren(
      element(
        "p",
        { class: refused ? "verdict refused" : "verdict failed" },
        mark(refused ? "refused" : "failed"),
        element("strong", {}, verdict),
      ),
      code(answerText(exchange), "AWS’s answer"),
      element(
        "p",
        { class: "why" },
        refused
          ? refusal.why
          : `Expected was ${refusal.status}. Whoever answers isn’t AWS, or the deployment was changed.`,
      ),
    );
    this.announce(`${refusal.button}. ${verdict} ${answer === undefined ? "" : errorCode(answer)}`);
  }

  private enable(): void {
    for (const { button, refusal } of this.buttons) {
      const waits = this.busy || (refusal.needsUser && this.client === undefined);
      // Not `disabled`, which would take the focus from whoever pressed it.
      button.setAttribute("aria-disabled", String(waits));
    }
  }
}

/** AWS's name of the error: in a header of API Gateway's, in the body of Cognito's and of the login endpoint's. */
function errorCode({ headers, body }: NonNullable<Exchange["answer"]>): string {
  const { __type, error } = (parsed(body) ?? {}) as { __type?: unknown; error?: unknown };
  const found = headers.get("x-amzn-ErrorType") ?? __type ?? error;
  return typeof found === "string" ? found.replace(/^.*#/, "").replace(/:.*$/, "") : "";
}
