// A stage's settings: read from the environment and checked before anything is declared, so that a wrong value
// stops synth with one message instead of failing half-way through a deployment.
import { z } from "zod";
import {
  type LoginSettings,
  loginCombinationProblems,
  loginSettingsOf,
  loginVariables,
  type TagMapping,
} from "./login-settings";
import {
  type VerifierSettings,
  verifierCombinationProblems,
  verifierSettingsOf,
  verifierVariables,
} from "./verifier-settings";

/** What tells one deployment from another. */
export interface Settings {
  /** Name of the stage, also the API's stage name. */
  readonly stage: string;
  /** AWS region of all resources. */
  readonly region: string;
  /** First part of every resource's name. */
  readonly namePrefix: string;
  /** Name by which the backend's logins are known to the identity pool. Changing it replaces the pool. */
  readonly developerProviderName: string;
  /** The one origin whose pages may read the API's answers, or `*`. */
  readonly allowedOrigin: string;
  /** S3 bucket for Terraform's state. Absent: a file under `.terraform-state/<stage>/<region>/`. */
  readonly stateBucket?: string;
  /** Region of that bucket. */
  readonly stateRegion: string;
  /** Whether the state's key in the bucket names the region, as the path of a local file does. */
  readonly stateKeyHasRegion: boolean;
  /** The account to deploy to; Terraform refuses any other. Absent: whichever the credentials are of. */
  readonly accountId?: string;
  /** Terraform's constraint on the version of `hashicorp/aws`. */
  readonly awsProviderVersion: string;
  /** TLS policy of the API's own host name. Absent: API Gateway's default. */
  readonly tlsPolicy?: string;
  /** Whether the API has `GET /restricted`, granted to nobody, which a verification expects to be refused. */
  readonly restrictedProbe: boolean;
  /** Whether Terraform refuses to destroy the pool, and with it every identity. */
  readonly protectIdentities: boolean;
  /** Claims of the application's sessions that become principal tags. */
  readonly principalTags: readonly TagMapping[];
  /** Whether the API has `GET /users/{username}`, where each user may only call the own. */
  readonly userRoutes: boolean;
  /** The login endpoint. Absent: there is none. */
  readonly login?: LoginSettings;
  /** The role of the nightly verification. Absent: there is none. */
  readonly verifier?: VerifierSettings;
}

/** The principal tag that user routes are granted by. */
export const USERNAME_TAG = "username";

/** One setting that cannot be used. */
export interface SettingProblem {
  readonly name: string;
  /** The value as given, if it can't be a secret; undefined when it is missing. */
  readonly found: string | undefined;
  readonly allowed: string;
}

/** Thrown by {@link readSettings}; the message lists every bad setting, what was found and what is allowed. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";

  constructor(readonly problems: readonly SettingProblem[]) {
    super(
      ["These settings cannot be used:", ...problems.map(describe), "Nothing was synthesised."].join("\n"),
    );
  }
}

/** Stages that hold nothing of value: any origin may call their API, and their identities may be destroyed. */
export const UNPROTECTED_STAGES: readonly string[] = ["local", "dev"];

// Role and function names have at most 64 characters: prefix (20) + stage (20) + two hyphens leave 22 for the rest.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const NAME_FORM = {
  pattern: /^[a-z][a-z0-9-]{0,19}$/,
  words: "a lower-case letter, then lower-case letters, digits and hyphens; at most 20 characters",
};

/** Forms that Terraform checks too, where these settings are variables: patterns that mean the same to RE2. */
export const FORMS = {
  stage: NAME_FORM,
  namePrefix: NAME_FORM,
  // https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_CreateIdentityPool.html
  developerProviderName: {
    pattern: /^[\w.-]{1,100}$/,
    words: "1 to 100 letters, digits, dots, underscores and hyphens",
  },
};

/** What an origin looks like, in words. */
export const ORIGIN_FORM =
  "https://host[:port] in lower case and without a path, http:// for localhost only; " +
  `"*" (the default) for the stages ${UNPROTECTED_STAGES.join(" and ")} only`;

/**
 * A region's code, of any partition. The harness and local AWS have the same pattern.
 * https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
 */
const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/;
const REGION_FORM = "a region code such as us-east-1 or eu-central-1";

/** Regions of other partitions: China, GovCloud, the isolated ones and the European Sovereign Cloud. */
export const OTHER_PARTITION = /^(cn|us-gov|us-iso[a-z]?|eu-iso[a-z]?|eusc)-/;

/** https://developer.hashicorp.com/terraform/language/expressions/version-constraints */
const VERSION_CONSTRAINT = /^((^|,) *(=|!=|>|>=|<|<=|~>)? *\d+(\.\d+){0,2} *)+$/;

/** The version of `hashicorp/aws` that the tests apply. */
export const DEFAULT_PROVIDER_VERSION = "5.100.0";

/** The first version of the provider that knows `security_policy` of an API. */
const TLS_POLICY_SINCE = [6, 53];

const trueOrFalse = z.enum(["true", "false"], "true or false");

/** Each setting of the environment: its form, that form in words, and its default. */
const environmentSchema = z
  .object({
    STAGE: z.string().regex(FORMS.stage.pattern, FORMS.stage.words).default("dev"),
    AWS_REGION: z
      .string()
      .regex(REGION, REGION_FORM)
      .refine(
        (region) => !OTHER_PARTITION.test(region),
        "a region of the partition aws; in others service principals and token issuers have other names, and the trust policies here name cognito-identity.amazonaws.com",
      )
      .default("us-east-1"),
    NAME_PREFIX: z
      .string()
      .regex(FORMS.namePrefix.pattern, FORMS.namePrefix.words)
      .default("developer-identities"),
    DEVELOPER_PROVIDER_NAME: z
      .string()
      .regex(FORMS.developerProviderName.pattern, FORMS.developerProviderName.words)
      .default("login.developer.example"),
    ALLOWED_ORIGIN: z
      .string()
      .refine((value) => value === "*" || isOrigin(value), ORIGIN_FORM)
      .optional(),
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    STATE_BUCKET: z
      .string()
      .regex(
        /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
        "the name of an S3 bucket: 3 to 63 lower-case letters, digits, dots and hyphens",
      )
      .optional(),
    STATE_REGION: z.string().regex(REGION, REGION_FORM).optional(),
    STATE_KEY_HAS_REGION: trueOrFalse.optional(),
    AWS_ACCOUNT_ID: z
      .string()
      .regex(/^\d{12}$/, "an account's id of 12 digits")
      .optional(),
    AWS_PROVIDER_VERSION: z
      .string()
      .regex(VERSION_CONSTRAINT, "a Terraform version constraint such as 5.100.0 or ~> 6.0")
      .default(DEFAULT_PROVIDER_VERSION),
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies-list.html
    TLS_POLICY: z
      .string()
      .regex(
        /^(TLS_1_[02]|SecurityPolicy_\w{1,100})$/,
        "TLS_1_0, TLS_1_2 or a name that begins with SecurityPolicy_",
      )
      .optional(),
    RESTRICTED_PROBE: trueOrFalse.default("true"),
    PROTECT_IDENTITIES: trueOrFalse.optional(),
    USER_ROUTES: trueOrFalse.default("false"),
    ...loginVariables,
    ...verifierVariables,
  })
  .refine(({ STAGE, ALLOWED_ORIGIN = "*" }) => ALLOWED_ORIGIN !== "*" || UNPROTECTED_STAGES.includes(STAGE), {
    path: ["ALLOWED_ORIGIN"],
    error: ORIGIN_FORM,
    // Whatever else is wrong, so that all is said at once; but not of a stage or an origin already refused.
    when: ({ issues }) => !concerns(issues, "STAGE", "ALLOWED_ORIGIN"),
  })
  .refine(
    ({ TLS_POLICY, AWS_PROVIDER_VERSION }) =>
      TLS_POLICY === undefined || excludesBelow(AWS_PROVIDER_VERSION, TLS_POLICY_SINCE),
    {
      path: ["TLS_POLICY"],
      error: `only with an AWS_PROVIDER_VERSION that excludes versions below ${TLS_POLICY_SINCE.join(".")}, e.g. ~> ${TLS_POLICY_SINCE.join(".")}`,
      when: ({ issues }) => !concerns(issues, "TLS_POLICY", "AWS_PROVIDER_VERSION"),
    },
  )
  .refine(
    ({ USER_ROUTES, PRINCIPAL_TAGS = [] }) =>
      USER_ROUTES === "false" || PRINCIPAL_TAGS.some(({ tag }) => tag === USERNAME_TAG),
    {
      path: ["USER_ROUTES"],
      error: `only with PRINCIPAL_TAGS that map a claim to the tag ${USERNAME_TAG}, e.g. sub=${USERNAME_TAG}`,
      when: ({ issues }) => !concerns(issues, "USER_ROUTES", "PRINCIPAL_TAGS"),
    },
  );

/** What stands in a message in place of a value that may hold a secret: a private key, a URL's password. */
const SHOWN: Readonly<Record<string, (value: string) => string>> = {
  APP_JWKS: () => "(not shown)",
  APP_JWKS_URI: withoutPassword,
  APP_INTROSPECTION_URL: withoutPassword,
};

/** The variables that are read. */
export const SETTING_NAMES: readonly string[] = Object.keys(environmentSchema.shape);

/**
 * Reads a stage's settings. A variable that is set to nothing counts as absent: that is how a pipeline hands on
 * what it does not have.
 *
 * @param environment normally `process.env`
 * @throws SettingsError naming every setting that cannot be used
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = environmentSchema.safeParse(given);
  const problems = [
    ...(parsed.error?.issues ?? []).map(({ path, message }) => ({ name: String(path[0]), allowed: message })),
    ...loginCombinationProblems(given),
    ...verifierCombinationProblems(given),
  ];
  if (!parsed.success || problems.length > 0) {
    throw new SettingsError(
      problems.map(({ name, allowed }) => ({ name, found: shown(name, given[name]), allowed })),
    );
  }
  const settings = parsed.data;
  return {
    stage: settings.STAGE,
    region: settings.AWS_REGION,
    namePrefix: settings.NAME_PREFIX,
    developerProviderName: settings.DEVELOPER_PROVIDER_NAME,
    allowedOrigin: settings.ALLOWED_ORIGIN ?? "*",
    stateBucket: settings.STATE_BUCKET,
    stateRegion: settings.STATE_REGION ?? settings.AWS_REGION,
    stateKeyHasRegion: settings.STATE_KEY_HAS_REGION === "true",
    accountId: settings.AWS_ACCOUNT_ID,
    awsProviderVersion: settings.AWS_PROVIDER_VERSION,
    tlsPolicy: settings.TLS_POLICY,
    restrictedProbe: settings.RESTRICTED_PROBE === "true",
    protectIdentities: settings.PROTECT_IDENTITIES
      ? settings.PROTECT_IDENTITIES === "true"
      : !UNPROTECTED_STAGES.includes(settings.STAGE),
    principalTags: settings.PRINCIPAL_TAGS ?? [],
    userRoutes: settings.USER_ROUTES === "true",
    login: loginSettingsOf(settings),
    verifier: verifierSettingsOf(settings),
  };
}

function shown(name: string, value: string | undefined): string | undefined {
  return value === undefined ? undefined : (SHOWN[name]?.(value) ?? value);
}

function withoutPassword(url: string): string {
  return url.replace(/^.*@/s, "…@");
}

function describe({ name, found, allowed }: SettingProblem): string {
  return `  ${name}: found ${found === undefined ? "nothing" : JSON.stringify(found)}; allowed: ${allowed}`;
}

function concerns(issues: readonly { path?: readonly PropertyKey[] }[], ...names: string[]): boolean {
  return issues.some(({ path }) => names.includes(String(path?.[0])));
}

/** Whether a constraint has a part that admits nothing below the version. */
function excludesBelow(constraint: string, [major = 0, minor = 0]: readonly number[]): boolean {
  return constraint.split(",").some((part) => {
    const [, operator = "=", ...digits] = /^ *(\D*?) *(\d+)(?:\.(\d+))?/.exec(part) ?? [];
    const [atMajor = 0, atMinor = 0] = digits.map((number) => Number(number ?? 0));
    const bounded = ["", "=", ">", ">=", "~>"].includes(operator);
    return bounded && (atMajor > major || (atMajor === major && atMinor >= minor));
  });
}

/** Whether the value is written exactly as a browser sends it in `Origin`. */
function isOrigin(value: string): boolean {
  // The value ends up inside a quoted literal of API Gateway, so only characters of a host name may pass.
  if (!/^https?:\/\/([a-z0-9.-]+|\[::1\])(:\d+)?$/.test(value) || !URL.canParse(value)) {
    return false;
  }
  const url = new URL(value);
  const local = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  return url.origin === value && (url.protocol === "https:" || local);
}
