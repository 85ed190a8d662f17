/** Attacks with login tokens: forged, re-signed, edited, expired, and genuine ones of somebody else. */
import {
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  sign,
} from "node:crypto";
import { createServer } from "node:http";
import {
  CognitoIdentityClient,
  GetOpenIdTokenForDeveloperIdentityCommand,
} from "@aws-sdk/client-cognito-identity";
import { startLocalAws } from "../../../local-aws";
import { deployWithSdk } from "../../../scripts/sdk-deployment";
import { cognitoCall, deployTarget, stsCall, type Target } from "../../support/attack-target";
import { listen } from "../../support/listen";
import { refusalIn } from "../../support/wire";

let target: Target;
let publicKey: JsonWebKey & { kid: string };

beforeAll(async () => {
  target = await deployTarget();
  const answer = await fetch(`${target.aws.endpoint}/.well-known/jwks_uri`);
  publicKey = ((await answer.json()) as { keys: [typeof publicKey] }).keys[0];
});

afterAll(() => target.stop());

const attacker = generateKeyPairSync("rsa", { modulusLength: 2048 });
const onCurve = generateKeyPairSync("ec", { namedCurve: "P-521" });

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const read = (text: string | undefined) => JSON.parse(Buffer.from(text ?? "", "base64url").toString());

const header = () => read(target.alice.token.split(".")[0]) as Record<string, unknown>;
const payload = () => read(target.alice.token.split(".")[1]) as Record<string, unknown>;
const signature = (token = target.alice.token) => token.split(".")[2] as string;

/** Alice's token with some claims changed and the signature left as it was. */
const edited = (claims: object) => `${part(header())}.${part({ ...payload(), ...claims })}.${signature()}`;

/** Alice's claims, signed by somebody. */
const resigned = (changes: object, by: (input: string) => string, claims: object = {}) => {
  const input = `${part({ ...header(), ...changes })}.${part({ ...payload(), ...claims })}`;
  return `${input}.${by(input)}`;
};
const rsa =
  (hash: string, key: KeyObject = attacker.privateKey) =>
  (input: string) =>
    sign(hash, Buffer.from(input), key).toString("base64url");
const hs512 = (secret: string) => (input: string) =>
  createHmac("sha512", secret).update(input).digest("base64url");
const pem = (type: "spki" | "pkcs1") =>
  createPublicKey({ key: publicKey, format: "jwk" }).export({ type, format: "pem" }).toString();
const attackersJwk = () => ({
  ...attacker.publicKey.export({ format: "jwk" }),
  kid: header().kid,
  alg: "RS512",
});

const UNVERIFIED = /^Invalid login token\. /;

/** A token that no key of the account has signed. */
const forged: [name: string, token: () => string][] = [
  [
    "a character of the signature changed",
    () =>
      target.alice.token.replace(/\.(.)([^.]*)$/, (_, first, rest) => `.${first === "A" ? "B" : "A"}${rest}`),
  ],
  ["no signature", () => `${part(header())}.${part(payload())}.`],
  ["half the signature", () => target.alice.token.slice(0, -340)],
  ["two parts", () => `${part(header())}.${part(payload())}`],
  [
    "the signature of another token",
    () => `${part(header())}.${part(payload())}.${signature(target.bob.token)}`,
  ],
  ["alg none", () => resigned({ alg: "none" }, () => "")],
  ["alg NONE", () => resigned({ alg: "NONE" }, () => "")],
  ["alg none with the signature", () => resigned({ alg: "none" }, () => signature())],
  ["no alg", () => resigned({ alg: undefined }, rsa("sha512"))],
  ["HS512 with the public key in PEM", () => resigned({ alg: "HS512" }, hs512(pem("spki")))],
  ["HS512 with the public key in PKCS #1", () => resigned({ alg: "HS512" }, hs512(pem("pkcs1")))],
  ["HS512 with the public key as JSON", () => resigned({ alg: "HS512" }, hs512(JSON.stringify(publicKey)))],
  ["HS512 with the modulus", () => resigned({ alg: "HS512" }, hs512(publicKey.n as string))],
  ["HS512 with an empty secret", () => resigned({ alg: "HS512" }, hs512(""))],
  ["RS512 with another key of the same id", () => resigned({}, rsa("sha512"))],
  ["RS256 with another key of the same id", () => resigned({ alg: "RS256" }, rsa("sha256"))],
  [
    "ES512 with another key of the same id",
    () => resigned({ alg: "ES512" }, rsa("sha512", onCurve.privateKey)),
  ],
  ["a key id that doesn't exist", () => resigned({ kid: "us-east-12" }, rsa("sha512"))],
  ["a key id that is a path", () => resigned({ kid: "../../../../dev/null" }, rsa("sha512"))],
  ["a key id that every object has", () => resigned({ kid: "__proto__" }, rsa("sha512"))],
  ["a key id that is a list", () => resigned({ kid: [publicKey.kid] }, rsa("sha512"))],
  ["no key id", () => resigned({ kid: undefined }, rsa("sha512"))],
  ["its own key in the header", () => resigned({ jwk: attackersJwk() }, rsa("sha512"))],
  ["its own key and no key id", () => resigned({ kid: undefined, jwk: attackersJwk() }, rsa("sha512"))],
  ["a critical extension", () => resigned({ crit: ["exp"], exp: 1 }, () => signature())],
  ["an unencoded payload", () => resigned({ b64: false, crit: ["b64"] }, rsa("sha512"))],
  ["aud edited", () => edited({ aud: target.stranger.poolId })],
  ["sub edited", () => edited({ sub: target.bob.identityId })],
  ["amr edited", () => edited({ amr: ["authenticated", "admin"] })],
  ["exp edited", () => edited({ exp: 4102444800 })],
  ["iss edited", () => edited({ iss: "https://evil.example" })],
  [
    "tags edited in",
    () => edited({ "https://aws.amazon.com/tags": { principal_tags: { role: ["admin"] } } }),
  ],
  [
    "JSON serialisation",
    () => JSON.stringify({ protected: part(header()), payload: part(payload()), signature: signature() }),
  ],
  ["five parts", () => `${target.alice.token}.x.y`],
  ["a space in front", () => ` ${target.alice.token}`],
  ["a line feed behind", () => `${target.alice.token}\n`],
  ["no token at all", () => "open sesame"],
];

const credentials = (token: string, identityId = target.alice.identityId) =>
  cognitoCall(target, "GetCredentialsForIdentity", {
    IdentityId: identityId,
    Logins: { "cognito-identity.amazonaws.com": token },
  });
const assumeRole = (token: string, more: Record<string, string> = {}) =>
  stsCall(target, {
    Action: "AssumeRoleWithWebIdentity",
    RoleArn: target.outputs.authenticated_role_arn,
    RoleSessionName: "attack",
    WebIdentityToken: token,
    ...more,
  });

describe("without the trick", () => {
  test("the token opens both doors, and again", async () => {
    for (let time = 0; time < 2; time++) {
      expect((await credentials(target.alice.token)).status).toBe(200);
      expect((await assumeRole(target.alice.token)).status).toBe(200);
    }
  });

  test("the token with its parts written anew", async () => {
    expect((await credentials(edited({}))).status).toBe(200);
  });

  test("in its last second", async () => {
    const answer = await target.later(890, () => credentials(target.alice.token));
    expect(answer.status).toBe(200);
  });

  test("the stranger's token for the stranger's role", async () => {
    const { poolId, provider, roleArn } = target.stranger;
    const { token } = await target.mint({ poolId, provider, user: "mallory" });
    expect((await assumeRole(token, { RoleArn: roleArn })).status).toBe(200);
  });
});

describe("GetCredentialsForIdentity refuses", () => {
  test.each(forged)("%s", async (_name, token) => {
    const refusal = refusalIn(await credentials(token()));
    expect(refusal).toEqual({
      status: 400,
      code: "NotAuthorizedException",
      message: expect.stringMatching(UNVERIFIED),
    });
  });

  test("an expired token", async () => {
    for (const age of [900, 901, 86_400]) {
      const refusal = refusalIn(await target.later(age, () => credentials(target.alice.token)));
      expect(refusal).toMatchObject({ status: 400, code: "NotAuthorizedException" });
      const times = /^Invalid login token\. Token expired: (\d+) >= (\d+)$/.exec(refusal.message);
      expect(Number(times?.[2])).toBe(payload().exp);
      expect(Number(times?.[1]) - (payload().iat as number)).toBeGreaterThanOrEqual(age);
    }
  });

  const LOGINS_DONT_MATCH =
    "Logins don't match. Please include at least one valid login for this identity or identity pool.";
  test.each<[name: string, () => Promise<[token: string, identityId: string]>]>([
    ["another identity's token", async () => [target.bob.token, target.alice.identityId]],
    ["its token for another identity", async () => [target.alice.token, target.bob.identityId]],
    [
      "a foreign pool's token",
      async () => {
        const { poolId, provider } = target.stranger;
        return [(await target.mint({ poolId, provider, user: "alice" })).token, target.alice.identityId];
      },
    ],
    [
      "its token for a foreign pool's identity",
      async () => {
        const { poolId, provider } = target.stranger;
        return [target.alice.token, (await target.mint({ poolId, provider, user: "alice" })).identityId];
      },
    ],
  ])("%s", async (_name, pair) => {
    const refusal = refusalIn(await credentials(...(await pair())));
    expect(refusal).toEqual({ status: 400, code: "NotAuthorizedException", message: LOGINS_DONT_MATCH });
  });

  test("the token of another account whose key has the same id", async () => {
    const other = await startLocalAws();
    try {
      const outputs = await deployWithSdk(other);
      const token = await otherAccountsToken(
        other.endpoint,
        outputs.developer_provider_name,
        outputs.identity_pool_id,
        other.credentials,
      );
      expect(read(token.split(".")[0]).kid).toBe(header().kid);
      expect(refusalIn(await credentials(token))).toMatchObject({
        status: 400,
        code: "NotAuthorizedException",
        message: expect.stringMatching(UNVERIFIED),
      });
    } finally {
      await other.stop();
    }
  });

  test("a token that names its own key set; nobody fetches it", async () => {
    const fetched: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      fetched.push(request.url);
      response.end(JSON.stringify({ keys: [attackersJwk()] }));
    });
    const url = `http://127.0.0.1:${await listen(server)}`;
    try {
      for (const changes of [
        { jku: `${url}/jku` },
        { x5u: `${url}/x5u` },
        { jku: `${url}/jku`, kid: undefined },
      ]) {
        const refusal = refusalIn(await credentials(resigned(changes, rsa("sha512"))));
        expect(refusal).toMatchObject({ status: 400, code: "NotAuthorizedException" });
      }
      const own = resigned({}, rsa("sha512"), { iss: url });
      expect(refusalIn(await credentials(own))).toMatchObject({
        status: 400,
        code: "NotAuthorizedException",
      });
      expect(fetched).toEqual([]);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test.each<[name: string, logins: () => Record<string, string>, code: string, message: RegExp]>([
    [
      "the developer provider's name",
      () => ({ [target.outputs.developer_provider_name]: target.alice.token }),
      "InvalidParameterException",
      /^Please provide a valid public provider$/,
    ],
    [
      "a provider that the pool doesn't have",
      () => ({ "graph.facebook.com": target.alice.token }),
      "NotAuthorizedException",
      /^Token is not from a supported provider of this identity pool\.$/,
    ],
    [
      "the issuer's address",
      () => ({ "https://cognito-identity.amazonaws.com": target.alice.token }),
      "NotAuthorizedException",
      /^Token is not from a supported provider/,
    ],
    [
      "an empty map",
      () => ({}),
      "NotAuthorizedException",
      /^Unauthenticated access is not supported for this identity pool\.$/,
    ],
  ])("the token under %s", async (_name, logins, code, message) => {
    const answer = await cognitoCall(target, "GetCredentialsForIdentity", {
      IdentityId: target.alice.identityId,
      Logins: logins(),
    });
    expect(refusalIn(answer)).toEqual({ status: 400, code, message: expect.stringMatching(message) });
  });
});

describe("AssumeRoleWithWebIdentity refuses", () => {
  test.each(forged)("%s", async (_name, token) => {
    expect(refusalIn(await assumeRole(token()))).toMatchObject({ status: 400, code: "InvalidIdentityToken" });
  });

  test("an expired token", async () => {
    const refusal = refusalIn(await target.later(900, () => assumeRole(target.alice.token)));
    expect(refusal).toMatchObject({ status: 400, code: "ExpiredTokenException" });
    expect(refusal.message).toMatch(
      /^Token expired: current date\/time \d+ must be before the expiration date\/time \d+$/,
    );
  });

  test.each<[name: string, token: () => Promise<string>, roleArn: () => string]>([
    ["a role that trusts another pool", async () => target.alice.token, () => target.stranger.roleArn],
    [
      "a foreign pool's token",
      async () => {
        const { poolId, provider } = target.stranger;
        return (await target.mint({ poolId, provider, user: "mallory" })).token;
      },
      () => target.outputs.authenticated_role_arn,
    ],
    [
      "a role that trusts a service",
      async () => target.alice.token,
      () => `arn:aws:iam::${target.aws.accountId}:role/by-hand-function`,
    ],
    [
      "a role that doesn't exist",
      async () => target.alice.token,
      () => `arn:aws:iam::${target.aws.accountId}:role/admin`,
    ],
    [
      "a role of another account",
      async () => target.alice.token,
      () => target.outputs.authenticated_role_arn.replace(/\d{12}/, "999999999999"),
    ],
  ])("%s", async (_name, token, roleArn) => {
    expect(refusalIn(await assumeRole(await token(), { RoleArn: roleArn() }))).toEqual({
      status: 403,
      code: "AccessDenied",
      message: "Not authorized to perform sts:AssumeRoleWithWebIdentity",
    });
  });

  test("a session longer than the role's, but tells only whom the role trusts", async () => {
    const more = { RoleArn: target.stranger.roleArn, DurationSeconds: "43200" };
    expect(refusalIn(await assumeRole(target.alice.token, more))).toMatchObject({
      status: 403,
      code: "AccessDenied",
    });
  });

  test("a session longer than the role's", async () => {
    expect(refusalIn(await assumeRole(target.alice.token, { DurationSeconds: "43200" }))).toMatchObject({
      status: 400,
      code: "ValidationError",
    });
  });
});

async function otherAccountsToken(
  endpoint: string,
  provider: string,
  poolId: string,
  credentials: { accessKeyId: string; secretAccessKey: string },
): Promise<string> {
  const cognito = new CognitoIdentityClient({ endpoint, region: "us-east-1", credentials });
  try {
    const { Token } = await cognito.send(
      new GetOpenIdTokenForDeveloperIdentityCommand({
        IdentityPoolId: poolId,
        Logins: { [provider]: "alice" },
      }),
    );
    return Token as string;
  } finally {
    cognito.destroy();
  }
}
