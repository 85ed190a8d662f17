// The settings of the login endpoint: how sessions of the application are recognized, and what a login returns. Whatever of
// them can be wrong is wrong here, at synth, rather than in a function that refuses everybody.
import { z } from "zod";

/** A claim of the application's session and the principal tag that it becomes. */
export interface TagMapping {
  readonly claim: string;
  readonly tag: string;
}

const SESSION_ALGORITHMS = ["RS256", "ES256", "EdDSA"] as const;

/** An algorithm that a session may be signed with. */
export type SessionAlgorithm = (typeof SESSION_ALGORITHMS)[number];

/** How a session is recognized: by a key of the application, given or fetched, or by asking the application. */
export type SessionSource =
  | {
      /** The application's public keys, as JSON. */
      readonly jwks: string;
      readonly algorithms: readonly SessionAlgorithm[];
    }
  | { readonly jwksUri: string; readonly algorithms: readonly SessionAlgorithm[] }
  | { readonly introspectionUrl: string };

/** What tells one login from another. */
export interface LoginSettings {
  readonly sessions: SessionSource;
  /** The sessions' `iss`; always there with keys. */
  readonly issuer?: string;
  /** The sessions' `aud`; always there with keys. */
  readonly audience?: string;
  /** Whether a client gets a token, which it exchanges itself, or credentials. */
  readonly returns: "token" | "credentials";
  /** Life of a minted token, in seconds. */
  readonly tokenDuration: number;
}

/** Lambda has room for 4 KB of environment; the other variables take less than a quarter. */
export const MAX_JWKS = 3000;

const JWKS_FORM =
  `a JSON Web Key Set of at most ${MAX_JWKS} bytes with public keys only, each with a kid of its own: RSA of 2048 bits or more, ` +
  "EC on P-256, or OKP on Ed25519. Larger ones go by APP_JWKS_URI";

// Values of the function's environment pass through Terraform, to which "${" and "%{" are expressions.
const plainText = z
  .string()
  .regex(
    /^(?!.*[$%]\{)[!-~]{1,256}$/,
    "1 to 256 printable ASCII characters without spaces, and without ${ or %{",
  );

const httpsUrl = z.string().refine(isHttpsUrl, "an https URL without a user, password, ${ or %{");

const base64url = z.string().regex(/^[\w-]+$/);
const ofSignatures = {
  kid: z.string().regex(/^(?!.*[$%]\{)[ -~]{1,128}$/),
  use: z.literal("sig").optional(),
};
const publicKey = z.discriminatedUnion("kty", [
  z.object({
    ...ofSignatures,
    kty: z.literal("RSA"),
    alg: z.literal("RS256").optional(),
    n: base64url.refine((n) => Buffer.from(n, "base64url").length >= 256),
    e: base64url,
  }),
  z.object({
    ...ofSignatures,
    kty: z.literal("EC"),
    alg: z.literal("ES256").optional(),
    crv: z.literal("P-256"),
    x: base64url,
    y: base64url,
  }),
  z.object({
    ...ofSignatures,
    kty: z.literal("OKP"),
    alg: z.literal("EdDSA").optional(),
    crv: z.literal("Ed25519"),
    x: base64url,
  }),
]);

/** Members that only a private key has: RFC 7518, sections 6.2.2, 6.3.2 and 6.4.1. */
export const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

const keySet = z.object({
  keys: z
    .array(z.record(z.string(), z.unknown()).refine((key) => !PRIVATE_MEMBERS.some((name) => name in key)))
    .min(1)
    .pipe(z.array(publicKey))
    .refine((keys) => new Set(keys.map(({ kid }) => kid)).size === keys.length),
});

/** The set with what verifies a signature and nothing else (certificates take room). */
const jwks = z.string().transform((text, context) => {
  const parsed = keySet.safeParse(parseJson(text));
  const minimal = JSON.stringify(parsed.data);
  if (!parsed.success || Buffer.byteLength(minimal) > MAX_JWKS) {
    context.addIssue({ code: "custom", message: JWKS_FORM });
    return z.NEVER;
  }
  return minimal;
});

const algorithms = listOf(
  z.enum(SESSION_ALGORITHMS),
  `a list out of ${SESSION_ALGORITHMS.join(", ")} with commas between`,
);

// Tag keys have more characters and are 128 long; these need no quoting in a list. Two keys that differ in case are one to AWS.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
const tagMapping = z
  .string()
  .regex(/^[\w.:/-]{1,128}=(?!aws:)[\w.:/@+-]{1,128}$/i)
  .transform((text): TagMapping => {
    const [claim = "", tag = ""] = text.split("=");
    return { claim, tag };
  });
const principalTags = listOf(
  tagMapping,
  "claim=tag with commas between, at most 50, each tag once (whatever its case) and none beginning with aws:",
).refine(
  (mappings) =>
    mappings.length <= 50 && new Set(mappings.map(({ tag }) => tag.toLowerCase())).size === mappings.length,
  "at most 50 tags, each once, whatever its case",
);

/** Of each variable: its form and that form in words. */
export const loginVariables = {
  APP_JWKS: jwks.optional(),
  APP_JWKS_URI: httpsUrl.optional(),
  APP_INTROSPECTION_URL: httpsUrl.optional(),
  APP_ISSUER: plainText.optional(),
  APP_AUDIENCE: plainText.optional(),
  APP_ALGORITHMS: algorithms.optional(),
  LOGIN_RETURNS: z.enum(["token", "credentials"], "token or credentials").optional(),
  // https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_GetOpenIdTokenForDeveloperIdentity.html
  LOGIN_TOKEN_DURATION: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, "whole seconds, 1 to 86400")
    .transform(Number)
    .refine((seconds) => seconds <= 86_400, "whole seconds, 1 to 86400")
    .optional(),
  PRINCIPAL_TAGS: principalTags.optional(),
};

type Environment = Readonly<Record<string, string | undefined>>;

const KEYS = ["APP_JWKS", "APP_JWKS_URI"];
const SOURCES = [...KEYS, "APP_INTROSPECTION_URL"];
const ANY_SOURCE = `${SOURCES.slice(0, -1).join(", ")} or ${SOURCES.at(-1)}`;

/** Which variables go together: of each, with which others it may be there, and with which it must. */
const COMBINATIONS: readonly {
  readonly name: string;
  readonly onlyWith?: readonly string[];
  readonly neverWith?: readonly string[];
  readonly neededWith?: readonly string[];
  readonly allowed: string;
}[] = [
  ...SOURCES.map((name) => ({
    name,
    neverWith: SOURCES.filter((other) => other !== name),
    allowed: `one of ${ANY_SOURCE}`,
  })),
  ...["APP_ISSUER", "APP_AUDIENCE"].map((name) => ({
    name,
    onlyWith: SOURCES,
    neededWith: KEYS,
    allowed: `needed with ${KEYS.join(" and ")}, allowed with APP_INTROSPECTION_URL, and not without any of them`,
  })),
  { name: "APP_ALGORITHMS", onlyWith: KEYS, allowed: `only with ${KEYS.join(" or ")}` },
  ...["LOGIN_RETURNS", "LOGIN_TOKEN_DURATION"].map((name) => ({
    name,
    onlyWith: SOURCES,
    allowed: `only with ${ANY_SOURCE}`,
  })),
];

/** The variables that are there without those that they need, or beside those that they exclude. */
export function loginCombinationProblems(given: Environment): { name: string; allowed: string }[] {
  const some = (names: readonly string[] = []) => names.some((name) => given[name] !== undefined);
  return COMBINATIONS.filter(({ name, onlyWith, neverWith, neededWith }) =>
    given[name] === undefined
      ? some(neededWith)
      : some(neverWith) || (onlyWith !== undefined && !some(onlyWith)),
  );
}

/** The login that checked variables describe; undefined when nothing says how sessions are recognized. */
export function loginSettingsOf(
  variables: z.infer<z.ZodObject<typeof loginVariables>>,
): LoginSettings | undefined {
  const sessions = sessionSourceOf(variables);
  return (
    sessions && {
      sessions,
      issuer: variables.APP_ISSUER,
      audience: variables.APP_AUDIENCE,
      returns: variables.LOGIN_RETURNS ?? "token",
      tokenDuration: variables.LOGIN_TOKEN_DURATION ?? 900,
    }
  );
}

function sessionSourceOf({
  APP_JWKS: jwks,
  APP_JWKS_URI: jwksUri,
  APP_INTROSPECTION_URL: introspectionUrl,
  APP_ALGORITHMS: algorithms = [...SESSION_ALGORITHMS],
}: z.infer<z.ZodObject<typeof loginVariables>>): SessionSource | undefined {
  if (jwks !== undefined) {
    return { jwks, algorithms };
  }
  if (jwksUri !== undefined) {
    return { jwksUri, algorithms };
  }
  return introspectionUrl === undefined ? undefined : { introspectionUrl };
}

/** A text that lists items with commas between. One item that is wrong makes the whole wrong, in the words of `form`. */
function listOf<T>(item: z.ZodType<T, string>, form: string) {
  return z.string().transform((text, context): T[] => {
    const items = text.split(",").map((one) => item.safeParse(one.trim()));
    if (items.every((one) => one.success)) {
      return items.map(({ data }) => data as T);
    }
    context.addIssue({ code: "custom", message: form });
    return z.NEVER;
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isHttpsUrl(text: string): boolean {
  if (!/^https:\/\/[!-~]{1,1000}$/.test(text) || /[$%]\{/.test(text) || !URL.canParse(text)) {
    return false;
  }
  const { username, password, hash } = new URL(text);
  return username === "" && password === "" && hash === "";
}
