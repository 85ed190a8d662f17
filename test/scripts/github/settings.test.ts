/** What the environment of a workflow says, and what is said of one that can't be used. */
import { readGitHubSettings } from "../../../scripts/github/settings";

const WORKFLOW = {
  GITHUB_TOKEN: "ghs_thisIsNoTokenOfAnybody",
  GITHUB_REPOSITORY: "octo-org/shop",
  GITHUB_RUN_ID: "7",
};

test("a workflow's environment is enough, on GitHub Enterprise Server too", () => {
  expect(readGitHubSettings(WORKFLOW)).toEqual({
    token: WORKFLOW.GITHUB_TOKEN,
    apiUrl: "https://api.github.com",
    graphqlUrl: "https://api.github.com/graphql",
    repository: "octo-org/shop",
    repositoryUrl: "https://github.com/octo-org/shop",
    runUrl: "https://github.com/octo-org/shop/actions/runs/7",
  });
  const server = {
    GITHUB_API_URL: "https://ghe.example/api/v3",
    GITHUB_SERVER_URL: "https://ghe.example",
    GITHUB_RUN_ATTEMPT: "2",
  };
  expect(readGitHubSettings({ ...WORKFLOW, ...server })).toMatchObject({
    graphqlUrl: "https://ghe.example/api/graphql",
    runUrl: "https://ghe.example/octo-org/shop/actions/runs/7/attempts/2",
  });
  expect(readGitHubSettings({ ...WORKFLOW, GITHUB_RUN_ID: undefined }).runUrl).toBeUndefined();
});

test.each<[Record<string, string | undefined>, RegExp]>([
  [{ GITHUB_TOKEN: undefined }, /^GITHUB_TOKEN is not set\. .*github\.token/],
  [{ GITHUB_TOKEN: "ghs_secret\n" }, /^GITHUB_TOKEN has characters that no token has/],
  [{ GITHUB_REPOSITORY: "shop" }, /^GITHUB_REPOSITORY is not OWNER\/NAME \(found "shop"\)/],
  [{ GITHUB_REPOSITORY: "a/b/../c" }, /^GITHUB_REPOSITORY is not/],
  [{ GITHUB_API_URL: "http://github.example" }, /^GITHUB_API_URL is not an https URL/],
  [{ GITHUB_SERVER_URL: "github.com" }, /^GITHUB_SERVER_URL is not an https URL/],
])("%j is refused with the cure", (changes, words) => {
  const reading = () => readGitHubSettings({ ...WORKFLOW, ...changes });
  expect(reading).toThrow(words);
  expect(reading).not.toThrow(/ghs_/);
});
