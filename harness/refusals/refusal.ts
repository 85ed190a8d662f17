/** A call that must be refused, as data: what is sent, and with what AWS may answer. */

import type { RefusableRequest, ServiceRequest } from "../calls/call";
import { openSession, type SignedInUser, signIn } from "../calls/cognito";
import type { Credentials } from "../run/connections";
import type { RunContext } from "../run/context";
import {
  AssertionError,
  type ErrorResponse,
  errorResponseIn,
  HarnessError,
  OTHER_WORDS,
  showErrorResponse,
} from "../run/errors";
import { TOKEN_DURATION } from "../steps/3-token";
import type { CallInput } from "../steps/5-call";
import { type Step, type StepContext, stepContext } from "../steps/step";

/** One way in which AWS may refuse. */
export interface RefusalAnswer {
  readonly status: number;
  /** Undefined where AWS's error class is not documented: any will do, and the report notes which came. */
  readonly code?: string;
  /** Where AWS's words are not certain, no more of them than is. */
  readonly message: RegExp;
}

/** Makes such a way; without a code, any will do. */
export function refused(status: number, code: string | undefined, message: RegExp): RefusalAnswer {
  return { status, code, message };
}

/** A row of the table of refusals. */
export interface Refusal<Session = RefusalSession>
  extends Pick<Step<never, void>, "name" | "title" | "hint" | "notApplicable"> {
  /** More than one where AWS's answer is not documented for certain: each will do, and the report notes which came. */
  readonly answers: readonly RefusalAnswer[];
  /** Why it must be refused, or where the answer is told: a URL. */
  readonly source: string;
  /** Makes the call that is sent. */
  request(context: StepContext, session: Session): ServiceRequest<unknown> | Promise<ServiceRequest<unknown>>;
  /**
   * When it began to be one that must be refused, on the clock of `performance.now()`: it is asked again until the run's
   * leeway for tokens has passed.
   *
   * @default at once
   */
  readonly since?: (session: Session) => Promise<number>;
}

/** How the note begins that more than one answer counts. */
export const UNDOCUMENTED = "AWS's answer is not documented for certain";

/** Milliseconds between two looks whether an expired token still counts: how long AWS lets one is not documented. */
const LEEWAY_INTERVAL = 2_000;

/** Makes the step that sends the call and judges the answer. */
export function refusalStep<Session>(refusal: Refusal<Session>): Step<Session, void> {
  const { answers } = refusal;
  const classes = answers.map(({ status, code }) => `${status} ${code ?? "any class"}`);
  const expected = `refused: ${[...new Set(classes)].join(" or ")}`;
  return {
    ...refusal,
    expected: () => expected,
    async run(context, session) {
      const request = await refusal.request(context, session);
      const since = (await refusal.since?.(session)) ?? Number.NEGATIVE_INFINITY;
      // Infinite where it had to be refused at once.
      const late = () => performance.now() - since;
      const read = (response?: ErrorResponse) =>
        response === undefined && late() < context.tokenLeeway
          ? undefined
          : judged(response, answers, expected);
      for (;;) {
        const response = await context.call(refusable(request, read));
        if (response === undefined) {
          await context.wait(LEEWAY_INTERVAL);
          continue;
        }
        if (late() >= LEEWAY_INTERVAL && refusal.since !== undefined) {
          context.note(`the token was refused only about ${Math.round(late() / 1000)} s after its end`);
        }
        const actual = showErrorResponse(response);
        if (answers.length > 1 || answers.some(({ code }) => code === undefined)) {
          context.note(`${UNDOCUMENTED}; this came: ${actual}`);
        }
        return { actual };
      }
    },
  };
}

/** Makes the same call, of which the refusal is what is read; undefined when it was not refused. */
function refusable<Result>(
  request: ServiceRequest<unknown>,
  read: (response: ErrorResponse | undefined) => Result,
): RefusableRequest<Result> {
  return {
    ...request,
    read: (answer) => read(request.refusalOf?.(answer)),
    readError(error) {
      const response = error instanceof HarnessError ? undefined : errorResponseIn(error);
      if (response === undefined || error instanceof AssertionError) {
        throw error;
      }
      return read(response);
    },
  };
}

/** Asserts that it was refused in one of the ways. @throws AssertionError */
function judged(
  response: ErrorResponse | undefined,
  answers: readonly RefusalAnswer[],
  expected: string,
): ErrorResponse {
  if (response === undefined) {
    throw new AssertionError("answer", expected, "not refused");
  }
  const { status, code, message, service } = response;
  const sameStatus = answers.filter((answer) => answer.status === status);
  if (sameStatus.some((answer) => [undefined, code].includes(answer.code) && answer.message.test(message))) {
    return response;
  }
  // API Gateway's error classes come with its words: whatever answers in its place has others, or none.
  const otherWords = sameStatus.some((answer) => service === "execute-api" || answer.code === code);
  throw new AssertionError(
    otherWords ? OTHER_WORDS : "answer",
    expected,
    showErrorResponse(response),
    response,
  );
}

/** Seconds; the shortest that AWS gives. https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_GetOpenIdTokenForDeveloperIdentity.html */
const SHORTEST_DURATION = 1;

/**
 * Milliseconds from the token's arrival after which it has expired whatever the clocks say: it ends at a whole second,
 * at most one second after it was made. The rest is for AWS's own clocks, which may differ a little.
 */
const EXPIRED_AFTER = SHORTEST_DURATION * 1000 + 300;

/** What the refusals start from; signs users in only when they are needed, but for the token that has to expire. */
export class RefusalSession {
  /** The user who came through the flow. */
  readonly user: SignedInUser;
  readonly credentials: Credentials;
  /** The tag `username` of the session; undefined when it has none. */
  readonly username?: string;
  /** A token that is short, and when it has certainly expired, on the clock of `performance.now()`. */
  readonly expiring: Promise<{ readonly user: SignedInUser; readonly expiredAt: number }>;
  private otherUser?: Promise<CallInput>;

  constructor(
    private readonly run: RunContext,
    { user, credentials }: CallInput,
  ) {
    this.user = user;
    this.credentials = credentials;
    this.username = run.principalTags?.username;
    // At once, so that it expires while the others are asked.
    this.expiring = this.mintExpiring();
    // Whoever needs the token is told; until then nobody listens.
    this.expiring.catch(() => {});
  }

  /** Signs in another user, who comes through the flow like the first and has nothing to do with them. */
  other(): Promise<CallInput> {
    this.otherUser ??= this.openOther();
    return this.otherUser;
  }

  /** Waits until nothing that was begun can create an identity any more. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.expiring, this.otherUser]);
  }

  private async openOther(): Promise<CallInput> {
    const { call, users } = stepContext(this.run);
    const user = await call(signIn(this.run, users.second, TOKEN_DURATION));
    const { credentials } = await call(openSession(user));
    return { user, credentials };
  }

  private async mintExpiring() {
    const { call } = stepContext(this.run);
    const user = await call(signIn(this.run, this.user.developerUserIdentifier, SHORTEST_DURATION));
    return { user, expiredAt: performance.now() + EXPIRED_AFTER };
  }
}
