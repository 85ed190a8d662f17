/** AssumeRoleWithWebIdentity with tokens of the account's OpenID Connect providers: what a token opens, and what its session is. */
import {
  AddClientIDToOpenIDConnectProviderCommand,
  CreateOpenIDConnectProviderCommand,
  DeleteOpenIDConnectProviderCommand,
  ListRolesCommand,
} from "@aws-sdk/client-iam";
import { AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import {
  ACCOUNT_ID,
  allow,
  createRole,
  credentialsOf,
  failure,
  type IdentityAccount,
  startIdentityAccount,
  trust,
} from "../../../support/identity-account";
import { GITHUB, type OidcIssuer, oidcIssuer } from "../../../support/oidc-issuer";

const NAME = "token.actions.githubusercontent.com";
const ARN = `arn:aws:iam::${ACCOUNT_ID}:oidc-provider/${NAME}`;
const SUBJECT = "repo:octo-org/octo-repo:ref:refs/heads/main";
const trusting = (
  StringEquals: object = { [`${NAME}:sub`]: SUBJECT, [`${NAME}:aud`]: "sts.amazonaws.com" },
) => trust({ Federated: ARN }, "sts:AssumeRoleWithWebIdentity", { StringEquals });

let account: IdentityAccount;
let github: OidcIssuer;

beforeAll(async () => {
  github = await oidcIssuer({ now: () => account.now() });
});
beforeEach(async () => {
  account = await startIdentityAccount({ oidcKeys: { [GITHUB]: github.keys } });
  await account.iam.send(
    new CreateOpenIDConnectProviderCommand({ Url: GITHUB, ClientIDList: ["sts.amazonaws.com"] }),
  );
});
afterEach(() => account.stop());

const exchange = (RoleArn: string, WebIdentityToken: string) =>
  account.sts.send(
    new AssumeRoleWithWebIdentityCommand({ RoleArn, RoleSessionName: "job", WebIdentityToken }),
  );

test("a token opens a session of the role that trusts its subject", async () => {
  const role = await createRole(account.iam, "verifier", trusting(), allow("iam:ListRoles"));
  const answer = await exchange(role, await github.token());
  expect(answer).toMatchObject({
    SubjectFromWebIdentityToken: SUBJECT,
    Audience: "sts.amazonaws.com",
    Provider: ARN,
    AssumedRoleUser: { Arn: `arn:aws:sts::${ACCOUNT_ID}:assumed-role/verifier/job` },
    Credentials: { AccessKeyId: expect.stringMatching(/^ASIA/) },
  });
  const session = account.as(credentialsOf(answer.Credentials));
  expect(await session.sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
    UserId: expect.stringMatching(/^AROA[A-Z2-7]{16}:job$/),
  });
  expect((await session.iam.send(new ListRolesCommand({}))).Roles).toHaveLength(1);
});

test.each([
  ["another branch", { sub: "repo:octo-org/octo-repo:ref:refs/heads/other" }],
  ["a pull request", { sub: "repo:octo-org/octo-repo:pull_request" }],
  ["an environment", { sub: "repo:octo-org/octo-repo:environment:prod" }],
  ["a fork", { sub: "repo:somebody/octo-repo:ref:refs/heads/main" }],
  ["the subject in another case", { sub: SUBJECT.toUpperCase() }],
  ["more behind the subject", { sub: `${SUBJECT}-2` }],
])("a token of %s opens nothing, and the log says why", async (_name, claims) => {
  const role = await createRole(account.iam, "verifier", trusting());
  expect(await failure(exchange(role, await github.token(claims)))).toEqual({
    name: "AccessDenied",
    status: 403,
    message: "Not authorized to perform sts:AssumeRoleWithWebIdentity",
  });
  expect(account.aws.decisions(1)).toMatchObject([
    { kind: "trust", outcome: "refused", subject: expect.stringContaining(ARN) },
  ]);
});

describe("condition keys", () => {
  /** Whether a role with this condition beside the subject lets the token in. */
  const lets = async (condition: object, claims: object = {}) => {
    const name = `role-${Math.random().toString(36).slice(2)}`;
    const role = await createRole(
      account.iam,
      name,
      trust({ Federated: ARN }, "sts:AssumeRoleWithWebIdentity", {
        StringLike: { [`${NAME}:sub`]: "repo:octo-org/*" },
        ...condition,
      }),
    );
    return exchange(role, await github.token({ ...claims })).then(
      () => true,
      (error: Error) => error.name !== "AccessDenied" && Promise.reject(error),
    );
  };

  test.each([
    ["actor", "octocat"],
    ["actor_id", "12"],
    ["repository", "octo-org/octo-repo"],
    ["repository_id", "74"],
    ["ref", "refs/heads/main"],
    ["workflow", "nightly"],
    ["job_workflow_ref", "octo-org/octo-repo/.github/workflows/nightly.yml@refs/heads/main"],
  ])("GitHub's claim %s is one for trust policies", async (claim, value) => {
    expect(await lets({ StringEquals: { [`${NAME}:${claim}`]: value } })).toBe(true);
    expect(await lets({ StringEquals: { [`${NAME}:${claim}`]: `${value}2` } })).toBe(false);
  });

  test("environment and enterprise_id are there when the token has them", async () => {
    const asked = { StringEquals: { [`${NAME}:environment`]: "prod", [`${NAME}:enterprise_id`]: "7" } };
    expect(await lets(asked)).toBe(false);
    expect(await lets(asked, { environment: "prod", enterprise_id: "7" })).toBe(true);
  });

  test("no other claim of the token is one", async () => {
    expect(await lets({ StringEquals: { [`${NAME}:event_name`]: "schedule" } })).toBe(false);
  });

  test("aud is the authorized party where there is one", async () => {
    await account.iam.send(
      new AddClientIDToOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: ARN, ClientID: "party" }),
    );
    const claims = { azp: "party", aud: "elsewhere" };
    expect(await lets({ StringEquals: { [`${NAME}:aud`]: "party" } }, claims)).toBe(true);
    expect(await lets({ StringEquals: { [`${NAME}:aud`]: "elsewhere" } }, claims)).toBe(false);
  });

  test("amr is a list", async () => {
    const mfa = { "ForAnyValue:StringEquals": { [`${NAME}:amr`]: "mfa" } };
    expect(await lets(mfa)).toBe(false);
    expect(await lets(mfa, { amr: ["pwd", "mfa"] })).toBe(true);
  });

  test("aws:FederatedProvider is the provider's ARN; the session keeps sub and aud, and none of GitHub's own", async () => {
    const on = (StringEquals: object) => ({ ...allow("iam:ListRoles"), Condition: { StringEquals } });
    const may = async (name: string, StringEquals: object) => {
      const role = await createRole(account.iam, name, trusting(), on(StringEquals));
      const { Credentials } = await exchange(role, await github.token());
      const { iam } = account.as(credentialsOf(Credentials));
      return iam.send(new ListRolesCommand({})).then(
        () => true,
        () => false,
      );
    };
    expect(await may("provider", { "aws:FederatedProvider": ARN })).toBe(true);
    expect(await may("subject", { [`${NAME}:sub`]: SUBJECT, [`${NAME}:aud`]: "sts.amazonaws.com" })).toBe(
      true,
    );
    expect(await may("own-claim", { [`${NAME}:repository`]: "octo-org/octo-repo" })).toBe(false);
  });
});

test.each(["RS384", "RS512", "ES256", "ES384", "ES512"])("%s is taken too", async (algorithm) => {
  const issuer = await oidcIssuer({ issuer: "https://issuer.example/realm", algorithm });
  const other = await startIdentityAccount({ oidcKeys: { [issuer.issuer]: issuer.keys } });
  await other.iam.send(
    new CreateOpenIDConnectProviderCommand({ Url: issuer.issuer, ClientIDList: ["sts.amazonaws.com"] }),
  );
  const RoleArn = await createRole(
    other.iam,
    "worker",
    trust(
      { Federated: `arn:aws:iam::${ACCOUNT_ID}:oidc-provider/issuer.example/realm` },
      "sts:AssumeRoleWithWebIdentity",
      { StringEquals: { "issuer.example/realm:sub": "worker" } },
    ),
  );
  const { Provider } = await other.sts.send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn,
      RoleSessionName: "job",
      WebIdentityToken: await issuer.token({ sub: "worker" }),
    }),
  );
  expect(Provider).toMatch(/issuer\.example\/realm$/);
  await other.stop();
});

test("a token ends, and is refused in AWS's words", async () => {
  const role = await createRole(account.iam, "verifier", trusting());
  const token = await github.token();
  account.advance(901);
  expect(await failure(exchange(role, token))).toMatchObject({
    name: "ExpiredTokenException",
    status: 400,
    message: expect.stringMatching(
      /^Token expired: current date\/time \d+ must be before the expiration date\/time \d+$/,
    ),
  });
});

test("without its provider an issuer is unknown", async () => {
  const role = await createRole(account.iam, "verifier", trusting());
  await account.iam.send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: ARN }));
  expect(await failure(exchange(role, await github.token()))).toEqual({
    name: "InvalidIdentityTokenException",
    status: 400,
    message: `No OpenIDConnect provider found in your account for ${GITHUB}`,
  });
});

test("an audience that isn't among the client ids is refused", async () => {
  const role = await createRole(account.iam, "verifier", trusting());
  expect(await failure(exchange(role, await github.token({ aud: "https://github.com/octo-org" })))).toEqual({
    name: "InvalidIdentityTokenException",
    status: 400,
    message: "Incorrect token audience",
  });
});
