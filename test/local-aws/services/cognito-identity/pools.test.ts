/** Identity pools through their client: settings, roles and mappings, tags, lists, and what is refused. */
import {
  CreateIdentityPoolCommand,
  DeleteIdentityPoolCommand,
  DescribeIdentityPoolCommand,
  GetIdentityPoolRolesCommand,
  ListIdentityPoolsCommand,
  ListTagsForResourceCommand,
  type RoleMapping,
  SetIdentityPoolRolesCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateIdentityPoolCommand,
} from "@aws-sdk/client-cognito-identity";
import {
  ACCOUNT_ID,
  allow,
  createPool,
  failure,
  type IdentityAccount,
  openSession,
  PROVIDER,
  startIdentityAccount,
} from "../../../support/identity-account";

let account: IdentityAccount;

beforeAll(async () => {
  account = await startIdentityAccount();
});

beforeEach(() => account.aws.reset());

afterAll(() => account.stop());

const ABSENT = "us-east-1:00000000-0000-0000-0000-000000000000";
const poolArn = (id: string) => `arn:aws:cognito-identity:us-east-1:${ACCOUNT_ID}:identitypool/${id}`;
const role = (name: string) => `arn:aws:iam::${ACCOUNT_ID}:role/${name}`;
const describePool = (IdentityPoolId: string) =>
  account.cognito.send(new DescribeIdentityPoolCommand({ IdentityPoolId }));

describe("a pool", () => {
  test("is created, read, listed and deleted", async () => {
    const settings = {
      IdentityPoolName: "people of +=,.@-",
      AllowUnauthenticatedIdentities: true,
      AllowClassicFlow: false,
      DeveloperProviderName: PROVIDER,
      SupportedLoginProviders: { "graph.facebook.com": "7346241598935555" },
      OpenIdConnectProviderARNs: [`arn:aws:iam::${ACCOUNT_ID}:oidc-provider/idp.example`],
      SamlProviderARNs: [`arn:aws:iam::${ACCOUNT_ID}:saml-provider/corporate`],
      CognitoIdentityProviders: [
        {
          ProviderName: "cognito-idp.us-east-1.amazonaws.com/us-east-1_abc",
          ClientId: "client",
          ServerSideTokenCheck: true,
        },
      ],
      IdentityPoolTags: { team: "identity" },
    };
    const { $metadata: _created, ...created } = await account.cognito.send(
      new CreateIdentityPoolCommand(settings),
    );
    expect(created).toEqual({
      ...settings,
      IdentityPoolId: expect.stringMatching(/^us-east-1:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    });
    const id = created.IdentityPoolId as string;
    const { $metadata: _read, ...read } = await describePool(id);
    expect(read).toEqual(created);
    const listed = await account.cognito.send(new ListIdentityPoolsCommand({ MaxResults: 60 }));
    expect(listed.IdentityPools).toEqual([
      { IdentityPoolId: id, IdentityPoolName: settings.IdentityPoolName },
    ]);
    await account.cognito.send(new DeleteIdentityPoolCommand({ IdentityPoolId: id }));
    expect(account.aws.resources()).toEqual([]);
    expect(await failure(describePool(id))).toMatchObject({ name: "ResourceNotFoundException", status: 400 });
    expect(
      await failure(account.cognito.send(new DeleteIdentityPoolCommand({ IdentityPoolId: id }))),
    ).toMatchObject({ name: "ResourceNotFoundException", status: 400 });
  });

  test("is replaced as a whole by an update, save its developer provider and its tags", async () => {
    const id = await createPool(account, {
      AllowClassicFlow: true,
      SupportedLoginProviders: { "graph.facebook.com": "7346241598935555" },
      IdentityPoolTags: { team: "identity" },
    });
    const update = (more = {}) =>
      account.cognito.send(
        new UpdateIdentityPoolCommand({
          IdentityPoolId: id,
          IdentityPoolName: "renamed",
          AllowUnauthenticatedIdentities: true,
          ...more,
        }),
      );
    const { $metadata: _, ...updated } = await update();
    expect(updated).toEqual({
      IdentityPoolId: id,
      IdentityPoolName: "renamed",
      AllowUnauthenticatedIdentities: true,
      DeveloperProviderName: PROVIDER,
      IdentityPoolTags: { team: "identity" },
    });
    await update({ DeveloperProviderName: PROVIDER });
    expect(await failure(update({ DeveloperProviderName: "other" }))).toMatchObject({
      name: "InvalidParameterException",
      status: 400,
    });
    expect((await describePool(id)).DeveloperProviderName).toBe(PROVIDER);
    expect(await failure(update({ IdentityPoolId: ABSENT }))).toMatchObject({
      name: "ResourceNotFoundException",
    });
  });

  test("without a developer provider gets one by an update, once", async () => {
    const id = await createPool(account, { DeveloperProviderName: undefined });
    const name = (DeveloperProviderName: string) =>
      account.cognito.send(
        new UpdateIdentityPoolCommand({
          IdentityPoolId: id,
          IdentityPoolName: "a pool",
          AllowUnauthenticatedIdentities: false,
          DeveloperProviderName,
        }),
      );
    expect((await name("first")).DeveloperProviderName).toBe("first");
    expect(await failure(name("second"))).toMatchObject({ name: "InvalidParameterException" });
  });

  test("is listed in pages", async () => {
    const ids = [];
    for (let count = 0; count < 3; count++) {
      ids.push(await createPool(account));
    }
    const page = (NextToken?: string) =>
      account.cognito.send(new ListIdentityPoolsCommand({ MaxResults: 2, NextToken }));
    const first = await page();
    const second = await page(first.NextToken);
    expect([first, second].map((one) => one.IdentityPools?.map((pool) => pool.IdentityPoolId))).toEqual([
      ids.slice(0, 2),
      ids.slice(2),
    ]);
    expect(second.NextToken).toBeUndefined();
    expect(await failure(page("nonsense"))).toMatchObject({ name: "InvalidParameterException", status: 400 });
  });

  test.each([
    [
      "an id of another form",
      { IdentityPoolId: "us-east-1_xxxx" },
      "Value 'us-east-1_xxxx' at 'identityPoolId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w-]+:[0-9a-f-]+",
    ],
    [
      "a name with a slash",
      { IdentityPoolName: "a/b" },
      "Value 'a/b' at 'identityPoolName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w\\s+=,.@-]+",
    ],
    [
      "no name",
      { IdentityPoolName: undefined },
      "Value null at 'identityPoolName' failed to satisfy constraint: Member must not be null",
    ],
    [
      "a long developer provider",
      { DeveloperProviderName: "p".repeat(129) },
      `Value '${"p".repeat(129)}' at 'developerProviderName' failed to satisfy constraint: Member must have length less than or equal to 128`,
    ],
    [
      "a developer provider with a colon",
      { DeveloperProviderName: "a:b" },
      "Value 'a:b' at 'developerProviderName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w._-]+",
    ],
    [
      "a user pool of another form",
      { CognitoIdentityProviders: [{ ProviderName: "a b" }] },
      "Value 'a b' at 'cognitoIdentityProviders.1.member.providerName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w._:/-]+",
    ],
    [
      "a short ARN",
      { SamlProviderARNs: ["arn:aws:iam::1"] },
      "Value '[arn:aws:iam::1]' at 'samlProviderARNs' failed to satisfy constraint: Member must satisfy constraint: [Member must have length greater than or equal to 20]",
    ],
    [
      "a provider's empty id",
      { SupportedLoginProviders: { "graph.facebook.com": "" } },
      "Value at 'supportedLoginProviders' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length greater than or equal to 1]",
    ],
    [
      "a long tag",
      { IdentityPoolTags: { ["k".repeat(129)]: "v" } },
      "Value at 'identityPoolTags' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 128]",
    ],
  ])("isn't updated with %s", async (_fault, fault, violated) => {
    const id = await createPool(account);
    const answer = await failure(
      account.cognito.send(
        new UpdateIdentityPoolCommand({
          IdentityPoolId: id,
          IdentityPoolName: "renamed",
          AllowUnauthenticatedIdentities: false,
          ...fault,
        }),
      ),
    );
    expect(answer).toMatchObject({ name: "ValidationException", status: 400 });
    expect(answer.message).toMatch(/^\d validation errors? detected: /);
    expect(answer.message).toContain(violated);
    expect((await describePool(id)).IdentityPoolName).toBe("a pool");
  });
});

describe("tags of a pool", () => {
  test("are fifty at most", async () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`tag${index}`, "x"]));
    const settings = { IdentityPoolName: "tagged", AllowUnauthenticatedIdentities: false };
    const { IdentityPoolId } = await account.cognito.send(
      new CreateIdentityPoolCommand({ ...settings, IdentityPoolTags: many(50) }),
    );
    const ResourceArn = `arn:aws:cognito-identity:us-east-1:${ACCOUNT_ID}:identitypool/${IdentityPoolId}`;
    const refused = { name: "InvalidParameterException", message: "An identity pool has at most 50 tags." };
    const calls = [
      account.cognito.send(new CreateIdentityPoolCommand({ ...settings, IdentityPoolTags: many(51) })),
      account.cognito.send(
        new UpdateIdentityPoolCommand({ ...settings, IdentityPoolId, IdentityPoolTags: many(51) }),
      ),
      account.cognito.send(new TagResourceCommand({ ResourceArn, Tags: { another: "x" } })),
    ];
    for (const call of calls) {
      expect(await failure(call)).toMatchObject(refused);
    }
    await account.cognito.send(new TagResourceCommand({ ResourceArn, Tags: { tag1: "y" } }));
  });

  test("are added, replaced, read and removed, whatever their names", async () => {
    const ResourceArn = poolArn(await createPool(account, { IdentityPoolTags: { team: "a" } }));
    const Tags = { team: "b", constructor: "c", toString: "d" };
    await account.cognito.send(new TagResourceCommand({ ResourceArn, Tags: Tags as never }));
    const tags = async () =>
      (await account.cognito.send(new ListTagsForResourceCommand({ ResourceArn }))).Tags;
    expect(await tags()).toEqual(Tags);
    await account.cognito.send(
      new UntagResourceCommand({ ResourceArn, TagKeys: ["toString", "team", "valueOf"] }),
    );
    expect(Object.entries((await tags()) ?? {})).toEqual([["constructor", "c"]]);
  });

  test.each([
    ["another pool", poolArn(ABSENT)],
    ["another region", "arn:aws:cognito-identity:eu-west-1:123456789012:identitypool/us-east-1:0"],
    ["no pool", role("somebody")],
  ])("of %s are not found", async (_what, ResourceArn) => {
    const calls = [
      new TagResourceCommand({ ResourceArn, Tags: { a: "b" } }),
      new UntagResourceCommand({ ResourceArn, TagKeys: ["a"] }),
      new ListTagsForResourceCommand({ ResourceArn }),
    ];
    for (const call of calls) {
      expect(await failure(account.cognito.send(call as TagResourceCommand))).toMatchObject({
        name: "ResourceNotFoundException",
        status: 400,
      });
    }
  });
});

describe("the roles of a pool", () => {
  const set = (
    IdentityPoolId: string,
    Roles: Record<string, string>,
    RoleMappings?: Record<string, RoleMapping>,
  ) => account.cognito.send(new SetIdentityPoolRolesCommand({ IdentityPoolId, Roles, RoleMappings }));
  const get = async (IdentityPoolId: string) => {
    const { $metadata: _, ...roles } = await account.cognito.send(
      new GetIdentityPoolRolesCommand({ IdentityPoolId }),
    );
    return roles;
  };
  const rules = (RoleARN: string): RoleMapping => ({
    Type: "Rules",
    AmbiguousRoleResolution: "Deny",
    RulesConfiguration: {
      Rules: [{ Claim: "isAdmin", MatchType: "Equals", Value: "yes", RoleARN }],
    },
  });

  test("are set, read, replaced and emptied", async () => {
    const id = await createPool(account);
    expect(await get(id)).toEqual({ IdentityPoolId: id });
    const Roles = { authenticated: role("members"), unauthenticated: role("guests") };
    await set(id, Roles);
    expect(await get(id)).toEqual({ IdentityPoolId: id, Roles });
    await set(id, { authenticated: role("members") });
    expect(await get(id)).toEqual({ IdentityPoolId: id, Roles: { authenticated: role("members") } });
    await set(id, {});
    expect(await get(id)).toEqual({ IdentityPoolId: id });
    expect(await failure(set(ABSENT, {}))).toMatchObject({ name: "ResourceNotFoundException" });
    expect(await failure(get(ABSENT))).toMatchObject({ name: "ResourceNotFoundException" });
  });

  test("have mappings for the pool's public providers", async () => {
    const userPool = "cognito-idp.us-east-1.amazonaws.com/us-east-1_abc";
    const id = await createPool(account, {
      SupportedLoginProviders: { "graph.facebook.com": "7346241598935555" },
      CognitoIdentityProviders: [{ ProviderName: userPool, ClientId: "client" }],
    });
    const RoleMappings: Record<string, RoleMapping> = {
      "graph.facebook.com": rules(role("admins")),
      [`${userPool}:client`]: { Type: "Token", AmbiguousRoleResolution: "AuthenticatedRole" },
    };
    await set(id, { authenticated: role("members") }, RoleMappings);
    expect((await get(id)).RoleMappings).toEqual(RoleMappings);
    await set(id, { authenticated: role("members") });
    expect(await get(id)).not.toHaveProperty("RoleMappings");
    for (const provider of [PROVIDER, userPool, "www.amazon.com"]) {
      expect(await failure(set(id, {}, { [provider]: rules(role("admins")) }))).toEqual({
        name: "InvalidParameterException",
        status: 400,
        message: `(${provider}) is not a valid RoleMapping ProviderName or is not a configured provider.`,
      });
    }
    const incomplete: RoleMapping[] = [
      { Type: "Token" },
      { Type: "Rules", AmbiguousRoleResolution: "Deny" },
      { ...rules(role("admins")), Type: "Token" },
    ];
    for (const mapping of incomplete) {
      expect(await failure(set(id, {}, { "graph.facebook.com": mapping }))).toMatchObject({
        name: "InvalidParameterException",
        status: 400,
      });
    }
  });

  test.each([
    ["a name", "just-the-name-of-a-role"],
    ["another account's role", "arn:aws:iam::210987654321:role/members"],
    ["a user", `arn:aws:iam::${ACCOUNT_ID}:user/members`],
  ])("can't be %s", async (_what, arn) => {
    const id = await createPool(account, {
      SupportedLoginProviders: { "graph.facebook.com": "7346241598935555" },
    });
    const forbidden = {
      name: "NotAuthorizedException",
      status: 400,
      message: `Access to Role '${arn}' is forbidden.`,
    };
    expect(await failure(set(id, { authenticated: arn }))).toEqual(forbidden);
    expect(await failure(set(id, {}, { "graph.facebook.com": rules(arn) }))).toEqual(forbidden);
  });

  test("are authenticated and unauthenticated only", async () => {
    const id = await createPool(account);
    expect(await failure(set(id, { admin: role("members") }))).toEqual({
      name: "ValidationException",
      status: 400,
      message:
        "1 validation error detected: Value at 'roles' failed to satisfy constraint: Map keys must satisfy constraint: [Member must satisfy regular expression pattern: (un)?authenticated]",
    });
  });

  test("are passed only by who may pass them to Cognito", async () => {
    const id = await createPool(account);
    const session = await openSession(account, "deployer", allow("cognito-identity:SetIdentityPoolRoles"), {
      ...allow("iam:PassRole", role("members")),
      Condition: { StringEquals: { "iam:PassedToService": "cognito-identity.amazonaws.com" } },
    });
    const setAs = (arn: string) =>
      session.cognito.send(
        new SetIdentityPoolRolesCommand({ IdentityPoolId: id, Roles: { authenticated: arn } }),
      );
    await setAs(role("members"));
    expect(await failure(setAs(role("admins")))).toEqual({
      name: "NotAuthorizedException",
      status: 400,
      message: `Access to Role '${role("admins")}' is forbidden.`,
    });
  });
});

test("the roles of no pool are set by who may do so on a pool alone, for the action has no resource type", async () => {
  const id = await createPool(account);
  const session = await openSession(
    account,
    "deployer",
    allow("cognito-identity:SetIdentityPoolRoles", poolArn(id)),
  );
  const set = new SetIdentityPoolRolesCommand({ IdentityPoolId: id, Roles: {} });
  expect(await failure(session.cognito.send(set))).toMatchObject({
    name: "AccessDeniedException",
    message: expect.stringContaining("cognito-identity:SetIdentityPoolRoles on resource: *"),
  });
});

test("a caller that isn't root needs the action on the pool, by its ARN or its tags", async () => {
  const mine = await createPool(account, { IdentityPoolTags: { owner: "me" } });
  const other = await createPool(account);
  const session = await openSession(account, "reader", {
    ...allow("cognito-identity:DescribeIdentityPool"),
    Condition: { StringEquals: { "aws:ResourceTag/owner": "me" } },
  });
  const describeAs = (IdentityPoolId: string) =>
    session.cognito.send(new DescribeIdentityPoolCommand({ IdentityPoolId }));
  await describeAs(mine);
  const denied = (action: string, resource: string) => ({
    name: "AccessDeniedException",
    status: 400,
    message: `User: arn:aws:sts::${ACCOUNT_ID}:assumed-role/reader/session is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
  });
  expect(await failure(describeAs(other))).toEqual(
    denied("cognito-identity:DescribeIdentityPool", poolArn(other)),
  );
  expect(await failure(session.cognito.send(new ListIdentityPoolsCommand({ MaxResults: 1 })))).toEqual(
    denied("cognito-identity:ListIdentityPools", "*"),
  );
});
