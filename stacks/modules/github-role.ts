// A role that workflows of one GitHub repository assume, without a key that could leak. The file stands alone: copy it.
import { IamOpenidConnectProvider } from "@cdktf/provider-aws/lib/iam-openid-connect-provider";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { Construct } from "constructs";

/** Properties of {@link GithubRole}. What says which workflows are trusted must be known at synth. */
export interface GithubRoleProps {
  /** Name of the role: 1 to 64 letters, digits and `+=,.@_-`. */
  readonly roleName: string;

  /** The repository, `ORG/REPO`, in the case in which GitHub shows it: a token's subject is compared to the letter. */
  readonly repository: string;

  /**
   * The ids of owner and repository, `OWNER_ID/REPOSITORY_ID` (`gh api repos/ORG/REPO --jq '"\(.owner.id)/\(.id)"'`), if the
   * repository's tokens have them in their subject. Those created or renamed since July 15, 2026 do, others can switch it on:
   * https://github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens/
   * With them only the subject with ids is trusted, which no repository gets that takes over the name later.
   *
   * @default - none: only the subject without ids is trusted
   */
  readonly repositoryIds?: string;

  /**
   * Jobs of this branch, if they have no environment. One of `branch`, `environment` and `pullRequest` must be given.
   *
   * @default - not by branch
   */
  readonly branch?: string;

  /**
   * Jobs of this environment. Who may start one, from which branch and with whose approval, is set at GitHub.
   *
   * @default - not by environment
   */
  readonly environment?: string;

  /**
   * Jobs of any pull request of the repository, whatever it changes: for roles that may only read.
   *
   * @default false
   */
  readonly pullRequest?: boolean;

  /**
   * ARN of GitHub's OpenID Connect provider, with `sts.amazonaws.com` among its client ids. An account has one at most, so a second
   * role takes the first one's `providerArn`.
   *
   * @default - one is made
   */
  readonly providerArn?: string;

  /**
   * How long a session may last, in seconds: 3600 to 43200.
   *
   * @default 3600
   */
  readonly maxSessionDuration?: number;

  /**
   * ARN of a managed policy that bounds what the role may ever do.
   *
   * @default - none
   */
  readonly permissionsBoundaryArn?: string;

  /**
   * Tags of the role and of the provider that is made, at most 50 with the provider's own.
   *
   * @default - none
   */
  readonly tags?: Readonly<Record<string, string>>;
}

/** https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws */
const ISSUER = "token.actions.githubusercontent.com";
const AUDIENCE = "sts.amazonaws.com";

/**
 * What a subject is made of, and that in words. Neither can hold what is a wildcard or a variable to IAM. Git and GitHub take more,
 * of which it isn't documented how it is written in a subject.
 */
export const SUBJECT_FORMS = {
  repository: {
    pattern: /^[A-Za-z0-9][\w-]{0,99}\/[\w.-]{1,100}$/,
    words: "ORG/REPO as GitHub shows it",
  },
  repositoryIds: {
    pattern: /^[1-9]\d{0,19}\/[1-9]\d{0,19}$/,
    words: "OWNER_ID/REPOSITORY_ID, two numbers",
  },
  branch: {
    pattern: /^(?!refs\/)[\w.+@/-]{1,200}$/,
    words: "a branch's name without refs/heads/: letters, digits and ._+@/-",
  },
  environment: {
    pattern: /^[\w./-]{1,100}$/,
    words: "an environment's name: letters, digits and ._/-",
  },
};

/** ARN of the provider in any account. */
export const PROVIDER_ARN = /^arn:[\w-]+:iam::\d{12}:oidc-provider\/token\.actions\.githubusercontent\.com$/;

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
const ROLE_NAME = /^[\w+=,.@-]{1,64}$/;
const POLICY_ARN = /^arn:[\w-]+:iam::(\d{12}|aws):policy\/\S+$/;

// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules
const TAG_KEY = /^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+@-]{1,128}$/iu;
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+@-]{0,256}$/u;
const MAX_TAGS = 50;

/** In seconds. */
const ONE_HOUR = 3600;
const TWELVE_HOURS = 43_200;

/**
 * A role that only the workflows named may assume, by the token that GitHub gives to a job with `id-token: write`, and nothing granted
 * to it. Its trust policy compares audience and subject with `StringEquals`, and so trusts no fork and no other branch. By branch, it
 * trusts whatever starts a job there, `pull_request_target` and `workflow_run` too: don't let those run a pull request's code.
 * A subject that was customized at GitHub is none of those that it knows.
 *
 * @example
 * import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
 * import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
 * import { App, TerraformOutput, TerraformStack } from "cdktf";
 * import { GithubRole } from "./github-role";
 *
 * const app = new App();
 * const stack = new TerraformStack(app, "delivery");
 * new AwsProvider(stack, "aws", { region: "eu-central-1" });
 * const deployer = new GithubRole(stack, "deployer", {
 *   roleName: "shop-deployer",
 *   repository: "shop/infra",
 *   environment: "production",
 * });
 * const planner = new GithubRole(stack, "planner", {
 *   roleName: "shop-planner",
 *   repository: "shop/infra",
 *   pullRequest: true,
 *   providerArn: deployer.providerArn,
 * });
 * const reads = { Effect: "Allow", Action: "cognito-identity:DescribeIdentityPool", Resource: "*" };
 * new IamRolePolicy(stack, "planner-reads", {
 *   role: planner.roleName,
 *   policy: JSON.stringify({ Version: "2012-10-17", Statement: [reads] }),
 * });
 * new TerraformOutput(stack, "deployer_role_arn", { value: deployer.roleArn });
 * app.synth();
 */
export class GithubRole extends Construct {
  /** The role; grant to it. */
  readonly role: IamRole;
  /** ARN of the role, for `role-to-assume` of aws-actions/configure-aws-credentials. */
  readonly roleArn: string;
  /** Name of the role. */
  readonly roleName: string;
  /** The provider that was made; undefined when one was given. */
  readonly openIdConnectProvider?: IamOpenidConnectProvider;
  /** ARN of GitHub's provider, made or given. */
  readonly providerArn: string;
  /** The one subject that is trusted. */
  readonly subject: string;

  /** @throws RangeError with everything that is wrong with the props */
  constructor(scope: Construct, id: string, props: GithubRoleProps) {
    super(scope, id);
    checkProps(id, props);
    const provider = props.providerArn === undefined ? createProvider(this, props) : undefined;
    this.openIdConnectProvider = provider;
    this.providerArn = provider?.arn ?? (props.providerArn as string);
    this.subject = subjectOf(props);
    this.role = new IamRole(this, "role", {
      name: props.roleName,
      maxSessionDuration: props.maxSessionDuration ?? ONE_HOUR,
      permissionsBoundary: props.permissionsBoundaryArn,
      assumeRolePolicy: trustPolicy(this.providerArn, this.subject),
      tags: props.tags && { ...props.tags },
    });
    this.roleArn = this.role.arn;
    this.roleName = this.role.name;
  }
}

/** Refuses at synth what would trust nobody, somebody else, or be refused half-way through a deployment. */
function checkProps(id: string, props: GithubRoleProps): void {
  const { branch, environment, pullRequest, maxSessionDuration, tags = {} } = props;
  const problems: string[] = [];
  for (const [name, { pattern, words }] of Object.entries(SUBJECT_FORMS)) {
    const value = props[name as keyof typeof SUBJECT_FORMS];
    if (value !== undefined && !pattern.test(value)) {
      problems.push(`${name} ${JSON.stringify(value)}: give ${words}`);
    }
  }
  if ([branch, environment, pullRequest || undefined].filter((one) => one !== undefined).length !== 1) {
    problems.push("branch, environment, pullRequest: give one of them");
  }
  if (!fits(props.roleName, ROLE_NAME)) {
    problems.push(
      `roleName ${JSON.stringify(props.roleName)}: give 1 to 64 letters, digits and characters out of +=,.@_-`,
    );
  }
  if (!fits(props.providerArn, PROVIDER_ARN)) {
    problems.push(
      `providerArn ${JSON.stringify(props.providerArn)}: give arn:aws:iam::ACCOUNT:oidc-provider/${ISSUER}`,
    );
  }
  if (!fits(props.permissionsBoundaryArn, POLICY_ARN)) {
    problems.push(
      `permissionsBoundaryArn ${JSON.stringify(props.permissionsBoundaryArn)}: give the ARN of a managed policy`,
    );
  }
  if (
    maxSessionDuration !== undefined &&
    !(
      Number.isInteger(maxSessionDuration) &&
      maxSessionDuration >= ONE_HOUR &&
      maxSessionDuration <= TWELVE_HOURS
    )
  ) {
    problems.push(
      `maxSessionDuration ${maxSessionDuration}: give whole seconds from ${ONE_HOUR} to ${TWELVE_HOURS}`,
    );
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
      `GithubRole "${id}" cannot be declared:\n${problems.map((one) => `  ${one}`).join("\n")}`,
    );
  }
}

/** Whether a value has the form, is absent, or has a part that only Terraform knows: `${…}`, as cdktf's tokens are too. */
function fits(value: string | undefined, form: RegExp): boolean {
  return value === undefined || value.includes("${") || form.test(value);
}

/** Without thumbprints: AWS verifies GitHub's certificate by its own list of authorities, and finds one to show by itself. */
function createProvider(scope: Construct, props: GithubRoleProps): IamOpenidConnectProvider {
  return new IamOpenidConnectProvider(scope, "provider", {
    url: `https://${ISSUER}`,
    clientIdList: [AUDIENCE],
    tags: props.tags && { ...props.tags },
  });
}

/**
 * A job that has an environment has that in its subject, else a pull request's has that, else the branch.
 * https://docs.github.com/en/actions/reference/security/oidc
 */
function subjectOf({ repository, repositoryIds, branch, environment }: GithubRoleProps): string {
  const names = repository.split("/");
  const ids = repositoryIds?.split("/");
  const owned = ids === undefined ? names : names.map((name, index) => `${name}@${ids[index]}`);
  const context =
    branch !== undefined
      ? `ref:refs/heads/${branch}`
      : environment !== undefined
        ? `environment:${environment}`
        : "pull_request";
  return `repo:${owned.join("/")}:${context}`;
}

function trustPolicy(providerArn: string, subject: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: providerArn },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: { StringEquals: { [`${ISSUER}:aud`]: AUDIENCE, [`${ISSUER}:sub`]: subject } },
      },
    ],
  });
}
