/** Developer users and identities through their client: tokens, linking, looking up, merging, unlinking, listing, deleting. */
import {
  DeleteIdentitiesCommand,
  DescribeIdentityCommand,
  GetCredentialsForIdentityCommand,
  GetIdCommand,
  GetOpenIdTokenForDeveloperIdentityCommand,
  ListIdentitiesCommand,
  LookupDeveloperIdentityCommand,
  MergeDeveloperIdentitiesCommand,
  UnlinkDeveloperIdentityCommand,
  UnlinkIdentityCommand,
} from "@aws-sdk/client-cognito-identity";
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import {
  ACCOUNT_ID,
  allow,
  COGNITO,
  createPool,
  createRole,
  developerToken,
  failure,
  type IdentityAccount,
  openSession,
  PROVIDER,
  poolTrust,
  setRoles,
  startIdentityAccount,
} from "../../../support/identity-account";

let account: IdentityAccount;
let poolId: string;

beforeAll(async () => {
  account = await startIdentityAccount();
});

beforeEach(async () => {
  poolId = await createPool(account, { AllowUnauthenticatedIdentities: true });
});

afterAll(() => account.stop());

const ABSENT = "us-east-1:00000000-0000-0000-0000-000000000000";
const tokenFor = (user: string, more = {}) => developerToken(account, poolId, user, more);
const tokenIn = async (pool: string) => (await developerToken(account, pool, "alice")).identityId;
const guest = async () =>
  (await account.cognito.send(new GetIdCommand({ IdentityPoolId: poolId }))).IdentityId as string;
const describeIdentity = (IdentityId: string) =>
  account.cognito.send(new DescribeIdentityCommand({ IdentityId }));
const lookUp = (more: {
  IdentityId?: string;
  DeveloperUserIdentifier?: string;
  MaxResults?: number;
  NextToken?: string;
}) => account.cognito.send(new LookupDeveloperIdentityCommand({ IdentityPoolId: poolId, ...more }));
const merge = (
  SourceUserIdentifier: string,
  DestinationUserIdentifier: string,
  DeveloperProviderName = PROVIDER,
) =>
  account.cognito.send(
    new MergeDeveloperIdentitiesCommand({
      SourceUserIdentifier,
      DestinationUserIdentifier,
      DeveloperProviderName,
      IdentityPoolId: poolId,
    }),
  );
const unlink = (IdentityId: string, DeveloperUserIdentifier: string) =>
  account.cognito.send(
    new UnlinkDeveloperIdentityCommand({
      IdentityId,
      IdentityPoolId: poolId,
      DeveloperProviderName: PROVIDER,
      DeveloperUserIdentifier,
    }),
  );
const credentials = (IdentityId: string, token?: string) =>
  account.cognito.send(
    new GetCredentialsForIdentityCommand({ IdentityId, Logins: token ? { [COGNITO]: token } : undefined }),
  );
const forbidden = (id: string) => ({
  name: "NotAuthorizedException",
  status: 400,
  message: `Access to Identity '${id}' is forbidden.`,
});
const mismatch = {
  name: "NotAuthorizedException",
  status: 400,
  message: "Logins don't match. Please include at least one valid login for this identity or identity pool.",
};
const notFound = { name: "ResourceNotFoundException", status: 400 };

describe("a developer user's token", () => {
  test("isn't given for a login beside the developer's that nobody has verified", async () => {
    const known = await tokenFor("alice");
    for (const [text, message] of [
      ["garbage", "Invalid login token. Not a valid OpenId Connect identity token."],
      [known.token, "Invalid login token. Can't pass in a Cognito token."],
    ] as const) {
      const beside = tokenFor("somebody", { Logins: { [PROVIDER]: "somebody", [COGNITO]: text } });
      expect(await failure(beside)).toEqual({ name: "NotAuthorizedException", status: 400, message });
    }
    await expect(lookUp({ DeveloperUserIdentifier: "somebody" })).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });

  test("has a budget of 460 bytes for its principal tags, whose keys differ in more than case", async () => {
    const { token } = await tokenFor("alice", {
      PrincipalTags: { team: "é".repeat(100), more: "x".repeat(252) },
    });
    expect(decodeJwt(token)).toHaveProperty(["https://aws.amazon.com/tags"]);
    for (const PrincipalTags of [
      { team: "é".repeat(100), more: "x".repeat(253) },
      { team: "blue", Team: "red" },
    ]) {
      expect(await failure(tokenFor("alice", { PrincipalTags }))).toMatchObject({
        name: "InvalidParameterException",
        status: 400,
      });
    }
  });

  test("is an RS512 JWT of the issuer's published key, with Cognito's claims in Cognito's order", async () => {
    const { identityId, token } = await tokenFor("alice", { PrincipalTags: { team: "blue" } });
    const { kid } = decodeProtectedHeader(token);
    expect(decodeProtectedHeader(token)).toEqual({ kid, typ: "JWS", alg: "RS512" });
    expect(kid).toMatch(/^us-east-1\d$/);
    const keys = createRemoteJWKSet(new URL(`${account.aws.endpoint}/.well-known/jwks_uri`));
    const { payload } = await jwtVerify(token, keys);
    expect(payload).toEqual({
      sub: identityId,
      aud: poolId,
      amr: ["authenticated", PROVIDER, `${PROVIDER}:${poolId}:alice`],
      "https://aws.amazon.com/tags": { principal_tags: { team: ["blue"] } },
      iss: "https://cognito-identity.amazonaws.com",
      "https://cognito-identity.amazonaws.com/identity-pool-arn": `arn:aws:cognito-identity:us-east-1:${ACCOUNT_ID}:identitypool/${poolId}`,
      exp: (payload.iat as number) + 900,
      iat: payload.iat,
    });
    expect(Object.keys(payload).map((claim) => claim.split("/").at(-1))).toEqual([
      "sub",
      "aud",
      "amr",
      "tags",
      "iss",
      "identity-pool-arn",
      "exp",
      "iat",
    ]);
    const plain = await jwtVerify((await tokenFor("alice")).token, keys);
    expect(plain.payload).not.toHaveProperty("https://aws.amazon.com/tags");
  });

  test("lasts as long as asked for, from a second to a day", async () => {
    for (const TokenDuration of [1, 86400]) {
      const { token } = await tokenFor("alice", { TokenDuration });
      const [, payload = ""] = token.split(".");
      const { exp, iat } = JSON.parse(Buffer.from(payload, "base64url").toString());
      expect(exp - iat).toBe(TokenDuration);
    }
  });

  test.each([
    [
      "a duration of zero",
      { TokenDuration: 0 },
      "Value '0' at 'tokenDuration' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ],
    [
      "a duration above a day",
      { TokenDuration: 86401 },
      "Value '86401' at 'tokenDuration' failed to satisfy constraint: Member must have value less than or equal to 86400",
    ],
    [
      "eleven logins",
      { Logins: Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`p${index}`, "x"])) },
      "Value at 'logins' failed to satisfy constraint: Member must have length less than or equal to 10",
    ],
    [
      "a long login",
      { Logins: { [PROVIDER]: "u".repeat(50_001) } },
      "Value at 'logins' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 50000]",
    ],
    [
      "a long tag",
      { PrincipalTags: { k: "v".repeat(257) } },
      "Value at 'principalTags' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 256]",
    ],
    [
      "fifty-one tags",
      { PrincipalTags: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, "v"])) },
      "Value at 'principalTags' failed to satisfy constraint: Member must have length less than or equal to 50",
    ],
    [
      "an identity id of another form",
      { IdentityId: "alice" },
      "Value 'alice' at 'identityId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w-]+:[0-9a-f-]+",
    ],
  ])("isn't given for %s", async (_fault, fault, violated) => {
    expect(await failure(tokenFor("alice", fault))).toEqual({
      name: "ValidationException",
      status: 400,
      message: `1 validation error detected: ${violated}`,
    });
  });

  test("is for the same identity each time, another user's for another, another pool's too", async () => {
    const first = await tokenFor("alice");
    expect(first.identityId).toMatch(/^us-east-1:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect((await tokenFor("alice")).identityId).toBe(first.identityId);
    expect((await tokenFor("Alice")).identityId).not.toBe(first.identityId);
    const otherPool = await createPool(account);
    expect((await developerToken(account, otherPool, "alice")).identityId).not.toBe(first.identityId);
  });

  test.each(["__proto__", "constructor", "toString"])("is given to a user called %s", async (user) => {
    const { identityId } = await tokenFor(user);
    expect((await tokenFor(user)).identityId).toBe(identityId);
    expect((await lookUp({ IdentityId: identityId })).DeveloperUserIdentifierList).toEqual([user]);
  });

  test("is only given for the pool's developer provider", async () => {
    for (const Logins of [{ "login.other.example": "alice" }, { toString: "alice" }, {}] as object[]) {
      const answer = await failure(tokenFor("alice", { Logins }));
      expect(answer.message).toBe("This identity pool does not support the specified developer provider");
      expect(answer).toMatchObject({ name: "InvalidParameterException", status: 400 });
    }
    expect(
      await failure(tokenFor("alice", { Logins: { [PROVIDER]: "alice", "graph.facebook.com": "t" } })),
    ).toMatchObject({
      name: "NotAuthorizedException",
      message: "Token is not from a supported provider of this identity pool.",
    });
    expect(await failure(tokenFor("u".repeat(1025)))).toMatchObject({ name: "InvalidParameterException" });
    const without = await createPool(account, { DeveloperProviderName: undefined });
    expect(await failure(developerToken(account, without, "alice"))).toMatchObject({
      name: "InvalidParameterException",
    });
    expect(await failure(developerToken(account, ABSENT, "alice"))).toMatchObject(notFound);
  });
});

describe("linking by GetOpenIdTokenForDeveloperIdentity", () => {
  test("gives an identity a further user", async () => {
    const { identityId } = await tokenFor("alice");
    const linked = await tokenFor("alice@work", { IdentityId: identityId });
    expect(linked.identityId).toBe(identityId);
    expect((await tokenFor("alice@work")).identityId).toBe(identityId);
    expect((await tokenFor("alice", { IdentityId: identityId })).identityId).toBe(identityId);
    expect((await lookUp({ IdentityId: identityId })).DeveloperUserIdentifierList).toEqual([
      "alice",
      "alice@work",
    ]);
  });

  test("makes a guest's identity the user's, which guests can't use any more", async () => {
    const role = await createRole(account.iam, `guests-${poolId.slice(-12)}`, poolTrust(poolId, "*"));
    await setRoles(account, poolId, { authenticated: role, unauthenticated: role });
    const id = await guest();
    await credentials(id);
    const { identityId, token } = await tokenFor("alice", { IdentityId: id });
    expect(identityId).toBe(id);
    expect((await describeIdentity(id)).Logins).toEqual([PROVIDER]);
    expect(await failure(credentials(id))).toEqual(forbidden(id));
    await credentials(id, token);
  });

  test("is refused for a user of another identity, and for identities that aren't the pool's", async () => {
    const alice = await tokenFor("alice");
    await tokenFor("bob");
    expect(await failure(tokenFor("bob", { IdentityId: alice.identityId }))).toMatchObject({
      name: "DeveloperUserAlreadyRegisteredException",
      status: 400,
    });
    const otherPool = await createPool(account);
    const foreign = (await developerToken(account, otherPool, "carol")).identityId;
    const elsewhere = alice.identityId.replace("us-east-1", "eu-west-1");
    for (const IdentityId of [foreign, elsewhere, ABSENT]) {
      expect(await failure(tokenFor("dave", { IdentityId }))).toMatchObject(notFound);
    }
  });
});

describe("LookupDeveloperIdentity", () => {
  test("finds by identity, by user and by both, in pages", async () => {
    const { identityId } = await tokenFor("a");
    for (const user of ["b", "c"]) {
      await tokenFor(user, { IdentityId: identityId });
    }
    const byUser = await lookUp({ DeveloperUserIdentifier: "b" });
    expect(byUser).toMatchObject({
      IdentityId: identityId,
      DeveloperUserIdentifierList: ["a", "b", "c"],
    });
    await lookUp({ IdentityId: identityId, DeveloperUserIdentifier: "c" });
    const first = await lookUp({ IdentityId: identityId, MaxResults: 2 });
    expect(first.DeveloperUserIdentifierList).toEqual(["a", "b"]);
    const second = await lookUp({ IdentityId: identityId, MaxResults: 2, NextToken: first.NextToken });
    expect(second.DeveloperUserIdentifierList).toEqual(["c"]);
    expect(second.NextToken).toBeUndefined();
  });

  test("refuses what doesn't exist, belongs together or names nothing", async () => {
    const alice = await tokenFor("alice");
    await tokenFor("bob");
    expect(await failure(lookUp({ DeveloperUserIdentifier: "nobody" }))).toMatchObject(notFound);
    expect(await failure(lookUp({ IdentityId: ABSENT }))).toMatchObject(notFound);
    expect(
      await failure(lookUp({ IdentityId: alice.identityId, DeveloperUserIdentifier: "bob" })),
    ).toMatchObject({ name: "ResourceConflictException", status: 400 });
    expect(await failure(lookUp({}))).toMatchObject({ name: "InvalidParameterException", status: 400 });
  });
});

describe("MergeDeveloperIdentities", () => {
  test("moves the source's users to the destination and disables the source", async () => {
    const source = await tokenFor("old");
    await tokenFor("older", { IdentityId: source.identityId });
    const destination = await tokenFor("new");
    expect((await merge("old", "new")).IdentityId).toBe(destination.identityId);
    for (const user of ["old", "older"]) {
      expect((await tokenFor(user)).identityId).toBe(destination.identityId);
    }
    expect((await describeIdentity(source.identityId)).Logins ?? []).toEqual([]);
    expect(await failure(credentials(source.identityId, source.token))).toEqual(forbidden(source.identityId));
    expect(await failure(credentials(source.identityId))).toEqual(forbidden(source.identityId));
    expect(await failure(tokenFor("third", { IdentityId: source.identityId }))).toEqual(
      forbidden(source.identityId),
    );
    const list = async (HideDisabled?: boolean) =>
      (
        await account.cognito.send(
          new ListIdentitiesCommand({ IdentityPoolId: poolId, MaxResults: 60, HideDisabled }),
        )
      ).Identities?.map((identity) => identity.IdentityId);
    expect(await list()).toEqual([source.identityId, destination.identityId]);
    expect(await list(true)).toEqual([destination.identityId]);
    expect((await merge("old", "new")).IdentityId).toBe(destination.identityId);
  });

  test("refuses unknown users, another provider, and more than twenty logins together", async () => {
    const a = await tokenFor("a0");
    const b = await tokenFor("b0");
    expect(await failure(merge("a0", "nobody"))).toMatchObject(notFound);
    expect(await failure(merge("nobody", "b0"))).toMatchObject(notFound);
    expect(await failure(merge("a0", "b0", "login.other.example"))).toMatchObject({
      name: "InvalidParameterException",
      status: 400,
    });
    for (let count = 1; count < 10; count++) {
      await tokenFor(`a${count}`, { IdentityId: a.identityId });
      await tokenFor(`b${count}`, { IdentityId: b.identityId });
    }
    await tokenFor("b10", { IdentityId: b.identityId });
    expect(await failure(merge("a0", "b0"))).toMatchObject({
      name: "ResourceConflictException",
      status: 400,
    });
    expect((await tokenFor("a0")).identityId).toBe(a.identityId);
    await unlink(b.identityId, "b10");
    await merge("a0", "b0");
    expect((await lookUp({ IdentityId: b.identityId })).DeveloperUserIdentifierList).toHaveLength(20);
  });
});

describe("unlinking", () => {
  test("makes the user a new one and, with the last login gone, the identity inaccessible", async () => {
    const { identityId, token } = await tokenFor("alice");
    await unlink(identityId, "alice");
    expect(await failure(credentials(identityId, token))).toEqual(mismatch);
    expect(await failure(credentials(identityId))).toEqual(forbidden(identityId));
    expect((await tokenFor("alice")).identityId).not.toBe(identityId);
    expect(await failure(unlink(identityId, "alice"))).toMatchObject(notFound);
    expect(await failure(unlink(ABSENT, "alice"))).toMatchObject(notFound);
  });

  test("is done by the user as well, with the token, for the developer provider as a whole", async () => {
    const { identityId, token } = await tokenFor("alice");
    const bob = await tokenFor("bob");
    const unlinkAs = (Logins: Record<string, string>, LoginsToRemove = [PROVIDER]) =>
      account.cognito.send(new UnlinkIdentityCommand({ IdentityId: identityId, Logins, LoginsToRemove }));
    expect(await failure(unlinkAs({ [COGNITO]: bob.token }))).toEqual(mismatch);
    expect(await failure(unlinkAs({ [COGNITO]: token }, ["graph.facebook.com"]))).toMatchObject({
      name: "InvalidParameterException",
    });
    await unlinkAs({ [COGNITO]: token });
    expect((await describeIdentity(identityId)).Logins ?? []).toEqual([]);
    expect(await failure(unlinkAs({ [COGNITO]: token }))).toEqual(mismatch);
  });
});

describe("identities", () => {
  test("are described with their logins and times", async () => {
    const { identityId } = await tokenFor("alice");
    const described = await describeIdentity(identityId);
    expect(described).toMatchObject({
      IdentityId: identityId,
      Logins: [PROVIDER],
      CreationDate: expect.any(Date),
      LastModifiedDate: expect.any(Date),
    });
    expect(Math.abs(Number(described.CreationDate) - Date.now())).toBeLessThan(10_000);
    expect(await failure(describeIdentity(ABSENT))).toMatchObject(notFound);
  });

  test("are listed in pages", async () => {
    const ids = [await guest(), (await tokenFor("alice")).identityId, await guest()];
    const page = (NextToken?: string, MaxResults = 2) =>
      account.cognito.send(new ListIdentitiesCommand({ IdentityPoolId: poolId, MaxResults, NextToken }));
    const first = await page();
    const second = await page(first.NextToken);
    expect(
      [...(first.Identities ?? []), ...(second.Identities ?? [])].map((identity) => identity.IdentityId),
    ).toEqual(ids);
    expect(second.NextToken).toBeUndefined();
    expect(await failure(page("!"))).toMatchObject({ name: "InvalidParameterException" });
    expect(await failure(page(undefined, 61))).toEqual({
      name: "ValidationException",
      status: 400,
      message:
        "1 validation error detected: Value '61' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 60",
    });
  });

  test("are deleted, whoever doesn't exist among them, and their users are new ones then", async () => {
    const { identityId, token } = await tokenFor("alice");
    const answer = await account.cognito.send(
      new DeleteIdentitiesCommand({ IdentityIdsToDelete: [identityId, ABSENT] }),
    );
    expect(answer.UnprocessedIdentityIds).toEqual([]);
    expect(await failure(credentials(identityId, token))).toMatchObject(notFound);
    expect((await tokenFor("alice")).identityId).not.toBe(identityId);
    const many = Array(61).fill(ABSENT);
    expect(
      await failure(account.cognito.send(new DeleteIdentitiesCommand({ IdentityIdsToDelete: many }))),
    ).toMatchObject({
      name: "ValidationException",
      message:
        "1 validation error detected: Value at 'identityIdsToDelete' failed to satisfy constraint: Member must have length less than or equal to 60",
    });
  });
});

test("who may delete and describe identities of one pool may not those of another", async () => {
  const otherPool = await createPool(account);
  const [own, foreign] = [(await tokenFor("alice")).identityId, await tokenIn(otherPool)];
  const arn = `arn:aws:cognito-identity:us-east-1:${ACCOUNT_ID}:identitypool/${poolId}`;
  const { cognito } = await openSession(account, `keeper-${poolId.slice(-12)}`, {
    ...allow(["cognito-identity:DeleteIdentities", "cognito-identity:DescribeIdentity"]),
    Condition: { ArnEquals: { "cognito-identity:IdentityPoolArn": arn } },
  });
  const denied = { name: "AccessDeniedException", status: 400 };
  const remove = (...IdentityIdsToDelete: string[]) =>
    cognito.send(new DeleteIdentitiesCommand({ IdentityIdsToDelete }));
  for (const ids of [[foreign], [own, foreign], [ABSENT]]) {
    expect(await failure(remove(...ids))).toMatchObject(denied);
  }
  expect(await failure(cognito.send(new DescribeIdentityCommand({ IdentityId: foreign })))).toMatchObject(
    denied,
  );
  await cognito.send(new DescribeIdentityCommand({ IdentityId: own }));
  await remove(own);
  expect(await failure(describeIdentity(own))).toMatchObject(notFound);
  await describeIdentity(foreign);
});

test("an identity may be asked for by many at once and stays one", async () => {
  const answers = await Promise.all(
    Array.from({ length: 10 }, () =>
      account.cognito.send(
        new GetOpenIdTokenForDeveloperIdentityCommand({
          IdentityPoolId: poolId,
          Logins: { [PROVIDER]: "crowd" },
        }),
      ),
    ),
  );
  expect(new Set(answers.map((answer) => answer.IdentityId)).size).toBe(1);
});
