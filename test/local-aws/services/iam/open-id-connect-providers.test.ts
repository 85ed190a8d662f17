/** OpenID Connect providers through IAM's client: their life, their limits, their tags, and who may touch them. */
import {
  AddClientIDToOpenIDConnectProviderCommand,
  CreateOpenIDConnectProviderCommand,
  type CreateOpenIDConnectProviderCommandInput,
  DeleteOpenIDConnectProviderCommand,
  GetOpenIDConnectProviderCommand,
  ListOpenIDConnectProvidersCommand,
  ListOpenIDConnectProviderTagsCommand,
  RemoveClientIDFromOpenIDConnectProviderCommand,
  TagOpenIDConnectProviderCommand,
  UntagOpenIDConnectProviderCommand,
  UpdateOpenIDConnectProviderThumbprintCommand,
} from "@aws-sdk/client-iam";
import {
  ACCOUNT_ID,
  allow,
  createRole,
  failure,
  type IdentityAccount,
  openSession,
  startIdentityAccount,
  trust,
} from "../../../support/identity-account";
import { GITHUB } from "../../../support/oidc-issuer";

let account: IdentityAccount;

beforeAll(async () => {
  account = await startIdentityAccount();
});
beforeEach(() => account.aws.reset());
afterAll(() => account.stop());

const arnOf = (name: string) => `arn:aws:iam::${ACCOUNT_ID}:oidc-provider/${name}`;
const ARN = arnOf("token.actions.githubusercontent.com");
const THUMBPRINT = "6938fd4d98bab03faadb97b34396831e3780aea1";

const create = (more: Partial<CreateOpenIDConnectProviderCommandInput> = {}) =>
  account.iam.send(
    new CreateOpenIDConnectProviderCommand({ Url: GITHUB, ClientIDList: ["sts.amazonaws.com"], ...more }),
  );
const read = (arn = ARN) =>
  account.iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn }));

test("a provider is created, read, listed, changed and deleted", async () => {
  const created = await create({
    ThumbprintList: [THUMBPRINT.toUpperCase()],
    Tags: [{ Key: "team", Value: "blue" }],
  });
  expect(created).toMatchObject({
    OpenIDConnectProviderArn: ARN,
    Tags: [{ Key: "team", Value: "blue" }],
  });
  expect(await read()).toMatchObject({
    Url: "token.actions.githubusercontent.com",
    ClientIDList: ["sts.amazonaws.com"],
    ThumbprintList: [THUMBPRINT],
    CreateDate: expect.any(Date),
    Tags: [{ Key: "team", Value: "blue" }],
  });
  expect(account.aws.resources()).toEqual([ARN]);
  const { OpenIDConnectProviderList } = await account.iam.send(new ListOpenIDConnectProvidersCommand({}));
  expect(OpenIDConnectProviderList).toEqual([{ Arn: ARN }]);

  const on = { OpenIDConnectProviderArn: ARN };
  for (const ClientID of ["another", "another"]) {
    await account.iam.send(new AddClientIDToOpenIDConnectProviderCommand({ ...on, ClientID }));
  }
  for (const ClientID of ["sts.amazonaws.com", "never-there"]) {
    await account.iam.send(new RemoveClientIDFromOpenIDConnectProviderCommand({ ...on, ClientID }));
  }
  await account.iam.send(
    new UpdateOpenIDConnectProviderThumbprintCommand({ ...on, ThumbprintList: ["a".repeat(40)] }),
  );
  await account.iam.send(
    new TagOpenIDConnectProviderCommand({ ...on, Tags: [{ Key: "stage", Value: "dev" }] }),
  );
  await account.iam.send(new UntagOpenIDConnectProviderCommand({ ...on, TagKeys: ["team"] }));
  expect(await read()).toMatchObject({ ClientIDList: ["another"], ThumbprintList: ["a".repeat(40)] });
  expect(await account.iam.send(new ListOpenIDConnectProviderTagsCommand(on))).toMatchObject({
    Tags: [{ Key: "stage", Value: "dev" }],
    IsTruncated: false,
  });

  for (const _ of ["once", "again"]) {
    await account.iam.send(new DeleteOpenIDConnectProviderCommand(on));
  }
  expect(await failure(read())).toEqual({
    name: "NoSuchEntityException",
    status: 404,
    message: `OpenIDConnect Provider not found for arn ${ARN}`,
  });
});

test("an issuer's path belongs to the ARN, and to the letter", async () => {
  await create({ Url: "https://issuer.example/Realm/1.0" });
  await create({ Url: "https://issuer.example/Realm/1.0/" });
  const { OpenIDConnectProviderList: list = [] } = await account.iam.send(
    new ListOpenIDConnectProvidersCommand({}),
  );
  expect(list.map(({ Arn }) => Arn)).toEqual([
    arnOf("issuer.example/Realm/1.0"),
    arnOf("issuer.example/Realm/1.0/"),
  ]);
});

test("there is one provider for a URL", async () => {
  await create();
  expect(await failure(create())).toEqual({
    name: "EntityAlreadyExistsException",
    status: 409,
    message: `Provider with url ${GITHUB} already exists.`,
  });
});

test.each([
  "http://issuer.example",
  "issuer.example",
  "https://",
  "https://issuer.example:8443",
  "https://user@issuer.example",
  "https://issuer.example?a=b",
  "https://issuer.example#a",
  "https://issuer.example/a/../b",
  "https://ISSUER.example",
  "https://issuer.example/*",
  "https://issuer.example\\@evil.example",
])("%s isn't the URL of an issuer", async (Url) => {
  expect(await failure(create({ Url }))).toEqual({
    name: "InvalidInputException",
    status: 400,
    message: "Invalid Open ID Connect Provider URL",
  });
});

test("client ids, thumbprints and providers have their quotas", async () => {
  const many = Array.from({ length: 101 }, (_, index) => `client-${index}`);
  expect(await failure(create({ ClientIDList: many }))).toMatchObject({
    name: "LimitExceededException",
    status: 409,
    message: "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100",
  });
  expect(await failure(create({ ThumbprintList: Array(6).fill(THUMBPRINT) }))).toMatchObject({
    name: "InvalidInputException",
  });
  expect(await failure(create({ ThumbprintList: ["g".repeat(40)] }))).toMatchObject({
    name: "InvalidInputException",
  });
  await create({ ClientIDList: many.slice(1) });
  expect(
    await failure(
      account.iam.send(
        new AddClientIDToOpenIDConnectProviderCommand({
          OpenIDConnectProviderArn: ARN,
          ClientID: "one-more",
        }),
      ),
    ),
  ).toMatchObject({ name: "LimitExceededException" });
  for (let index = 1; index < 100; index += 1) {
    await create({ Url: `https://issuer-${index}.example` });
  }
  expect(await failure(create({ Url: "https://issuer-100.example" }))).toMatchObject({
    name: "LimitExceededException",
    message: "Cannot exceed quota for OpenIdConnectProvidersPerAccount: 100",
  });
});

test("each action is allowed by the provider's ARN, tags by its tags", async () => {
  await create({ Tags: [{ Key: "team", Value: "blue" }] });
  const tagged = { StringEquals: { "aws:ResourceTag/team": "blue" } };
  const { iam } = await openSession(
    account,
    "reader",
    { ...allow("iam:GetOpenIDConnectProvider", arnOf("*")), Condition: tagged },
    allow("iam:CreateOpenIDConnectProvider", arnOf("issuer.example")),
  );
  const get = new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: ARN });
  expect(await iam.send(get)).toMatchObject({ Url: "token.actions.githubusercontent.com" });
  await account.iam.send(
    new UntagOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: ARN, TagKeys: ["team"] }),
  );
  const denied = { name: "AccessDenied", status: 403 };
  expect(await failure(iam.send(get))).toMatchObject(denied);
  expect(await failure(iam.send(new ListOpenIDConnectProvidersCommand({})))).toMatchObject(denied);
  const another = { Url: "https://issuer.example", ClientIDList: ["a"] };
  expect(
    await failure(
      iam.send(
        new CreateOpenIDConnectProviderCommand({ ...another, Tags: [{ Key: "team", Value: "blue" }] }),
      ),
    ),
  ).toMatchObject({ ...denied, message: expect.stringContaining("iam:TagOpenIDConnectProvider") });
  await iam.send(new CreateOpenIDConnectProviderCommand(another));
});

describe("a trust policy for GitHub", () => {
  const condition = (
    operator: string,
    claim: string,
    value: string | string[] = "repo:octo-org/octo-repo:ref:refs/heads/main",
  ) => ({ [operator]: { [`token.actions.githubusercontent.com:${claim}`]: value } });
  const role = (name: string, Condition?: object) =>
    createRole(account.iam, name, trust({ Federated: ARN }, "sts:AssumeRoleWithWebIdentity", Condition));

  test.each<[string, object | undefined]>([
    ["has no condition", undefined],
    ["asks for the audience alone", condition("StringEquals", "aud")],
    ["asks for the subject only if there is one", condition("StringEqualsIfExists", "sub")],
    ["asks for all of what may be nothing", condition("ForAllValues:StringEquals", "sub")],
    ["asks for what the subject isn't", condition("StringNotEquals", "sub")],
    ["asks for any subject", condition("StringLike", "sub", "*")],
    ["asks for any subject of some length", condition("StringLike", "sub", "?*")],
    ["asks for any subject beside one", condition("StringLike", "sub", ["repo:octo-org/octo-repo:*", "*"])],
    ["asks for an empty subject", condition("StringEquals", "sub", "")],
    ["lists no subject", condition("StringEquals", "sub", [])],
  ])("that %s is refused, since every repository on GitHub would be trusted", async (_name, given) => {
    expect(await failure(role("open", given))).toMatchObject({
      name: "MalformedPolicyDocumentException",
      message: expect.stringContaining("token.actions.githubusercontent.com:sub"),
    });
  });

  test("that asks for the subject is taken", async () => {
    await role("closed", condition("StringEquals", "sub"));
    await role("like", condition("StringLike", "SUB"));
  });
});
