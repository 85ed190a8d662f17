/** IAM through its client: roles, their policies, managed policies and their versions, tags, and what is refused. */
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
  ListEntitiesForPolicyCommand,
  ListInstanceProfilesForRoleCommand,
  ListPoliciesCommand,
  ListPolicyTagsCommand,
  ListPolicyVersionsCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
  ListRoleTagsCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  paginateListRoles,
  SetDefaultPolicyVersionCommand,
  TagPolicyCommand,
  TagRoleCommand,
  UntagPolicyCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
  UpdateRoleDescriptionCommand,
} from "@aws-sdk/client-iam";
import {
  ACCOUNT_ID,
  allow,
  COGNITO,
  createRole,
  failure,
  type IdentityAccount,
  lambdaTrust,
  openSession,
  policy,
  startIdentityAccount,
  trust,
} from "../../../support/identity-account";

let account: IdentityAccount;

beforeAll(async () => {
  account = await startIdentityAccount();
});

beforeEach(() => account.aws.reset());

afterAll(() => account.stop());

const role = (RoleName: string, more = {}) =>
  account.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: lambdaTrust, ...more }));

const noSuchRole = (name: string) => ({
  name: "NoSuchEntityException",
  status: 404,
  message: `The role with name ${name} cannot be found.`,
});

describe("a role", () => {
  test("is created, read, changed and deleted", async () => {
    const { Role: created } = await role("demo", {
      Path: "/team/",
      Description: "for demos",
      MaxSessionDuration: 7200,
      Tags: [{ Key: "team", Value: "identity" }],
    });
    const expected = {
      Path: "/team/",
      RoleName: "demo",
      RoleId: expect.stringMatching(/^AROA[A-Z2-7]{16}$/),
      Arn: `arn:aws:iam::${ACCOUNT_ID}:role/team/demo`,
      CreateDate: expect.any(Date),
      AssumeRolePolicyDocument: encodeURIComponent(lambdaTrust),
      Description: "for demos",
      Tags: [{ Key: "team", Value: "identity" }],
    };
    expect(created).toEqual(expected);

    const { Role: read } = await account.iam.send(new GetRoleCommand({ RoleName: "demo" }));
    expect(read).toEqual({ ...expected, MaxSessionDuration: 7200, RoleLastUsed: {} });

    await account.iam.send(
      new UpdateRoleCommand({ RoleName: "demo", Description: "changed", MaxSessionDuration: 3600 }),
    );
    await account.iam.send(new UpdateRoleDescriptionCommand({ RoleName: "demo", Description: "again" }));
    const wider = trust({ Service: ["lambda.amazonaws.com", "apigateway.amazonaws.com"] });
    await account.iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: "demo", PolicyDocument: wider }));
    const { Role: changed } = await account.iam.send(new GetRoleCommand({ RoleName: "demo" }));
    expect(changed).toMatchObject({ Description: "again", MaxSessionDuration: 3600 });
    expect(JSON.parse(decodeURIComponent(changed?.AssumeRolePolicyDocument as string))).toEqual(
      JSON.parse(wider),
    );

    expect(
      await account.iam.send(new ListInstanceProfilesForRoleCommand({ RoleName: "demo" })),
    ).toMatchObject({ InstanceProfiles: [], IsTruncated: false });
    await account.iam.send(new DeleteRoleCommand({ RoleName: "demo" }));
    expect(await failure(account.iam.send(new GetRoleCommand({ RoleName: "demo" })))).toEqual(
      noSuchRole("demo"),
    );
  });

  test("has a name that is unique and found whatever its case", async () => {
    await role("Demo");
    expect(await failure(role("DEMO"))).toEqual({
      name: "EntityAlreadyExistsException",
      status: 409,
      message: "Role with name DEMO already exists.",
    });
    const { Role } = await account.iam.send(new GetRoleCommand({ RoleName: "dEMO" }));
    expect(Role?.RoleName).toBe("Demo");
  });

  test.each(["__proto__", "constructor", "toString", "hasOwnProperty"])(
    "may be called %s, and isn't there before it is",
    async (name) => {
      expect(await failure(account.iam.send(new GetRoleCommand({ RoleName: name })))).toEqual(
        noSuchRole(name),
      );
      await role(name);
      await account.iam.send(
        new PutRolePolicyCommand({
          RoleName: name,
          PolicyName: name,
          PolicyDocument: policy(allow("s3:*")),
        }),
      );
      await account.iam.send(new TagRoleCommand({ RoleName: name, Tags: [{ Key: name, Value: name }] }));
      const { Role } = await account.iam.send(new GetRoleCommand({ RoleName: name }));
      expect(Role).toMatchObject({ RoleName: name, Tags: [{ Key: name, Value: name }] });
      const { PolicyNames } = await account.iam.send(new ListRolePoliciesCommand({ RoleName: name }));
      expect(PolicyNames).toEqual([name]);
      const other = await account.iam.send(new ListRolesCommand({}));
      expect(other.Roles?.map((one) => one.RoleName)).toEqual([name]);
    },
  );

  test("is listed by path and in pages", async () => {
    for (const name of ["a", "b", "c"]) {
      await role(name, { Path: "/listed/" });
    }
    await role("elsewhere");
    const pages = [];
    for await (const page of paginateListRoles(
      { client: account.iam, pageSize: 2 },
      { PathPrefix: "/listed/" },
    )) {
      pages.push({ names: page.Roles?.map((one) => one.RoleName), more: page.IsTruncated });
    }
    expect(pages).toEqual([
      { names: ["a", "b"], more: true },
      { names: ["c"], more: false },
    ]);
    const listed = await account.iam.send(new ListRolesCommand({ PathPrefix: "/listed/", MaxItems: 1 }));
    const next = { PathPrefix: "/listed/", Marker: listed.Marker };
    await account.iam.send(new DeleteRoleCommand({ RoleName: "a" }));
    const { Roles = [] } = await account.iam.send(new ListRolesCommand(next));
    expect(Roles.map(({ RoleName }) => RoleName)).toEqual(["b", "c"]);
    expect(listed.Roles?.[0]).not.toHaveProperty("Tags");
    for (const Marker of ["0x1", "1e1", " 1", "-1", "1.0"]) {
      expect(await failure(account.iam.send(new ListRolesCommand({ Marker })))).toMatchObject({
        message: "Invalid Marker.",
      });
    }
    expect(await failure(account.iam.send(new ListRolesCommand({ Marker: "nowhere" })))).toMatchObject({
      status: 400,
      message: "Invalid Marker.",
    });
  });

  test("isn't deleted while policies hang on it", async () => {
    await createRole(account.iam, "demo", lambdaTrust, allow("s3:*"));
    const attachment = { RoleName: "demo", PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess" };
    await account.iam.send(new AttachRolePolicyCommand(attachment));
    const conflict = { name: "DeleteConflictException", status: 409 };
    expect(await failure(account.iam.send(new DeleteRoleCommand({ RoleName: "demo" })))).toEqual({
      ...conflict,
      message: "Cannot delete entity, must detach all policies first.",
    });
    await account.iam.send(new DetachRolePolicyCommand(attachment));
    expect(await failure(account.iam.send(new DeleteRoleCommand({ RoleName: "demo" })))).toEqual({
      ...conflict,
      message: "Cannot delete entity, must delete policies first.",
    });
    await account.iam.send(new DeleteRolePolicyCommand({ RoleName: "demo", PolicyName: "granted" }));
    await account.iam.send(new DeleteRoleCommand({ RoleName: "demo" }));
    expect(account.aws.resources()).toEqual([]);
  });

  test.each([
    [
      "an empty name",
      { RoleName: "" },
      "Value '' at 'roleName' failed to satisfy constraint: Member must have length greater than or equal to 1; Value '' at 'roleName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]+",
    ],
    [
      "a long name",
      { RoleName: "a".repeat(65) },
      `Value '${"a".repeat(65)}' at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64`,
    ],
    [
      "a name with a slash",
      { RoleName: "a/b" },
      "Value 'a/b' at 'roleName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]+",
    ],
    [
      "a path without its last slash",
      { Path: "/a" },
      "Value '/a' at 'path' failed to satisfy constraint: Member must satisfy regular expression pattern: (\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)",
    ],
    [
      "a short session",
      { MaxSessionDuration: 3599 },
      "Value '3599' at 'maxSessionDuration' failed to satisfy constraint: Member must have value greater than or equal to 3600",
    ],
    [
      "a long session",
      { MaxSessionDuration: 43201 },
      "Value '43201' at 'maxSessionDuration' failed to satisfy constraint: Member must have value less than or equal to 43200",
    ],
    [
      "a tag's key with other characters",
      {
        Tags: [
          { Key: "ok", Value: "" },
          { Key: "a*", Value: "" },
        ],
      },
      "Value 'a*' at 'tags.2.member.key' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+",
    ],
  ])("isn't created with %s", async (_fault, fault, violated) => {
    const answer = await failure(role("demo", fault));
    expect(answer).toMatchObject({ name: "ValidationError", status: 400 });
    const count = violated.split("; ").length;
    expect(answer.message).toBe(`${count} validation error${count > 1 ? "s" : ""} detected: ${violated}`);
  });

  test("has a permissions boundary from its creation, gets one, and loses it", async () => {
    const { Policy: bound } = await account.iam.send(
      new CreatePolicyCommand({ PolicyName: "bound", PolicyDocument: policy(allow("s3:*")) }),
    );
    const PermissionsBoundary = bound?.Arn as string;
    const shown = { PermissionsBoundaryType: "Policy", PermissionsBoundaryArn: PermissionsBoundary };
    const { Role: created } = await role("demo", { PermissionsBoundary });
    expect(created?.PermissionsBoundary).toEqual(shown);
    const named = { RoleName: "demo" };
    const read = async () => (await account.iam.send(new GetRoleCommand(named))).Role?.PermissionsBoundary;
    expect(await read()).toEqual(shown);

    const usage = { PolicyUsageFilter: "PermissionsBoundary" } as const;
    const { Policies } = await account.iam.send(new ListPoliciesCommand(usage));
    expect(Policies).toMatchObject([{ PermissionsBoundaryUsageCount: 1, AttachmentCount: 0 }]);
    const of = { PolicyArn: PermissionsBoundary };
    const entities = await account.iam.send(new ListEntitiesForPolicyCommand({ ...of, ...usage }));
    expect(entities.PolicyRoles).toMatchObject([named]);
    const attached = new ListEntitiesForPolicyCommand({ ...of, PolicyUsageFilter: "PermissionsPolicy" });
    expect((await account.iam.send(attached)).PolicyRoles).toEqual([]);
    expect(await failure(account.iam.send(new DeletePolicyCommand(of)))).toMatchObject({
      name: "DeleteConflictException",
    });

    await account.iam.send(new DeleteRolePermissionsBoundaryCommand(named));
    expect(await read()).toBeUndefined();
    expect(await failure(account.iam.send(new DeleteRolePermissionsBoundaryCommand(named)))).toMatchObject({
      name: "NoSuchEntityException",
      status: 404,
    });
    await account.iam.send(new PutRolePermissionsBoundaryCommand({ ...named, PermissionsBoundary }));
    expect(await read()).toEqual(shown);
  });

  test("is changed by who may change bounded roles only if it is bounded", async () => {
    const { Policy: bound } = await account.iam.send(
      new CreatePolicyCommand({ PolicyName: "limit", PolicyDocument: policy(allow("s3:*")) }),
    );
    const PermissionsBoundary = bound?.Arn as string;
    await role("bounded", { PermissionsBoundary });
    await role("unbounded");
    const session = await openSession(account, "deployer", {
      ...allow("iam:PutRolePolicy"),
      Condition: { StringEquals: { "iam:PermissionsBoundary": PermissionsBoundary } },
    });
    const put = (RoleName: string) =>
      session.iam.send(
        new PutRolePolicyCommand({ RoleName, PolicyName: "more", PolicyDocument: policy(allow("s3:*")) }),
      );
    await put("bounded");
    expect(await failure(put("unbounded"))).toMatchObject({ name: "AccessDenied", status: 403 });
  });

  test.each([
    ["of a policy that isn't there", "arn:aws:iam::123456789012:policy/none", "NoSuchEntityException"],
    ["that is no managed policy", "arn:aws:iam::123456789012:role/demo", "InvalidInputException"],
  ])("isn't given a boundary %s", async (_, PermissionsBoundary, name) => {
    expect(await failure(role("demo", { PermissionsBoundary }))).toMatchObject({ name });
    await role("demo");
    const put = new PutRolePermissionsBoundaryCommand({ RoleName: "demo", PermissionsBoundary });
    expect(await failure(account.iam.send(put))).toMatchObject({ name });
  });
});

describe("a trust policy", () => {
  const cognito = { Federated: COGNITO };
  const web = "sts:AssumeRoleWithWebIdentity";

  test.each([
    ["no JSON", "{", "This policy contains invalid Json"],
    [
      "an unknown element",
      policy({ Effect: "Allow", Principal: "*", Action: "sts:AssumeRole", Colour: "red" }),
      "Syntax errors in policy.",
    ],
    [
      "an unknown effect",
      policy({ Effect: "Perhaps", Principal: "*", Action: "sts:AssumeRole" }),
      "Syntax errors in policy.",
    ],
    ["a resource", policy({ ...allow("sts:AssumeRole"), Principal: "*" }), "Has prohibited field Resource"],
    [
      "no principal",
      policy({ Effect: "Allow", Action: "sts:AssumeRole" }),
      "Missing required field Principal",
    ],
    [
      "another service's action",
      trust("*", "s3:GetObject"),
      "AssumeRole policy may only specify STS AssumeRole actions.",
    ],
    [
      "Cognito without a condition",
      trust(cognito, web),
      "A condition block must be present for the Cognito provider",
    ],
    [
      "Cognito with an empty condition",
      trust(cognito, web, {}),
      "A condition block must be present for the Cognito provider",
    ],
    [
      "an unknown operator",
      trust(cognito, web, { StringIs: { [`${COGNITO}:aud`]: "x" } }),
      "Invalid Condition type : StringIs.",
    ],
    [
      "a role that isn't there",
      trust({ AWS: `arn:aws:iam::${ACCOUNT_ID}:role/nobody` }),
      `Invalid principal in policy: "AWS":"arn:aws:iam::${ACCOUNT_ID}:role/nobody"`,
    ],
    [
      "a principal that is no ARN",
      trust({ AWS: "somebody" }),
      'Invalid principal in policy: "AWS":"somebody"',
    ],
    [
      "a text that is no provider",
      trust({ Federated: "not a provider" }, "sts:AssumeRoleWithWebIdentity"),
      'Invalid principal in policy: "FEDERATED":"not a provider"',
    ],
    [
      "a mistyped service",
      trust({ Service: "lambda.amazonaws" }),
      'Invalid principal in policy: "SERVICE":"lambda.amazonaws"',
    ],
  ])("with %s is refused at creation and at update", async (_fault, document, message) => {
    const malformed = { name: "MalformedPolicyDocumentException", status: 400, message };
    expect(await failure(role("demo", { AssumeRolePolicyDocument: document }))).toEqual(malformed);
    await role("demo");
    expect(
      await failure(
        account.iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: "demo", PolicyDocument: document })),
      ),
    ).toEqual(malformed);
    const { Role } = await account.iam.send(new GetRoleCommand({ RoleName: "demo" }));
    expect(Role?.AssumeRolePolicyDocument).toBe(encodeURIComponent(lambdaTrust));
  });

  test("may lack its version, name another role, its session, an account, or Cognito with a condition", async () => {
    await role("other");
    const own = `arn:aws:iam::${ACCOUNT_ID}:role/other`;
    const documents = [
      JSON.stringify({ Statement: [{ Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" }] }),
      trust({ AWS: [own, ACCOUNT_ID, "arn:aws:iam::210987654321:role/foreign"] }),
      trust({ AWS: `arn:aws:sts::${ACCOUNT_ID}:assumed-role/other/session` }),
      trust(cognito, web, { StringEquals: { [`${COGNITO}:aud`]: "us-east-1:0" } }),
    ];
    for (const [index, document] of documents.entries()) {
      const { Role } = await role(`role-${index}`, { AssumeRolePolicyDocument: document });
      expect(decodeURIComponent(Role?.AssumeRolePolicyDocument as string)).toBe(document);
    }
  });

  test("has at most 2048 characters", async () => {
    const names = Array.from(
      { length: 60 },
      (_, index) => `arn:aws:iam::2109876543${index + 10}:role/a-foreign-role`,
    );
    expect(await failure(role("demo", { AssumeRolePolicyDocument: trust({ AWS: names }) }))).toEqual({
      name: "LimitExceededException",
      status: 409,
      message: "Cannot exceed quota for ACLSizePerRole: 2048",
    });
  });
});

describe("an inline policy", () => {
  const put = (PolicyDocument: string, PolicyName = "granted") =>
    account.iam.send(new PutRolePolicyCommand({ RoleName: "demo", PolicyName, PolicyDocument }));

  beforeEach(() => role("demo"));

  test("is put, read back as it was given, replaced and deleted", async () => {
    const document = `${policy(allow("s3:GetObject", "arn:aws:s3:::it's(a)bucket*/!"))}\n`;
    await put(document);
    const read = await account.iam.send(
      new GetRolePolicyCommand({ RoleName: "DEMO", PolicyName: "granted" }),
    );
    expect(read).toMatchObject({ RoleName: "demo", PolicyName: "granted" });
    expect(read.PolicyDocument).not.toMatch(/[!'()*]/);
    expect(decodeURIComponent(read.PolicyDocument as string)).toBe(document);
    await put(policy(allow("s3:*")));
    await put(policy(allow("logs:*")), "second");
    const listed = await account.iam.send(new ListRolePoliciesCommand({ RoleName: "demo", MaxItems: 1 }));
    expect(listed).toMatchObject({ PolicyNames: ["granted"], IsTruncated: true });
    const absent = {
      name: "NoSuchEntityException",
      status: 404,
      message: "The role policy with name granted cannot be found.",
    };
    const named = { RoleName: "demo", PolicyName: "granted" };
    await account.iam.send(new DeleteRolePolicyCommand(named));
    expect(await failure(account.iam.send(new GetRolePolicyCommand(named)))).toEqual(absent);
    expect(await failure(account.iam.send(new DeleteRolePolicyCommand(named)))).toEqual(absent);
  });

  test.each([
    ["no JSON", "no", "This policy contains invalid Json"],
    ["no statement", policy(), "Syntax errors in policy."],
    [
      "a principal",
      policy({ ...allow("s3:*"), Principal: "*" }),
      "Policy document should not specify a principal.",
    ],
    ["no action", policy({ Effect: "Allow", Resource: "*" }), "Policy statement must contain actions."],
    ["no resource", policy({ Effect: "Allow", Action: "s3:*" }), "Policy statement must contain resources."],
    [
      "an action without its service",
      policy(allow("GetObject")),
      "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
    ],
    [
      "a resource that is no ARN",
      policy(allow("s3:*", "bucket")),
      'Resource bucket must be in ARN format or "*".',
    ],
    [
      "the same Sid twice",
      policy({ ...allow("s3:*"), Sid: "a" }, { ...allow("s3:*"), Sid: "a" }),
      "Statement IDs (SID) in a single policy must be unique.",
    ],
    [
      "a Sid that looks like a statement's place",
      policy({ ...allow("s3:*"), Sid: "#2" }, allow("s3:*")),
      "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*",
    ],
    [
      "a Sid with other characters",
      policy({ ...allow("s3:*"), Sid: "a b" }),
      "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*",
    ],
  ])("with %s is refused", async (_fault, document, message) => {
    expect(await failure(put(document))).toEqual({
      name: "MalformedPolicyDocumentException",
      status: 400,
      message,
    });
  });

  test("has, with the role's others, at most 10240 characters", async () => {
    const long = (count: number) =>
      policy(
        allow(
          "s3:*",
          Array.from({ length: count }, (_, index) => `arn:aws:s3:::${"b".repeat(50)}${index}`),
        ),
      );
    await put(long(120));
    expect(await failure(put(long(120), "more"))).toEqual({
      name: "LimitExceededException",
      status: 409,
      message: "Maximum policy size of 10240 bytes exceeded for role demo",
    });
  });
});

describe("a managed policy", () => {
  const arn = `arn:aws:iam::${ACCOUNT_ID}:policy/team/invoke`;
  const create = (more = {}) =>
    account.iam.send(
      new CreatePolicyCommand({
        PolicyName: "invoke",
        Path: "/team/",
        PolicyDocument: policy(allow("execute-api:Invoke")),
        ...more,
      }),
    );
  const version = (SetAsDefault: boolean) =>
    account.iam.send(
      new CreatePolicyVersionCommand({ PolicyArn: arn, PolicyDocument: policy(allow("s3:*")), SetAsDefault }),
    );

  test("is created, read, listed, attached, tagged and deleted", async () => {
    await role("demo");
    const { Policy: created } = await create({ Description: "calls" });
    const expected = {
      PolicyName: "invoke",
      PolicyId: expect.stringMatching(/^ANPA/),
      Arn: arn,
      Path: "/team/",
      DefaultVersionId: "v1",
      AttachmentCount: 0,
      PermissionsBoundaryUsageCount: 0,
      IsAttachable: true,
      CreateDate: expect.any(Date),
      UpdateDate: expect.any(Date),
    };
    expect(created).toEqual(expected);

    const attachment = { RoleName: "demo", PolicyArn: arn };
    await account.iam.send(new AttachRolePolicyCommand(attachment));
    await account.iam.send(new AttachRolePolicyCommand(attachment));
    await account.iam.send(new TagPolicyCommand({ PolicyArn: arn, Tags: [{ Key: "team", Value: "a" }] }));
    const { Policy: read } = await account.iam.send(new GetPolicyCommand({ PolicyArn: arn }));
    expect(read).toEqual({
      ...expected,
      Description: "calls",
      AttachmentCount: 1,
      Tags: [{ Key: "team", Value: "a" }],
    });

    const attached = await account.iam.send(new ListAttachedRolePoliciesCommand({ RoleName: "demo" }));
    expect(attached.AttachedPolicies).toEqual([{ PolicyName: "invoke", PolicyArn: arn }]);
    const elsewhere = { RoleName: "demo", PathPrefix: "/other/" };
    expect((await account.iam.send(new ListAttachedRolePoliciesCommand(elsewhere))).AttachedPolicies).toEqual(
      [],
    );
    const entities = await account.iam.send(new ListEntitiesForPolicyCommand({ PolicyArn: arn }));
    expect(entities.PolicyRoles?.map((one) => one.RoleName)).toEqual(["demo"]);
    const users = await account.iam.send(
      new ListEntitiesForPolicyCommand({ PolicyArn: arn, EntityFilter: "User" }),
    );
    expect(users.PolicyRoles).toEqual([]);

    const local = await account.iam.send(new ListPoliciesCommand({ Scope: "Local", OnlyAttached: true }));
    expect(local.Policies?.map((one) => one.Arn)).toEqual([arn]);
    const foreign = await account.iam.send(new ListPoliciesCommand({ Scope: "AWS" }));
    expect(foreign.Policies?.map((one) => one.PolicyName)).toContain("AWSLambdaBasicExecutionRole");

    expect(await failure(account.iam.send(new DeletePolicyCommand({ PolicyArn: arn })))).toEqual({
      name: "DeleteConflictException",
      status: 409,
      message: "Cannot delete a policy attached to entities.",
    });
    await account.iam.send(new DetachRolePolicyCommand(attachment));
    const missing = {
      name: "NoSuchEntityException",
      status: 404,
      message: `Policy ${arn} was not found.`,
    };
    expect(await failure(account.iam.send(new DetachRolePolicyCommand(attachment)))).toEqual(missing);
    await account.iam.send(new UntagPolicyCommand({ PolicyArn: arn, TagKeys: ["TEAM"] }));
    expect((await account.iam.send(new ListPolicyTagsCommand({ PolicyArn: arn }))).Tags).toEqual([]);
    await account.iam.send(new DeletePolicyCommand({ PolicyArn: arn }));
    expect(await failure(account.iam.send(new GetPolicyCommand({ PolicyArn: arn })))).toEqual(missing);
  });

  test("has versions, of which the default one is in force", async () => {
    await create();
    await version(false);
    await version(true);
    const read = (VersionId: string) =>
      account.iam.send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId }));
    const third = (await read("v3")).PolicyVersion;
    expect(third).toMatchObject({ VersionId: "v3", IsDefaultVersion: true });
    expect(JSON.parse(decodeURIComponent(third?.Document as string))).toEqual(
      JSON.parse(policy(allow("s3:*"))),
    );
    await account.iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn: arn, VersionId: "v1" }));
    const listed = await account.iam.send(new ListPolicyVersionsCommand({ PolicyArn: arn }));
    expect(listed.Versions?.map((one) => [one.VersionId, one.IsDefaultVersion])).toEqual([
      ["v3", false],
      ["v2", false],
      ["v1", true],
    ]);
    expect(
      await failure(account.iam.send(new DeletePolicyVersionCommand({ PolicyArn: arn, VersionId: "v1" }))),
    ).toMatchObject({ name: "DeleteConflictException", status: 409 });
    await account.iam.send(new DeletePolicyVersionCommand({ PolicyArn: arn, VersionId: "v2" }));
    expect(await failure(read("v2"))).toEqual({
      name: "NoSuchEntityException",
      status: 404,
      message: `Policy ${arn} version v2 does not exist or is not attachable.`,
    });
    await version(false);
    expect((await read("v4")).PolicyVersion?.IsDefaultVersion).toBe(false);
    expect(await failure(account.iam.send(new DeletePolicyCommand({ PolicyArn: arn })))).toMatchObject({
      name: "DeleteConflictException",
      status: 409,
    });
    for (let count = 3; count < 5; count++) {
      await version(false);
    }
    expect(await failure(version(false))).toMatchObject({ name: "LimitExceededException", status: 409 });
  });

  test("has a name of its own, whatever case and path", async () => {
    await create();
    expect(await failure(create({ PolicyName: "INVOKE", Path: "/" }))).toEqual({
      name: "EntityAlreadyExistsException",
      status: 409,
      message: "A policy called INVOKE already exists. Duplicate names are not allowed.",
    });
  });

  test("has at most 6144 characters", async () => {
    const document = policy(allow("s3:*", Array(120).fill(`arn:aws:s3:::${"b".repeat(50)}`)));
    expect(await failure(create({ PolicyDocument: document }))).toEqual({
      name: "LimitExceededException",
      status: 409,
      message: "Cannot exceed quota for PolicySize: 6144",
    });
  });

  test("is attached only if its ARN is one and it exists, ten to a role", async () => {
    await role("demo");
    const attach = (PolicyArn: string) =>
      account.iam.send(new AttachRolePolicyCommand({ RoleName: "demo", PolicyArn }));
    for (const text of ["longpolicynamebutnoarn", "propertyIsEnumerable"]) {
      expect(await failure(attach(text))).toEqual({
        name: "ValidationError",
        status: 400,
        message: "Invalid ARN:  Could not be parsed!",
      });
    }
    for (const absent of [arn, "arn:aws:iam::aws:policy/NoSuchPolicy"]) {
      expect(await failure(attach(absent))).toEqual({
        name: "NoSuchEntityException",
        status: 404,
        message: `Policy ${absent} does not exist or is not attachable.`,
      });
    }
    for (let index = 0; index < 10; index++) {
      const { Policy } = await create({ PolicyName: `invoke-${index}` });
      await attach(Policy?.Arn as string);
    }
    expect(await failure(attach("arn:aws:iam::aws:policy/AdministratorAccess"))).toEqual({
      name: "LimitExceededException",
      status: 409,
      message: "Cannot exceed quota for PoliciesPerRole: 10",
    });
  });

  test("of AWS can be read but not changed", async () => {
    const PolicyArn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    const { Policy } = await account.iam.send(new GetPolicyCommand({ PolicyArn }));
    expect(Policy).toMatchObject({ Path: "/service-role/", DefaultVersionId: "v1" });
    const { PolicyVersion } = await account.iam.send(
      new GetPolicyVersionCommand({ PolicyArn, VersionId: "v1" }),
    );
    expect(JSON.parse(decodeURIComponent(PolicyVersion?.Document as string))).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
          Resource: "*",
        },
      ],
    });
    expect(await failure(account.iam.send(new DeletePolicyCommand({ PolicyArn })))).toMatchObject({
      name: "NoSuchEntityException",
      status: 404,
    });
  });
});

describe("tags of a role", () => {
  const tag = (...tags: [string, string][]) =>
    account.iam.send(
      new TagRoleCommand({ RoleName: "demo", Tags: tags.map(([Key, Value]) => ({ Key, Value })) }),
    );

  beforeEach(() => role("demo"));

  test("keep the case of their keys, and are replaced and removed without it", async () => {
    await tag(["Team", "a"], ["stage", "dev"]);
    await tag(["TEAM", "b"]);
    const listed = await account.iam.send(new ListRoleTagsCommand({ RoleName: "demo" }));
    expect(listed.Tags).toEqual([
      { Key: "Team", Value: "b" },
      { Key: "stage", Value: "dev" },
    ]);
    await account.iam.send(new UntagRoleCommand({ RoleName: "demo", TagKeys: ["team", "absent"] }));
    const { Role } = await account.iam.send(new GetRoleCommand({ RoleName: "demo" }));
    expect(Role?.Tags).toEqual([{ Key: "stage", Value: "dev" }]);
    await account.iam.send(new TagRoleCommand({ RoleName: "demo", Tags: [] }));
  });

  test("are refused when a key comes twice or is AWS's, and above fifty", async () => {
    expect(await failure(tag(["a", "1"], ["A", "2"]))).toEqual({
      name: "InvalidInputException",
      status: 400,
      message: "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    });
    expect(await failure(tag(["aws:team", "1"]))).toMatchObject({ name: "InvalidInputException" });
    await tag(...Array.from({ length: 50 }, (_, index): [string, string] => [`key-${index}`, ""]));
    expect(await failure(tag(["one-more", ""]))).toMatchObject({
      name: "LimitExceededException",
      status: 409,
    });
  });
});

describe("a caller that isn't root", () => {
  test("is granted tags by what they are, those that come with a role or policy as well", async () => {
    const Condition = {
      StringEquals: { "aws:RequestTag/team": "blue" },
      "ForAllValues:StringEquals": { "aws:TagKeys": ["team"] },
    };
    await role("mine", { Tags: [{ Key: "owner", Value: "somebody" }] });
    const tagger = await openSession(
      account,
      "tagger",
      allow(["iam:CreateRole", "iam:CreatePolicy"]),
      { ...allow(["iam:TagRole", "iam:TagPolicy"]), Condition },
      {
        ...allow("iam:UntagRole"),
        Condition: {
          StringEquals: { "aws:ResourceTag/owner": "somebody" },
          "ForAllValues:StringEquals": { "aws:TagKeys": ["team"] },
        },
      },
      { ...allow("iam:GetPolicy"), Condition: { StringEquals: { "aws:ResourceTag/team": "blue" } } },
    );
    const AssumeRolePolicyDocument = trust({ Service: "lambda.amazonaws.com" });
    const PolicyDocument = policy(allow("iam:ListRoles"));
    const tag = (Key: string, Value: string) => [{ Key, Value }];
    const create = (RoleName: string, Tags?: { Key: string; Value: string }[]) =>
      tagger.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument, Tags }));
    const createPolicy = (PolicyName: string, Tags?: { Key: string; Value: string }[]) =>
      tagger.iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument, Tags }));
    const untag = (TagKeys: string[]) => tagger.iam.send(new UntagRoleCommand({ RoleName: "mine", TagKeys }));
    await create("untagged");
    await create("blue", tag("team", "blue"));
    await createPolicy("untagged");
    const { Policy: blue } = await createPolicy("blue", tag("team", "blue"));
    await tagger.iam.send(new TagRoleCommand({ RoleName: "mine", Tags: tag("team", "blue") }));
    await untag(["team"]);
    await tagger.iam.send(new GetPolicyCommand({ PolicyArn: blue?.Arn }));
    const refused = [
      ["iam:TagRole", () => create("red", tag("team", "red"))],
      ["iam:TagRole", () => create("more", [...tag("team", "blue"), ...tag("a", "b")])],
      ["iam:TagPolicy", () => createPolicy("red", tag("team", "red"))],
      [
        "iam:TagPolicy",
        () => tagger.iam.send(new TagPolicyCommand({ PolicyArn: blue?.Arn, Tags: tag("team", "red") })),
      ],
      ["iam:UntagRole", () => untag(["owner"])],
    ] as const;
    for (const [action, call] of refused) {
      const { name, message } = await failure(call());
      expect({ name, message }).toEqual({ name: "AccessDenied", message: expect.stringContaining(action) });
    }
  });

  test("needs the operation's action on the role, by its ARN, its path or its tags", async () => {
    await role("mine", { Tags: [{ Key: "owner", Value: "somebody" }] });
    await role("yours");
    const session = await openSession(
      account,
      "backend",
      { ...allow("iam:GetRole"), Condition: { StringEquals: { "iam:ResourceTag/owner": "somebody" } } },
      allow("iam:TagRole", `arn:aws:iam::${ACCOUNT_ID}:role/yours`),
      {
        ...allow("iam:AttachRolePolicy"),
        Condition: { ArnLike: { "iam:PolicyARN": "arn:aws:iam::aws:policy/service-role/*" } },
      },
    );
    const caller = `arn:aws:sts::${ACCOUNT_ID}:assumed-role/backend/session`;
    const denied = (action: string, resource: string) => ({
      name: "AccessDenied",
      status: 403,
      message: `User: ${caller} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
    });
    await session.iam.send(new GetRoleCommand({ RoleName: "mine" }));
    expect(await failure(session.iam.send(new GetRoleCommand({ RoleName: "yours" })))).toEqual(
      denied("iam:GetRole", `arn:aws:iam::${ACCOUNT_ID}:role/yours`),
    );
    const Tags = [{ Key: "a", Value: "b" }];
    await session.iam.send(new TagRoleCommand({ RoleName: "yours", Tags }));
    expect(await failure(session.iam.send(new TagRoleCommand({ RoleName: "mine", Tags })))).toEqual(
      denied("iam:TagRole", `arn:aws:iam::${ACCOUNT_ID}:role/mine`),
    );
    const attach = (PolicyArn: string) =>
      session.iam.send(new AttachRolePolicyCommand({ RoleName: "mine", PolicyArn }));
    await attach("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole");
    expect(await failure(attach("arn:aws:iam::aws:policy/AdministratorAccess"))).toEqual(
      denied("iam:AttachRolePolicy", `arn:aws:iam::${ACCOUNT_ID}:role/mine`),
    );
    expect(await failure(session.iam.send(new ListPoliciesCommand({})))).toEqual(
      denied("iam:ListPolicies", "*"),
    );
  });
});
