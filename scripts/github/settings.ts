/**
 * What GitHub Actions tells a command by its environment.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/variables
 */
import { InvalidArgumentError, Option } from "commander";
import { SettingsError } from "../../harness";

/** Which repository is written to, as whom, and from which run. */
export interface GitHubSettings {
  readonly token: string;
  /** The REST API, without a slash at its end. */
  readonly apiUrl: string;
  readonly graphqlUrl: string;
  /** OWNER/NAME. */
  readonly repository: string;
  /** The repository's page. */
  readonly repositoryUrl: string;
  /** The page of this attempt of the run; undefined outside of a workflow. */
  readonly runUrl?: string;
}

/** @throws SettingsError naming the variable and what it should be */
export function readGitHubSettings(environment: NodeJS.ProcessEnv): GitHubSettings {
  const given = (name: string, byDefault = "") => environment[name] || byDefault;
  const token = given("GITHUB_TOKEN");
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new SettingsError(
      `GITHUB_TOKEN ${token === "" ? "is not set" : "has characters that no token has, such as a line break"}. In a workflow, give the step \`env: GITHUB_TOKEN: \${{ github.token }}\`.`,
    );
  }
  const repository = given("GITHUB_REPOSITORY");
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository)) {
    throw new SettingsError(
      `GITHUB_REPOSITORY is not OWNER/NAME (found ${JSON.stringify(repository)}). GitHub Actions sets it; elsewhere, export it.`,
    );
  }
  const apiUrl = readUrl("GITHUB_API_URL", given("GITHUB_API_URL", "https://api.github.com"));
  // GitHub Enterprise Server has them at /api/v3 and /api/graphql.
  const besideRest = `${apiUrl.replace(/\/v3$/, "")}/graphql`;
  const repositoryUrl = `${readUrl("GITHUB_SERVER_URL", given("GITHUB_SERVER_URL", "https://github.com"))}/${repository}`;
  const runId = given("GITHUB_RUN_ID");
  const attempt = given("GITHUB_RUN_ATTEMPT", "1");
  return {
    token,
    apiUrl,
    graphqlUrl: readUrl("GITHUB_GRAPHQL_URL", given("GITHUB_GRAPHQL_URL", besideRest)),
    repository,
    repositoryUrl,
    runUrl: /^\d+$/.test(runId)
      ? `${repositoryUrl}/actions/runs/${runId}${attempt === "1" ? "" : `/attempts/${attempt}`}`
      : undefined,
  };
}

/**
 * Makes the option that says which deployment an issue or a comment is about; by default what the stacks' settings tell one from
 * another by. Not taken from the report, for a night that ended without one belongs to the same issue.
 */
export function deploymentOption(): Option {
  const { STAGE, AWS_REGION } = process.env;
  return new Option("--deployment <NAME>", "which deployment it is about; each has its own")
    .default(`${STAGE || "dev"} in ${AWS_REGION || "us-east-1"}`, "STAGE in AWS_REGION")
    .argParser((name) => {
      if (!/^[\w .-]{1,100}$/.test(name)) {
        throw new InvalidArgumentError("A name has up to 100 letters, digits, spaces, dots and hyphens.");
      }
      return name;
    });
}

/** @throws SettingsError unless it is a URL that a token may be sent to */
function readUrl(name: string, value: string): string {
  const { protocol, hostname } = URL.canParse(value) ? new URL(value) : { protocol: "", hostname: "" };
  if (protocol !== "https:" && !(protocol === "http:" && ["127.0.0.1", "localhost"].includes(hostname))) {
    throw new SettingsError(
      `${name} is not an https URL (found ${JSON.stringify(value)}). Correct or unset it.`,
    );
  }
  return value.replace(/\/+$/, "");
}
