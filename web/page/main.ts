/** The page: who is signed in, the way there, and the calls that must be refused. */
import { type Client, clientOf } from "./client";
import type { Deployment } from "./deployment";
import { byId, element } from "./elements";
import { watched } from "./exchange";
import { Picture } from "./picture";
import { RefusalList } from "./refusal-list";
import { refusalsOf } from "./refusals";
import { SignInPanel } from "./sign-in";
import { StationList } from "./station-list";
import { STATIONS, type StationName } from "./stations";
import { type Outcome, walk } from "./walk";

/** Milliseconds from one station to the next; their own times are far shorter, and nobody could follow. */
const PACE = 450;

function announce(text: string): void {
  byId("status").textContent = text;
}

async function start(): Promise<void> {
  const response = await fetch("/deployment.json");
  if (!response.ok) {
    notice(
      "Nothing is deployed yet. Look at the shell in which this page’s server runs: it says what to do.",
    );
    return;
  }
  new Demonstration((await response.json()) as Deployment);
}

function notice(text: string): void {
  byId("notice").replaceChildren(element("p", { class: "notice" }, text));
}

/** What is on the page once a deployment is known. */
class Demonstration {
  private readonly picture = new Picture();
  private readonly stations = new StationList(byId("stations"));
  private readonly panel: SignInPanel;
  private readonly refusals: RefusalList;
  private client: Client | undefined;
  private busy = false;

  constructor(private readonly deployment: Deployment) {
    const { account, region, cognitoUrl } = deployment;
    const target = byId("target");
    target.textContent = account === "AWS" ? `AWS, ${region}` : `local AWS at ${new URL(cognitoUrl).host}`;
    target.hidden = false;
    byId("picture").replaceChildren(this.picture.element);
    this.panel = new SignInPanel(byId("sign-in"), deployment, {
      signIn: (user) => this.alone(() => this.signIn(user)),
      callAgain: () => this.alone(() => this.callAgain()),
      signOut: () => this.alone(async () => this.signOut()),
    });
    this.refusals = new RefusalList(byId("refusals"), refusalsOf(deployment), announce);
  }

  /** One thing after the other: a second press while the first goes on is nothing. */
  private async alone(work: () => Promise<void>): Promise<void> {
    if (this.busy) {
      return;
    }
    this.busy = true;
    await work().finally(() => {
      this.busy = false;
    });
  }

  private async signIn(user: string): Promise<void> {
    this.client = clientOf(this.deployment, user);
    this.panel.welcome(user);
    const outcomes: [StationName, Outcome][] = [];
    const passed = await walk(this.deployment, this.client, (...told) => outcomes.push(told));
    for (const [station, outcome] of outcomes) {
      this.picture.show(station, outcome);
      this.stations.show(station, outcome);
      await new Promise((resolve) => setTimeout(resolve, PACE));
    }
    if (passed) {
      this.refusals.use(this.client);
      await this.panel.describe(this.client, "");
      announce(`All five stations are passed: the function has greeted ${user}.`);
      return;
    }
    const [last] = outcomes.at(-1) ?? [];
    const text = `The way ended at “${last === undefined ? "the start" : STATIONS[last].title}”.`;
    this.panel.say(`${text} Its card says why.`);
    announce(text);
  }

  /** Calls with what the client has; it fetches new credentials by itself when their end is near. */
  private async callAgain(): Promise<void> {
    const { client, deployment } = this;
    if (client === undefined) {
      return;
    }
    let fetched = false;
    const started = performance.now();
    try {
      const answer = await watched(
        () => client.call(deployment.apiUrl + deployment.probePath),
        ({ url }) => {
          fetched ||= url.href === deployment.loginUrl;
        },
      );
      const time = Math.max(1, Math.round(performance.now() - started));
      const text = `GET ${deployment.probePath} answered ${answer.status} in ${time} ms, with ${fetched ? "new credentials" : "the same credentials"}.`;
      await this.panel.describe(client, text);
      announce(text);
    } catch (error) {
      this.panel.say((error as Error).message);
      announce((error as Error).message);
    }
  }

  private signOut(): void {
    this.client?.credentials.clear();
    this.client = undefined;
    this.refusals.use(undefined);
    this.picture.clear();
    this.stations.clear();
    this.panel.askWho();
    byId("sign-in-heading").focus();
    announce("Signed out: the page has forgotten the credentials.");
  }
}

start().catch((error: Error) => notice(`This page can’t start: ${error.message}`));
