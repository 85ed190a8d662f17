// The settings of the role that verifies: which workflow of GitHub may assume it. Whatever of them can be wrong is wrong here, at
// synth, rather than in a trust policy that nobody meets.
import { z } from "zod";
import { PROVIDER_ARN, SUBJECT_FORMS } from "./modules/github-role";

/** Whose jobs verify the deployment. */
export interface VerifierSettings {
  /** `ORG/REPO` */
  readonly repository: string;
  /** `OWNER_ID/REPOSITORY_ID`, if the tokens' subjects have them. */
  readonly repositoryIds?: string;
  /** The jobs' branch, if they have no environment. */
  readonly branch?: string;
  /** The jobs' environment. */
  readonly environment?: string;
  /** GitHub's provider, if the account has it already. */
  readonly providerArn?: string;
}

const DEFAULT_BRANCH = "main";

const formed = ({ pattern, words }: { pattern: RegExp; words: string }) =>
  z.string().regex(pattern, words).optional();

/** Of each variable: its form and that form in words. */
export const verifierVariables = {
  VERIFIER: z.enum(["on", "off"], "on or off").optional(),
  VERIFIER_REPOSITORY: formed(SUBJECT_FORMS.repository),
  VERIFIER_REPOSITORY_IDS: formed(SUBJECT_FORMS.repositoryIds),
  VERIFIER_BRANCH: formed(SUBJECT_FORMS.branch),
  VERIFIER_ENVIRONMENT: formed(SUBJECT_FORMS.environment),
  VERIFIER_OIDC_PROVIDER_ARN: formed({
    pattern: PROVIDER_ARN,
    words:
      "the ARN of GitHub's provider: arn:aws:iam::ACCOUNT:oidc-provider/token.actions.githubusercontent.com",
  }),
};

type Environment = Readonly<Record<string, string | undefined>>;

/** The variables that are there without those that they need, or beside those that they exclude. */
export function verifierCombinationProblems(given: Environment): { name: string; allowed: string }[] {
  const on = given.VERIFIER === "on";
  const alone = Object.keys(verifierVariables).filter(
    (name) => name !== "VERIFIER" && given[name] !== undefined && !on,
  );
  return [
    ...alone.map((name) => ({ name, allowed: "only with VERIFIER=on" })),
    ...(on && given.VERIFIER_REPOSITORY === undefined
      ? [
          {
            name: "VERIFIER_REPOSITORY",
            allowed: `${SUBJECT_FORMS.repository.words}; needed with VERIFIER=on`,
          },
        ]
      : []),
    ...(given.VERIFIER_BRANCH !== undefined && given.VERIFIER_ENVIRONMENT !== undefined
      ? [
          {
            name: "VERIFIER_BRANCH",
            allowed: "this or VERIFIER_ENVIRONMENT: a job's subject has one of them",
          },
        ]
      : []),
  ];
}

/** The verifier that checked variables describe; undefined when there is none. */
export function verifierSettingsOf(
  variables: z.infer<z.ZodObject<typeof verifierVariables>>,
): VerifierSettings | undefined {
  const { VERIFIER_REPOSITORY: repository, VERIFIER_ENVIRONMENT: environment } = variables;
  if (variables.VERIFIER !== "on" || repository === undefined) {
    return undefined;
  }
  return {
    repository,
    repositoryIds: variables.VERIFIER_REPOSITORY_IDS,
    branch: environment === undefined ? (variables.VERIFIER_BRANCH ?? DEFAULT_BRANCH) : undefined,
    environment,
    providerArn: variables.VERIFIER_OIDC_PROVIDER_ARN,
  };
}
