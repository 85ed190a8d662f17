/** Explains failures: by the known cause, and by looking up what is behind it, down to the very statement. */
import { isDeepStrictEqual } from "node:util";
import { API_READING, AwsReader, type Decision, ROLE_READING } from "../access/aws-reader";
import type { Explainer } from "../flow";
import { type ApiLocation, apiLocation } from "../run/api-location";
import type { RunContext } from "../run/context";
import { HarnessError } from "../run/errors";
import { type Deployment, roleNameOf } from "../run/outputs";
import type { Failure } from "../steps/step";
import { routeFindings } from "./api-settings";
import { hintFor } from "./causes";
import { audiencesOf, grantFindings, trustFindings } from "./policies";

/** Makes what explains the failures of a walk; findings are looked up only where the options ask for a diagnosis. */
export const explainer: Explainer = (run, options) => {
  const diagnosed = options.diagnose === true;
  const lookUp = diagnosed ? investigator(run, new AwsReader(run, options)) : async () => [];
  return (failure) => ({ hint: hintFor(failure, { ...run, diagnosed }), findings: lookUp(failure) });
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
      const { identityPoolId, developerProviderName } = deployment;
      const role = roleNameOf(deployment.authenticatedRoleArn);
      const statements = await reader.trustPolicy(role);
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
        return grantFindings(role, await reader.rolePolicies(role), resource);
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
        return routeFindings(location, asked, path, await reader.path(location.apiId, path));
      }),
  },
];

async function atApi(
  deployment: Deployment,
  answer: (location: ApiLocation) => Promise<string[]>,
): Promise<string[]> {
  const location = apiLocation(deployment);
  return location === undefined ? [CUSTOM_DOMAIN] : answer(location);
}

const CUSTOM_DOMAIN =
  "invoke_url is a custom domain, which does not tell the API behind it: its settings were not looked up";

/** Makes what looks failures up. It never throws but when the walk is to end: a look-up that fails is a finding. */
function investigator(run: RunContext, reader: AwsReader): (failure: Failure) => Promise<string[]> {
  const before = reader.decisions(1);
  return async (failure) => {
    const findings = await localExplanation(reader, (await before).at(-1));
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

/** How many refusals are told: the last, and the one before for its context. */
const TOLD = 2;

/**
 * Reads the account's own words for the refusals since the walk began; none where it is not such an account.
 *
 * @param before the account's last decision before the walk
 */
async function localExplanation(reader: AwsReader, before: Decision | undefined): Promise<string[]> {
  const all = await reader.decisions(50);
  const since = all.findLastIndex((decision) => isDeepStrictEqual(decision, before)) + 1;
  const told = all
    .slice(since)
    .filter(({ outcome }) => outcome === "refused")
    .map(({ kind, subject, detail }) =>
      [`The account says (${kind}): refused ${subject}`, ...detail].join("; "),
    );
  // A call that was repeated was refused repeatedly.
  return [...new Set(told)].slice(-TOLD);
}
