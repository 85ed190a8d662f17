// The settings table: defaults, what each setting accepts, and one message for all that is wrong.
import { readSettings, type Settings, SettingsError } from "../../stacks/settings";

function refusal(environment: Record<string, string>): SettingsError {
  try {
    readSettings(environment);
  } catch (error) {
    if (error instanceof SettingsError) return error;
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
    protectIdentities: false,
  });
});

test("every setting is taken from its variable", () => {
  expect(
    readSettings({
      STAGE: "prod",
      AWS_REGION: "eu-central-1",
      NAME_PREFIX: "shop",
      DEVELOPER_PROVIDER_NAME: "login.shop",
      ALLOWED_ORIGIN: "https://shop.example",
      STATE_BUCKET: "shop-state",
      PROTECT_IDENTITIES: "false",
    }),
  ).toEqual({
    stage: "prod",
    region: "eu-central-1",
    namePrefix: "shop",
    developerProviderName: "login.shop",
    allowedOrigin: "https://shop.example",
    stateBucket: "shop-state",
    protectIdentities: false,
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
  [{ AWS_REGION: "us-gov-west-1" }, { region: "us-gov-west-1" }],
  [{ AWS_REGION: "eusc-de-east-1" }, { region: "eusc-de-east-1" }],
  [{ DEVELOPER_PROVIDER_NAME: `${"a".repeat(98)}-_` }, {}],
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
  ["PROTECT_IDENTITIES", { PROTECT_IDENTITIES: "yes" }],
])("%s alone is refused in %j", (name, environment) => {
  expect(refusal(environment).problems).toEqual([
    { name, found: environment[name], allowed: expect.stringMatching(/\w/) },
  ]);
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

test("other variables of the environment are not shown", () => {
  expect(refusal({ STAGE: "?", AWS_SECRET_ACCESS_KEY: "hush" }).message).not.toContain("hush");
});
