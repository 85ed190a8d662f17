/** Attacks with tokens of OpenID Connect providers: forged, re-signed, of other issuers, and issuers that are spelled like another. */
import { createHmac, createPublicKey, type JsonWebKey } from "node:crypto";
import { CreateOpenIDConnectProviderCommand } from "@aws-sdk/client-iam";
import { AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import {
  ACCOUNT_ID,
  createPool,
  createRole,
  credentialsOf,
  developerToken,
  failure,
  type IdentityAccount,
  poolTrust,
  startIdentityAccount,
  trust,
} from "../../support/identity-account";
import { GITHUB, type OidcIssuer, oidcIssuer } from "../../support/oidc-issuer";

const NAME = "token.actions.githubusercontent.com";
const OTHER = "https://issuer.example";

let account: IdentityAccount;
let github: OidcIssuer;
/** Another provider of the account, whose key has the same id. */
let other: OidcIssuer;
/** Who has no provider, and calls itself GitHub. */
let attacker: OidcIssuer;
let githubRole: string;
let cognitoRole: string;
let cognitoToken: string;

beforeAll(async () => {
  github = await oidcIssuer();
  other = await oidcIssuer({ issuer: OTHER });
  attacker = await oidcIssuer();
  account = await startIdentityAccount({ oidcKeys: { [GITHUB]: github.keys, [OTHER]: other.keys } });
  for (const Url of [GITHUB, OTHER]) {
    await account.iam.send(
      new CreateOpenIDConnectProviderCommand({ Url, ClientIDList: ["sts.amazonaws.com"] }),
    );
  }
  githubRole = await createRole(
    account.iam,
    "github",
    trust(
      { Federated: `arn:aws:iam::${ACCOUNT_ID}:oidc-provider/${NAME}` },
      "sts:AssumeRoleWithWebIdentity",
      {
        StringEquals: {
          [`${NAME}:aud`]: "sts.amazonaws.com",
          [`${NAME}:sub`]: "repo:octo-org/octo-repo:ref:refs/heads/main",
        },
      },
    ),
  );
  const poolId = await createPool(account);
  cognitoRole = await createRole(account.iam, "cognito", poolTrust(poolId));
  cognitoToken = (await developerToken(account, poolId, "alice")).token;
});

afterAll(() => account.stop());

const exchange = (WebIdentityToken: string, RoleArn = githubRole) =>
  account.sts.send(
    new AssumeRoleWithWebIdentityCommand({ RoleArn, RoleSessionName: "attack", WebIdentityToken }),
  );

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const read = (text = "") => JSON.parse(Buffer.from(text, "base64url").toString());

/** GitHub's token with header and claims changed, and a signature of these. */
async function rewritten(header: object, claims: object, by: (input: string, signature: string) => string) {
  const [first, second, signature = ""] = (await github.token()).split(".");
  const input = `${part({ ...read(first), ...header })}.${part({ ...read(second), ...claims })}`;
  return `${input}.${by(input, signature)}`;
}
const unchanged = (_input: string, signature: string) => signature;
const hs256 = (secret: string) => (input: string) =>
  createHmac("sha256", secret).update(input).digest("base64url");
const pem = () =>
  createPublicKey({ key: github.publicKey as JsonWebKey, format: "jwk" }).export({
    type: "spki",
    format: "pem",
  }) as string;

test("without the trick GitHub's token opens GitHub's role, and Cognito's Cognito's", async () => {
  await exchange(await github.token());
  await exchange(await rewritten({}, {}, unchanged));
  await exchange(cognitoToken, cognitoRole);
});

test.each<[name: string, token: () => Promise<string>]>([
  ["alg none", () => rewritten({ alg: "none" }, {}, () => "")],
  ["alg none with the signature", () => rewritten({ alg: "none" }, {}, unchanged)],
  ["HS256 with the public key in PEM", () => rewritten({ alg: "HS256" }, {}, hs256(pem()))],
  [
    "HS256 with the public key as JSON",
    () => rewritten({ alg: "HS256" }, {}, hs256(JSON.stringify(github.publicKey))),
  ],
  ["HS256 with the modulus", () => rewritten({ alg: "HS256" }, {}, hs256(github.publicKey.n as string))],
  ["PS256, which AWS doesn't take", () => rewritten({ alg: "PS256" }, {}, unchanged)],
  ["EdDSA, which AWS doesn't take", () => rewritten({ alg: "EdDSA" }, {}, unchanged)],
  ["another algorithm than the key's", () => rewritten({ alg: "RS512" }, {}, unchanged)],
  ["no signature", () => rewritten({}, {}, () => "")],
  ["the subject edited", () => rewritten({}, { sub: "repo:octo-org/other:ref:refs/heads/main" }, unchanged)],
  ["a later end edited in", () => rewritten({}, { exp: 4_102_444_800 }, unchanged)],
  ["an attacker's key of the same id", () => attacker.token()],
  ["another provider's key of the same id", () => other.token({ iss: GITHUB })],
  ["a key id that doesn't exist", () => attacker.token({}, { kid: "second" })],
  ["no key id", () => github.token({}, { kid: undefined })],
  ["a key id that every object has", () => attacker.token({}, { kid: "__proto__" })],
  ["its own key in the header", () => attacker.token({}, { jwk: attacker.publicKey })],
  ["its own key set's address in the header", () => attacker.token({}, { jku: "https://evil.example/jwks" })],
  ["a critical extension", () => rewritten({ crit: ["exp"], exp: 1 }, {}, unchanged)],
])("%s leaves the token unverified", async (_name, token) => {
  const refusal = await failure(exchange(await token()));
  expect(refusal).toMatchObject({ name: "InvalidIdentityTokenException", status: 400 });
  expect(refusal.message).toMatch(/^Couldn't retrieve verification key from your identity provider/);
});

test.each([
  `${GITHUB}/`,
  GITHUB.toUpperCase(),
  "https://Token.actions.githubusercontent.com",
  `${GITHUB}:443`,
  `${GITHUB}.`,
  `${GITHUB}?`,
  `${GITHUB}#`,
  `${GITHUB}/.`,
  "http://token.actions.githubusercontent.com",
  NAME,
  `https://user@${NAME}`,
  `https://evil.example@${NAME}`,
  `https://${NAME}@evil.example`,
  `https://evil.example/${NAME}`,
  `https://${NAME}.evil.example`,
  `\n${GITHUB}`,
  "https://cognito-identity.amazonaws.com/",
  "https://accounts.google.com",
  "__proto__",
])("the issuer %j isn't GitHub", async (iss) => {
  expect(await failure(exchange(await github.token({ iss })))).toEqual({
    name: "InvalidIdentityTokenException",
    status: 400,
    message: expect.stringMatching(/^No OpenIDConnect provider found in your account for /),
  });
});

test.each<[unknown]>([[undefined], [[GITHUB]], [{ toString: GITHUB }], [null]])(
  "the issuer %j is none",
  async (iss) => {
    expect(await failure(exchange(await github.token({ iss })))).toMatchObject({
      name: "InvalidIdentityTokenException",
      message: expect.stringMatching(/^No OpenIDConnect provider found/),
    });
  },
);

test.each(["sub", "aud", "exp", "iat"])("a token without %s is refused by that name", async (claim) => {
  expect(await failure(exchange(await github.token({ [claim]: undefined })))).toEqual({
    name: "InvalidIdentityTokenException",
    status: 400,
    message: `Missing a required claim: ${claim}`,
  });
});

const later = () => Math.floor(Date.now() / 1000) + 600;
test.each<[name: string, claims: () => object]>([
  ["an end that is a text", () => ({ exp: String(later()) })],
  ["an end that is no whole second", () => ({ exp: later() + 0.5 })],
  ["an end beyond all numbers", () => ({ exp: 1e300 })],
  ["an issue in the future", () => ({ iat: later() })],
  ["a start in the future", () => ({ nbf: later() })],
  ["a subject that is a list", () => ({ sub: ["repo:octo-org/octo-repo:ref:refs/heads/main"] })],
  ["session tags", () => ({ "https://aws.amazon.com/tags": { principal_tags: { admin: ["true"] } } })],
  ["a source identity", () => ({ "https://aws.amazon.com/source_identity": "admin" })],
])("%s can't be used", async (_name, claims) => {
  expect(await failure(exchange(await github.token({ ...claims() })))).toMatchObject({
    name: "InvalidIdentityTokenException",
    message: expect.stringMatching(/^The claim \S+ of the token can't be used$/),
  });
});

test.each<[name: string, claims: object]>([
  ["another audience", { aud: "https://github.com/octo-org" }],
  ["the audience among others", { aud: ["sts.amazonaws.com", "elsewhere"] }],
  ["an authorized party that isn't known", { azp: "elsewhere" }],
  ["no audience in its list", { aud: [] }],
  ["an audience that is an object", { aud: { "0": "sts.amazonaws.com" } }],
])("%s is the wrong one", async (_name, claims) => {
  expect(await failure(exchange(await github.token({ ...claims })))).toMatchObject({
    name: "InvalidIdentityTokenException",
    message: "Incorrect token audience",
  });
});

test.each<[name: string, token: () => Promise<string>, role: () => string]>([
  ["Cognito's token at GitHub's role", async () => cognitoToken, () => githubRole],
  ["GitHub's token at Cognito's role", () => github.token(), () => cognitoRole],
  ["another provider's token with GitHub's subject", () => other.token(), () => githubRole],
  ["GitHub's token at a role that isn't there", () => github.token(), () => `${githubRole}2`],
])("%s is refused by the trust policy", async (_name, token, role) => {
  expect(await failure(exchange(await token(), role()))).toEqual({
    name: "AccessDenied",
    status: 403,
    message: "Not authorized to perform sts:AssumeRoleWithWebIdentity",
  });
});

test("GitHub's key signs nothing that Cognito takes", async () => {
  const [, claims] = cognitoToken.split(".");
  const forged = await github.token({ ...read(claims) });
  expect(await failure(exchange(forged, cognitoRole))).toMatchObject({
    name: "InvalidIdentityTokenException",
    message: expect.stringMatching(/^Couldn't retrieve verification key/),
  });
});

test("a huge token is refused before it is read", async () => {
  const huge = await github.token({ padding: "x".repeat(20_000) });
  expect(await failure(exchange(huge))).toMatchObject({
    status: 400,
    message: expect.stringMatching(/length less than or equal to 20000/),
  });
});

test("claims that no session token holds are refused, and with any others the token fits into a header", async () => {
  const amr = async (length: number) => exchange(await github.token({ amr: ["x".repeat(length)] }));
  expect(await failure(amr(9000))).toEqual({
    name: "PackedPolicyTooLargeException",
    status: 400,
    message: expect.stringMatching(/^Packed policy consumes 1\d\d% of allotted space/),
  });
  const { Credentials } = await amr(8000);
  await account.as(credentialsOf(Credentials)).sts.send(new GetCallerIdentityCommand({}));
});

test("neither answers nor the log hold a token", async () => {
  const token = await attacker.token();
  const refusal = await failure(exchange(token));
  const told = JSON.stringify([refusal, account.aws.decisions()]);
  for (const secret of token.split(".")) {
    expect(told).not.toContain(secret);
  }
});
