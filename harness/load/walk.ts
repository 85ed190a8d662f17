/** One user among many: signs in, gets credentials and calls the API by the steps of the flow, and tells how long each took. */
import type { SimpleJwksCache } from "aws-jwt-verify/jwk";
import { Calls } from "../calls/call";
import type { LOAD_STEP_NAMES } from "../report";
import type { RunContext } from "../run/context";
import { AssertionError, errorResponseIn, firstLine } from "../run/errors";
import { userToken } from "../steps/3-token";
import { getCredentials } from "../steps/4-credentials";
import { callApi } from "../steps/5-call";
import { type Failure, failureOf, type Step, stepContext } from "../steps/step";

/** A step of each user's. */
export type LoadStepName = (typeof LOAD_STEP_NAMES)[number];

/** What became of a walk. Its texts hold no secrets. */
export interface Walk {
  readonly user: string;
  /** Undefined when none was given. */
  readonly identityId?: string;
  /** Milliseconds that it waited for its turn; 0 when it did not. */
  readonly waitedMs: number;
  /** Those that were reached, in their order. The last may have failed. */
  readonly steps: readonly {
    readonly name: LoadStepName;
    readonly durationMs: number;
    /** Calls that had to be repeated. */
    readonly repeats: number;
  }[];
  /** Undefined when all passed. */
  readonly failure?: WalkFailure;
}

/** How the last step failed. */
export interface WalkFailure extends Failure {
  readonly step: LoadStepName;
  /** AWS's error code, or of what kind it is. */
  readonly class: string;
  readonly message: string;
}

/** Longer ones are cut: they come from servers, and many are sent. */
const LONGEST_MESSAGE = 500;

/** Walks the flow as this user. It never throws. @param keys the issuer's, shared by all users */
export async function walkAs(
  run: RunContext,
  keys: SimpleJwksCache,
  user: string,
  waitedMs = 0,
): Promise<Walk> {
  const own: RunContext = {
    ...run,
    users: { first: user, second: user },
    principalTags: run.deployment.userRoute === undefined ? undefined : { username: user },
  };
  const steps: Walk["steps"][number][] = [];
  let identityId: string | undefined;
  let step: LoadStepName = "token";
  async function ask<Input, Output>(asked: Step<Input, Output>, input: Input) {
    const calls = new Calls(own);
    const started = performance.now();
    step = asked.name as LoadStepName;
    try {
      return await asked.run({ ...stepContext(own, calls), keys }, input);
    } finally {
      steps.push({ name: step, durationMs: performance.now() - started, repeats: calls.repeats });
    }
  }
  try {
    const { output: signedIn } = await ask(userToken, user);
    identityId = signedIn.identityId;
    const { output: credentials } = await ask(getCredentials, signedIn);
    await ask(callApi, { user: signedIn, credentials });
    return { user, identityId, waitedMs, steps };
  } catch (error) {
    const failure = run.redactor.all<WalkFailure>({
      ...failureOf(step, error),
      step,
      class: classOf(error).slice(0, 100),
      message: firstLine(String((error as Error).message ?? error)).slice(0, LONGEST_MESSAGE),
    });
    return { user, identityId, waitedMs, steps, failure };
  }
}

/** Names the kind of an error: the service's code or status, else what was wrong, else the error's own name. */
function classOf(error: unknown): string {
  const response = errorResponseIn(error);
  if (response !== undefined) {
    return response.code ?? `status ${response.status}`;
  }
  return error instanceof AssertionError ? error.subject : (error as Error).name;
}
