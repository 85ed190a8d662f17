// The pool's settings, who may assume its roles, and that nothing is granted by default.
import type { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { AnnotationMetadataEntryType, TerraformStack, Testing, Token } from "cdktf";
import {
  DeveloperIdentityPool,
  type DeveloperIdentityPoolProps,
} from "../../../stacks/modules/developer-identity-pool";
import { type Configuration, onlyResource, resources } from "../../support/configuration";

function synthesize(props: Partial<DeveloperIdentityPoolProps> = {}, mint = false): Configuration {
  return JSON.parse(
    Testing.synthScope((stack) => {
      const pool = new DeveloperIdentityPool(stack, "identities", {
        identityPoolName: "shop-prod-pool",
        developerProviderName: "login.shop.example",
        ...props,
      });
      if (mint) {
        new IamRolePolicy(stack, "mint", { role: "backend", policy: pool.mintingPolicy });
      }
    }),
  );
}

/** The trust that lets identities in which carry `amr`. */
function trust(poolAddress: string, amr: string): unknown {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: "cognito-identity.amazonaws.com" },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: { "cognito-identity.amazonaws.com:aud": `\${${poolAddress}.id}` },
          "ForAnyValue:StringEquals": { "cognito-identity.amazonaws.com:amr": amr },
        },
      },
    ],
  };
}

test("the pool has the developer provider, no guests, and the classic flow explicitly off", () => {
  expect(onlyResource(synthesize(), "aws_cognito_identity_pool")).toMatchObject({
    identity_pool_name: "shop-prod-pool",
    developer_provider_name: "login.shop.example",
    allow_unauthenticated_identities: false,
    allow_classic_flow: false,
  });
});

test("the authenticated role trusts only this pool's developer logins, for an hour", () => {
  const configuration = synthesize();
  const pool = onlyResource(configuration, "aws_cognito_identity_pool");
  const role = onlyResource(configuration, "aws_iam_role");
  expect(role).toMatchObject({ name: "shop-prod-pool-authenticated", max_session_duration: 3600 });
  expect(JSON.parse(role.assume_role_policy)).toEqual(trust(pool.address, "login.shop.example"));
  expect(onlyResource(configuration, "aws_cognito_identity_pool_roles_attachment")).toMatchObject({
    identity_pool_id: `\${${pool.address}.id}`,
    roles: { authenticated: `\${${role.address}.arn}` },
  });
});

test("nothing is granted to anyone by default", () => {
  expect(Object.keys(synthesize().resource).sort()).toEqual([
    "aws_cognito_identity_pool",
    "aws_cognito_identity_pool_roles_attachment",
    "aws_iam_role",
  ]);
});

test("guests who are asked for get a role of their own", () => {
  const configuration = synthesize({ allowUnauthenticatedIdentities: true });
  const pool = onlyResource(configuration, "aws_cognito_identity_pool");
  const [authenticated, guests, ...others] = resources(configuration, "aws_iam_role");
  expect(others).toEqual([]);
  expect(pool.allow_unauthenticated_identities).toBe(true);
  expect(guests?.name).toBe("shop-prod-pool-unauthenticated");
  expect(JSON.parse(guests?.assume_role_policy)).toEqual(trust(pool.address, "unauthenticated"));
  expect(onlyResource(configuration, "aws_cognito_identity_pool_roles_attachment").roles).toEqual({
    authenticated: `\${${authenticated?.address}.arn}`,
    unauthenticated: `\${${guests?.address}.arn}`,
  });
});

test("without guests, no role trusts them", () => {
  for (const { assume_role_policy } of resources(synthesize(), "aws_iam_role")) {
    const amr = JSON.parse(assume_role_policy).Statement[0].Condition["ForAnyValue:StringEquals"];
    expect(amr).toEqual({ "cognito-identity.amazonaws.com:amr": "login.shop.example" });
  }
});

test.each([
  [undefined, { prevent_destroy: true }],
  [true, { prevent_destroy: true }],
  [false, undefined],
])("preventDestroy %s gives lifecycle %j", (preventDestroy, lifecycle) => {
  expect(onlyResource(synthesize({ preventDestroy }), "aws_cognito_identity_pool").lifecycle).toEqual(
    lifecycle,
  );
});

test("sessions may be tagged with the keys that are declared, by this pool's developer logins only", () => {
  const configuration = synthesize({
    allowSessionTags: ["team", "cost centre"],
    allowUnauthenticatedIdentities: true,
  });
  const pool = onlyResource(configuration, "aws_cognito_identity_pool").address;
  const [authenticated, guests] = resources(configuration, "aws_iam_role");
  const plain = trust(pool, "login.shop.example") as { Statement: [{ Condition: object }] };
  const [assume] = plain.Statement;
  expect(JSON.parse(authenticated?.assume_role_policy)).toEqual({
    ...plain,
    Statement: [
      assume,
      {
        ...assume,
        Action: "sts:TagSession",
        Condition: {
          ...assume.Condition,
          "ForAllValues:StringEquals": { "aws:TagKeys": ["team", "cost centre"] },
        },
      },
    ],
  });
  expect(JSON.parse(guests?.assume_role_policy)).toEqual(trust(pool, "unauthenticated"));
});

test("roles with a boundary and a path, and tags", () => {
  const boundary = "arn:aws:iam::123456789012:policy/boundary";
  const configuration = synthesize({
    allowUnauthenticatedIdentities: true,
    permissionsBoundaryArn: boundary,
    rolePath: "/identities/",
    tags: { team: "shop" },
  });
  const expected = { permissions_boundary: boundary, path: "/identities/", tags: { team: "shop" } };
  expect(resources(configuration, "aws_iam_role")).toMatchObject([expected, expected]);
  expect(onlyResource(configuration, "aws_cognito_identity_pool").tags).toEqual({ team: "shop" });
});

test("without them a role has none of it", () => {
  const role = onlyResource(synthesize(), "aws_iam_role");
  for (const name of ["permissions_boundary", "path", "tags"]) {
    expect(role).not.toHaveProperty(name);
  }
});

test("the minting policy allows one action on this pool", () => {
  const configuration = synthesize({}, true);
  const pool = onlyResource(configuration, "aws_cognito_identity_pool");
  expect(JSON.parse(onlyResource(configuration, "aws_iam_role_policy").policy)).toEqual({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: "cognito-identity:GetOpenIdTokenForDeveloperIdentity",
        Resource: `\${${pool.address}.arn}`,
      },
    ],
  });
});

test.each<Partial<DeveloperIdentityPoolProps>>([
  { identityPoolName: "a".repeat(49) },
  { identityPoolName: "" },
  { identityPoolName: "a b" },
  { developerProviderName: "a".repeat(101) },
  { allowSessionTags: ["aws:team"] },
  { allowSessionTags: ["team", ""] },
  { allowSessionTags: ["team", "Team"] },
  { rolePath: "identities" },
  { permissionsBoundaryArn: "boundary" },
  { tags: { "aws:team": "shop" } },
  { tags: { team: "sh*p" } },
])("%j is refused at synth", (props) => {
  expect(() => synthesize(props)).toThrow(RangeError);
});

/** Keys of this length, no two alike. */
function keys(count: number, length = 5): string[] {
  return Array.from({ length: count }, (_, index) => `${index}`.padEnd(length, "x"));
}

function tags(count: number): Record<string, string> {
  return Object.fromEntries(keys(count).map((key) => [key, ""]));
}

test.each<[string, Partial<DeveloperIdentityPoolProps>, Partial<DeveloperIdentityPoolProps>]>([
  ["tags", { tags: tags(50) }, { tags: tags(51) }],
  ["session tags", { allowSessionTags: keys(50) }, { allowSessionTags: keys(51) }],
  ["long session tags", { allowSessionTags: keys(24, 128) }, { allowSessionTags: keys(28, 128) }],
])("%s are accepted up to their limit, and refused beyond it", (_what, accepted, refused) => {
  expect(resources(synthesize(accepted), "aws_iam_role")).toHaveLength(1);
  expect(() => synthesize(refused)).toThrow(/: give (at most|fewer)/);
});

test("everything that is wrong is said at once", () => {
  const props = {
    identityPoolName: "a b",
    developerProviderName: "",
    allowSessionTags: ["te*am"],
    permissionsBoundaryArn: "arn:aws:iam::123456789012:role/r",
    rolePath: "/x",
    tags: { "": "" },
  };
  expect(() => synthesize(props)).toThrow(
    /"identities" cannot be declared:\n {2}identityPoolName "a b": .*\n {2}developerProviderName "": .*\n {2}allowSessionTags "te\*am": .*\n {2}permissionsBoundaryArn .*\n {2}rolePath "\/x": .*\n {2}tags "": .*$/,
  );
});

test("what only Terraform knows is left to AWS", () => {
  const written = synthesize({ permissionsBoundaryArn: "${aws_iam_policy.boundary.arn}" });
  expect(onlyResource(written, "aws_iam_role").permissions_boundary).toBe("${aws_iam_policy.boundary.arn}");
  const unknown = "${data.aws_iam_policy.boundary.arn}";
  const boundary = Token.asString({ resolve: () => unknown });
  const configuration = synthesize({ permissionsBoundaryArn: boundary, tags: { owner: boundary } });
  expect(onlyResource(configuration, "aws_iam_role").permissions_boundary).toBe(unknown);
});

test("its constructs are there to be changed and granted to", () => {
  const configuration: Configuration = JSON.parse(
    Testing.synthScope((stack) => {
      const pool = new DeveloperIdentityPool(stack, "identities", {
        identityPoolName: "pool",
        developerProviderName: "login",
        allowUnauthenticatedIdentities: true,
      });
      pool.identityPool.supportedLoginProviders = { "accounts.google.com": "client" };
      pool.authenticatedRole.description = "Customers";
      (pool.unauthenticatedRole as IamRole).description = "Guests";
    }),
  );
  const { supported_login_providers } = onlyResource(configuration, "aws_cognito_identity_pool");
  expect(supported_login_providers).toEqual({ "accounts.google.com": "client" });
  expect(resources(configuration, "aws_iam_role").map(({ description }) => description)).toEqual([
    "Customers",
    "Guests",
  ]);
});

test("without guests there is no role of theirs", () => {
  Testing.synthScope((stack) => {
    const names = { identityPoolName: "pool", developerProviderName: "login" };
    expect(new DeveloperIdentityPool(stack, "identities", names).unauthenticatedRole).toBeUndefined();
  });
});

describe("a pool that exists already", () => {
  const POOL_ID = "eu-central-1:11111111-2222-3333-4444-555555555555";
  const POOL_ARN = `arn:aws:cognito-identity:eu-central-1:123456789012:identitypool/${POOL_ID}`;

  test("has the minting policy of one that is declared", () => {
    const { Statement } = JSON.parse(DeveloperIdentityPool.mintingPolicyFor(POOL_ARN));
    expect(Statement).toEqual([
      {
        Effect: "Allow",
        Action: "cognito-identity:GetOpenIdTokenForDeveloperIdentity",
        Resource: POOL_ARN,
      },
    ]);
  });

  test("has the trust policy of one that is declared", () => {
    const declared = onlyResource(synthesize({ allowSessionTags: ["team"] }), "aws_iam_role");
    const pool = onlyResource(synthesize(), "aws_cognito_identity_pool");
    const made = DeveloperIdentityPool.trustPolicyFor(POOL_ID, "login.shop.example", ["team"]);
    expect(made).toBe(declared.assume_role_policy.replaceAll(`\${${pool.address}.id}`, POOL_ID));
  });

  test.each([
    [
      "another service's ARN",
      "arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_AbCdEfGhI",
    ],
    ["an id for an ARN", POOL_ID],
    ["two regions", POOL_ARN.replace("eu-central-1:1234", "us-east-1:1234")],
    ["more than one pool", POOL_ARN.replace("555555555555", "*")],
  ])("is not named by %s", (_what, arn) => {
    expect(() => DeveloperIdentityPool.mintingPolicyFor(arn)).toThrow(/^identityPoolArn .*: give arn:aws:/);
  });

  test("is refused with everything that is wrong, when a trust policy is made for it", () => {
    expect(() => DeveloperIdentityPool.trustPolicyFor("shop", "a b", ["aws:team"])).toThrow(
      /^No trust policy can be made:\n {2}identityPoolId "shop": .*\n {2}developerProviderName "a b": .*\n {2}allowSessionTags "aws:team": .*$/,
    );
  });

  test("may be one that only Terraform knows", () => {
    const pool = "${data.aws_cognito_identity_pool.shop.arn}";
    expect(DeveloperIdentityPool.mintingPolicyFor(pool)).toContain(pool);
    expect(DeveloperIdentityPool.trustPolicyFor(pool, "login.shop.example")).toContain(pool);
  });

  test("is taken over by importing it", () => {
    const configuration: Configuration = JSON.parse(
      Testing.synthScope((stack) => {
        const names = { identityPoolName: "shop", developerProviderName: "login.shop.example" };
        new DeveloperIdentityPool(stack, "identities", names).identityPool.importFrom(POOL_ID);
      }),
    );
    const { address } = onlyResource(configuration, "aws_cognito_identity_pool");
    expect(configuration.import).toEqual([{ id: POOL_ID, to: address }]);
  });
});

describe("role mappings, which are reported to keep developer logins out", () => {
  const rule = {
    identityProvider: "graph.facebook.com",
    type: "Token",
    ambiguousRoleResolution: "Deny",
  };

  function warnings(mapped: boolean): string[] {
    const app = Testing.app();
    const stack = new TerraformStack(app, "stack");
    const names = { identityPoolName: "shop", developerProviderName: "login.shop.example" };
    const pool = new DeveloperIdentityPool(stack, "identities", names);
    if (mapped) {
      pool.rolesAttachment.putRoleMapping([rule]);
    }
    Testing.synth(stack);
    const { metadata } = pool.rolesAttachment.node;
    return metadata.filter(({ type }) => type === AnnotationMetadataEntryType.WARN).map(({ data }) => data);
  }

  test("are warned about", () => {
    expect(warnings(true)).toEqual([expect.stringContaining("GetOpenIdTokenForDeveloperIdentity")]);
  });

  test("aren't, when there are none", () => {
    expect(warnings(false)).toEqual([]);
  });
});

test("two pools live in one stack", () => {
  const configuration: Configuration = JSON.parse(
    Testing.synthScope((stack) => {
      for (const name of ["a", "b"]) {
        new DeveloperIdentityPool(stack, name, { identityPoolName: name, developerProviderName: name });
      }
    }),
  );
  expect(resources(configuration, "aws_cognito_identity_pool")).toHaveLength(2);
});
