/** What the refusals start from: the user who came through the flow, another one, and a token that is about to expire. */
import type { SessionCredentials } from "../calls/api";
import { CallLog } from "../calls/call-log";
import { type SignedInUser, signIn } from "../steps/3-token";
import { openSession } from "../steps/4-credentials";
import type { Walk } from "../steps/step";

/** Seconds; the shortest that AWS gives. https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_GetOpenIdTokenForDeveloperIdentity.html */
const SHORTEST_DURATION = 1;

/**
 * Milliseconds from the token's arrival after which it has expired whatever the clocks say: it ends at a whole second,
 * at most one second after it was made. The rest is for AWS's own clocks, which may differ a little.
 */
const EXPIRED_AFTER = SHORTEST_DURATION * 1000 + 300;

/** A user who came through the flow like the first, and has nothing to do with them. */
export interface OtherUser {
  readonly user: SignedInUser;
  readonly credentials: SessionCredentials;
}

/** A token and when it has certainly expired, on the clock of `performance.now()`. */
interface ExpiringToken {
  readonly user: SignedInUser;
  readonly expiredAt: number;
}

/** Lives while the refusals are asked; signs users in only when they are needed, but for the token that has to expire. */
export class RefusalSession {
  private otherUser: Promise<OtherUser> | null = null;
  private readonly expiring: Promise<ExpiringToken>;

  constructor(
    private readonly walk: Walk,
    /** The user who came through the flow. */
    readonly user: SignedInUser,
    readonly credentials: SessionCredentials,
  ) {
    // At once, so that it expires while the others are asked.
    this.expiring = this.mintExpiring();
    // Whoever needs the token is told; until then nobody listens.
    this.expiring.catch(() => {});
  }

  /** Another user with a session of their own. */
  other(): Promise<OtherUser> {
    this.otherUser ??= this.openOther();
    return this.otherUser;
  }

  /** The user with a token that has expired, and when; waits until it has. */
  async expired(calls: CallLog): Promise<ExpiringToken> {
    const expiring = await this.expiring;
    const { expiredAt } = expiring;
    const left = Math.ceil(expiredAt - performance.now());
    if (left > 0) {
      calls.waited(left);
      await this.walk.patience.sleep(left);
    }
    return expiring;
  }

  /** Waits until nothing that was begun can create an identity any more. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.expiring, this.otherUser]);
  }

  private async openOther(): Promise<OtherUser> {
    const calls = new CallLog();
    const user = await signIn(this.walk, calls, this.walk.identities.user("second"));
    const { credentials } = await openSession(this.walk, calls, user);
    return { user, credentials };
  }

  private async mintExpiring(): Promise<ExpiringToken> {
    const { developerUserIdentifier } = this.user;
    const user = await signIn(this.walk, new CallLog(), developerUserIdentifier, SHORTEST_DURATION);
    return { user, expiredAt: performance.now() + EXPIRED_AFTER };
  }
}
