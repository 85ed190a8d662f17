/** Where a user signs in, and once one has, whose credentials the page holds and until when. */
import type { Client } from "./client";
import type { Deployment } from "./deployment";
import { element } from "./elements";

/** What the panel asks for. */
export interface SignInActions {
  readonly signIn: (user: string) => void;
  readonly callAgain: () => void;
  readonly signOut: () => void;
}

/** The panel, in one of its two states. */
export class SignInPanel {
  private readonly heading = element("h2", { id: "sign-in-heading", tabindex: -1 });
  private readonly said = element("p", { class: "said" });

  constructor(
    private readonly panel: HTMLElement,
    private readonly deployment: Deployment,
    private readonly actions: SignInActions,
  ) {
    this.askWho();
  }

  /** Nobody is signed in. */
  askWho(): void {
    this.heading.textContent = "Who are you?";
    const users = this.deployment.users.map((user) =>
      pressable(
        element(
          "button",
          { type: "button", class: "user" },
          avatar(user),
          element("span", {}, "Sign in as ", element("span", { class: "name" }, user)),
        ),
        () => this.actions.signIn(user),
      ),
    );
    const intro =
      "Two users of a demonstration. Their sessions last five minutes and are signed by this page’s own server.";
    this.panel.replaceChildren(
      element(
        "div",
        { class: "ask" },
        element("div", {}, this.heading, element("p", { class: "intro" }, intro)),
        element("div", { class: "users" }, ...users),
      ),
    );
  }

  /** Somebody is; the focus goes to the panel, since the button that had it is gone. */
  welcome(user: string): void {
    this.heading.replaceChildren("Signed in as ", element("span", { class: "name" }, user));
    this.panel.replaceChildren(
      element(
        "div",
        { class: "signed-in" },
        avatar(user),
        element("div", { class: "who" }, this.heading, this.said),
        element(
          "div",
          { class: "buttons" },
          pressable(
            element("button", { type: "button", class: "primary" }, "Call again"),
            this.actions.callAgain,
          ),
          pressable(element("button", { type: "button" }, "Sign out"), this.actions.signOut),
        ),
      ),
    );
    this.say("The page is on its way to credentials…");
    this.heading.focus();
  }

  say(text: string): void {
    this.said.textContent = text;
  }

  /** Says what the page holds. */
  async describe(client: Client, before: string): Promise<void> {
    const { identityId, accessKeyId, expiration } = await client.credentials();
    const until = expiration.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    this.said.replaceChildren(
      before,
      element("span", { class: "fact" }, "Identity ", element("code", {}, identityId)),
      element(
        "span",
        { class: "fact" },
        "Credentials ",
        element("code", { class: "key" }, accessKeyId),
        ` until ${until}; others are fetched before`,
      ),
    );
  }
}

function avatar(user: string): HTMLElement {
  return element("span", { class: "avatar", "aria-hidden": "true" }, user.slice(0, 1).toUpperCase());
}

function pressable(button: HTMLButtonElement, press: () => void): HTMLButtonElement {
  button.addEventListener("click", press);
  return button;
}
