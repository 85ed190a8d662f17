// Whom the role trusts, to the letter; the provider, made or given; and what is refused at synth.
import { Testing } from "cdktf";
import { GithubRole, type GithubRoleProps } from "../../../stacks/modules/github-role";
import { type Configuration, onlyResource, resources } from "../../support/configuration";

const PROVIDER = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com";
const MAIN: GithubRoleProps = { roleName: "shop-verifier", repository: "octo-org/octo-repo", branch: "main" };

function synthesize(props: Partial<GithubRoleProps> = {}): Configuration {
  return JSON.parse(
    Testing.synthScope((stack) => {
      new GithubRole(stack, "github", { ...MAIN, ...props });
    }),
  );
}

const trustOf = (configuration: Configuration) =>
  JSON.parse(onlyResource(configuration, "aws_iam_role").assume_role_policy);

const trust = (provider: string, subject: string) => ({
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: { Federated: provider },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: {
        StringEquals: {
          "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
          "token.actions.githubusercontent.com:sub": subject,
        },
      },
    },
  ],
});

test("GitHub's provider is made, for tokens that are for STS, without a thumbprint", () => {
  const configuration = synthesize();
  const { address, thumbprint_list, ...provider } = onlyResource(
    configuration,
    "aws_iam_openid_connect_provider",
  );
  expect(provider).toMatchObject({
    url: "https://token.actions.githubusercontent.com",
    client_id_list: ["sts.amazonaws.com"],
  });
  expect(thumbprint_list).toBeUndefined();
  expect(trustOf(configuration)).toEqual(
    trust(`\${${address}.arn}`, "repo:octo-org/octo-repo:ref:refs/heads/main"),
  );
});

test("a given one is trusted, and none is made", () => {
  const configuration = synthesize({ providerArn: PROVIDER });
  expect(resources(configuration, "aws_iam_openid_connect_provider")).toEqual([]);
  expect(trustOf(configuration)).toEqual(trust(PROVIDER, "repo:octo-org/octo-repo:ref:refs/heads/main"));
});

test.each<[Partial<GithubRoleProps>, string]>([
  [{ branch: "release/1.x" }, "repo:octo-org/octo-repo:ref:refs/heads/release/1.x"],
  [{ branch: undefined, environment: "nightly" }, "repo:octo-org/octo-repo:environment:nightly"],
  [{ branch: undefined, pullRequest: true }, "repo:octo-org/octo-repo:pull_request"],
  [{ pullRequest: false }, "repo:octo-org/octo-repo:ref:refs/heads/main"],
  [{ repositoryIds: "123456/456789" }, "repo:octo-org@123456/octo-repo@456789:ref:refs/heads/main"],
  [
    { repositoryIds: "123456/456789", branch: undefined, environment: "prod" },
    "repo:octo-org@123456/octo-repo@456789:environment:prod",
  ],
])("%j is the subject %s", (props, subject) => {
  expect(trustOf(synthesize({ ...props, providerArn: PROVIDER }))).toEqual(trust(PROVIDER, subject));
});

test("nothing is granted; a session lasts an hour unless it is said otherwise; boundary and tags are passed on", () => {
  const configuration = synthesize();
  expect(Object.keys(configuration.resource).sort()).toEqual([
    "aws_iam_openid_connect_provider",
    "aws_iam_role",
  ]);
  expect(onlyResource(configuration, "aws_iam_role")).toMatchObject({
    name: "shop-verifier",
    max_session_duration: 3600,
  });
  const permissionsBoundaryArn = "arn:aws:iam::123456789012:policy/boundary";
  const other = synthesize({ maxSessionDuration: 7200, permissionsBoundaryArn, tags: { team: "blue" } });
  expect(onlyResource(other, "aws_iam_role")).toMatchObject({
    max_session_duration: 7200,
    permissions_boundary: permissionsBoundaryArn,
    tags: { team: "blue" },
  });
  expect(onlyResource(other, "aws_iam_openid_connect_provider")).toMatchObject({ tags: { team: "blue" } });
});

test.each<[Partial<GithubRoleProps>, RegExp]>([
  [{ repository: "octo-repo" }, /repository "octo-repo": give ORG\/REPO/],
  [{ repository: "octo-org/*" }, /repository "octo-org\/\*"/],
  [{ repository: "octo-org/octo-repo:ref" }, /repository/],
  [{ repository: "octo-org/${aws:username}" }, /repository/],
  [{ repositoryIds: "12" }, /repositoryIds "12": give OWNER_ID\/REPOSITORY_ID/],
  [{ repositoryIds: "octo-org/octo-repo" }, /repositoryIds/],
  [{ branch: "*" }, /branch "\*"/],
  [{ branch: "mai?" }, /branch/],
  [{ branch: "refs/heads/main" }, /branch "refs\/heads\/main": give a branch's name without refs\/heads\//],
  [{ branch: "" }, /branch ""/],
  [{ branch: "${aws:PrincipalTag/branch}" }, /branch/],
  [{ branch: undefined, environment: "prod*" }, /environment "prod\*"/],
  [{ branch: undefined, environment: "a:ref:refs/heads/main" }, /environment/],
  [{ branch: undefined }, /branch, environment, pullRequest: give one of them/],
  [{ environment: "prod" }, /give one of them/],
  [{ pullRequest: true }, /give one of them/],
  [{ providerArn: "arn:aws:iam::123456789012:oidc-provider/gitlab.com" }, /providerArn/],
  [{ roleName: "shop verifier" }, /roleName "shop verifier"/],
  [{ roleName: "x".repeat(65) }, /roleName/],
  [{ maxSessionDuration: 900 }, /maxSessionDuration 900: give whole seconds from 3600 to 43200/],
  [{ maxSessionDuration: 43_201 }, /maxSessionDuration/],
  [{ permissionsBoundaryArn: "boundary" }, /permissionsBoundaryArn/],
  [{ tags: { "aws:team": "blue" } }, /tags "aws:team"/],
  [{ tags: { team: "blue;" } }, /tags "team"/],
  [
    { tags: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`key-${index}`, ""])) },
    /tags: give at most 50/,
  ],
])("%j is refused", (props, problem) => {
  expect(() => synthesize(props)).toThrow(RangeError);
  expect(() => synthesize(props)).toThrow(problem);
});

test("all that is wrong is said at once", () => {
  expect(() => synthesize({ repository: "x", branch: "*", roleName: "" })).toThrow(
    /cannot be declared:\n {2}repository .*\n {2}branch .*\n {2}roleName /,
  );
});
