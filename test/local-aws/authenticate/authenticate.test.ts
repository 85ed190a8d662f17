/** The order in which faults are reported, keys and tokens, and that no refusal's explanation holds a secret. */
import aws4 from "aws4";
import { type Account, emptyAccountState } from "../../../local-aws/account";
import { dictionary } from "../../../local-aws/account/dictionary";
import type { Session } from "../../../local-aws/account/state/sts";
import { authenticate } from "../../../local-aws/authenticate/authenticate";
import { AuthenticationError } from "../../../local-aws/authenticate/authentication-error";
import { sealSession } from "../../../local-aws/authenticate/session-token";
import type { HttpRequest } from "../../../local-aws/read/http-request";
import { bareAccount } from "../../support/bare-account";

const NOW = new Date("2026-01-02T03:04:05Z");
const HOST = "abcdef1234.execute-api.us-east-1.amazonaws.com";
const SCOPE = { service: "execute-api", region: "us-east-1" };
const ROOT = { accessKeyId: "AKIAROOTROOTROOTROOT", secretAccessKey: "root-secret-0123456789" };
const SEALING_KEY = Buffer.alloc(32, "sealing-key-0123456789").toString("base64");

const ROLE = {
  id: "AROADEMO",
  name: "demo",
  path: "/",
  arn: "arn:aws:iam::123456789012:role/demo",
  createdAt: 0,
  description: undefined,
  maxSessionDuration: 3600,
  trustPolicy: "{}",
  inlinePolicies: dictionary<string>(),
  attachedPolicies: [],
  tags: dictionary<string>(),
};

const SESSION = newSession({
  accessKeyId: "ASIASESSIONSESSION23",
  secretAccessKey: "session-secret-0123456789",
  expiration: NOW.getTime() + 1,
});
const ENDED = newSession({
  accessKeyId: "ASIAENDEDENDEDENDED2",
  secretAccessKey: "ended-secret-0123456789",
  expiration: NOW.getTime(),
});
const LONG_ENDED = newSession({
  accessKeyId: "ASIALONGENDEDENDED23",
  secretAccessKey: "long-ended-secret-0123456789",
  expiration: Date.parse("2024-01-02T03:04:05Z"),
});
/** As it is when the role is deleted and made again under its name. */
const ORPHAN = newSession({
  accessKeyId: "ASIAORPHANORPHAN2345",
  secretAccessKey: "orphan-secret-0123456789",
  expiration: NOW.getTime() + 1,
  roleId: "AROADEMOBEFORE",
});

function newSession(
  changes: Pick<Session, "accessKeyId" | "secretAccessKey" | "expiration"> & Partial<Session>,
) {
  const { accessKeyId, secretAccessKey } = changes;
  const sessionToken = sealSession(newAccount().account, {
    roleName: ROLE.name,
    roleId: ROLE.id,
    sessionName: "s",
    context: {},
    sessionPolicies: [],
    sessionPolicyArns: [],
    tags: dictionary<string>(),
    transitiveTagKeys: [],
    ...changes,
  });
  return { accessKeyId, secretAccessKey, sessionToken };
}

function newAccount(): { account: Account; logged: string[] } {
  const { account, logged } = bareAccount({ now: () => NOW, rootCredentials: ROOT });
  account.state.iam.roles[ROLE.name] = ROLE;
  account.state.sts.sealingKey = SEALING_KEY;
  return { account, logged };
}

/** A request before it is written down, in parts that a fault can change. */
interface Draft {
  path: string;
  query: string;
  signed: boolean;
  algorithm: string;
  extra: string;
  omit: "Credential" | "SignedHeaders" | "Signature" | undefined;
  signedHeaders: string;
  date: string;
  scopeDate: string | undefined;
  region: string;
  service: string;
  terminator: string;
  more: string;
  key: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  secret: string | undefined;
}

const DRAFT: Draft = {
  path: "/prod/hello",
  query: "",
  signed: true,
  algorithm: "AWS4-HMAC-SHA256",
  extra: "",
  omit: undefined,
  signedHeaders: "host;x-amz-date",
  date: "20260102T030405Z",
  scopeDate: undefined,
  region: SCOPE.region,
  service: SCOPE.service,
  terminator: "aws4_request",
  more: "",
  key: SESSION,
  secret: undefined,
};

function write(changes: Partial<Draft>): { request: HttpRequest; signature: string } {
  const draft = { ...DRAFT, ...changes };
  const { accessKeyId, sessionToken } = draft.key;
  const signed = aws4.sign(
    {
      ...SCOPE,
      host: HOST,
      path: DRAFT.path,
      headers: { "X-Amz-Date": /^\d{8}T\d{6}Z$/.test(draft.date) ? draft.date : DRAFT.date },
    },
    { accessKeyId, secretAccessKey: draft.secret ?? draft.key.secretAccessKey },
  );
  const signature = /Signature=(.*)$/.exec(String(signed.headers?.Authorization))?.[1] as string;
  const scopeDate = draft.scopeDate ?? draft.date.slice(0, 8);
  const parts = Object.entries({
    Credential: `${accessKeyId}/${scopeDate}/${draft.region}/${draft.service}/${draft.terminator}${draft.more}`,
    SignedHeaders: draft.signedHeaders,
    Signature: signature,
  }).filter(([name]) => name !== draft.omit);
  const text = `${draft.algorithm} ${parts.map(([name, value]) => `${name}=${value}`).join(", ")}${draft.extra}`;
  return {
    signature,
    request: {
      method: "GET",
      path: draft.path,
      query: draft.query,
      headers: [
        ["Host", HOST],
        ["X-Amz-Date", draft.date],
        ...(sessionToken === undefined ? [] : [["X-Amz-Security-Token", sessionToken] as const]),
        ...(draft.signed ? [["Authorization", text] as const] : []),
      ],
      body: Buffer.alloc(0),
      sourceIp: "127.0.0.1",
    },
  };
}

async function refusal(account: Account, request: HttpRequest): Promise<AuthenticationError> {
  const error = await authenticate(account, request, SCOPE).then(
    () => new Error("The request was accepted."),
    (thrown) => thrown,
  );
  if (!(error instanceof AuthenticationError)) {
    throw error;
  }
  return error;
}

/** In AWS's order; the source of the order is named where the order is implemented. */
const FAULTS: readonly { name: string; draft: Partial<Draft>; failure: string; message: RegExp }[] = [
  {
    name: "a path above the root",
    draft: { path: "/prod/../../x" },
    failure: "IncompleteSignature",
    message: /^Relative path entry '\.\.' navigates above root/,
  },
  {
    name: "a query with half an escape",
    draft: { query: "a=%" },
    failure: "IncompleteSignature",
    message: /^The query string holds an invalid percent-encoding/,
  },
  {
    name: "no signature",
    draft: { signed: false },
    failure: "MissingAuthenticationToken",
    message: /^Missing Authentication Token$/,
  },
  {
    name: "another algorithm",
    draft: { algorithm: "AWS4-HMAC-SHA1" },
    failure: "IncompleteSignature",
    message: /^Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA1'\.$/,
  },
  {
    name: "a part without an equal-sign",
    draft: { extra: ", odd" },
    failure: "IncompleteSignature",
    message: /^Invalid key=value pair \(missing equal-sign\)/,
  },
  {
    name: "a part left out",
    draft: { omit: "Signature" },
    failure: "IncompleteSignature",
    message:
      /^Authorization header requires 'Signature' parameter\. \(Hashed with SHA-256 and encoded with Base64\) Authorization=/,
  },
  {
    name: "host not signed",
    draft: { signedHeaders: "x-amz-date" },
    failure: "InvalidSignature",
    message: /^'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization\.$/,
  },
  {
    name: "a date in another format",
    draft: { date: "2026-01-02" },
    failure: "IncompleteSignature",
    message: /^Date must be in ISO-8601 'basic format'\. Got '2026-01-02'/,
  },
  {
    name: "a date long past",
    draft: { date: "20250102T030405Z" },
    failure: "InvalidSignature",
    message:
      /^Signature expired: 20250102T030405Z is now earlier than 20260102T025905Z \(20260102T030405Z - 5 min\.\)$/,
  },
  {
    name: "a date far ahead",
    draft: { date: "20270102T030405Z" },
    failure: "InvalidSignature",
    message: /^Signature not yet current: 20270102T030405Z is still later than/,
  },
  {
    name: "six elements in the credential",
    draft: { more: "/" },
    failure: "IncompleteSignature",
    message:
      /^Credential must have exactly 5 slash-delimited elements, e\.g\. keyid\/date\/region\/service\/term, got 'A/,
  },
  {
    name: "another region",
    draft: { region: "eu-west-1" },
    failure: "InvalidSignature",
    message: /^Credential should be scoped to a valid region\. /,
  },
  {
    name: "another service",
    draft: { service: "sts" },
    failure: "InvalidSignature",
    message: /^Credential should be scoped to correct service: 'execute-api'\. /,
  },
  {
    name: "another terminator",
    draft: { terminator: "aws5_request" },
    failure: "InvalidSignature",
    message: /^Credential should be scoped with a valid terminator: 'aws4_request'\.$/,
  },
  {
    name: "another day in the scope",
    draft: { scopeDate: "20260101" },
    failure: "InvalidSignature",
    message:
      /^Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20260101' != '20\d\d0102', from '20\d\d0102T030405Z'\.$/,
  },
  {
    name: "an unknown key",
    draft: { key: { ...SESSION, accessKeyId: "ASIANOBODYNOBODY2345" } },
    failure: "UnrecognizedClient",
    message: /^The security token included in the request is invalid\.$/,
  },
  {
    name: "a session that ended",
    draft: { key: ENDED },
    failure: "ExpiredToken",
    message: /^The security token included in the request is expired$/,
  },
  {
    name: "another secret",
    draft: { secret: "another" },
    failure: "InvalidSignature",
    message: /^The request signature we calculated does not match the signature you provided\./,
  },
];

const PAIRS = FAULTS.flatMap((earlier, index) =>
  FAULTS.slice(index + 1)
    .filter((later) => !Object.keys(later.draft).some((part) => part in earlier.draft))
    .map((later) => ({ earlier, later })),
);

describe("faults", () => {
  test("a request without one is accepted", async () => {
    await expect(authenticate(newAccount().account, write({}).request, SCOPE)).resolves.toMatchObject({
      type: "assumed-role",
      arn: "arn:aws:sts::123456789012:assumed-role/demo/s",
      accessKeyId: SESSION.accessKeyId,
    });
  });

  test.each(FAULTS)("$name", async ({ draft, failure, message }) => {
    const error = await refusal(newAccount().account, write(draft).request);
    expect(error).toMatchObject({ failure, message: expect.stringMatching(message) });
  });

  test.each(PAIRS)("$earlier.name is reported before $later.name", async ({ earlier, later }) => {
    const error = await refusal(newAccount().account, write({ ...earlier.draft, ...later.draft }).request);
    expect(error).toMatchObject({
      failure: earlier.failure,
      message: expect.stringMatching(new RegExp(earlier.message.source.replace(/\$$/, ""))),
    });
  });

  test("all that is wrong with a scope is said at once", async () => {
    const { request } = write({
      region: "eu-west-1",
      service: "sts",
      terminator: "x",
      scopeDate: "20260101",
    });
    expect((await refusal(newAccount().account, request)).message).toBe(
      "Credential should be scoped to a valid region. Credential should be scoped to correct service: 'execute-api'. " +
        "Credential should be scoped with a valid terminator: 'aws4_request'." +
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20260101' != '20260102', from '20260102T030405Z'.",
    );
  });

  test("all missing parts are listed in one message", async () => {
    const { request } = write({});
    const bare = { ...request, headers: [["Authorization", "AWS4-HMAC-SHA256"]] as const };
    expect((await refusal(newAccount().account, bare)).message).toMatch(
      /^Authorization header requires 'Credential' parameter\. Authorization header requires 'Signature' parameter\. Authorization header requires 'SignedHeaders' parameter\. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header\. \(Hashed with SHA-256 and encoded with Base64\) Authorization=[A-Za-z0-9+/]{43}=$/,
    );
  });
});

describe("keys and tokens", () => {
  const NO_TOKEN = "the key isn't the root user's, and no session token was sent with it";
  const NOT_ISSUED = "the session token isn't one of this account, or is from before its last reset";
  const OF_ANOTHER = "the session token belongs to another key";

  test.each([
    ["a temporary key without its token", { ...SESSION, sessionToken: undefined }, NO_TOKEN],
    ["a temporary key with an empty token", { ...SESSION, sessionToken: "" }, NOT_ISSUED],
    ["another session's token", { ...SESSION, sessionToken: ENDED.sessionToken }, OF_ANOTHER],
    [
      "a token that is cut short",
      { ...SESSION, sessionToken: SESSION.sessionToken.slice(0, -1) },
      NOT_ISSUED,
    ],
    ["a token with more behind it", { ...SESSION, sessionToken: `${SESSION.sessionToken}A` }, NOT_ISSUED],
    [
      "a token with a character changed",
      {
        ...SESSION,
        sessionToken: SESSION.sessionToken.replace(/(?<=^.{300})./, (one) => (one === "A" ? "B" : "A")),
      },
      NOT_ISSUED,
    ],
    [
      "its secret key in place of the token",
      { ...SESSION, sessionToken: SESSION.secretAccessKey },
      NOT_ISSUED,
    ],
    [
      "the root user's key with a token",
      { ...ROOT, sessionToken: SESSION.sessionToken },
      "a session token came with the root user's key, which has none",
    ],
    [
      "a session's token with an unknown long-term key",
      { ...SESSION, accessKeyId: "AKIANOBODYNOBODY2345" },
      OF_ANOTHER,
    ],
    ["a role that was made again under its name", ORPHAN, "the session's role demo doesn't exist any more"],
    ["a key named like a member of every object", { ...ROOT, accessKeyId: "__proto__" }, NO_TOKEN],
    ["a key named constructor", { ...ROOT, accessKeyId: "constructor" }, NO_TOKEN],
    ["an empty key", { ...ROOT, accessKeyId: "" }, NO_TOKEN],
  ])("%s", async (_, key, explanation) => {
    expect(await refusal(newAccount().account, write({ key }).request)).toMatchObject({
      failure: "UnrecognizedClient",
      message: "The security token included in the request is invalid.",
      explanation,
    });
  });

  test.each([
    ["a moment", ENDED, "2026-01-02T03:04:05.000Z"],
    ["two years", LONG_ENDED, "2024-01-02T03:04:05.000Z"],
  ])("a session that ended %s ago", async (_, key, end) => {
    expect(await refusal(newAccount().account, write({ key }).request)).toMatchObject({
      failure: "ExpiredToken",
      message: "The security token included in the request is expired",
      explanation: `the session ended at ${end}`,
    });
  });

  test("no session outlives the account's reset", async () => {
    const { account } = newAccount();
    account.state = { ...emptyAccountState(), iam: account.state.iam };
    expect(await refusal(account, write({}).request)).toMatchObject({
      failure: "UnrecognizedClient",
      explanation: NOT_ISSUED,
    });
  });

  test("the root user needs no token", async () => {
    await expect(
      authenticate(newAccount().account, write({ key: ROOT }).request, SCOPE),
    ).resolves.toMatchObject({ type: "root", arn: "arn:aws:iam::123456789012:root" });
  });

  test("what the request says of itself doesn't overrule what the session says", async () => {
    const { account } = newAccount();
    const principal = await authenticate(account, write({}).request, SCOPE);
    expect(principal.context).toMatchObject({
      "aws:SourceIp": "127.0.0.1",
      "aws:RequestedRegion": "us-east-1",
      "aws:userid": "AROADEMO:s",
    });
    expect(principal.context).not.toHaveProperty("aws:UserAgent");
  });
});

describe("the log", () => {
  test.each<[string, Partial<Draft>, string]>([
    ["names a session's key", { secret: "another" }, ` with key ${SESSION.accessKeyId}`],
    ["names the root user's key", { key: ROOT, secret: "another" }, ` with key ${ROOT.accessKeyId}`],
    ...["ASIANOBODYNOBODY2345", "AKIANOBODYNOBODY2345"].map(
      (accessKeyId): [string, Partial<Draft>, string] => [
        `names what has a key's form, ${accessKeyId}`,
        { key: { ...SESSION, accessKeyId } },
        ` with key ${accessKeyId}`,
      ],
    ),
    ...[
      "ASIANOBODYNOBODY1234",
      "ASIANOBODYNOBODY23456",
      "ASIANOBODYNOBODY234",
      "ABIANOBODYNOBODY2345",
      "asianobodynobody2345",
      "xASIANOBODYNOBODY2345",
      "session-secret-0123456789",
    ].map((accessKeyId): [string, Partial<Draft>, string] => [
      `doesn't repeat anything else, ${accessKeyId}`,
      { key: { ...SESSION, accessKeyId } },
      "",
    ]),
  ])("%s", async (_, draft, signer) => {
    const { account } = newAccount();
    await refusal(account, write(draft).request);
    expect(account.decisions.last()[0]?.subject).toBe(`GET /prod/hello for execute-api${signer}`);
  });

  const secrets = [
    SEALING_KEY,
    ...[ROOT, SESSION, ENDED].flatMap(({ accessKeyId: _, ...kept }) => Object.values(kept)),
  ];

  test.each([
    ...FAULTS,
    {
      name: "a secret that was given as the key's id",
      draft: { key: { ...SESSION, accessKeyId: `a/${SESSION.secretAccessKey}` } },
    },
    {
      name: "an algorithm that runs into the rest",
      draft: { algorithm: "AWS4-HMAC-SHA256,Credential=x,Signature=0123456789abcdef" },
    },
    { name: "a token in place of the date", draft: { date: SESSION.sessionToken } },
    { name: "a token in place of the region", draft: { region: SESSION.sessionToken } },
    { name: "a token in place of the service", draft: { service: SESSION.sessionToken } },
    { name: "a token in place of the day", draft: { scopeDate: SESSION.sessionToken } },
    { name: "a token in place of the terminator", draft: { terminator: SESSION.sessionToken } },
    { name: "a token among the signed headers", draft: { signedHeaders: `host;${SESSION.sessionToken}` } },
    { name: "a token in the query", draft: { query: `t=${SESSION.sessionToken}` } },
  ])("says why $name is refused, and holds no secret, token or signature", async ({ draft }) => {
    const { account, logged } = newAccount();
    const { request, signature } = write(draft);
    await refusal(account, request);
    const record = JSON.stringify([logged, account.decisions.last()]);
    expect(account.decisions.last()).toMatchObject([{ kind: "signature", outcome: "refused" }]);
    for (const secret of [...secrets, signature, "0123456789abcdef"]) {
      expect(record).not.toContain(secret);
    }
  });
});
