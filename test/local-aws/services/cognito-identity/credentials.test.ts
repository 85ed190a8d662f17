/** Credentials of identities: the enhanced flow, guests, the classic flow, tokens that are refused, and what the log tells. */
import {
  GetCredentialsForIdentityCommand,
  GetIdCommand,
  GetOpenIdTokenCommand,
  SetIdentityPoolRolesCommand,
} from "@aws-sdk/client-cognito-identity";
import { DeleteRoleCommand, GetRoleCommand, ListRolesCommand } from "@aws-sdk/client-iam";
import { AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { decodeJwt, exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import {
  ACCOUNT_ID,
  allow,
  COGNITO,
  createPool,
  createRole,
  credentialsOf,
  developerToken,
  failure,
  type IdentityAccount,
  lambdaTrust,
  openSession,
  PROVIDER,
  policy,
  poolTrust,
  setRoles,
  startIdentityAccount,
  trust,
} from "../../../support/identity-account";

let account: IdentityAccount;

beforeEach(async () => {
  account = await startIdentityAccount();
});

afterEach(() => account.stop());

type Logins = Record<string, string>;
const withToken = (token: string): Logins => ({ [COGNITO]: token });
const credentials = (IdentityId: string, Logins?: Logins, CustomRoleArn?: string) =>
  account.cognito.send(new GetCredentialsForIdentityCommand({ IdentityId, Logins, CustomRoleArn }));
const getId = (IdentityPoolId: string, Logins?: Logins) =>
  account.cognito.send(new GetIdCommand({ IdentityPoolId, Logins }));
const openIdToken = (IdentityId: string, Logins?: Logins) =>
  account.cognito.send(new GetOpenIdTokenCommand({ IdentityId, Logins }));
const notAuthorized = (message: string) => ({ name: "NotAuthorizedException", status: 400, message });
const invalid = (message: string) => ({ name: "InvalidParameterException", status: 400, message });

/** The two times, in seconds, of `Token expired: A >= B`. */
const expiryIn = (message: string) => {
  const times = /^Invalid login token\. Token expired: (\d+) >= (\d+)$/.exec(message)?.slice(1);
  return (times ?? []).map(Number) as [now: number, expiration: number];
};

const NO_GUESTS = notAuthorized("Unauthenticated access is not supported for this identity pool.");
const MISCONFIGURED = {
  name: "InvalidIdentityPoolConfigurationException",
  status: 400,
  message: "Invalid identity pool configuration. Check assigned IAM roles for this pool.",
};

/** A pool whose members may do what the statements allow, and one of them. */
async function member(...statements: object[]) {
  const poolId = await createPool(account);
  const roleArn = await createRole(account.iam, "members", poolTrust(poolId), ...statements);
  await setRoles(account, poolId, { authenticated: roleArn });
  return { poolId, roleArn, ...(await developerToken(account, poolId, "alice")) };
}

describe("the enhanced flow", () => {
  test("gives an hour's session of the authenticated role", async () => {
    const { identityId, token } = await member(allow("iam:ListRoles"));
    const answer = await credentials(identityId, withToken(token));
    expect(answer).toMatchObject({
      IdentityId: identityId,
      Credentials: {
        AccessKeyId: expect.stringMatching(/^ASIA[A-Z2-7]{16}$/),
        SecretKey: expect.stringMatching(/^.{40}$/),
        SessionToken: expect.any(String),
      },
    });
    const lifetime = Number(answer.Credentials?.Expiration) - Date.now();
    expect(Math.abs(lifetime - 3600_000)).toBeLessThan(10_000);
    const issued = credentialsOf(answer.Credentials);
    const session = account.as(issued);
    expect(await session.sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Arn: `arn:aws:sts::${ACCOUNT_ID}:assumed-role/members/CognitoIdentityCredentials`,
      UserId: expect.stringMatching(/^AROA[A-Z2-7]{16}:CognitoIdentityCredentials$/),
    });
    await session.iam.send(new ListRolesCommand({}));
    await credentials(identityId, withToken(token));
    account.advance(3601);
    expect(await failure(account.as(issued).iam.send(new ListRolesCommand({})))).toMatchObject({
      name: "ExpiredToken",
      status: 403,
    });
  });

  test("carries who the identity is into later decisions", async () => {
    const poolId = await createPool(account);
    const { identityId, token } = await developerToken(account, poolId, "alice");
    const own = { StringEquals: { [`${COGNITO}:sub`]: identityId, [`${COGNITO}:aud`]: poolId } };
    const roleArn = await createRole(account.iam, "members", poolTrust(poolId), {
      ...allow("iam:ListRoles"),
      Condition: { ...own, "ForAnyValue:StringEquals": { [`${COGNITO}:amr`]: PROVIDER } },
    });
    await setRoles(account, poolId, { authenticated: roleArn });
    const bob = await developerToken(account, poolId, "bob");
    const list = async (id: string, held: string) => {
      const { Credentials } = await credentials(id, withToken(held));
      return account.as(credentialsOf(Credentials)).iam.send(new ListRolesCommand({}));
    };
    await list(identityId, token);
    expect(await failure(list(bob.identityId, bob.token))).toMatchObject({ name: "AccessDenied" });
  });

  test("makes principal tags of the token's, if the role lets sessions be tagged", async () => {
    const poolId = await createPool(account);
    const roleArn = await createRole(
      account.iam,
      "members",
      poolTrust(poolId, "authenticated", ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]),
      { ...allow("iam:ListRoles"), Condition: { StringEquals: { "aws:PrincipalTag/team": "blue" } } },
    );
    await setRoles(account, poolId, { authenticated: roleArn });
    const list = async (team: string) => {
      const { identityId, token } = await developerToken(account, poolId, "alice", {
        PrincipalTags: { team },
      });
      const { Credentials } = await credentials(identityId, withToken(token));
      return account.as(credentialsOf(Credentials)).iam.send(new ListRolesCommand({}));
    };
    await list("blue");
    expect(await failure(list("red"))).toMatchObject({ name: "AccessDenied" });
  });

  test("doesn't apply role mappings to developer users, nor let them choose a role", async () => {
    const { poolId, roleArn, identityId, token } = await member();
    const mapped = await createPool(account, { SupportedLoginProviders: { "graph.facebook.com": "1" } });
    await account.cognito.send(
      new SetIdentityPoolRolesCommand({
        IdentityPoolId: mapped,
        Roles: { authenticated: await createRole(account.iam, "mapped", poolTrust(mapped)) },
        RoleMappings: { "graph.facebook.com": { Type: "Token", AmbiguousRoleResolution: "Deny" } },
      }),
    );
    const user = await developerToken(account, mapped, "alice");
    const { Credentials } = await credentials(user.identityId, withToken(user.token));
    expect(
      (await account.as(credentialsOf(Credentials)).sts.send(new GetCallerIdentityCommand({}))).Arn,
    ).toContain("assumed-role/mapped/");
    const own = await createRole(account.iam, "admins", poolTrust(poolId));
    for (const arn of [own, roleArn]) {
      expect(await failure(credentials(identityId, withToken(token), arn))).toMatchObject({
        name: "NotAuthorizedException",
        status: 400,
      });
    }
  });
});

describe("a login token is refused", () => {
  test("when it isn't for this identity", async () => {
    const { poolId, identityId } = await member();
    const bob = await developerToken(account, poolId, "bob");
    expect(await failure(credentials(identityId, withToken(bob.token)))).toEqual(
      notAuthorized(
        "Logins don't match. Please include at least one valid login for this identity or identity pool.",
      ),
    );
    expect(account.aws.decisions(1)[0]?.detail).toEqual([
      `the token is for identity ${bob.identityId} of pool ${poolId}`,
    ]);
  });

  test("when it has expired, at the very second", async () => {
    const { poolId } = await member();
    const { identityId, token } = await developerToken(account, poolId, "alice", { TokenDuration: 60 });
    account.advance(58);
    await credentials(identityId, withToken(token));
    account.advance(2);
    const refused = await failure(credentials(identityId, withToken(token)));
    expect(refused).toMatchObject({ name: "NotAuthorizedException", status: 400 });
    const [now, expiration] = expiryIn(refused.message);
    expect(expiration).toBe(decodeJwt(token).exp);
    expect(Math.abs(now - account.now().getTime() / 1000)).toBeLessThan(5);
    expect(now).toBeGreaterThanOrEqual(expiration);
  });

  test("when it was changed, signed by another key, or not signed at all", async () => {
    const { identityId, token } = await member();
    const [head = "", payload = "", signature = ""] = token.split(".");
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
    const { kid } = JSON.parse(Buffer.from(head, "base64url").toString());
    const { privateKey, publicKey } = await generateKeyPair("RS512", { extractable: true });
    const published = (await (await fetch(`${account.aws.endpoint}/.well-known/jwks_uri`)).json()) as {
      keys: object[];
    };
    const forged = {
      changed: `${head}.${Buffer.from(JSON.stringify({ ...claims, exp: claims.exp + 1 })).toString("base64url")}.${signature}`,
      "signed by another key": await new SignJWT(claims)
        .setProtectedHeader({ alg: "RS512", kid })
        .sign(privateKey),
      "of an unknown key": await new SignJWT(claims)
        .setProtectedHeader({ alg: "RS512", kid: "us-east-12" })
        .sign(privateKey),
      "signed with the public key as a secret": await new SignJWT(claims)
        .setProtectedHeader({ alg: "HS512", kid })
        .sign(Buffer.from(JSON.stringify(published.keys[0]))),
      "carrying its own key": await new SignJWT(claims)
        .setProtectedHeader({ alg: "RS512", kid, jwk: await exportJWK(publicKey) })
        .sign(privateKey),
      unsigned: new UnsecuredJWT(claims).encode(),
    };
    for (const [how, forgery] of Object.entries(forged)) {
      const refused = { how, ...(await failure(credentials(identityId, withToken(forgery)))) };
      expect(refused).toEqual({
        how,
        ...notAuthorized("Invalid login token. Couldn't verify signed token."),
      });
    }
  });

  test("when it is none of Cognito's, or none at all", async () => {
    const { identityId } = await member();
    const foreign = new UnsecuredJWT({}).setIssuer("https://accounts.example").encode();
    expect(await failure(credentials(identityId, withToken(foreign)))).toEqual(
      notAuthorized("Invalid login token. Not a Cognito token."),
    );
    for (const garbage of ["garbage", "a.b.c", "..", "e30.e30.e30"]) {
      const refused = await failure(credentials(identityId, withToken(garbage)));
      expect(refused).toMatchObject({ name: "NotAuthorizedException", status: 400 });
      expect(refused.message).toMatch(/^Invalid login token\. /);
    }
  });

  test("when it is a guest's, from the classic flow", async () => {
    const poolId = await createPool(account, {
      AllowUnauthenticatedIdentities: true,
      AllowClassicFlow: true,
    });
    const roleArn = await createRole(
      account.iam,
      "members",
      trust({ Federated: COGNITO }, "sts:AssumeRoleWithWebIdentity", {
        StringEquals: { [`${COGNITO}:aud`]: poolId },
      }),
    );
    await setRoles(account, poolId, { authenticated: roleArn });
    const { IdentityId = "" } = await getId(poolId);
    const { Token = "" } = await openIdToken(IdentityId);
    expect(await failure(credentials(IdentityId, withToken(Token)))).toMatchObject({
      name: "NotAuthorizedException",
      message: expect.stringContaining("Logins don't match."),
    });
  });

  test("under another name than Cognito's", async () => {
    const { identityId, token } = await member();
    const publicPool = await createPool(account, { SupportedLoginProviders: { "graph.facebook.com": "1" } });
    const other = await developerToken(account, publicPool, "alice");
    expect(await failure(credentials(identityId, { [PROVIDER]: token }))).toEqual(
      invalid("Please provide a valid public provider"),
    );
    expect(await failure(credentials(identityId, { "graph.facebook.com": token }))).toEqual(
      notAuthorized("Token is not from a supported provider of this identity pool."),
    );
    expect(await failure(credentials(other.identityId, { "graph.facebook.com": token }))).toEqual(
      notAuthorized("Invalid login token. Couldn't verify signed token."),
    );
    expect(account.aws.decisions(1)[0]?.detail).toEqual([
      "local AWS doesn't verify tokens of public providers",
    ]);
  });

  test("when there is none and the identity has one", async () => {
    const { identityId } = await member();
    for (const Logins of [undefined, {}]) {
      expect(await failure(credentials(identityId, Logins))).toEqual(NO_GUESTS);
    }
    const open = await createPool(account, { AllowUnauthenticatedIdentities: true });
    const user = await developerToken(account, open, "alice");
    const forbidden = notAuthorized(`Access to Identity '${user.identityId}' is forbidden.`);
    expect(await failure(credentials(user.identityId))).toEqual(forbidden);
    expect(await failure(openIdToken(user.identityId))).toEqual(forbidden);
    expect(await failure(credentials("us-east-1:00000000-0000-0000-0000-000000000000"))).toMatchObject({
      name: "ResourceNotFoundException",
      status: 400,
    });
  });
});

describe("an identity pool that is configured wrongly answers always the same, and the log tells what it is", () => {
  const web = "sts:AssumeRoleWithWebIdentity";
  const OTHER = "us-east-1:00000000-0000-0000-0000-000000000000";

  test.each<[string, (poolId: string) => string | undefined, object, RegExp]>([
    ["no role", () => undefined, {}, /the pool has no role for authenticated identities/],
    [
      "another pool in aud",
      () => poolTrust(OTHER),
      {},
      /:aud: expected \["us-east-1:0{8}.*found "us-east-1:/,
    ],
    [
      "another provider in amr",
      (id) => poolTrust(id, "login.other.example"),
      {},
      /:amr: expected \["login\.other\.example"\], found \["authenticated"/,
    ],
    ["guests in amr", (id) => poolTrust(id, "unauthenticated"), {}, /:amr: expected \["unauthenticated"\]/],
    [
      "another action",
      (id) => poolTrust(id, "authenticated", "sts:AssumeRole"),
      {},
      /Action \["sts:AssumeRole"\] doesn't cover sts:AssumeRoleWithWebIdentity/,
    ],
    ["another principal", () => lambdaTrust, {}, /doesn't name cognito-identity\.amazonaws\.com/],
    [
      "a mistyped key",
      (id) => trust({ Federated: COGNITO }, web, { StringEquals: { "cognito-identity.amazon.com:aud": id } }),
      {},
      /cognito-identity\.amazon\.com:aud: expected .* found no such key in the request/,
    ],
    [
      "an explicit denial",
      (id) => policy(...JSON.parse(poolTrust(id)).Statement, { Effect: "Deny", Principal: "*", Action: web }),
      {},
      /Deny statement #2 of the trust policy of role members applies/,
    ],
    [
      "tags without sts:TagSession",
      (id) => poolTrust(id),
      { PrincipalTags: { team: "blue" } },
      /doesn't allow sts:TagSession to this identity/,
    ],
  ])("%s", async (_cause, trustPolicy, asked, explanation) => {
    const poolId = await createPool(account);
    const document = trustPolicy(poolId);
    if (document !== undefined) {
      await setRoles(account, poolId, { authenticated: await createRole(account.iam, "members", document) });
    }
    const { identityId, token } = await developerToken(account, poolId, "alice", asked);
    expect(await failure(credentials(identityId, withToken(token)))).toEqual(MISCONFIGURED);
    const decision = account.aws.decisions(1)[0];
    expect(decision).toMatchObject({ kind: "identity-pool-configuration", outcome: "refused" });
    expect(decision?.subject).toContain(poolId);
    expect(decision?.detail.join("\n")).toMatch(explanation);
  });

  test("a role that was deleted", async () => {
    const { roleArn, identityId, token } = await member();
    await account.iam.send(new DeleteRoleCommand({ RoleName: "members" }));
    expect(await failure(credentials(identityId, withToken(token)))).toEqual(MISCONFIGURED);
    expect(account.aws.decisions(1)[0]?.detail).toEqual([
      `the pool's authenticated role ${roleArn} doesn't exist`,
    ]);
  });

  test("no role for guests", async () => {
    const poolId = await createPool(account, { AllowUnauthenticatedIdentities: true });
    const { IdentityId = "" } = await getId(poolId);
    expect(await failure(credentials(IdentityId))).toEqual(MISCONFIGURED);
    expect(account.aws.decisions(1)[0]?.detail).toEqual([
      "the pool has no role for unauthenticated identities",
    ]);
  });
});

describe("guests", () => {
  test("get identities and sessions, whose role is narrowed to the services for guests", async () => {
    const poolId = await createPool(account, { AllowUnauthenticatedIdentities: true });
    const roleArn = await createRole(
      account.iam,
      "guests",
      poolTrust(poolId, "unauthenticated"),
      allow(["iam:*", "cognito-identity:*"]),
    );
    await setRoles(account, poolId, { unauthenticated: roleArn });
    const { IdentityId = "" } = await getId(poolId);
    expect((await getId(poolId, {})).IdentityId).not.toBe(IdentityId);
    const { Credentials } = await credentials(IdentityId);
    const session = account.as(credentialsOf(Credentials));
    await createPool(session);
    expect(await failure(session.iam.send(new GetRoleCommand({ RoleName: "guests" })))).toEqual({
      name: "AccessDenied",
      status: 403,
      message: `User: arn:aws:sts::${ACCOUNT_ID}:assumed-role/guests/CognitoIdentityCredentials is not authorized to perform: iam:GetRole on resource: ${roleArn} because no session policy allows the iam:GetRole action`,
    });
  });

  test("aren't let in where the pool doesn't want them", async () => {
    const poolId = await createPool(account);
    expect(await failure(getId(poolId))).toEqual(NO_GUESTS);
    expect(await failure(getId("us-east-1:00000000-0000-0000-0000-000000000000"))).toMatchObject({
      name: "ResourceNotFoundException",
    });
  });
});

describe("the classic flow", () => {
  test("gives guests a token of ten minutes for STS, without the session policies", async () => {
    const poolId = await createPool(account, { AllowUnauthenticatedIdentities: true });
    const RoleArn = await createRole(
      account.iam,
      "guests",
      poolTrust(poolId, "unauthenticated"),
      allow("iam:ListRoles"),
    );
    const { IdentityId = "" } = await getId(poolId);
    const { Token = "" } = await openIdToken(IdentityId);
    const claims = JSON.parse(Buffer.from(Token.split(".")[1] as string, "base64url").toString());
    expect(claims).toMatchObject({ sub: IdentityId, aud: poolId, amr: ["unauthenticated"] });
    expect(claims.exp - claims.iat).toBe(600);
    const { Credentials } = await account.sts.send(
      new AssumeRoleWithWebIdentityCommand({ RoleArn, RoleSessionName: "classic", WebIdentityToken: Token }),
    );
    await account.as(credentialsOf(Credentials)).iam.send(new ListRolesCommand({}));
  });

  test("is refused where it is switched off or roles are mapped", async () => {
    const guests = { AllowUnauthenticatedIdentities: true };
    const off = (await getId(await createPool(account, { ...guests, AllowClassicFlow: false }))).IdentityId;
    expect(await failure(openIdToken(off as string))).toEqual(
      invalid("Basic (classic) flow is not enabled, please use enhanced flow."),
    );
    const mapped = await createPool(account, {
      ...guests,
      AllowClassicFlow: true,
      SupportedLoginProviders: { "graph.facebook.com": "1" },
    });
    await account.cognito.send(
      new SetIdentityPoolRolesCommand({
        IdentityPoolId: mapped,
        Roles: {},
        RoleMappings: { "graph.facebook.com": { Type: "Token", AmbiguousRoleResolution: "Deny" } },
      }),
    );
    expect(await failure(openIdToken((await getId(mapped)).IdentityId as string))).toEqual(
      invalid("Basic (classic) flow is not supported with RoleMappings, please use enhanced flow."),
    );
  });

  test("takes no developer's token", async () => {
    const poolId = await createPool(account, { AllowClassicFlow: true });
    const { identityId, token } = await developerToken(account, poolId, "alice");
    const refused = notAuthorized("Invalid login token. Can't pass in a Cognito token.");
    expect(await failure(getId(poolId, withToken(token)))).toEqual(refused);
    expect(await failure(openIdToken(identityId, withToken(token)))).toEqual(refused);
    const foreign = new UnsecuredJWT({ iss: "https://accounts.google.com", sub: "alice" }).encode();
    for (const [text, message] of [
      [foreign, "Invalid login token. Not a Cognito token."],
      ["garbage", "Invalid login token. Not a valid OpenId Connect identity token."],
    ] as const) {
      expect(await failure(getId(poolId, withToken(text)))).toEqual(notAuthorized(message));
      expect(await failure(openIdToken(identityId, withToken(text)))).toEqual(notAuthorized(message));
    }
    expect(await failure(getId(poolId, { [PROVIDER]: "alice" }))).toEqual(
      invalid("Please provide a valid public provider"),
    );
  });
});

test("no secret, session token or login token is in any decision", async () => {
  const { identityId, token, poolId } = await member();
  const { Credentials } = await credentials(identityId, withToken(token));
  const issued = credentialsOf(Credentials);
  await account.as(issued).sts.send(new GetCallerIdentityCommand({}));
  const wrong = { ...issued, secretAccessKey: "wrong".repeat(8) };
  await failure(account.as(wrong).sts.send(new GetCallerIdentityCommand({})));
  await failure(credentials(identityId, withToken(`${token}x`)));
  await failure(getId(poolId, withToken(token)));
  const { credentials: other } = await openSession(account, "other");
  const recorded = JSON.stringify(account.aws.decisions());
  const secrets = [
    token,
    ...token.split("."),
    account.aws.credentials.secretAccessKey,
    wrong.secretAccessKey,
    ...[issued, other].flatMap(({ secretAccessKey, sessionToken }) => [
      secretAccessKey,
      sessionToken as string,
    ]),
  ];
  for (const secret of secrets) {
    expect(recorded).not.toContain(secret);
  }
});
