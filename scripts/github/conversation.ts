/** How a command speaks with GitHub: as the environment says, patiently, and with an exit code at the end. */
import { ENDINGS, HarnessError } from "../../harness";
import { createDispatcher } from "../../harness/run/connections";
import { GitHub, patiently } from "./api";
import { type GitHubSettings, readGitHubSettings } from "./settings";

/** Does what can be done again without harm, and prints what was done, or what kept it from being done. Returns the exit code. */
export async function converse(
  permission: string,
  act: (github: GitHub, settings: GitHubSettings) => Promise<string>,
): Promise<number> {
  const dispatcher = createDispatcher();
  try {
    const settings = readGitHubSettings(process.env);
    const github = new GitHub(settings, dispatcher, permission);
    console.log(await patiently(() => act(github, settings)));
    return ENDINGS.passed.code;
  } catch (error) {
    if (!(error instanceof HarnessError)) {
      throw error;
    }
    console.error(error.message);
    return ENDINGS[error.kind].code;
  } finally {
    await dispatcher.destroy();
  }
}

export const CONVERSATION_HELP = `
Environment
  GITHUB_TOKEN          the job's token; the rest is set by GitHub Actions
  GITHUB_REPOSITORY, GITHUB_API_URL, GITHUB_GRAPHQL_URL, GITHUB_SERVER_URL, GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT
  STAGE, AWS_REGION     name the deployment, unless --deployment does
  HTTPS_PROXY, NO_PROXY a proxy, and for what it isn't used

Exit codes: 0 done; 2 wrong usage or settings, or GitHub refused; 3 GitHub could not be reached.`;
