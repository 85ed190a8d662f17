/** Explains failures: by the known cause, and by looking up what is behind it, down to the very statement. */
import { request } from "undici";
import { z } from "zod";
import { Calls } from "../calls/call";
import type { Explainer } from "../flow";
import type { RunContext } from "../run/context";
import { HarnessError } from "../run/errors";
import type { Failure } from "../steps/step";
import { API_READING, type ApiLocation, apiLocation, readRoute, routeFindings } from "./api-settings";
import { type AwsReader, awsReader } from "./aws-reader";
import { hintFor } from "./causes";
import {
  audiencesOf,
  grantFindings,
  ROLE_READING,
  readPolicies,
  readTrustPolicy,
  roleNameOf,
  trustFindings,
} from "./policies";

/** Makes what explains the failures of a walk; findings are looked up only where the options ask for a diagnosis. */
export const explainer: Explainer = (run, options) => {
  const diagnosed = options.diagnose === true;
  const lookUp = diagnosed ? investigator(run, awsReader(run, options)) : async () => [];
  return (failure) => {
    const { clock, principalTags, fresh } = run;
    const facts = { clockSkew: clock.skew, principalTags, fresh: fresh !== undefined, diagnosed };
    return { hint: hintFor(failure, facts), findings: lookUp(failure) };
  };
};

/** Something that can be looked up, and when it tells something. */
interface Question {
  readonly asked: (failure: Failure) => boolean;
  /** The permissions that it takes. */
  readonly takes: string;
  readonly answer: (run: RunContext, reader: AwsReader, failure: Failure) => Promise<string[]>;
}

const QUESTIONS: readonly Question[] = [
  {
    asked: ({ response }) => response?.code === "InvalidIdentityPoolConfigurationException",
    takes: ROLE_READING,
    async answer({ deployment, redactor, principalTags }, reader) {
      const { identityPoolId, developerProviderName, authenticatedRoleArn } = deployment;
      const role = roleNameOf(authenticatedRoleArn);
      const statements = await readTrustPolicy(reader, role);
      // A pool by its place in the policy, so that a wrong one can be read in full.
      for (const audience of audiencesOf(statements)) {
        redactor.neverShorten(audience);
      }
      const login = { identityPoolId, developerProviderName, tagged: principalTags !== undefined };
      return trustFindings(`Trust policy of ${role}`, statements, login);
    },
  },
  {
    asked: ({ step, response }) =>
      step === "restricted-route" || (step === "call" && response?.code === "AccessDeniedException"),
    takes: ROLE_READING,
    answer: ({ deployment }, reader, { step }) =>
      atApi(deployment, async ({ arn, stage }) => {
        const role = roleNameOf(deployment.authenticatedRoleArn);
        const route = step === "call" ? deployment.probeRoute : deployment.refusedRoute;
        const resource = `${arn}/${stage}/${route?.replace(" ", "")}`;
        return grantFindings(role, await readPolicies(reader, role), resource);
      }),
  },
  {
    asked: ({ step, response }) =>
      ["unsigned", "preflight-allowed-origin", "cors-on-403"].includes(step) ||
      (step === "call" && response?.code !== "AccessDeniedException"),
    takes: API_READING,
    answer: ({ deployment }, reader, { step }) =>
      atApi(deployment, async (location) => {
        const [method = "", path = ""] = deployment.probeRoute.split(" ");
        const asked = step === "preflight-allowed-origin" ? "OPTIONS" : method;
        return routeFindings(location, asked, path, await readRoute(reader, location.apiId, path));
      }),
  },
];

async function atApi(
  deployment: RunContext["deployment"],
  answer: (location: ApiLocation) => Promise<string[]>,
): Promise<string[]> {
  const location = apiLocation(deployment);
  return location === undefined
    ? [
        "invoke_url is a custom domain, which does not tell the API behind it: its settings were not looked up",
      ]
    : answer(location);
}

/** Makes what looks failures up. It never throws but when the walk is to end: a look-up that fails is a finding. */
function investigator(run: RunContext, reader: AwsReader): (failure: Failure) => Promise<string[]> {
  const before = decisions(run, 1).then((all) => identityOf(all.at(-1)));
  return async (failure) => {
    const findings = await localExplanation(run, await before);
    for (const { asked, takes, answer } of QUESTIONS) {
      if (asked(failure)) {
        findings.push(...(await answer(run, reader, failure).catch((error) => notFound(error, takes))));
      }
    }
    return findings;
  };
}

function notFound(error: unknown, takes: string): string[] {
  if (error instanceof HarnessError && error.kind !== "unreachable") {
    throw error;
  }
  return [`Could not be looked up: ${error}. It takes ${takes}.`];
}

/** What a local account that stands in for AWS publishes at `/_local/decisions`, oldest first; AWS keeps it to itself. */
const decisionsSchema = z.object({
  decisions: z.array(
    z.object({
      at: z.string(),
      kind: z.string(),
      outcome: z.string(),
      subject: z.string(),
      detail: z.array(z.string()),
    }),
  ),
});
type Decision = z.infer<typeof decisionsSchema>["decisions"][number];

/** How many refusals are told: the last, and the one before for its context. */
const TOLD = 2;

/**
 * Reads the account's own words for the refusals since the walk began; none where it is not such an account.
 *
 * @param before how the account's last decision before the walk reads
 */
async function localExplanation(run: RunContext, before: string | undefined): Promise<string[]> {
  const all = await decisions(run, 50);
  const since = all.findLastIndex((decision) => identityOf(decision) === before) + 1;
  const told = all
    .slice(since)
    .filter(({ outcome }) => outcome === "refused")
    .map(({ kind, subject, detail }) => {
      return `The account says (${kind}): ${[`refused ${subject}`, ...detail].join("; ")}`;
    });
  // A call that was repeated was refused repeatedly.
  return [...new Set(told)].slice(-TOLD);
}

async function decisions(run: RunContext, last: number): Promise<Decision[]> {
  const { endpoint, dispatcher } = run;
  if (endpoint === undefined) {
    return [];
  }
  try {
    const answer = await new Calls(run).once("GET /_local/decisions", async (signal) => {
      const url = `${endpoint}/_local/decisions?last=${last}`;
      const { statusCode, body } = await request(url, { dispatcher, signal });
      return { statusCode, text: await body.text() };
    });
    return answer.statusCode === 200 ? decisionsSchema.parse(JSON.parse(answer.text)).decisions : [];
  } catch {
    // Another stand-in, which explains nothing: there is only less to tell.
    return [];
  }
}

function identityOf(decision: Decision | undefined): string | undefined {
  return decision === undefined ? undefined : JSON.stringify(decision);
}
