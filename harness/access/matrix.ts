/** The access matrix: every route and every kind of caller, as declared, as observed, and as the deployed policies have it. */
import { Calls } from "../calls/call";
import { COGNITO_IDENTITY } from "../calls/cognito";
import { OTHER_USERNAME } from "../refusals/user-route";
import { type AccessCell, type AccessReport, CALLERS, type Caller } from "../report";
import { type ApiLocation, apiLocation } from "../run/api-location";
import type { Credentials } from "../run/connections";
import type { RunContext, WalkOptions } from "../run/context";
import { SettingsError } from "../run/errors";
import { type StepContext, stepContext } from "../steps/step";
import { AwsReader } from "./aws-reader";
import { Callers } from "./callers";
import { type Computed, computeSigned, computeUnsigned } from "./computed";
import {
  type DeployedApi,
  type DeployedRoute,
  type RoleSession,
  readApi,
  readRole,
  routeServing,
  samePath,
} from "./deployed-api";
import { type AccessRoute, type AccessRules, expectedOf, filledPath, ofUsers, parseAccess } from "./file";
import { type Observation, observe } from "./probe";
import { CALLER_WORDS } from "./words";

/** Who came through the flow, and now tries every door. */
export interface Visitor {
  readonly identityId: string;
  readonly credentials: Credentials;
  /** Undefined where the application's session does not tell. */
  readonly developerUserIdentifier?: string;
  /** The tag `username` of the session; undefined when it has none. */
  readonly username?: string;
}

/** What an `ANY` may answer. */
const METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"];

const NOT_REACHED = "the flow was not walked to its end";
const NO_CREDENTIALS = "--via login has no AWS credentials";

/** Finds who may call what; undefined when nobody asks. @throws SettingsError when it is said nowhere */
export function accessRulesOf({
  access,
  deployment,
}: Pick<WalkOptions, "access" | "deployment">): AccessRules | undefined {
  if (access !== true) {
    return access;
  }
  if (deployment.access === undefined) {
    throw new SettingsError(
      "Who may call what is said nowhere: the outputs name no access, and --access names no file. Deploy these stacks again, which have that output, or write a file, e.g. --access access.json (docs/nightly.md).",
    );
  }
  return parseAccess(deployment.access, "output access");
}

/** Asks it of one deployment, and keeps what was seen for the report. */
export class AccessMatrix {
  private readonly seen = new Map<string, Pick<AccessCell, "observed" | "computed" | "note">>();
  private readonly undeclared: string[] = [];
  private readonly notes: string[] = [];
  private readonly calls: Calls;
  private readonly context: StepContext;
  private readonly location: ApiLocation | undefined;
  private api?: DeployedApi;
  private sessions: Partial<Record<Caller, RoleSession>> = {};
  private readonly callers: Callers;

  constructor(
    private readonly run: RunContext,
    private readonly rules: AccessRules,
    private readonly options: WalkOptions,
  ) {
    this.calls = new Calls(run);
    this.context = stepContext(run, this.calls);
    this.location = apiLocation(run.deployment);
    this.callers = new Callers(this.context, (text) => this.notes.push(text));
  }

  /** Reads the deployed API and makes the calls. @throws HarnessError when the run ends, or no answer comes */
  async ask(visitor: Visitor): Promise<void> {
    this.run.emit({ type: "started", name: "access", title: "Who may call what" });
    await this.readDeployed(visitor);
    for (const route of this.rules.routes) {
      // In the table's order: a guest who has no credentials calls as nobody did.
      for (const caller of callersOf(route)) {
        await this.fill(route, caller, visitor);
      }
    }
    for (const route of this.api?.routes ?? []) {
      if (
        !this.rules.routes.some(({ method, path }) => method === route.method && samePath(path, route.path))
      ) {
        this.undeclared.push(this.sentenceOn(route, visitor));
      }
    }
    this.notes.push(...this.calls.retries());
  }

  /** Whether anybody may do what nobody declared, or may not what was. */
  get failed(): boolean {
    const { cells, undeclared } = this.report();
    return undeclared.length > 0 || cells.some(({ status }) => status === "failed");
  }

  report(): AccessReport {
    const cells = this.rules.routes.flatMap((route) =>
      callersOf(route).map((caller): AccessCell => {
        const expected = expectedOf(route, caller);
        const seen = this.seen.get(keyOf(route, caller));
        const { observed, computed, note } = seen ?? { observed: null, computed: null, note: NOT_REACHED };
        const status = observed === null ? "skipped" : observed === expected ? "passed" : "failed";
        return { route: route.route, caller, expected, observed, computed, status, note };
      }),
    );
    return { source: this.rules.source, cells, undeclared: this.undeclared, notes: this.notes };
  }

  private async readDeployed({ identityId, developerUserIdentifier }: Visitor): Promise<void> {
    const { deployment, principalTags = {} } = this.run;
    const { identityPoolId, developerProviderName, authenticatedRoleArn, unauthenticatedRoleArn } =
      deployment;
    const note = (text: string) => this.notes.push(text);
    const unread = "Undeclared routes were not looked for, and nothing was computed:";
    if (this.options.sessions !== undefined) {
      note(`${unread} ${NO_CREDENTIALS}.`);
      return;
    }
    if (this.location === undefined) {
      note(`${unread} invoke_url is a custom domain, which does not tell the API behind it.`);
      return;
    }
    const reader = new AwsReader(this.run, this.options);
    this.api = await readApi(reader, this.location, note);
    if (this.api === undefined || this.api.resourcePolicy === "unread") {
      return;
    }
    const { routes } = this.api;
    for (const { route, method, path } of this.rules.routes) {
      if (routeServing(routes, method, path) === undefined) {
        note(`Declared, but the API has no such route: ${route}`);
      }
    }
    const pool = { [`${COGNITO_IDENTITY}:aud`]: identityPoolId };
    const provider = `${developerProviderName}:${identityPoolId}:${developerUserIdentifier}`;
    const tags = Object.entries(principalTags).map(([name, value]) => [`aws:PrincipalTag/${name}`, value]);
    const user = {
      ...pool,
      [`${COGNITO_IDENTITY}:sub`]: identityId,
      [`${COGNITO_IDENTITY}:amr`]: ["authenticated", developerProviderName, provider],
      ...Object.fromEntries(tags),
    };
    const signedIn = await readRole(reader, authenticatedRoleArn, user, note);
    const anonymous = { ...pool, [`${COGNITO_IDENTITY}:amr`]: ["unauthenticated"] };
    const guest = unauthenticatedRoleArn && (await readRole(reader, unauthenticatedRoleArn, anonymous, note));
    this.sessions = { "signed-in": signedIn, "other-user": signedIn, guest: guest || undefined };
  }

  private async fill(route: AccessRoute, caller: Caller, visitor: Visitor): Promise<void> {
    const expected = expectedOf(route, caller);
    const ownPath = caller === "signed-in" && ofUsers(route);
    if (ownPath && visitor.username === undefined) {
      const note = "it is not known which tag username the session has; --principal-tag username=… says it";
      this.seen.set(keyOf(route, caller), { observed: null, computed: null, note });
      return;
    }
    const path = filledPath(route, ownPath ? visitor.username : OTHER_USERNAME);
    const { verdict: computed, why, ...calculated } = this.compute(route, path, caller);
    const { verdict: observed, note } = await this.observe(route, path, caller, visitor);
    const notes = [note, observed === null && computed === null ? why : undefined];
    this.seen.set(keyOf(route, caller), {
      observed,
      computed,
      note: notes.filter((text) => text !== undefined).join("; ") || null,
    });
    const cell = `${route.route}, ${CALLER_WORDS[caller]}`;
    const because = why === undefined ? "" : ` (${why})`;
    if (observed !== null && computed !== null && observed !== computed) {
      this.notes.push(
        `${cell}: observed ${observed}, computed ${computed}${because}. Either a change of the API is not deployed yet, or something decides that is not read here, e.g. a policy of the organization or of a VPC endpoint.`,
      );
    } else if (
      (observed === null || computed === null) &&
      calculated.verdicts.some((verdict) => verdict !== expected)
    ) {
      this.notes.push(
        `${cell}: must be ${expected}, and by the deployed policies is ${computed ?? "not always"}${because}.`,
      );
    }
  }

  private async observe(
    route: AccessRoute,
    path: string,
    caller: Caller,
    { credentials }: Visitor,
  ): Promise<Observation> {
    const { probe: method } = route;
    if (method === undefined) {
      return { verdict: null, note: "not called: it is not marked safe" };
    }
    const expected = expectedOf(route, caller);
    const call = (as?: Credentials) => observe(this.context, { method, path, expected, credentials: as });
    switch (caller) {
      case "nobody":
        return call();
      case "guest":
        return this.observeGuest(route, call);
      case "backend":
        return this.observeBackend(expected === "refused", call);
      default:
        return call(credentials);
    }
  }

  private async observeGuest(
    route: AccessRoute,
    call: (as?: Credentials) => Promise<Observation>,
  ): Promise<Observation> {
    if (this.options.sessions !== undefined) {
      return {
        verdict: null,
        note: `not asked: ${NO_CREDENTIALS}, and whether there are guests is not known`,
      };
    }
    if (this.run.deployment.unauthenticatedRoleArn === undefined) {
      // Step 1 has seen that the pool lets no guests in.
      const verdict = this.seen.get(keyOf(route, "nobody"))?.observed ?? null;
      return { verdict, note: "the pool has no guests: they call as nobody" };
    }
    const guest = await this.callers.guest();
    return typeof guest === "string" ? { verdict: null, note: guest } : call(guest);
  }

  private async observeBackend(
    mustBeRefused: boolean,
    call: (as?: Credentials) => Promise<Observation>,
  ): Promise<Observation> {
    if (this.options.sessions !== undefined) {
      return { verdict: null, note: `not asked: ${NO_CREDENTIALS}` };
    }
    const credentials = await this.run.cognito.config.credentials();
    const seen = await call(credentials);
    if (!mustBeRefused || seen.verdict !== "allowed") {
      return seen;
    }
    return (await this.callers.isRoot(credentials))
      ? {
          verdict: null,
          note: "not judged: the run has the root user's credentials, which may call everything",
        }
      : seen;
  }

  /** Says what the deployed API and policies make of a call; of an `ANY` for every method. */
  private compute(
    { method, path: template }: Pick<AccessRoute, "method" | "path">,
    path: string,
    caller: Caller,
  ): Computed & { readonly verdicts: readonly AccessCell["expected"][] } {
    const { api, location } = this;
    if (api === undefined || location === undefined || api.resourcePolicy === "unread") {
      return { verdict: null, verdicts: [] };
    }
    const { routes, resourcePolicy } = api;
    const route = routeServing(routes, method, template);
    if (route === undefined) {
      return { verdict: null, verdicts: [], why: "the API has no such route" };
    }
    const methods =
      method === "ANY" ? METHODS.filter((one) => routeServing(routes, one, template) === route) : [method];
    const results = methods.map((one) => {
      const call = { deployment: this.run.deployment, location, route, method: one, path, resourcePolicy };
      const unsigned =
        caller === "nobody" || (caller === "guest" && !this.run.deployment.unauthenticatedRoleArn);
      return unsigned ? computeUnsigned(call) : computeSigned(call, this.sessions[caller]);
    });
    const verdicts = results.flatMap(({ verdict }) => verdict ?? []);
    const [first = { verdict: null }, ...others] = results;
    if (others.every(({ verdict }) => verdict === first.verdict)) {
      return { ...first, verdicts };
    }
    const each = methods.map((one, index) => `${one} ${results[index]?.verdict ?? "not known"}`);
    return { verdict: null, verdicts, why: `it differs by method: ${each.join(", ")}` };
  }

  /** Says of a route that nobody declared who can call it. */
  private sentenceOn(route: DeployedRoute, { username }: Visitor): string {
    const path = filledPath({ path: route.path, parameters: {} }, username ?? OTHER_USERNAME);
    const name = `${route.method} ${route.path}`;
    const asked = CALLERS.filter((caller) => caller === "nobody" || this.sessions[caller] !== undefined);
    const computed = asked
      .filter((caller) => caller !== "other-user")
      .map((caller) => ({ caller, ...this.compute(route, path, caller) }));
    const open = computed.filter(({ verdicts }) => verdicts.includes("allowed")).map(({ caller }) => caller);
    if (open.includes("nobody")) {
      return `open to ${CALLER_WORDS.nobody}: ${name}`;
    }
    if (open.length > 0) {
      return `open to ${open.map((caller) => CALLER_WORDS[caller]).join(" and ")}: ${name}`;
    }
    const unknown = computed.find(({ verdict, why }) => verdict === null && why !== undefined);
    return `undeclared: ${name}${unknown === undefined ? "" : ` (who may call it is not known: ${unknown.why})`}`;
  }
}

function callersOf(route: AccessRoute): Caller[] {
  return CALLERS.filter((caller) => caller !== "other-user" || ofUsers(route));
}

function keyOf({ route }: AccessRoute, caller: Caller): string {
  return `${caller} ${route}`;
}
