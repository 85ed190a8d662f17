// The settings table: defaults, what each setting accepts, and one message for all that is wrong.
import { generateKeyPairSync } from "node:crypto";
import { readSettings, type Settings, SettingsError } from "../../stacks/settings";

const KEYS = {
  APP_JWKS_URI: "https://app.example/keys",
  APP_ISSUER: "https://app.example",
  APP_AUDIENCE: "shop",
};

/** Public keys as `node:crypto` makes them. */
function jwk(type: "rsa" | "ec" | "ed25519", more: object = {}, modulusLength = 2048): object {
  const { publicKey } =
    type === "rsa"
      ? generateKeyPairSync("rsa", { modulusLength })
      : type === "ec"
        ? generateKeyPairSync("ec", { namedCurve: "P-256" })
        : generateKeyPairSync("ed25519");
  return { ...publicKey.export({ format: "jwk" }), kid: type, ...more };
}

const GITHUB_PROVIDER = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com";

function refusal(environment: Record<string, string>): SettingsError {
  try {
    readSettings(environment);
  } catch (error) {
    if (error instanceof SettingsError) {
      return error;
    }
    throw error;
  }
  throw new Error(`accepted ${JSON.stringify(environment)}`);
}

test("an empty environment is stage dev, open and unprotected", () => {
  expect(readSettings({})).toEqual({
    stage: "dev",
    region: "us-east-1",
    namePrefix: "developer-identities",
    developerProviderName: "login.developer.example",
    allowedOrigin: "*",
    stateBucket: undefined,
    stateRegion: "us-east-1",
    stateKeyHasRegion: false,
    accountId: undefined,
    awsProviderVersion: "5.100.0",
    tlsPolicy: undefined,
    restrictedProbe: true,
    protectIdentities: false,
    principalTags: [],
    userRoutes: false,
    login: undefined,
  });
});

test("every setting is taken from its variable", () => {
  expect(
    readSettings({
      VERIFIER: "on",
      VERIFIER_REPOSITORY: "octo-org/octo-repo",
      VERIFIER_REPOSITORY_IDS: "12/74",
      VERIFIER_ENVIRONMENT: "nightly",
      VERIFIER_OIDC_PROVIDER_ARN: GITHUB_PROVIDER,
      STAGE: "prod",
      AWS_REGION: "eu-central-1",
      NAME_PREFIX: "shop",
      DEVELOPER_PROVIDER_NAME: "login.shop",
      ALLOWED_ORIGIN: "https://shop.example",
      STATE_BUCKET: "shop-state",
      STATE_REGION: "eu-west-1",
      STATE_KEY_HAS_REGION: "true",
      AWS_ACCOUNT_ID: "123456789012",
      AWS_PROVIDER_VERSION: "~> 6.53",
      TLS_POLICY: "SecurityPolicy_TLS13_1_3_2025_09",
      RESTRICTED_PROBE: "false",
      PROTECT_IDENTITIES: "false",
      PRINCIPAL_TAGS: "sub=username, team=team",
      USER_ROUTES: "true",
      APP_JWKS_URI: "https://app.example/keys",
      APP_ISSUER: "https://app.example",
      APP_AUDIENCE: "shop",
      APP_ALGORITHMS: "ES256,EdDSA",
      LOGIN_RETURNS: "credentials",
      LOGIN_TOKEN_DURATION: "60",
    }),
  ).toEqual({
    stage: "prod",
    region: "eu-central-1",
    namePrefix: "shop",
    developerProviderName: "login.shop",
    allowedOrigin: "https://shop.example",
    stateBucket: "shop-state",
    stateRegion: "eu-west-1",
    stateKeyHasRegion: true,
    accountId: "123456789012",
    awsProviderVersion: "~> 6.53",
    tlsPolicy: "SecurityPolicy_TLS13_1_3_2025_09",
    restrictedProbe: false,
    protectIdentities: false,
    principalTags: [
      { claim: "sub", tag: "username" },
      { claim: "team", tag: "team" },
    ],
    userRoutes: true,
    verifier: {
      repository: "octo-org/octo-repo",
      repositoryIds: "12/74",
      environment: "nightly",
      providerArn: GITHUB_PROVIDER,
    },
    login: {
      sessions: { jwksUri: "https://app.example/keys", algorithms: ["ES256", "EdDSA"] },
      issuer: "https://app.example",
      audience: "shop",
      returns: "credentials",
      tokenDuration: 60,
    },
  });
});

test.each<[Record<string, string>, Partial<Settings>]>([
  [{ STAGE: "local" }, { allowedOrigin: "*", protectIdentities: false }],
  [{ STAGE: "prod", ALLOWED_ORIGIN: "https://a.example" }, { protectIdentities: true }],
  [{ STAGE: "dev", PROTECT_IDENTITIES: "true" }, { protectIdentities: true }],
  [{ STAGE: "a", ALLOWED_ORIGIN: "https://a.example:8443" }, { allowedOrigin: "https://a.example:8443" }],
  [{ ALLOWED_ORIGIN: "http://localhost:5173" }, { allowedOrigin: "http://localhost:5173" }],
  [{ ALLOWED_ORIGIN: "http://127.0.0.1:5173" }, { allowedOrigin: "http://127.0.0.1:5173" }],
  [{ ALLOWED_ORIGIN: "http://[::1]:5173" }, { allowedOrigin: "http://[::1]:5173" }],
  [{ AWS_REGION: "eu-west-1" }, { region: "eu-west-1", stateRegion: "eu-west-1" }],
  [{ STATE_REGION: "us-gov-west-1" }, { stateRegion: "us-gov-west-1" }],
  [{ AWS_PROVIDER_VERSION: ">= 5.100.0, < 7.0.0" }, { awsProviderVersion: ">= 5.100.0, < 7.0.0" }],
  [{ AWS_PROVIDER_VERSION: "~>6" }, {}],
  [{ AWS_PROVIDER_VERSION: "6.64.0", TLS_POLICY: "TLS_1_2" }, { tlsPolicy: "TLS_1_2" }],
  [{ AWS_PROVIDER_VERSION: ">= 6.53, < 7.0.0", TLS_POLICY: "TLS_1_2" }, {}],
  [{ AWS_PROVIDER_VERSION: "!= 6.60.0,> 7", TLS_POLICY: "TLS_1_2" }, {}],
  [{ DEVELOPER_PROVIDER_NAME: `${"a".repeat(98)}-_` }, {}],
  [
    { APP_INTROSPECTION_URL: "https://app.example/introspect?by=aws" },
    {
      login: {
        sessions: { introspectionUrl: "https://app.example/introspect?by=aws" },
        issuer: undefined,
        audience: undefined,
        returns: "token",
        tokenDuration: 900,
      },
    },
  ],
  [{ APP_INTROSPECTION_URL: "https://a.example", APP_ISSUER: "a", APP_AUDIENCE: "b" }, {}],
  [{ ...KEYS, LOGIN_TOKEN_DURATION: "86400" }, {}],
  [{ PRINCIPAL_TAGS: "https://app.example/team=team" }, {}],
  [
    { STAGE: "", STATE_BUCKET: "", ALLOWED_ORIGIN: "" },
    { stage: "dev", stateBucket: undefined },
  ],
])("%j is accepted", (environment, expected) => {
  expect(readSettings(environment)).toMatchObject(expected);
});

test.each<[string, Record<string, string>]>([
  ["STAGE", { STAGE: "Prod" }],
  ["STAGE", { STAGE: "1a" }],
  ["STAGE", { STAGE: "../prod" }],
  ["STAGE", { STAGE: "a".repeat(21) }],
  ["STAGE", { STAGE: "dev\n" }],
  ["AWS_REGION", { AWS_REGION: "Frankfurt" }],
  ["AWS_REGION", { AWS_REGION: "us-east-1a" }],
  ["AWS_REGION", { AWS_REGION: "us-gov-west-1" }],
  ["AWS_REGION", { AWS_REGION: "cn-north-1" }],
  ["AWS_REGION", { AWS_REGION: "us-isob-east-1" }],
  ["AWS_REGION", { AWS_REGION: "eusc-de-east-1" }],
  ["STATE_REGION", { STATE_REGION: "Ireland" }],
  ["STATE_KEY_HAS_REGION", { STATE_KEY_HAS_REGION: "1" }],
  ["AWS_ACCOUNT_ID", { AWS_ACCOUNT_ID: "1234-5678-9012" }],
  ["AWS_PROVIDER_VERSION", { AWS_PROVIDER_VERSION: "latest" }],
  ["AWS_PROVIDER_VERSION", { AWS_PROVIDER_VERSION: "^6.0.0" }],
  ["AWS_PROVIDER_VERSION", { AWS_PROVIDER_VERSION: ">= 5, " }],
  ["AWS_PROVIDER_VERSION", { AWS_PROVIDER_VERSION: "6 7" }],
  ["TLS_POLICY", { TLS_POLICY: "TLS_1_3", AWS_PROVIDER_VERSION: "~> 6.53" }],
  ["TLS_POLICY", { TLS_POLICY: "TLS_1_2" }],
  ["TLS_POLICY", { TLS_POLICY: "TLS_1_2", AWS_PROVIDER_VERSION: "~> 6.0" }],
  ["TLS_POLICY", { TLS_POLICY: "TLS_1_2", AWS_PROVIDER_VERSION: ">= 5.100.0, < 7.0.0" }],
  ["TLS_POLICY", { TLS_POLICY: "TLS_1_2", AWS_PROVIDER_VERSION: "< 7" }],
  ["TLS_POLICY", { TLS_POLICY: "TLS_1_2", AWS_PROVIDER_VERSION: "!= 7.0.0" }],
  ["NAME_PREFIX", { NAME_PREFIX: "My_App" }],
  ["NAME_PREFIX", { NAME_PREFIX: "a".repeat(21) }],
  ["DEVELOPER_PROVIDER_NAME", { DEVELOPER_PROVIDER_NAME: "a b" }],
  ["DEVELOPER_PROVIDER_NAME", { DEVELOPER_PROVIDER_NAME: "a".repeat(101) }],
  ["ALLOWED_ORIGIN", { ALLOWED_ORIGIN: "a.example" }],
  ["ALLOWED_ORIGIN", { ALLOWED_ORIGIN: "http://a.example" }],
  ["ALLOWED_ORIGIN", { ALLOWED_ORIGIN: "https://a.example/" }],
  ["ALLOWED_ORIGIN", { ALLOWED_ORIGIN: "https://a.example:443" }],
  ["ALLOWED_ORIGIN", { ALLOWED_ORIGIN: "https://A.example" }],
  ["ALLOWED_ORIGIN", { ALLOWED_ORIGIN: "https://a'b.example" }],
  ["ALLOWED_ORIGIN", { ALLOWED_ORIGIN: "https://a.example,https://b.example" }],
  ["ALLOWED_ORIGIN", { ALLOWED_ORIGIN: "null" }],
  ["ALLOWED_ORIGIN", { STAGE: "prod" }],
  ["ALLOWED_ORIGIN", { STAGE: "prod", ALLOWED_ORIGIN: "*" }],
  ["STATE_BUCKET", { STATE_BUCKET: "My_Bucket" }],
  ["STATE_BUCKET", { STATE_BUCKET: "ab" }],
  ["RESTRICTED_PROBE", { RESTRICTED_PROBE: "on" }],
  ["PROTECT_IDENTITIES", { PROTECT_IDENTITIES: "yes" }],
  ["USER_ROUTES", { USER_ROUTES: "1" }],
  ["USER_ROUTES", { USER_ROUTES: "true" }],
  ["USER_ROUTES", { USER_ROUTES: "true", PRINCIPAL_TAGS: "username=user" }],
  ["APP_JWKS_URI", { ...KEYS, APP_JWKS_URI: "http://app.example/keys" }],
  ["APP_JWKS_URI", { ...KEYS, APP_JWKS_URI: "app.example/keys" }],
  ["APP_JWKS_URI", { ...KEYS, APP_JWKS_URI: "https://app.example/${keys}" }],
  ["APP_INTROSPECTION_URL", { APP_INTROSPECTION_URL: "https://app.example/#a" }],
  ["APP_ISSUER", { APP_JWKS_URI: "https://app.example/keys", APP_AUDIENCE: "shop" }],
  ["APP_ISSUER", { ...KEYS, APP_ISSUER: "my app" }],
  ["APP_ISSUER", { ...KEYS, APP_ISSUER: "%{ if true }" }],
  ["APP_AUDIENCE", { APP_JWKS_URI: "https://app.example/keys", APP_ISSUER: "https://app.example" }],
  ["APP_AUDIENCE", { APP_AUDIENCE: "shop" }],
  ["APP_ALGORITHMS", { ...KEYS, APP_ALGORITHMS: "HS256" }],
  ["APP_ALGORITHMS", { ...KEYS, APP_ALGORITHMS: "ES256,none" }],
  ["APP_ALGORITHMS", { APP_INTROSPECTION_URL: "https://a.example", APP_ALGORITHMS: "ES256" }],
  ["LOGIN_RETURNS", { ...KEYS, LOGIN_RETURNS: "both" }],
  ["LOGIN_RETURNS", { LOGIN_RETURNS: "token" }],
  ["LOGIN_TOKEN_DURATION", { ...KEYS, LOGIN_TOKEN_DURATION: "0" }],
  ["LOGIN_TOKEN_DURATION", { ...KEYS, LOGIN_TOKEN_DURATION: "86401" }],
  ["LOGIN_TOKEN_DURATION", { ...KEYS, LOGIN_TOKEN_DURATION: "15m" }],
  ["PRINCIPAL_TAGS", { PRINCIPAL_TAGS: "team" }],
  ["PRINCIPAL_TAGS", { PRINCIPAL_TAGS: "team=" }],
  ["PRINCIPAL_TAGS", { PRINCIPAL_TAGS: "a=b=c" }],
  ["PRINCIPAL_TAGS", { PRINCIPAL_TAGS: "team=aws:team" }],
  ["PRINCIPAL_TAGS", { PRINCIPAL_TAGS: "team=team,crew=Team" }],
  ["PRINCIPAL_TAGS", { PRINCIPAL_TAGS: Array.from({ length: 51 }, (_, n) => `a=b${n}`).join(",") }],
])("%s alone is refused in %j", (name, environment) => {
  expect(refusal(environment).problems).toEqual([
    { name, found: environment[name], allowed: expect.stringMatching(/\w/) },
  ]);
});

test("a region of another partition is refused with the reason", () => {
  expect(refusal({ AWS_REGION: "us-gov-west-1" }).message).toMatch(
    /found "us-gov-west-1"; allowed: a region of the partition aws; .*token issuers have other names/,
  );
});

test("one message lists every bad setting, what was found and what is allowed", () => {
  const error = refusal({ STAGE: "prod", AWS_REGION: "here", PROTECT_IDENTITIES: "maybe" });
  expect(error.problems.map(({ name }) => name).sort()).toEqual([
    "ALLOWED_ORIGIN",
    "AWS_REGION",
    "PROTECT_IDENTITIES",
  ]);
  expect(error.message.split("\n")).toEqual(
    expect.arrayContaining([
      '  AWS_REGION: found "here"; allowed: a region code such as us-east-1 or eu-central-1',
      '  PROTECT_IDENTITIES: found "maybe"; allowed: true or false',
      expect.stringMatching(/^ {2}ALLOWED_ORIGIN: found nothing; allowed: https:/),
    ]),
  );
});

describe("APP_JWKS", () => {
  const { APP_JWKS_URI, ...session } = KEYS;
  const set = (...keys: object[]) => ({ ...session, APP_JWKS: JSON.stringify({ keys }) });
  const hidden = {
    name: "APP_JWKS",
    found: "(not shown)",
    allowed: expect.stringMatching(/JSON Web Key Set/),
  };

  test("takes the public keys of all three algorithms, and keeps what verifies a signature", () => {
    const keys = [jwk("rsa"), jwk("ec", { use: "sig" }), jwk("ed25519", { alg: "EdDSA" })];
    const { login } = readSettings(set(...keys.map((key) => ({ ...key, x5c: ["…"] }))));
    const sessions = login?.sessions;
    expect(sessions && "jwks" in sessions && JSON.parse(sessions.jwks)).toEqual({ keys });
  });

  test.each<[string, Record<string, string>]>([
    ["what is not JSON", { ...session, APP_JWKS: "keys" }],
    ["no key", set()],
    ["a private key", set(jwk("ec", { d: "hush" }))],
    ["a secret for HS256", set({ kty: "oct", kid: "a", k: "hush" })],
    ["a key without a kid", set(jwk("ec", { kid: undefined }))],
    ["one kid twice", set(jwk("ec"), jwk("ed25519", { kid: "ec" }))],
    ["a key for encryption", set(jwk("ec", { use: "enc" }))],
    ["another algorithm's key", set(jwk("rsa", { alg: "RS512" }))],
    ["another curve", set(jwk("ec", { crv: "P-384" }))],
    ["a short RSA key", set(jwk("rsa", {}, 1024))],
    ["a kid that Terraform would evaluate", set(jwk("ec", { kid: "${path.module}" }))],
    [
      "more than the function's environment has room for",
      set(...Array.from({ length: 8 }, (_, n) => jwk("rsa", { kid: `${n}` }))),
    ],
  ])("refuses %s, and doesn't show it", (_, environment) => {
    const error = refusal(environment);
    expect(error.problems).toEqual([hidden]);
    expect(error.message).not.toContain("hush");
  });

  test("excludes the other ways, and all of it is told at once", () => {
    const { problems } = refusal({
      APP_JWKS: "{}",
      APP_JWKS_URI: "https://alice:hush@app.example/keys",
      APP_INTROSPECTION_URL: "https://app.example",
      LOGIN_RETURNS: "both",
    });
    expect(problems.map(({ name }) => name).sort()).toEqual([
      "APP_AUDIENCE",
      "APP_INTROSPECTION_URL",
      "APP_ISSUER",
      "APP_JWKS",
      "APP_JWKS",
      "APP_JWKS_URI",
      "APP_JWKS_URI",
      "LOGIN_RETURNS",
    ]);
    expect(problems.map(({ found }) => found)).toContain("…@app.example/keys");
  });
});

test("other variables of the environment are not shown", () => {
  expect(refusal({ STAGE: "?", AWS_SECRET_ACCESS_KEY: "hush" }).message).not.toContain("hush");
});
