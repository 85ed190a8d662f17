// A Cognito identity pool whose users are signed in by one's own backend. The file stands alone: copy it.
import { CognitoIdentityPool } from "@cdktf/provider-aws/lib/cognito-identity-pool";
import { CognitoIdentityPoolRolesAttachment } from "@cdktf/provider-aws/lib/cognito-identity-pool-roles-attachment";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { Annotations, Aspects } from "cdktf";
import { Construct, type IConstruct } from "constructs";

/** Properties of {@link DeveloperIdentityPool}. Values that only Terraform knows pass their checks and are left to AWS. */
export interface DeveloperIdentityPoolProps {
  /**
   * Name of the pool and first part of its roles' names: at most 48 letters, digits, hyphens and underscores.
   * Choose it once. AWS can rename a pool, but Terraform replaces it, and every identity id is lost.
   * https://github.com/hashicorp/terraform-provider-aws/issues/49638
   */
  readonly identityPoolName: string;

  /**
   * Key under which the backend passes its user identifiers in `Logins`: 1 to 100 of `[A-Za-z0-9_.-]`.
   * AWS never lets it change, so a change replaces the pool.
   */
  readonly developerProviderName: string;

  /**
   * Whether Terraform refuses every plan that would destroy the pool.
   *
   * @default true
   */
  readonly preventDestroy?: boolean;

  /**
   * Whether guests, callers without a login, get an identity and a role of their own.
   *
   * @default false
   */
  readonly allowUnauthenticatedIdentities?: boolean;

  /**
   * Keys of the principal tags that the backend may give to a session (`PrincipalTags` of
   * `GetOpenIdTokenForDeveloperIdentity`), e.g. `["team"]`. Policies then find them as `aws:PrincipalTag/team`.
   * With a tag of another key, or without this prop with any tag, no credentials are given at all. At most 50, which
   * don't differ in case alone; together they must fit into a trust policy of 4096 characters (2048 unless AWS raised your
   * quota).
   *
   * @default - none: sessions have no tags
   */
  readonly allowSessionTags?: readonly string[];

  /**
   * ARN of a managed policy that bounds what the roles may ever do.
   *
   * @default - none
   */
  readonly permissionsBoundaryArn?: string;

  /**
   * Path of the roles, `/` at both ends, e.g. `/identities/`. It becomes part of their ARNs.
   *
   * @default "/"
   */
  readonly rolePath?: string;

  /**
   * Tags of the pool and its roles, at most 50 with the provider's own.
   *
   * @default - none
   */
  readonly tags?: Readonly<Record<string, string>>;
}

/** In seconds. The enhanced flow's sessions last no longer, and IAM accepts no lower maximum. */
const ONE_HOUR = 3600;

// The roles' names are the pool's with "-unauthenticated" at most, and IAM allows 64 characters.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const NAME = /^[\w-]{1,48}$/;

// https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_CreateIdentityPool.html
const DEVELOPER_PROVIDER_NAME = /^[\w.-]{1,100}$/;

/**
 * What an id consists of, and its ARN, in which both regions must be the same.
 * https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_IdentityPool.html
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncognitoidentity.html
 */
const POOL_ID = /^[a-z]{2,4}(-[a-z]+)+-\d{1,2}:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const POOL_ARN = /^arn:[\w-]+:cognito-identity:([\w-]+):\d{12}:identitypool\/((.+):.+)$/;
const MAX_POOL_ID = 55;

/** In characters, once AWS has raised it. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MAX_TRUST_POLICY = 4096;

// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
const TAG_KEY = /^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+@-]{1,128}$/iu;
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+@-]{0,256}$/u;
const MAX_TAGS = 50;

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
const ROLE_PATH = /^\/([!-~]{1,510}\/)?$/;
const POLICY_ARN = /^arn:[\w-]+:iam::(\d{12}|aws):policy\/\S+$/;

/**
 * An identity pool with a developer provider, the role of its signed-in identities, and nothing granted to them.
 *
 * Guests and the classic flow are off. The classic flow is switched off explicitly, because a pool without the
 * setting allows it: https://github.com/aws/aws-cli/issues/7652
 *
 * A pool that exists already is taken over with `pool.identityPool.importFrom("REGION:UUID")`, under its name and its
 * developer provider's; or it is left where it is, and {@link mintingPolicyFor} and {@link trustPolicyFor} make the
 * policies for it.
 *
 * @example
 * import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
 * import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
 * import { App, TerraformOutput, TerraformStack } from "cdktf";
 * import { DeveloperIdentityPool } from "./developer-identity-pool";
 *
 * const app = new App();
 * const stack = new TerraformStack(app, "identities");
 * new AwsProvider(stack, "aws", { region: "eu-central-1" });
 * const pool = new DeveloperIdentityPool(stack, "pool", {
 *   identityPoolName: "shop-prod-identities",
 *   developerProviderName: "login.shop.example",
 * });
 * new IamRolePolicy(stack, "may-mint", { role: "shop-prod-backend", policy: pool.mintingPolicy });
 * new TerraformOutput(stack, "identity_pool_id", { value: pool.identityPoolId });
 * app.synth();
 */
export class DeveloperIdentityPool extends Construct {
  /** The pool. */
  readonly identityPool: CognitoIdentityPool;
  /** Id of the pool, `REGION:UUID`. */
  readonly identityPoolId: string;
  /** ARN of the pool. */
  readonly identityPoolArn: string;
  /** Key for the backend's user identifiers in `Logins`. */
  readonly developerProviderName: string;
  /** The role that signed-in identities assume; grant to it. */
  readonly authenticatedRole: IamRole;
  /** ARN of the role that signed-in identities assume. */
  readonly authenticatedRoleArn: string;
  /** Name of the role that signed-in identities assume. */
  readonly authenticatedRoleName: string;
  /** The guests' role; undefined without guests. */
  readonly unauthenticatedRole?: IamRole;
  /** ARN of the guests' role; undefined without guests. */
  readonly unauthenticatedRoleArn?: string;
  /** Name of the guests' role; undefined without guests. */
  readonly unauthenticatedRoleName?: string;
  /** Which of the pool's callers assume which role. */
  readonly rolesAttachment: CognitoIdentityPoolRolesAttachment;
  /**
   * Policy document (JSON) for the one role that may mint tokens for this pool: the backend's. Whoever holds it
   * can become any user of the pool, so never give it to a client. A document rather than a grant, so that the pool's
   * stack, which lives long, knows nothing of the backend's.
   */
  readonly mintingPolicy: string;

  /** @throws RangeError with everything that is wrong with the props */
  constructor(scope: Construct, id: string, props: DeveloperIdentityPoolProps) {
    super(scope, id);
    checkProps(id, props);
    const pool = createPool(this, props);
    const authenticated = createRole(this, props, pool, "authenticated", props.developerProviderName);
    const unauthenticated = props.allowUnauthenticatedIdentities
      ? createRole(this, props, pool, "unauthenticated", "unauthenticated")
      : undefined;

    this.identityPool = pool;
    this.identityPoolId = pool.id;
    this.identityPoolArn = pool.arn;
    this.developerProviderName = props.developerProviderName;
    this.authenticatedRole = authenticated;
    this.authenticatedRoleArn = authenticated.arn;
    this.authenticatedRoleName = authenticated.name;
    this.unauthenticatedRole = unauthenticated;
    this.unauthenticatedRoleArn = unauthenticated?.arn;
    this.unauthenticatedRoleName = unauthenticated?.name;
    this.rolesAttachment = attachRoles(this, pool, authenticated, unauthenticated);
    this.mintingPolicy = mintingPolicy(pool.arn);
    Aspects.of(this.rolesAttachment).add({ visit: warnOfRoleMappings });
  }

  /**
   * Makes the {@link mintingPolicy} of a pool that exists already.
   *
   * @param identityPoolArn `arn:aws:cognito-identity:REGION:ACCOUNT:identitypool/REGION:UUID`; what only Terraform knows
   * passes
   * @throws RangeError when it is no such ARN, or its two regions differ
   */
  static mintingPolicyFor(identityPoolArn: string): string {
    const [, region, id = "", regionOfId] = POOL_ARN.exec(identityPoolArn) ?? [];
    if (!identityPoolArn.includes("${") && !(POOL_ID.test(id) && region === regionOfId)) {
      throw new RangeError(
        `identityPoolArn ${JSON.stringify(identityPoolArn)}: give arn:aws:cognito-identity:REGION:ACCOUNT:identitypool/REGION:UUID, with the same region in both places`,
      );
    }
    return mintingPolicy(identityPoolArn);
  }

  /**
   * Makes the trust policy (JSON) of a role that is assumed by the developer logins of a pool that exists already, and by
   * nobody else.
   *
   * @param identityPoolId `REGION:UUID`; what only Terraform knows passes
   * @param developerProviderName the pool's
   * @param allowSessionTags as the prop of that name
   * @throws RangeError with everything that is wrong
   */
  static trustPolicyFor(
    identityPoolId: string,
    developerProviderName: string,
    allowSessionTags: readonly string[] = [],
  ): string {
    const problems = loginProblems(developerProviderName, allowSessionTags);
    if (!fits(identityPoolId, POOL_ID)) {
      problems.unshift(`identityPoolId ${JSON.stringify(identityPoolId)}: give REGION:UUID`);
    }
    if (problems.length > 0) {
      throw new RangeError(`No trust policy can be made:\n${problems.map((one) => `  ${one}`).join("\n")}`);
    }
    return trustPolicy(identityPoolId, developerProviderName, allowSessionTags);
  }
}

/** Refuses at synth what AWS would refuse half-way through a deployment. */
function checkProps(id: string, props: DeveloperIdentityPoolProps): void {
  const { identityPoolName, developerProviderName, allowSessionTags, tags = {} } = props;
  const problems: string[] = [];
  if (!fits(identityPoolName, NAME)) {
    problems.push(
      `identityPoolName ${JSON.stringify(identityPoolName)}: give 1 to 48 letters, digits, hyphens and underscores`,
    );
  }
  problems.push(...loginProblems(developerProviderName, allowSessionTags));
  if (!fits(props.permissionsBoundaryArn, POLICY_ARN)) {
    problems.push(
      `permissionsBoundaryArn ${JSON.stringify(props.permissionsBoundaryArn)}: give the ARN of a managed policy`,
    );
  }
  if (!fits(props.rolePath, ROLE_PATH)) {
    problems.push(`rolePath ${JSON.stringify(props.rolePath)}: begin and end it with /`);
  }
  for (const [key, value] of Object.entries(tags)) {
    if (!fits(key, TAG_KEY) || !fits(value, TAG_VALUE)) {
      problems.push(
        `tags ${JSON.stringify(key)}: give keys of 1 to 128 and values of 0 to 256 letters, digits, spaces and _.:/=+-@, the key not beginning with aws:`,
      );
    }
  }
  if (Object.keys(tags).length > MAX_TAGS) {
    problems.push(`tags: give at most ${MAX_TAGS}, for AWS keeps no more`);
  }
  if (problems.length > 0) {
    throw new RangeError(
      `DeveloperIdentityPool "${id}" cannot be declared:\n${problems.map((one) => `  ${one}`).join("\n")}`,
    );
  }
}

/** What no login could bring along, or no trust policy could say. */
function loginProblems(developerProviderName: string, allowSessionTags: readonly string[] = []): string[] {
  const problems: string[] = [];
  if (!fits(developerProviderName, DEVELOPER_PROVIDER_NAME)) {
    problems.push(
      `developerProviderName ${JSON.stringify(developerProviderName)}: give 1 to 100 letters, digits, dots, underscores and hyphens`,
    );
  }
  const caseless = allowSessionTags.map((key) => key.toLowerCase());
  allowSessionTags.forEach((key, index) => {
    if (!fits(key, TAG_KEY)) {
      problems.push(
        `allowSessionTags ${JSON.stringify(key)}: give 1 to 128 letters, digits, spaces and _.:/=+-@, not beginning with aws:`,
      );
    } else if (caseless.indexOf(key.toLowerCase()) < index) {
      problems.push(`allowSessionTags ${JSON.stringify(key)}: give it once, for case makes no other key`);
    }
  });
  if (allowSessionTags.length > MAX_TAGS) {
    problems.push(`allowSessionTags: give at most ${MAX_TAGS}, for a session has no more`);
  }
  const longest = trustPolicy("-".repeat(MAX_POOL_ID), developerProviderName, allowSessionTags);
  if (longest.length > MAX_TRUST_POLICY) {
    problems.push(
      `allowSessionTags: give fewer or shorter ones, for with these the trust policy has ${longest.length} characters, and IAM takes ${MAX_TRUST_POLICY}`,
    );
  }
  return problems;
}

/** Whether a value has the form, is absent, or has a part that only Terraform knows: `${…}`, as cdktf's tokens are too. */
function fits(value: string | undefined, form: RegExp): boolean {
  return value === undefined || value.includes("${") || form.test(value);
}

function createPool(scope: Construct, props: DeveloperIdentityPoolProps): CognitoIdentityPool {
  return new CognitoIdentityPool(scope, "pool", {
    identityPoolName: props.identityPoolName,
    developerProviderName: props.developerProviderName,
    allowUnauthenticatedIdentities: props.allowUnauthenticatedIdentities ?? false,
    allowClassicFlow: false,
    tags: props.tags && { ...props.tags },
    lifecycle: (props.preventDestroy ?? true) ? { preventDestroy: true } : undefined,
  });
}

/** A role that only identities of this pool assume whose token carries `amr`, one of its authentication methods. */
function createRole(
  scope: Construct,
  props: DeveloperIdentityPoolProps,
  pool: CognitoIdentityPool,
  kind: "authenticated" | "unauthenticated",
  amr: string,
): IamRole {
  // Guests' tokens come from no backend, and so have no tags.
  const tagKeys = kind === "authenticated" ? props.allowSessionTags : [];
  return new IamRole(scope, `${kind}-role`, {
    name: `${props.identityPoolName}-${kind}`,
    path: props.rolePath,
    permissionsBoundary: props.permissionsBoundaryArn,
    maxSessionDuration: ONE_HOUR,
    assumeRolePolicy: trustPolicy(pool.id, amr, tagKeys),
    tags: props.tags && { ...props.tags },
  });
}

/**
 * Both conditions are needed: without `aud` any pool of any account could issue the token, without `amr` a guest's would do.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html
 */
function trustPolicy(identityPoolId: string, amr: string, tagKeys: readonly string[] = []): string {
  const login = {
    StringEquals: { "cognito-identity.amazonaws.com:aud": identityPoolId },
    "ForAnyValue:StringEquals": { "cognito-identity.amazonaws.com:amr": amr },
  };
  const allow = (action: string, conditions: object) => ({
    Effect: "Allow",
    Principal: { Federated: "cognito-identity.amazonaws.com" },
    Action: action,
    Condition: conditions,
  });
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      allow("sts:AssumeRoleWithWebIdentity", login),
      ...(tagKeys.length === 0
        ? []
        : [allow("sts:TagSession", { ...login, "ForAllValues:StringEquals": { "aws:TagKeys": tagKeys } })]),
    ],
  });
}

function attachRoles(
  scope: Construct,
  pool: CognitoIdentityPool,
  authenticated: IamRole,
  unauthenticated: IamRole | undefined,
): CognitoIdentityPoolRolesAttachment {
  return new CognitoIdentityPoolRolesAttachment(scope, "roles", {
    identityPoolId: pool.id,
    roles: {
      authenticated: authenticated.arn,
      ...(unauthenticated ? { unauthenticated: unauthenticated.arn } : {}),
    },
  });
}

/**
 * Role mappings can be put to the attachment, for there is no prop for them. AWS's documentation doesn't say what becomes of
 * developer logins then; a sample of AWS's own says that every one is refused ("roleMappings are not supported for developer
 * authenticated identities"):
 * https://github.com/aws-samples/sample-multi-agent-orchestration-chat-on-agentcore/blob/main/packages/cdk/lib/constructs/auth/cognito-identity-pool.ts
 */
function warnOfRoleMappings(attachment: IConstruct): void {
  if (attachment instanceof CognitoIdentityPoolRolesAttachment && attachment.roleMappingInput !== undefined) {
    Annotations.of(attachment).addWarning(
      "With role mappings, AWS is reported to refuse GetOpenIdTokenForDeveloperIdentity, so that no user of a developer provider could sign in. Remove them, or try a login before you rely on it.",
    );
  }
}

function mintingPolicy(identityPoolArn: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: "cognito-identity:GetOpenIdTokenForDeveloperIdentity",
        Resource: identityPoolArn,
      },
    ],
  });
}
