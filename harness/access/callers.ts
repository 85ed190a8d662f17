/** Callers of whom the flow itself knows nothing: a guest, whose credentials are got when they are first needed, and the root user. */
import { apiRequest } from "../calls/api";
import { getId, openSession } from "../calls/cognito";
import type { Credentials } from "../run/connections";
import { AssertionError, errorResponseIn, HarnessError, UnreachableError } from "../run/errors";
import type { StepContext } from "../steps/step";

/** Finds out about them once a run. */
export class Callers {
  private opened?: Promise<Credentials | string>;
  private root?: Promise<boolean>;

  constructor(
    private readonly context: StepContext,
    private readonly note: (text: string) => void,
  ) {}

  /** Gets credentials as a guest, whose identity is deleted with those of the run; or says why there are none. @throws HarnessError */
  guest(): Promise<Credentials | string> {
    this.opened ??= this.open();
    return this.opened;
  }

  /** Asks whether they are the root user's; those that it can't tell of are not. @throws HarnessError when the run ends */
  isRoot(credentials: Credentials): Promise<boolean> {
    this.root ??= this.ask(credentials);
    return this.root;
  }

  private async open(): Promise<Credentials | string> {
    const { call, deployment } = this.context;
    try {
      const { IdentityId: identityId = "" } = await call(getId(deployment));
      return (await call(openSession({ identityId }))).credentials;
    } catch (error) {
      if (error instanceof AssertionError || errorResponseIn(error) !== undefined) {
        return `a guest gets no credentials (${error})`;
      }
      throw error;
    }
  }

  /** Takes no permission: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
  private async ask(credentials: Credentials): Promise<boolean> {
    const { deployment, call } = this.context;
    const url = `https://sts.${deployment.region}.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15`;
    const request = apiRequest(deployment, { url, route: "GET /", service: "sts", credentials });
    try {
      const { body } = await call(request);
      return /arn:[\w-]+:iam::\d{12}:root\b/.test(body);
    } catch (error) {
      if (error instanceof HarnessError && !(error instanceof UnreachableError)) {
        throw error;
      }
      this.note(`Whether the run has the root user's credentials is not known: ${error}`);
      return false;
    }
  }
}
