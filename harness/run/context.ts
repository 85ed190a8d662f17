/** What a walk can be told, and what lives as long as it: connections, limits, and what is learnt on the way. */

import type { AccessRules } from "../access/file";
import type { ProgressEvent, StepName } from "../report";
import { Clock } from "./clock";
import { createCognito } from "./cognito-client";
import type { Connections, Credentials } from "./connections";
import { createDispatcher, endpointOverride } from "./connections";
import { CALL_TIME_LIMIT, FRESH_WINDOW, HURRIED_CLEAN_UP, RUN_TIME_LIMIT, TOKEN_LEEWAY } from "./durations";
import { SettingsError, TimeUpError } from "./errors";
import { type LeftBehind, RunIdentities } from "./identities";
import type { Deployment } from "./outputs";
import { Redactor } from "./redact";

/** The application's sessions, with which a client logs in. */
export interface Sessions {
  /** Gives a session that is good. @throws SettingsError when there is none */
  valid(): Promise<string>;
  /** Gives one of the application's own making that must be refused; undefined when it has none. @default it has none */
  defective?(kind: "expired" | "other-audience"): Promise<string | undefined>;
}

/** What to walk, as whom, within which limits. All times are in milliseconds. */
export interface WalkOptions {
  readonly deployment: Deployment;
  /** Stands in for AWS, e.g. `http://127.0.0.1:4566`. @default AWS_ENDPOINT_URL, else AWS itself */
  readonly endpoint?: string;
  /** The backend's keys. @default what the SDK's default provider chain finds */
  readonly credentials?: Credentials;
  /**
   * Walks the flow as a client does: from the login endpoint, with these sessions of the application, and without any
   * credentials of the backend. @default the backend's way
   */
  readonly sessions?: Sessions;
  /** Ends the walk; it still cleans up and reports what was done. @default none */
  readonly signal?: AbortSignal;
  /**
   * Whether the deployment was just made: answers that AWS gives until everything is in effect are then waited for,
   * for `FRESH_WINDOW` or as many milliseconds as given.
   *
   * @default false - only throttled calls, server errors and broken connections are repeated
   */
  readonly fresh?: boolean | number;
  /** Milliseconds that the run may take, clean-up not counted. @default RUN_TIME_LIMIT */
  readonly timeLimit?: number;
  /** Milliseconds that a call may take. @default CALL_TIME_LIMIT */
  readonly callTimeLimit?: number;
  /** Milliseconds that a token may still be accepted after its end, as the report then notes. @default TOKEN_LEEWAY */
  readonly tokenLeeway?: number;
  /** Milliseconds that a step may take before it counts as degraded. @default none */
  readonly stepBudgets?: Readonly<Partial<Record<StepName, number>>>;
  /** Whether a degraded step makes the outcome `failed`. @default false */
  readonly strict?: boolean;
  /** Whether to ask, after the flow, for what must be refused. @default true */
  readonly refusals?: boolean;
  /**
   * Asks after the refusals who may call what, of every route and every kind of caller: as an access file says (`readAccess`), or
   * with `true` as the deployment's output `access` does. @default nobody asks
   */
  readonly access?: true | AccessRules;
  /**
   * A name that the users of the run have in theirs, with the date: identities that earlier runs with it left behind are then found
   * and deleted. Two runs with one slot at a time delete each other's. @default the users have random names
   */
  readonly slot?: string;
  /**
   * Whether to look up what is behind a failure, with the backend's credentials: the role's policies, the API's
   * settings, and the account's own explanation where it is local AWS. @default false
   */
  readonly diagnose?: boolean;
  /** Attributes to sign the users in with, for roles that decide by `aws:PrincipalTag`. @default none */
  readonly principalTags?: Readonly<Record<string, string>>;
  /** What takes the secrets out; it learns those of the run. @default one that shortens the ids of identities */
  readonly redactor?: Redactor;
  /** Told what happens while it happens. @default nobody */
  readonly onProgress?: (event: ProgressEvent) => void;
}

/** What every step can use. */
export interface RunContext extends Connections {
  /** The identifiers of the users that the run signs in. */
  readonly users: { readonly first: string; readonly second: string };
  /** What they were given, and is to be taken away. */
  readonly identities: RunIdentities;
  /**
   * Deletes the identities that earlier runs with the run's slot left behind.
   *
   * @returns undefined without a slot
   * @throws Error when they could not be looked for or deleted
   */
  readonly deleteLeftBehind: () => Promise<LeftBehind | undefined>;
  /** Their attributes; undefined when they have none. */
  readonly principalTags?: Readonly<Record<string, string>>;
  /** Milliseconds that a token may still count after its end. */
  readonly tokenLeeway: number;
  /**
   * Deletes the identities of the run and closes its connections: in a hurry when it was ended, or as soon as it is.
   *
   * @returns warnings about what went wrong without changing the outcome
   */
  readonly end: () => Promise<string[]>;
}

/**
 * Makes it without any call; whoever made it ends it.
 *
 * @throws SettingsError when the endpoint is not a URL, the slot is no name, or the environment names a proxy that is none
 */
export function createRun(options: WalkOptions): RunContext {
  const { deployment, credentials, redactor = new Redactor(), onProgress } = options;
  const { timeLimit = RUN_TIME_LIMIT, callTimeLimit = CALL_TIME_LIMIT, tokenLeeway = TOKEN_LEEWAY } = options;
  const endpoint = endpointOverride(options.endpoint);
  if (options.slot !== undefined && options.sessions !== undefined) {
    throw new SettingsError(
      "--slot names users that the backend signs in, and --via login signs in none. Leave one of them out.",
    );
  }
  const identities = new RunIdentities(options.slot);
  redactor.neverShorten(deployment.identityPoolId);
  redactor.add(credentials?.secretAccessKey);
  redactor.add(credentials?.sessionToken);

  const dispatcher = createDispatcher();
  const clock = new Clock();
  const users = { first: identities.user("first"), second: identities.user("second") };
  const { region } = deployment;
  const client = { region, dispatcher, clock, redactor, identities };
  const cognito = createCognito({ ...client, endpoint: options.endpoint, credentials });

  const timeUp = new AbortController();
  const timer = setTimeout(() => timeUp.abort(new TimeUpError(timeLimit)), timeLimit);
  const signal = AbortSignal.any([timeUp.signal, options.signal ?? []].flat());

  const window = options.fresh === true ? FRESH_WINDOW : options.fresh || 0;

  const run: RunContext = {
    deployment,
    cognito,
    cognitoAs: (as: Credentials) => createCognito({ ...client, endpoint, credentials: as }),
    dispatcher,
    endpoint,
    callTimeLimit,
    signal,
    fresh: window > 0 ? { window, until: performance.now() + window } : undefined,
    clock,
    redactor,
    emit: (event: ProgressEvent) => onProgress?.(redactor.all(event)),
    users,
    identities,
    deleteLeftBehind: () => identities.deleteLeftBehind(run),
    principalTags: deployment.userRoute
      ? { username: users.first, ...options.principalTags }
      : options.principalTags,
    tokenLeeway,
    async end() {
      clearTimeout(timer);
      const hurried = HURRIED_CLEAN_UP * identities.deletions;
      const left = await inAHurry(signal, hurried, (end) => identities.deleteAll(run, end)).then(
        () => undefined,
        ({ message }: Error) => `Clean-up: identities of this run may be left in the pool. ${message}`,
      );
      await dispatcher.destroy();
      const warnings = [clock.warning(), left].filter((warning) => warning !== undefined);
      for (const message of warnings) {
        run.emit({ type: "warning", message });
      }
      return warnings;
    },
  };
  return run;
}

/** Does the work, with so many milliseconds left from when the signal is given. */
async function inAHurry(
  signal: AbortSignal,
  milliseconds: number,
  work: (end: AbortSignal) => Promise<void>,
): Promise<void> {
  const end = new AbortController();
  let hurried: NodeJS.Timeout | undefined;
  const hurry = () => {
    hurried = setTimeout(() => end.abort(), milliseconds);
  };
  signal.addEventListener("abort", hurry, { once: true });
  if (signal.aborted) {
    hurry();
  }
  try {
    await work(end.signal);
  } finally {
    clearTimeout(hurried);
    signal.removeEventListener("abort", hurry);
  }
}
