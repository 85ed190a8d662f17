/** A session token is its session, sealed: it comes back whole, and nothing else opens. */
import {
  array,
  assert,
  constantFrom,
  integer,
  oneof,
  property,
  dictionary as record,
  record as shape,
  string,
  tuple,
} from "fast-check";
import { type Account, emptyAccountState } from "../../../local-aws/account";
import { dictionary } from "../../../local-aws/account/dictionary";
import type { Session } from "../../../local-aws/account/state/sts";
import { openSession, sealSession } from "../../../local-aws/authenticate/session-token";
import { bareAccount } from "../../support/bare-account";

type Sealed = Omit<Session, "sessionToken">;

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const SESSION: Sealed = {
  accessKeyId: "ASIASESSIONSESSION23",
  secretAccessKey: "session-secret-0123456789",
  expiration: 1_767_323_045_000,
  roleName: "demo",
  roleId: "AROADEMODEMODEMODEMO",
  sessionName: "CognitoIdentityCredentials",
  context: { "cognito-identity.amazonaws.com:amr": ["authenticated"] },
  sessionPolicies: [],
  sessionPolicyArns: [],
  tags: dictionary([["team", "blue"]]),
  transitiveTagKeys: ["team"],
};

const newAccount = (): Account =>
  bareAccount({
    now: () => new Date(),
    rootCredentials: { accessKeyId: "AKIAROOT", secretAccessKey: "secret" },
  }).account;

test("what was sealed comes back whole, whatever texts are in it", () => {
  const account = newAccount();
  const text = oneof(string({ unit: "binary" }), string({ unit: "grapheme" }), constantFrom("__proto__", ""));
  const texts = array(text);
  const sessions = shape({
    accessKeyId: text,
    secretAccessKey: text,
    expiration: integer(),
    roleName: text,
    roleId: text,
    sessionName: text,
    context: record(text, oneof(text, texts)),
    sessionPolicies: texts,
    sessionPolicyArns: texts,
    tags: array(tuple(text, text)).map((pairs) => dictionary(pairs)),
    transitiveTagKeys: texts,
  });
  assert(
    property(sessions, (session) => {
      const sessionToken = sealSession(account, session);
      expect(sessionToken).toMatch(/^IQoJb3JpZ2luX2Vj[A-Za-z0-9+/]+={0,2}$/);
      const opened = openSession(account, sessionToken) as Session;
      expect(Object.entries(opened.tags)).toEqual(Object.entries(session.tags));
      expect(Object.entries(opened.context)).toEqual(Object.entries(session.context));
      expect(opened).toEqual({ ...session, sessionToken });
    }),
  );
});

test("a tag that every object has is a tag like any other", () => {
  const account = newAccount();
  const names = ["__proto__", "constructor", "toString"];
  const tags = dictionary(names.map((name) => [name, "mine"] as const));
  const context = JSON.parse('{"__proto__": ["x"], "constructor": "y"}');
  const opened = openSession(account, sealSession(account, { ...SESSION, tags, context })) as Session;
  expect(Object.getPrototypeOf(opened.tags)).toBeNull();
  expect(Object.keys(opened.tags)).toEqual(names);
  expect(Object.entries({ ...opened.context })).toEqual(Object.entries(context));
  expect(Object.getPrototypeOf({ ...opened.context })).toBe(Object.prototype);
});

test("nobody can read it, and no two are alike", () => {
  const account = newAccount();
  const tokens = Array.from({ length: 100 }, () => sealSession(account, SESSION));
  expect(new Set(tokens).size).toBe(100);
  // Behind the prefix, no bytes stand where those of another have them.
  const parts = tokens.map((token) => Buffer.from(token.slice(16), "base64"));
  for (const bytes of parts) {
    expect(bytes.includes(SESSION.secretAccessKey) || bytes.includes("demo")).toBe(false);
  }
  expect(new Set(parts.map((bytes) => bytes.subarray(0, 12).toString("hex"))).size).toBe(100);
});

test("with any of its characters changed, left out or doubled, it is no token", () => {
  const account = newAccount();
  // One of each length of padding.
  for (const sessionName of ["s", "ss", "sss"]) {
    const token = sealSession(account, { ...SESSION, sessionName });
    expect(openSession(account, token)?.sessionName).toBe(sessionName);
    for (let place = 0; place < token.length; place += 1) {
      const [before, after] = [token.slice(0, place), token.slice(place + 1)];
      const others = [...ALPHABET, "=", "-", "_", " ", "\n", "é", ""].filter((one) => one !== token[place]);
      const some = place % 50 === 0 || place > token.length - 5 ? others : [others[place % 63] as string, ""];
      for (const other of [...some, `${token[place]}${token[place]}`]) {
        expect([place, other, openSession(account, `${before}${other}${after}`)]).toEqual([
          place,
          other,
          undefined,
        ]);
      }
    }
  }
});

test("no other text is one, and none does harm", () => {
  const account = newAccount();
  const token = sealSession(account, SESSION);
  const rest = token.slice(16);
  const others = [
    "",
    "IQoJb3JpZ2luX2Vj",
    rest,
    token.toLowerCase(),
    token.replace("IQoJ", "IQoJIQoJ"),
    `${token}=`,
    `${token}====`,
    `${token}AAAA`,
    ` ${token}`,
    `${token}\n`,
    `${token}${token}`,
    Buffer.from(rest, "base64").toString("base64url"),
    `IQoJb3JpZ2luX2Vj${Buffer.from(JSON.stringify(SESSION)).toString("base64")}`,
    ...[0, 1, 12, 27, 28, 29, 40].map((size) => `IQoJb3JpZ2luX2Vj${Buffer.alloc(size).toString("base64")}`),
    ...Array.from({ length: token.length }, (_, length) => token.slice(0, length)),
  ];
  for (const other of others) {
    expect([other, openSession(account, other)]).toEqual([other, undefined]);
  }
  const texts = oneof(
    string({ unit: "binary" }),
    string().map((text) => `IQoJb3JpZ2luX2Vj${text}`),
    string({ minLength: 28 }).map((text) => `IQoJb3JpZ2luX2Vj${Buffer.from(text).toString("base64")}`),
  );
  assert(property(texts, (text) => openSession(account, text) === undefined));
});

test("nor is one of another account, or of this one before a reset", () => {
  const account = newAccount();
  const token = sealSession(account, SESSION);
  expect(openSession(newAccount(), token)).toBeUndefined();
  const { sts } = account.state;
  account.state = emptyAccountState();
  expect(openSession(account, token)).toBeUndefined();
  account.state = { ...emptyAccountState(), sts };
  expect(openSession(account, token)).toMatchObject(SESSION);
});
