/** STS through its client: who am I, sessions of roles, what narrows them, what they carry, and when they end. */
import {
  CreatePolicyCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  GetRoleCommand,
  ListRolesCommand,
  TagRoleCommand,
  UpdateRoleCommand,
} from "@aws-sdk/client-iam";
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  type AssumeRoleWithWebIdentityCommandInput,
  GetCallerIdentityCommand,
} from "@aws-sdk/client-sts";
import { UnsecuredJWT } from "jose";
import {
  ACCOUNT_ID,
  allow,
  assume,
  COGNITO,
  createPool,
  createRole,
  credentialsOf,
  developerToken,
  failure,
  type IdentityAccount,
  openSession,
  policy,
  poolTrust,
  startIdentityAccount,
  trust,
} from "../../../support/identity-account";

let account: IdentityAccount;

beforeEach(async () => {
  account = await startIdentityAccount();
});

afterEach(() => account.stop());

const sessionArn = (role: string, session: string) =>
  `arn:aws:sts::${ACCOUNT_ID}:assumed-role/${role}/${session}`;
const roleArn = (role: string) => `arn:aws:iam::${ACCOUNT_ID}:role/${role}`;
const ownAccount = trust({ AWS: ACCOUNT_ID });

describe("GetCallerIdentity", () => {
  test("tells root, and a session even if everything is denied to it", async () => {
    const root = await account.sts.send(new GetCallerIdentityCommand({}));
    expect(root).toMatchObject({
      Account: ACCOUNT_ID,
      Arn: `arn:aws:iam::${ACCOUNT_ID}:root`,
      UserId: ACCOUNT_ID,
    });
    const session = await openSession(account, "nobody", { Effect: "Deny", Action: "*", Resource: "*" });
    const own = await session.sts.send(new GetCallerIdentityCommand({}));
    expect(own).toMatchObject({
      Account: ACCOUNT_ID,
      Arn: sessionArn("nobody", "session"),
      UserId: expect.stringMatching(/^AROA[A-Z2-7]{16}:session$/),
    });
  });
});

describe("AssumeRole", () => {
  const denied = (caller: string, role: string, action = "sts:AssumeRole", because = "") => ({
    name: "AccessDenied",
    status: 403,
    message: `User: ${sessionArn(caller, "session")} is not authorized to perform: ${action} on resource: ${roleArn(role)}${because}`,
  });
  const unallowed = (action: string) => ` because no identity-based policy allows the ${action} action`;

  test("is not for root", async () => {
    const target = await createRole(account.iam, "target", ownAccount);
    expect(await failure(assume(account.sts, target))).toEqual({
      name: "AccessDenied",
      status: 403,
      message: "Roles may not be assumed by root accounts.",
    });
    expect(account.aws.decisions(1)[0]).toMatchObject({ kind: "trust", detail: ["the caller is root"] });
  });

  test("needs the caller's own policy where the trust policy names its account", async () => {
    const target = await createRole(account.iam, "target", ownAccount, allow("iam:ListRoles"));
    const without = await openSession(account, "without");
    expect(await failure(assume(without.sts, target))).toEqual(
      denied("without", "target", "sts:AssumeRole", unallowed("sts:AssumeRole")),
    );
    const caller = await openSession(account, "with", allow("sts:AssumeRole", target));
    const answer = await assume(caller.sts, target);
    expect(answer).toMatchObject({
      AssumedRoleUser: {
        Arn: sessionArn("target", "assumed"),
        AssumedRoleId: expect.stringMatching(/^AROA[A-Z2-7]{16}:assumed$/),
      },
      Credentials: { AccessKeyId: expect.stringMatching(/^ASIA[A-Z2-7]{16}$/) },
    });
    expect(answer).not.toHaveProperty("PackedPolicySize");
    const lifetime = Number(answer.Credentials?.Expiration) - account.now().getTime();
    expect(Math.abs(lifetime - 3600_000)).toBeLessThan(10_000);
    const assumed = account.as(credentialsOf(answer.Credentials));
    await assumed.iam.send(new ListRolesCommand({}));
  });

  test("needs nothing more where the trust policy names the caller's role or its session", async () => {
    const caller = await openSession(account, "caller");
    const byRole = await createRole(account.iam, "by-role", trust({ AWS: caller.roleArn }));
    const bySession = await createRole(
      account.iam,
      "by-session",
      trust({ AWS: sessionArn("caller", "session") }),
    );
    const other = await createRole(account.iam, "by-other", trust({ AWS: byRole }));
    await assume(caller.sts, byRole);
    await assume(caller.sts, bySession);
    expect(await failure(assume(caller.sts, other))).toEqual(denied("caller", "by-other"));
  });

  test("is refused by a trust policy that names another account, denies, or asks for what isn't there", async () => {
    const caller = await openSession(account, "caller", allow("sts:*"));
    await createRole(account.iam, "foreign", trust({ AWS: "210987654321" }));
    await createRole(account.iam, "service", trust({ Service: "lambda.amazonaws.com" }));
    await createRole(
      account.iam,
      "denying",
      policy(
        { Effect: "Allow", Principal: { AWS: ACCOUNT_ID }, Action: "sts:AssumeRole" },
        { Effect: "Deny", Principal: { AWS: caller.roleArn }, Action: "sts:AssumeRole" },
      ),
    );
    for (const role of ["foreign", "service", "absent"]) {
      expect(await failure(assume(caller.sts, roleArn(role)))).toEqual(denied("caller", role));
    }
    const refused = await failure(assume(caller.sts, roleArn("denying")));
    expect(refused).toMatchObject({ name: "AccessDenied", status: 403 });
    expect(refused.message).toContain("explicit deny");
  });

  test("carries the external id to the trust policy's condition", async () => {
    const target = await createRole(
      account.iam,
      "target",
      trust({ AWS: ACCOUNT_ID }, "sts:AssumeRole", { StringEquals: { "sts:ExternalId": "the-customer" } }),
    );
    const caller = await openSession(account, "caller", allow("sts:AssumeRole"));
    for (const ExternalId of [undefined, "another"]) {
      expect(await failure(assume(caller.sts, target, { ExternalId }))).toEqual(denied("caller", "target"));
    }
    const wrong = account.aws.decisions().findLast((decision) => decision.kind === "access");
    expect(wrong?.detail.join("\n")).toContain('expected ["the-customer"], found another value');
    await assume(caller.sts, target, { ExternalId: "the-customer" });
  });

  test("lasts at most an hour, since whoever assumes is a session itself", async () => {
    const target = await createRole(account.iam, "target", ownAccount);
    await account.iam.send(new UpdateRoleCommand({ RoleName: "target", MaxSessionDuration: 43200 }));
    const caller = await openSession(account, "caller", allow("sts:AssumeRole"));
    expect(await failure(assume(caller.sts, target, { DurationSeconds: 3601 }))).toEqual({
      name: "ValidationError",
      status: 400,
      message:
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    });
    await assume(caller.sts, target, { DurationSeconds: 900 });
  });

  test.each([
    [
      "a short duration",
      { DurationSeconds: 899 },
      "Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
    ],
    [
      "a session name with a colon",
      { RoleSessionName: "Session1:2" },
      "Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
    ],
    [
      "a long session name",
      { RoleSessionName: "s".repeat(65) },
      `Value '${"s".repeat(65)}' at 'roleSessionName' failed to satisfy constraint: Member must have length less than or equal to 64`,
    ],
  ])("is refused for %s", async (_fault, fault, violated) => {
    expect(await failure(assume(account.sts, roleArn("target"), fault))).toEqual({
      name: "ValidationError",
      status: 400,
      message: `1 validation error detected: ${violated}`,
    });
  });

  test.each(["nothing-valid-in-here", "arn::b:::something/test-role", "arn:a:a::aaaaaaaaaa:"])(
    "is refused for the role ARN %s",
    async (text) => {
      const caller = await openSession(account, "caller", allow("sts:AssumeRole"));
      expect(await failure(assume(caller.sts, text))).toEqual({
        name: "ValidationError",
        status: 400,
        message: `${text} is invalid`,
      });
    },
  );

  describe("with session policies", () => {
    const seeRoles = policy(allow("iam:ListRoles"));

    test("allows what both the role and they allow", async () => {
      const target = await createRole(account.iam, "target", ownAccount, allow("iam:*"));
      const caller = await openSession(account, "caller", allow("sts:AssumeRole"));
      const { Policy } = await account.iam.send(
        new CreatePolicyCommand({ PolicyName: "see-roles", PolicyDocument: seeRoles }),
      );
      const passed = [{ Policy: seeRoles }, { PolicyArns: [{ arn: Policy?.Arn as string }] }];
      for (const narrowing of passed) {
        const answer = await assume(caller.sts, target, narrowing);
        expect(answer.PackedPolicySize).toBeGreaterThan(0);
        const assumed = account.as(credentialsOf(answer.Credentials));
        await assumed.iam.send(new ListRolesCommand({}));
        expect(await failure(assumed.iam.send(new GetRoleCommand({ RoleName: "target" })))).toEqual({
          name: "AccessDenied",
          status: 403,
          message: `User: ${sessionArn("target", "assumed")} is not authorized to perform: iam:GetRole on resource: ${target} because no session policy allows the iam:GetRole action`,
        });
      }
    });

    test("is refused for malformed, missing and oversized ones", async () => {
      const target = await createRole(account.iam, "target", ownAccount);
      const caller = await openSession(account, "caller", allow("sts:AssumeRole"));
      for (const Policy of ["{", policy({ Effect: "Allow", Action: "s3:*" })]) {
        expect(await failure(assume(caller.sts, target, { Policy }))).toMatchObject({
          name: "MalformedPolicyDocumentException",
          status: 400,
        });
      }
      const absent = [{ arn: `arn:aws:iam::${ACCOUNT_ID}:policy/absent` }];
      expect(await failure(assume(caller.sts, target, { PolicyArns: absent }))).toMatchObject({
        name: "ValidationError",
        status: 400,
      });
      const long = policy(allow("s3:*", Array(60).fill("arn:aws:s3:::a-bucket-with-a-long-name/*")));
      const tooLarge = await failure(assume(caller.sts, target, { Policy: long }));
      expect(tooLarge).toMatchObject({ name: "PackedPolicyTooLargeException", status: 400 });
      expect(tooLarge.message).toMatch(
        /^Packed policy consumes \d+% of allotted space, please use smaller policy\.$/,
      );
    });
  });

  describe("with tags", () => {
    const taggable = trust({ AWS: ACCOUNT_ID }, ["sts:AssumeRole", "sts:TagSession"]);
    const tags = (...pairs: [string, string][]) => ({ Tags: pairs.map(([Key, Value]) => ({ Key, Value })) });

    test("needs sts:TagSession in the trust policy and of the caller", async () => {
      const closed = await createRole(account.iam, "closed", ownAccount);
      const open = await createRole(account.iam, "open", taggable);
      const caller = await openSession(account, "caller", allow(["sts:AssumeRole", "sts:TagSession"]));
      const untagging = await openSession(account, "untagging", allow("sts:AssumeRole"));
      expect(await failure(assume(caller.sts, closed, tags(["team", "a"])))).toEqual(
        denied("caller", "closed", "sts:TagSession"),
      );
      expect(await failure(assume(untagging.sts, open, tags(["team", "a"])))).toEqual(
        denied("untagging", "open", "sts:TagSession", unallowed("sts:TagSession")),
      );
      await assume(caller.sts, open, tags(["team", "a"]));
    });

    test("makes them principal tags, which override the role's own", async () => {
      const target = await createRole(account.iam, "target", taggable, {
        ...allow("iam:ListRoles"),
        Condition: { StringEquals: { "aws:PrincipalTag/team": "blue", "aws:PrincipalTag/stage": "dev" } },
      });
      await account.iam.send(
        new TagRoleCommand({
          RoleName: "target",
          Tags: [
            { Key: "Team", Value: "red" },
            { Key: "stage", Value: "dev" },
          ],
        }),
      );
      const caller = await openSession(account, "caller", allow(["sts:AssumeRole", "sts:TagSession"]));
      const list = async (more: object) => {
        const { Credentials } = await assume(caller.sts, target, more);
        return account.as(credentialsOf(Credentials)).iam.send(new ListRolesCommand({}));
      };
      expect(await failure(list({}))).toMatchObject({ name: "AccessDenied" });
      await list(tags(["team", "blue"]));
    });

    test("hands the transitive ones on, and only those", async () => {
      const second = await createRole(account.iam, "second", taggable, {
        ...allow("iam:ListRoles"),
        Condition: {
          StringEquals: { "aws:PrincipalTag/team": "blue" },
          Null: { "aws:PrincipalTag/stage": "true" },
        },
      });
      const first = await createRole(account.iam, "first", taggable, allow("sts:*"));
      const caller = await openSession(account, "caller", allow("sts:*"));
      const { Credentials } = await assume(caller.sts, first, {
        ...tags(["team", "blue"], ["stage", "dev"]),
        TransitiveTagKeys: ["team"],
      });
      const firstSession = account.as(credentialsOf(Credentials));
      const chained = await assume(firstSession.sts, second);
      await account.as(credentialsOf(chained.Credentials)).iam.send(new ListRolesCommand({}));
      const conflict = {
        name: "InvalidParameterValue",
        status: 400,
        message:
          "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
      };
      for (const key of ["team", "TEAM"]) {
        expect(await failure(assume(firstSession.sts, second, tags([key, "red"])))).toEqual(conflict);
      }
    });

    test("is refused for keys given twice and transitive keys without a tag", async () => {
      const target = await createRole(account.iam, "target", taggable);
      const caller = await openSession(account, "caller", allow("sts:*"));
      expect(await failure(assume(caller.sts, target, tags(["a", "1"], ["A", "2"])))).toEqual({
        name: "InvalidParameterValue",
        status: 400,
        message: "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
      });
      expect(await failure(assume(caller.sts, target, { TransitiveTagKeys: ["a"] }))).toEqual({
        name: "InvalidParameterValue",
        status: 400,
        message: "The specified transitive tag key must be included in the requested tags.",
      });
    });
  });

  test("with a source identity needs sts:SetSourceIdentity and keeps it along the chain", async () => {
    const settable = trust({ AWS: ACCOUNT_ID }, ["sts:AssumeRole", "sts:SetSourceIdentity"]);
    const second = await createRole(account.iam, "second", settable, {
      ...allow("iam:ListRoles"),
      Condition: { StringEquals: { "aws:SourceIdentity": "alice" } },
    });
    const first = await createRole(account.iam, "first", settable, allow("sts:*"));
    const closed = await createRole(account.iam, "closed", ownAccount);
    const caller = await openSession(account, "caller", allow("sts:*"));
    expect(await failure(assume(caller.sts, closed, { SourceIdentity: "alice" }))).toEqual(
      denied("caller", "closed", "sts:SetSourceIdentity"),
    );
    const answer = await assume(caller.sts, first, { SourceIdentity: "alice" });
    expect(answer.SourceIdentity).toBe("alice");
    const alice = account.as(credentialsOf(answer.Credentials));
    const chained = await assume(alice.sts, second);
    await account.as(credentialsOf(chained.Credentials)).iam.send(new ListRolesCommand({}));
    expect(await failure(assume(alice.sts, second, { SourceIdentity: "bob" }))).toMatchObject({
      name: "AccessDenied",
      status: 403,
    });
  });
});

describe("AssumeRoleWithWebIdentity", () => {
  const assumeWith = (
    token: string,
    RoleArn: string,
    more: Partial<AssumeRoleWithWebIdentityCommandInput> = {},
  ) =>
    account.sts.send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn,
        RoleSessionName: "classic",
        WebIdentityToken: token,
        ...more,
      }),
    );
  const notAuthorized = {
    name: "AccessDenied",
    status: 403,
    message: "Not authorized to perform sts:AssumeRoleWithWebIdentity",
  };

  test("gives a session of any role that trusts the token, as long as the role allows", async () => {
    const poolId = await createPool(account);
    const target = await createRole(account.iam, "target", poolTrust(poolId), allow("iam:*"));
    const { identityId, token } = await developerToken(account, poolId, "alice");
    const answer = await assumeWith(token, target);
    expect(answer).toMatchObject({
      SubjectFromWebIdentityToken: identityId,
      Audience: poolId,
      Provider: COGNITO,
      AssumedRoleUser: { Arn: sessionArn("target", "classic") },
    });
    expect(await failure(assumeWith(token, target, { DurationSeconds: 3601 }))).toEqual({
      name: "ValidationError",
      status: 400,
      message: "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    });
    await account.iam.send(new UpdateRoleCommand({ RoleName: "target", MaxSessionDuration: 7200 }));
    const long = await assumeWith(token, target, {
      DurationSeconds: 7200,
      Policy: policy(allow("iam:ListRoles")),
    });
    const session = account.as(credentialsOf(long.Credentials));
    await session.iam.send(new ListRolesCommand({}));
    expect(await failure(session.iam.send(new GetRoleCommand({ RoleName: "target" })))).toMatchObject({
      name: "AccessDenied",
      message: expect.stringContaining("no session policy allows"),
    });
    expect(await failure(assumeWith(token, target, { Policy: "{" }))).toMatchObject({
      name: "MalformedPolicyDocumentException",
      status: 400,
    });
  });

  test("is refused by a role that isn't there or doesn't trust the token; the log tells which", async () => {
    const poolId = await createPool(account);
    const { token } = await developerToken(account, poolId, "alice");
    await createRole(account.iam, "other-pool", poolTrust("us-east-1:00000000-0000-0000-0000-000000000000"));
    await createRole(account.iam, "guests", poolTrust(poolId, "unauthenticated"));
    await createRole(account.iam, "principals", ownAccount);
    const causes = {
      absent: "there is no such role",
      "other-pool": `${COGNITO}:aud: expected`,
      guests: `${COGNITO}:amr: expected ["unauthenticated"]`,
      principals: "doesn't name cognito-identity.amazonaws.com",
    };
    for (const [role, cause] of Object.entries(causes)) {
      expect(await failure(assumeWith(token, roleArn(role)))).toEqual(notAuthorized);
      expect(account.aws.decisions(1)[0]?.detail.join("\n")).toContain(cause);
    }
  });

  test("is refused for tokens that aren't ones, aren't Cognito's, were changed, or have expired", async () => {
    const poolId = await createPool(account);
    const target = await createRole(account.iam, "target", poolTrust(poolId));
    const { token } = await developerToken(account, poolId, "alice");
    const invalid = (message: string) => ({ name: "InvalidIdentityTokenException", status: 400, message });
    expect(await failure(assumeWith("nothing", target))).toEqual(
      invalid(
        "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
      ),
    );
    const foreign = new UnsecuredJWT({}).setIssuer("https://accounts.example").encode();
    expect(await failure(assumeWith(foreign, target))).toEqual(
      invalid("No OpenIDConnect provider found in your account for https://accounts.example"),
    );
    const [head, payload, signature = ""] = token.split(".");
    const flipped = `${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`;
    expect(await failure(assumeWith(`${head}.${payload}.${flipped}`, target))).toMatchObject({
      name: "InvalidIdentityTokenException",
      status: 400,
    });
    account.advance(901);
    const expired = await failure(assumeWith(token, target));
    expect(expired).toMatchObject({ name: "ExpiredTokenException", status: 400 });
    expect(expired.message).toMatch(
      /^Token expired: current date\/time \d{10} must be before the expiration date\/time \d{10}$/,
    );
    const logged = JSON.stringify(account.aws.decisions());
    expect(logged).not.toContain(signature);
    expect(logged).not.toContain(payload);
  });

  test("hides the token in a validation message", async () => {
    const answer = await failure(assumeWith("abc", roleArn("target")));
    expect(answer).toEqual({
      name: "ValidationError",
      status: 400,
      message:
        "1 validation error detected: Value at 'webIdentityToken' failed to satisfy constraint: Member must have length greater than or equal to 4",
    });
  });
});

describe("a session", () => {
  test("ends when its time is over", async () => {
    const { credentials } = await openSession(account, "caller");
    account.advance(3601);
    expect(await failure(account.as(credentials).sts.send(new GetCallerIdentityCommand({})))).toEqual({
      name: "ExpiredToken",
      status: 403,
      message: "The security token included in the request is expired",
    });
  });

  test("of a role that was deleted and made again may do nothing", async () => {
    const caller = await openSession(account, "caller", allow("iam:ListRoles"));
    await caller.iam.send(new ListRolesCommand({}));
    await account.iam.send(new DeleteRolePolicyCommand({ RoleName: "caller", PolicyName: "granted" }));
    await account.iam.send(new DeleteRoleCommand({ RoleName: "caller" }));
    const unknown = { name: "InvalidClientTokenId", status: 403 };
    expect(await failure(caller.sts.send(new GetCallerIdentityCommand({})))).toMatchObject(unknown);
    expect(account.aws.decisions(1)[0]?.detail).toEqual([
      "UnrecognizedClient: the session's role caller doesn't exist any more",
    ]);
    await createRole(account.iam, "caller", ownAccount, allow("iam:ListRoles"));
    expect(await failure(caller.iam.send(new ListRolesCommand({})))).toMatchObject(unknown);
  });

  test("assumed from one that ended stays", async () => {
    const target = await createRole(account.iam, "target", ownAccount);
    const caller = await openSession(account, "caller", allow("sts:AssumeRole"));
    account.advance(1800);
    const { Credentials } = await account
      .as(caller.credentials)
      .sts.send(new AssumeRoleCommand({ RoleArn: target, RoleSessionName: "assumed" }));
    account.advance(1900);
    const later = account.as(credentialsOf(Credentials));
    expect((await later.sts.send(new GetCallerIdentityCommand({}))).Arn).toBe(
      sessionArn("target", "assumed"),
    );
  });
});
