/**
 * Credentials from a login: how often it is asked, what a failure costs, and which error it is. Cognito is local AWS, and one clock,
 * set by hand, goes for the client and the account.
 */

import { createServer } from "node:http";
import {
  CognitoIdentityClient,
  DeleteIdentitiesCommand,
  GetOpenIdTokenForDeveloperIdentityCommand,
  SetIdentityPoolRolesCommand,
} from "@aws-sdk/client-cognito-identity";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { type LocalAws, startLocalAws } from "../../local-aws";
import {
  type DeveloperIdentityOptions,
  ExchangeRefusedError,
  fromDeveloperIdentity,
  type LoginAnswer,
  LoginRefusedError,
  NetworkError,
} from "../../web/developer-identity";
import { DEVELOPER_PROVIDER, type IdentitySession, identitySession } from "../support/identity-session";
import { listen } from "../support/listen";

const MINUTE = 60_000;
const REAL = [
  "hrtime",
  "nextTick",
  "performance",
  "queueMicrotask",
  "setImmediate",
  "clearImmediate",
  "setInterval",
  "clearInterval",
  "setTimeout",
  "clearTimeout",
] as const;
const START = new Date("2026-11-26T12:00:00Z").getTime();

let aws: LocalAws;
let cognito: CognitoIdentityClient;
let pool: IdentitySession;
let random: jest.SpyInstance;

beforeAll(async () => {
  // Only the date: what waits for the network goes on waiting.
  jest.useFakeTimers({ now: START, doNotFake: [...REAL] });
  aws = await startLocalAws({ now: () => new Date() });
  cognito = new CognitoIdentityClient({
    endpoint: aws.endpoint,
    region: aws.region,
    credentials: aws.credentials,
  });
  pool = await identitySession(aws, "alice", []);
});
beforeEach(() => {
  jest.setSystemTime(START);
  random = jest.spyOn(Math, "random").mockReturnValue(1);
});
afterEach(() => random.mockRestore());
afterAll(async () => {
  cognito.destroy();
  await aws.stop();
  jest.useRealTimers();
});

const at = (minutes: number) => jest.setSystemTime(START + minutes * MINUTE);

async function tokenOf(user: string): Promise<{ identityId: string; token: string }> {
  const { IdentityId, Token } = await cognito.send(
    new GetOpenIdTokenForDeveloperIdentityCommand({
      IdentityPoolId: pool.identityPoolId,
      Logins: { [DEVELOPER_PROVIDER]: user },
    }),
  );
  return { identityId: IdentityId as string, token: Token as string };
}

/** A login that can be told what to do next, and counts. */
function login() {
  const asked = jest.fn<Promise<LoginAnswer | Response>, [{ signal: AbortSignal }]>(() => tokenOf("alice"));
  return asked;
}

function provider(asked: DeveloperIdentityOptions["login"], more: Partial<DeveloperIdentityOptions> = {}) {
  return fromDeveloperIdentity({ login: asked, region: aws.region, endpoint: aws.endpoint, ...more });
}

/** The credentials once a refresh that nobody waits for has brought others, or what it failed with. */
async function afterRefresh(credentials: ReturnType<typeof provider>, before: unknown) {
  for (;;) {
    const now = await credentials();
    if (now !== before) {
      return now;
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

async function failureOf(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => {
      throw new Error("It was to fail, but it succeeded.");
    },
    (error) => error,
  );
}

const refused = (status: number) => Response.json({ error: "unauthorized", message: "no" }, { status });
const down = () => Promise.reject(new TypeError("fetch failed"));

describe("what comes out", () => {
  const whoAmI = async (credentials: ReturnType<typeof provider>) => {
    const sts = new STSClient({ endpoint: aws.endpoint, region: aws.region, credentials });
    try {
      return (await sts.send(new GetCallerIdentityCommand({}))).Arn;
    } finally {
      sts.destroy();
    }
  };

  test("credentials of the identity for an hour, which AWS takes", async () => {
    const credentials = provider(login());
    expect(await credentials()).toEqual({
      identityId: pool.identityId,
      accessKeyId: expect.stringMatching(/^ASIA/),
      secretAccessKey: expect.any(String),
      sessionToken: expect.any(String),
      expiration: new Date(START + 60 * MINUTE),
    });
    expect(await whoAmI(credentials)).toMatch(`:assumed-role/${pool.roleName}/CognitoIdentityCredentials`);
  });

  test("so they do when the login exchanged them itself, and nothing else of its answer", async () => {
    const { identityId, accessKeyId, secretAccessKey, sessionToken } = pool;
    const credentials = provider(
      async () => ({
        identityId,
        region: aws.region,
        token: undefined,
        credentials: {
          accessKeyId,
          secretAccessKey,
          sessionToken,
          expiration: "2026-11-26T12:40:00Z",
          more: 1,
        },
      }),
      { endpoint: "http://127.0.0.1:1" },
    );
    expect(await credentials()).toEqual({
      identityId,
      accessKeyId,
      secretAccessKey,
      sessionToken,
      expiration: new Date(START + 40 * MINUTE),
    });
    expect(await whoAmI(credentials)).toContain(pool.roleName);
  });

  test("the login's Response is taken as fetch gives it", async () => {
    const credentials = provider(async () => Response.json({ ...(await tokenOf("alice")), expiresIn: 900 }));
    expect(await credentials()).toMatchObject({ identityId: pool.identityId });
  });
});

describe("how often the login is asked", () => {
  test("50 callers at once: one login, one exchange, the same credentials", async () => {
    const asked = login();
    const exchanged = jest.spyOn(globalThis, "fetch");
    const credentials = provider(asked);
    const all = await Promise.all(Array.from({ length: 50 }, () => credentials()));
    expect(new Set(all).size).toBe(1);
    expect(asked).toHaveBeenCalledTimes(1);
    expect(exchanged).toHaveBeenCalledTimes(1);
    exchanged.mockRestore();
  });

  test.each([
    [0, 45],
    [0.5, 49.5],
    [1, 54],
  ])(
    "with chance %d, not before minute %d; then once, while 50 callers go on with what they have",
    async (chance, minute) => {
      random.mockReturnValue(chance);
      const asked = login();
      const credentials = provider(asked);
      const first = await credentials();
      at(minute - 0.01);
      expect(await credentials()).toBe(first);
      expect(asked).toHaveBeenCalledTimes(1);
      at(minute);
      const all = await Promise.all(Array.from({ length: 50 }, () => credentials()));
      expect(new Set(all)).toEqual(new Set([first]));
      expect(asked).toHaveBeenCalledTimes(2);
      expect(await afterRefresh(credentials, first)).toMatchObject({
        expiration: new Date(START + (minute + 60) * MINUTE),
      });
      expect(asked).toHaveBeenCalledTimes(2);
    },
  );

  test("after the credentials' end, and ten seconds before it, whoever asks waits for new ones", async () => {
    for (const minute of [60 - 1 / 6, 61, 600]) {
      jest.setSystemTime(START);
      const asked = login();
      const credentials = provider(asked);
      await credentials();
      at(minute);
      const all = await Promise.all(Array.from({ length: 50 }, () => credentials()));
      expect(new Set(all).size).toBe(1);
      expect(all[0]?.expiration).toEqual(
        new Date(Math.trunc((START + (minute + 60) * MINUTE) / 1000) * 1000),
      );
      expect(asked).toHaveBeenCalledTimes(2);
    }
  });

  test("forceRefresh: new ones now, and for several at once the same", async () => {
    const asked = login();
    const credentials = provider(asked);
    const first = await credentials();
    at(1);
    const [one, two] = await Promise.all([
      credentials({ forceRefresh: true }),
      credentials({ forceRefresh: true }),
    ]);
    expect(one).toBe(two);
    expect(one.expiration.getTime()).toBe(first.expiration.getTime() + MINUTE);
    expect(asked).toHaveBeenCalledTimes(2);
  });

  test("two providers know nothing of each other", async () => {
    const [one, two] = [login(), login()];
    await Promise.all([provider(one)(), provider(two)()]);
    expect([one, two].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
  });
});

describe("a login that is down", () => {
  test("is noticed by nobody while the credentials last, and asked less and less", async () => {
    const asked = login();
    const credentials = provider(asked);
    const first = await credentials();
    asked.mockImplementation(down);
    for (let second = 54 * 60; second < 59 * 60 + 50; second++) {
      at(second / 60);
      expect(await credentials()).toBe(first);
      await Promise.resolve();
    }
    // After 1, 2, 4, 8, 16, 32 and then 60 seconds each: 5 minutes and 50 seconds have room for 11.
    expect(asked.mock.calls.length - 1).toBe(11);
    at(60);
    const failure = await failureOf(credentials());
    expect(failure).toBeInstanceOf(NetworkError);
    expect(failure.cause).toEqual(new TypeError("fetch failed"));
    asked.mockImplementation(() => tokenOf("alice"));
    at(62);
    expect(await credentials()).toMatchObject({ expiration: new Date(START + 122 * MINUTE) });
  });

  test.each([
    [1, [0, 1, 3, 7, 15, 31, 63, 123, 183]],
    [0, [0, 1, 2, 4, 8, 16, 32, 62, 92, 122, 152, 182]],
  ])(
    "with chance %d, is asked at these seconds: %j; who asks between gets the same failure",
    async (chance, seconds) => {
      random.mockReturnValue(chance);
      const asked = login().mockImplementation(down);
      const credentials = provider(asked);
      const askedAt: number[] = [];
      const failures = new Set<Error>();
      for (let second = 0; second < 200; second++) {
        jest.setSystemTime(START + second * 1000);
        const before = asked.mock.calls.length;
        const together = await Promise.all(Array.from({ length: 5 }, () => failureOf(credentials())));
        for (const failure of together) {
          failures.add(failure);
        }
        if (asked.mock.calls.length > before) {
          askedAt.push(second);
        }
      }
      expect(askedAt).toEqual(seconds);
      expect(asked).toHaveBeenCalledTimes(seconds.length);
      expect(failures.size).toBe(seconds.length);
    },
  );

  test("a success forgets the failures before it", async () => {
    const asked = login().mockImplementationOnce(down).mockImplementationOnce(down);
    const credentials = provider(asked);
    await failureOf(credentials());
    at(1);
    await failureOf(credentials());
    at(2);
    await credentials();
    at(70);
    asked.mockImplementationOnce(down);
    await failureOf(credentials());
    at(70 + 1.01 / 60);
    await credentials();
    expect(asked).toHaveBeenCalledTimes(5);
  });

  test("one that never answers: nobody waits while the credentials last, then no longer than the timeout", async () => {
    const asked = login();
    const credentials = provider(asked, { timeout: 50 });
    const first = await credentials();
    asked.mockImplementation(() => new Promise(() => undefined));
    at(55);
    expect(await credentials()).toBe(first);
    const [{ signal }] = asked.mock.lastCall as [{ signal: AbortSignal }];
    at(61);
    const failure = await failureOf(credentials());
    expect(failure).toBeInstanceOf(NetworkError);
    expect(failure.message).toBe("Login and exchange took longer than 50 ms.");
    expect(signal.aborted).toBe(true);
  });

  test("forceRefresh gets the failure, and leaves the credentials to the others", async () => {
    const asked = login();
    const credentials = provider(asked);
    const first = await credentials();
    asked.mockImplementation(down);
    expect(await failureOf(credentials({ forceRefresh: true }))).toBeInstanceOf(NetworkError);
    expect(await credentials()).toBe(first);
  });
});

describe("a session that has ended", () => {
  test("is one error for all who ask, and they don't ask the login again at once", async () => {
    const asked = login().mockImplementation(async () => refused(401));
    const credentials = provider(asked);
    const failures = await Promise.all(Array.from({ length: 50 }, () => failureOf(credentials())));
    expect(new Set(failures).size).toBe(1);
    expect(failures[0]).toBeInstanceOf(LoginRefusedError);
    expect(failures[0]).toMatchObject({
      name: "LoginRefusedError",
      status: 401,
      message: "The login refused with 401: sign in again, then call clear().",
    });
    expect(await failureOf(credentials())).toBe(failures[0]);
    expect(asked).toHaveBeenCalledTimes(1);
  });

  test("is told at the next call although the credentials would last, until the user has signed in again", async () => {
    const asked = login();
    const credentials = provider(asked);
    const first = await credentials();
    asked.mockImplementation(async () => refused(401));
    at(55);
    expect(await credentials()).toBe(first);
    const told = await failureOf(afterRefresh(credentials, first));
    const failures = await Promise.all([failureOf(credentials()), failureOf(credentials())]);
    expect(told).toBeInstanceOf(LoginRefusedError);
    expect(failures).toEqual([told, told]);
    expect(asked).toHaveBeenCalledTimes(2);
    asked.mockImplementation(() => tokenOf("alice"));
    credentials.clear();
    expect(await credentials()).toMatchObject({ expiration: new Date(START + 115 * MINUTE) });
  });

  test("stays ended when the login can't be asked again afterwards", async () => {
    const asked = login();
    const credentials = provider(asked);
    await credentials();
    asked.mockImplementation(async () => refused(401));
    at(55);
    await failureOf(credentials({ forceRefresh: true }));
    asked.mockImplementation(down);
    at(56);
    expect(await failureOf(credentials())).toBeInstanceOf(NetworkError);
  });

  test("without clear() the login is asked again when its time has come", async () => {
    const asked = login().mockImplementationOnce(async () => refused(403));
    const credentials = provider(asked);
    await failureOf(credentials());
    at(1);
    expect(await credentials()).toMatchObject({ identityId: pool.identityId });
  });
});

describe("another user", () => {
  test("gets none of the credentials before clear(), and own ones after it", async () => {
    const asked = login();
    const credentials = provider(asked);
    await credentials();
    asked.mockImplementation(() => tokenOf("bob"));
    at(61);
    const failure = await failureOf(credentials());
    expect(failure).toBeInstanceOf(LoginRefusedError);
    expect(failure.message).toBe(
      "The login answered for another user than before: call clear() when the user changes.",
    );
    at(62);
    expect(await failureOf(credentials())).toEqual(failure);
    expect(asked).toHaveBeenCalledTimes(3);
    credentials.clear();
    expect((await credentials()).identityId).not.toBe(pool.identityId);
  });

  test("a refresh that was under way at sign-out doesn't end up with the next user", async () => {
    let answer: (value: LoginAnswer) => void = () => undefined;
    const asked = login().mockImplementationOnce(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    const credentials = provider(asked);
    const before = credentials();
    credentials.clear();
    asked.mockImplementation(() => tokenOf("bob"));
    const bob = await credentials();
    answer(await tokenOf("alice"));
    expect((await before).identityId).toBe(pool.identityId);
    expect(bob.identityId).not.toBe(pool.identityId);
    expect(await credentials()).toBe(bob);
  });
});

describe("a client of the SDK", () => {
  let sts: STSClient;
  afterEach(() => sts.destroy());
  const client = (credentials: ReturnType<typeof provider>) => {
    sts = new STSClient({ endpoint: aws.endpoint, region: aws.region, credentials, maxAttempts: 1 });
    return {
      call: () => sts.send(new GetCallerIdentityCommand({})),
      credentials: () => sts.config.credentials(),
    };
  };

  test("goes on across the end of the credentials, by one login an hour", async () => {
    const asked = login();
    const credentials = provider(asked);
    const { call } = client(credentials);
    for (const minute of [0, 30, 53, 54, 80, 119, 200]) {
      at(minute);
      const before = await credentials();
      await Promise.all(Array.from({ length: 10 }, call));
      if (minute === 54) {
        await afterRefresh(credentials, before);
      }
    }
    // At 0, at 54 for the time from 60 on, at 119 since 54 + 60 is over, and at 200.
    expect(asked).toHaveBeenCalledTimes(4);
  });

  test("is the next user's after clear(), although its credentials would last", async () => {
    const asked = login();
    const credentials = provider(asked);
    const { call, credentials: held } = client(credentials);
    await call();
    expect(await held()).toMatchObject({ identityId: pool.identityId });
    asked.mockImplementation(() => tokenOf("bob"));
    credentials.clear();
    await call();
    expect(await held()).not.toMatchObject({ identityId: pool.identityId });
  });

  test("fails with the provider's error, as it is", async () => {
    const { call } = client(provider(async () => refused(401)));
    expect(await failureOf(call())).toBeInstanceOf(LoginRefusedError);
  });
});

describe("which error", () => {
  test.each([400, 401, 403, 404, 413])("the login answers %i: refused", async (status) => {
    const failure = await failureOf(provider(async () => refused(status))());
    expect(failure).toBeInstanceOf(LoginRefusedError);
    expect(failure).toMatchObject({ status });
  });

  test.each([408, 429, 500, 502, 503])("the login answers %i: it may pass", async (status) => {
    const failure = await failureOf(provider(async () => refused(status))());
    expect(failure).toBeInstanceOf(NetworkError);
    expect(failure.message).toBe(`The login answered ${status}.`);
  });

  test("the login isn't there, or answers in something else than JSON: it may pass, with the cause", async () => {
    for (const asked of [() => fetch("http://127.0.0.1:1/"), async () => new Response("<html>")]) {
      const failure = await failureOf(provider(asked)());
      expect(failure).toBeInstanceOf(NetworkError);
      expect(failure).toMatchObject({ cause: { name: expect.stringMatching(/^(Type|Syntax)Error$/) } });
    }
  });

  test.each([
    undefined,
    null,
    {},
    { error: "unauthorized", message: "no" },
    { token: "a" },
    { identityId: "us-east-1:a" },
    { identityId: 1, token: "a" },
    "text",
  ])("the login's answer is %j: refused", async (answer) => {
    const failure = await failureOf(provider(async () => answer as unknown as LoginAnswer)());
    expect(failure).toBeInstanceOf(LoginRefusedError);
    expect(failure.message).toContain("return the Response itself");
  });

  test("the application's own LoginRefusedError stays what it is", async () => {
    const own = new LoginRefusedError("nobody is signed in");
    expect(await failureOf(provider(() => Promise.reject(own))())).toBe(own);
  });

  test("credentials that have ended by this device's clock", async () => {
    const asked = login();
    const answer = await tokenOf("alice");
    asked.mockResolvedValue(answer);
    const issued = jest.spyOn(globalThis, "fetch").mockResolvedValue(
      Response.json({
        Credentials: { AccessKeyId: "a", SecretKey: "b", SessionToken: "c", Expiration: START / 1000 - 1 },
      }),
    );
    const failure = await failureOf(provider(asked)());
    issued.mockRestore();
    expect(failure).toBeInstanceOf(ExchangeRefusedError);
    expect(failure.message).toContain("clock");
  });

  test.each<[string, () => Promise<LoginAnswer>, string]>([
    [
      "a token that was tampered with",
      async () => {
        const { identityId, token } = await tokenOf("alice");
        return { identityId, token: `${token.slice(0, -8)}AAAAAAAA` };
      },
      "NotAuthorizedException",
    ],
    [
      "a token that has expired",
      async () => {
        const answer = await tokenOf("alice");
        at(16);
        return answer;
      },
      "NotAuthorizedException",
    ],
    [
      "another user's identity",
      async () => ({ identityId: (await tokenOf("bob")).identityId, token: (await tokenOf("alice")).token }),
      "NotAuthorizedException",
    ],
    [
      "an identity that is gone",
      async () => {
        const answer = await tokenOf("carol");
        await cognito.send(new DeleteIdentitiesCommand({ IdentityIdsToDelete: [answer.identityId] }));
        return answer;
      },
      "ResourceNotFoundException",
    ],
    [
      "a pool without roles",
      async () => {
        const other = await identitySession(aws, "dave", []);
        await cognito.send(
          new SetIdentityPoolRolesCommand({ IdentityPoolId: other.identityPoolId, Roles: {} }),
        );
        const { IdentityId = "", Token = "" } = await cognito.send(
          new GetOpenIdTokenForDeveloperIdentityCommand({
            IdentityPoolId: other.identityPoolId,
            Logins: { [DEVELOPER_PROVIDER]: "dave" },
          }),
        );
        return { identityId: IdentityId, token: Token };
      },
      "InvalidIdentityPoolConfigurationException",
    ],
  ])("%s: Cognito refuses, with AWS's words and without the token", async (_, answer, code) => {
    let token = "";
    const failure = await failureOf(
      provider(async () => {
        const given = await answer();
        token = (given as { token: string }).token;
        return given;
      })(),
    );
    expect(failure).toBeInstanceOf(ExchangeRefusedError);
    expect(failure).toMatchObject({ name: "ExchangeRefusedError", code });
    expect(failure.message).toMatch(`Cognito refused the login's token: ${code}: `);
    expect(token).not.toBe("");
    expect(`${failure.stack}${JSON.stringify(failure)}`).not.toContain(token);
  });

  test("Cognito refuses while the credentials last: they are used to their end", async () => {
    const asked = login();
    const credentials = provider(asked);
    const first = await credentials();
    asked.mockImplementation(async () => ({ ...(await tokenOf("alice")), token: "tampered" }));
    at(55);
    expect(await credentials()).toBe(first);
    at(60);
    expect(await failureOf(credentials())).toBeInstanceOf(ExchangeRefusedError);
  });

  test("Cognito isn't there: it may pass, with the cause", async () => {
    const failure = await failureOf(provider(login(), { endpoint: "http://127.0.0.1:1" })());
    expect(failure).toBeInstanceOf(NetworkError);
    expect(failure.message).toBe("Cognito couldn't be asked at http://127.0.0.1:1; see the cause.");
    expect(failure).toMatchObject({ cause: { name: "TypeError" } });
  });

  test.each<[number, string, string]>([
    [400, "TooManyRequestsException", "throttled"],
    [429, "", "throttled"],
    [500, "InternalErrorException", "an error of its own"],
    [503, "", "an error of its own"],
    [200, "", "no JSON at all"],
    [200, "", "no credentials"],
    [307, "", "sends the token elsewhere"],
  ])("Cognito answers %i %s (%s): it may pass", async (status, type, what) => {
    const server = createServer((_, response) => {
      response.writeHead(status, { Location: `${aws.endpoint}/` });
      response.end(
        what === "no JSON at all" ? "<html>" : JSON.stringify(type === "" ? {} : { __type: `a#${type}` }),
      );
    });
    const endpoint = `http://127.0.0.1:${await listen(server)}`;
    try {
      const { token, identityId } = await tokenOf("alice");
      const failure = await failureOf(provider(async () => ({ token, identityId }), { endpoint })());
      expect(failure).toBeInstanceOf(NetworkError);
      expect(`${failure.stack}${failure.cause}`).not.toContain(token);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  test("AWS's endpoint is the region's", async () => {
    const fetched = jest.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("fetch failed"));
    await failureOf(fromDeveloperIdentity({ login: login(), region: "eu-central-1" })());
    expect(fetched.mock.calls[0]?.[0]).toBe("https://cognito-identity.eu-central-1.amazonaws.com");
    fetched.mockRestore();
  });
});
