/** The refusals as cards with a button each. */
import type { Client } from "./client";
import { element, mark } from "./elements";
import { type Exchange, exchangeOf } from "./exchange";
import type { Refusal } from "./refusals";
import { code } from "./station-list";
import { errorCode, errorText } from "./transcript";

const CALLING = "Calling…";

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
    const said = element("p", { class: "said" }, CALLING);
    result.replaceChildren(said);
    try {
      const response = await refusal.run(this.client, (text) => said.replaceChildren(text));
      if (said.textContent === CALLING) {
        said.remove();
      }
      this.judge(refusal, exchangeOf(response), result);
    } catch (error) {
      said.replaceChildren((error as Error).message);
      this.announce(`${refusal.button}. ${(error as Error).message}`);
    }
    this.busy = false;
    this.enable();
  }

  private judge(refusal: Refusal, exchange: Exchange | undefined, result: HTMLElement): void {
    const { answer } = exchange ?? {};
    if (exchange === undefined || answer === undefined) {
      return;
    }
    const refused = answer.status === refusal.status;
    const verdict = refused ? `Refused with ${answer.status}` : `Not refused as AWS does: ${answer.status}`;
    result.append(
      element(
        "p",
        { class: refused ? "verdict refused" : "verdict failed" },
        mark(refused ? "refused" : "failed"),
        element("strong", {}, verdict),
      ),
      code(errorText(exchange), "Answer"),
      element(
        "p",
        { class: "why" },
        refused
          ? refusal.why
          : `Expected was ${refusal.status}. Whoever answers isn’t AWS, or the deployment was changed.`,
      ),
    );
    this.announce(`${refusal.button}. ${verdict} ${errorCode(answer)}`);
  }

  private enable(): void {
    for (const { button, refusal } of this.buttons) {
      const waits = this.busy || (refusal.needsUser && this.client === undefined);
      // Not `disabled`, which would take the focus from whoever pressed it.
      button.setAttribute("aria-disabled", String(waits));
    }
  }
}
