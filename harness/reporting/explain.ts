/** Looks up what is behind a failure, and points at the very statement. */
import type { BackendCredentials } from "../calls/cognito";
import { HarnessError } from "../run/errors";
import type { Walk } from "../steps/step";
import { API_READING, apiLocation, readRoute, routeFindings } from "./api-settings";
import type { Symptom } from "./causes";
import { grantFindings } from "./grant";
import { LocalExplanation } from "./local-explanation";
import { type LookUp, lookUpFor } from "./look-up";
import { trustFindings } from "./policies";
import { ROLE_READING, readPolicies, readTrustPolicy, roleNameOf } from "./role-reader";

/** Something that can be looked up, and when it tells something. */
interface Question {
  readonly asked: (symptom: Symptom) => boolean;
  /** The permissions that it takes. */
  readonly takes: string;
  readonly answer: (walk: Walk, lookUp: LookUp, symptom: Symptom) => Promise<string[]>;
}

const QUESTIONS: readonly Question[] = [
  {
    asked: ({ refusal }) => refusal?.code === "InvalidIdentityPoolConfigurationException",
    takes: ROLE_READING,
    async answer(walk, lookUp) {
      const { identityPoolId, developerProviderName, authenticatedRoleArn } = walk.deployment;
      const role = roleNameOf(authenticatedRoleArn);
      const statements = await readTrustPolicy(lookUp, role);
      // A pool by its place in the policy, so that a wrong one can be read in full.
      const audiences = statements
        .flatMap(({ conditions }) => conditions)
        .filter(({ key }) => key.toLowerCase().endsWith(":aud"));
      for (const pool of audiences.flatMap(({ values }) => values)) {
        walk.redactor.keepPool(pool);
      }
      const login = { identityPoolId, developerProviderName, tagged: walk.principalTags !== null };
      return trustFindings(`Trust policy of ${role}`, statements, login);
    },
  },
  {
    asked: ({ step, refusal }) =>
      step === "restricted-route" || (step === "call" && refusal?.code === "AccessDeniedException"),
    takes: ROLE_READING,
    async answer(walk, lookUp, { step }) {
      const location = apiLocation(walk.deployment);
      if (location === null) {
        return [CUSTOM_DOMAIN];
      }
      const role = roleNameOf(walk.deployment.authenticatedRoleArn);
      const policies = await readPolicies(lookUp, role);
      const path = step === "call" ? "/hello" : "/restricted";
      return grantFindings(role, policies, `${location.arn}/${location.stage}/GET${path}`);
    },
  },
  {
    asked: ({ step, refusal }) =>
      ["unsigned", "preflight-allowed-origin", "cors-on-403"].includes(step) ||
      (step === "call" && refusal?.code !== "AccessDeniedException"),
    takes: API_READING,
    async answer(walk, lookUp, { step }) {
      const location = apiLocation(walk.deployment);
      if (location === null) {
        return [CUSTOM_DOMAIN];
      }
      const method = step === "preflight-allowed-origin" ? "OPTIONS" : "GET";
      return routeFindings(location, method, "/hello", await readRoute(lookUp, location.apiId, "/hello"));
    },
  },
];

const CUSTOM_DOMAIN =
  "invoke_url is a custom domain, which does not tell the API behind it: its settings were not looked up";

/**
 * What looks up the failures of a walk. It never throws but when the walk is to end: a lookup that fails is a finding.
 *
 * @param options what the backend's client was made with
 */
export function investigator(
  walk: Walk,
  options: { readonly endpoint?: string; readonly credentials?: BackendCredentials },
): (symptom: Symptom) => Promise<readonly string[]> {
  const explanation = new LocalExplanation(walk);
  const lookUp = lookUpFor(walk, options);
  return async (symptom) => {
    const findings = await explanation.lines();
    for (const { asked, takes, answer } of QUESTIONS) {
      if (asked(symptom)) {
        findings.push(...(await answer(walk, lookUp, symptom).catch((error) => notFound(error, takes))));
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
