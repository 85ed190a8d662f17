// Rails at synth: what makes identities, or an API for them, more open than anybody meant is refused before Terraform runs.
// It reads what any stack declares, whatever it was declared with. The file stands alone: copy it.
// What `cdktf init` writes into tsconfig.json stops at ES2018.
/// <reference lib="es2022" />
import { Annotations, TerraformRemoteState, TerraformStack } from "cdktf";
import { Construct, type IConstruct } from "constructs";

/**
 * Every rail, and what to do in place of what it refuses.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html
 * https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html
 * https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flow.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html
 * https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-services.html
 */
const RAILS = {
  "cognito-trust":
    "let the statement demand both the pool, StringEquals on cognito-identity.amazonaws.com:aud, and the login, ForAnyValue:StringEquals on cognito-identity.amazonaws.com:amr",
  "options-behind-iam": "give OPTIONS the authorization NONE, for browsers send preflights unsigned",
  "wildcard-invoke":
    "name the stage, the method and the path of each route, with * for no more than a path's parameter",
  "wildcard-pass-role": "name the roles that may be passed",
  "wildcard-cognito-identity":
    "name the actions, and give GetOpenIdTokenForDeveloperIdentity to the backend alone",
  "permission-without-source-arn":
    "give a source_arn, for an API its execution ARN with stage, method and path, else whoever uses that service, in any account, may have the function invoked",
  "deployment-without-triggers":
    "give triggers with a hash of what is deployed (or replace_triggered_by), else changes are never served",
  "guest-permissions":
    "switch guests off, or waive this for each permission that whoever finds the pool's id shall have",
  "classic-flow":
    "switch the classic flow off: with it a client chooses among the roles, and AWS puts no bounds on what guests may do",
  "identities-may-mint":
    "give GetOpenIdTokenForDeveloperIdentity to the backend's role only: who may mint can become any user",
} as const satisfies Record<string, string>;

/** Name of a rail, for {@link GuardRails.waive}. */
export type Rail = keyof typeof RAILS;

/** Something that a rail refuses. */
export interface GuardRailProblem {
  /** Path of the construct that declares it. */
  readonly path: string;
  /** The rail that refuses it. */
  readonly rail: Rail;
  /** What is declared there. */
  readonly finding: string;
}

/** Thrown at synth; the message has every problem with its cure. */
export class GuardRailError extends Error {
  override readonly name = "GuardRailError";

  constructor(readonly problems: readonly GuardRailProblem[]) {
    super(
      [
        "The guard rails refuse what is declared here:",
        ...problems.map(({ path, rail, finding }) => `  ${path}: ${finding}; ${RAILS[rail]} (${rail})`),
        `If one of them is meant, say so: GuardRails.waive(construct, "${problems[0]?.rail}", "the reason")`,
      ].join("\n"),
    );
  }
}

/** Type of the metadata in which a construct carries its waivers. */
const WAIVER = "guard-rails/waiver";

/**
 * Watches an app, or one stack: `app.synth()` ends with a {@link GuardRailError} when a stack declares
 *
 * - `cognito-trust`: a role that a token of Cognito assumes whichever pool or login it is from: no `aud`, or no `amr`;
 * - `options-behind-iam`: `OPTIONS` with `AWS_IAM`, as a method, as a route of an HTTP API, or in an OpenAPI document in JSON;
 * - `wildcard-invoke`: `execute-api:Invoke` on all APIs, or on a whole stage, method or path as `*`;
 * - `wildcard-pass-role`: `iam:PassRole` on every role;
 * - `wildcard-cognito-identity`: `cognito-identity:*`, or another wildcard that includes minting tokens;
 * - `permission-without-source-arn`: a Lambda permission for a service of AWS without a source ARN, or with one of any account (for
 *   others than API Gateway a source account does as well);
 * - `deployment-without-triggers`: an API deployment that no change renews;
 * - `guest-permissions`: a pool with guests whose role may do anything at all, or is that of signed-in identities;
 * - `classic-flow`: a pool with the classic flow;
 * - `identities-may-mint`: `GetOpenIdTokenForDeveloperIdentity` for a role that identities assume.
 *
 * It judges what Terraform is given: overrides, `data.aws_iam_policy_document`, `Fn.jsonencode`, `Fn.join`, locals and
 * references to other stacks are followed. What only Terraform will know passes, with a warning of what wasn't seen.
 * Not looked at are the resources inside Terraform modules, policies that exist already, and resource policies.
 *
 * All stacks are judged before the first is written, and each again at its turn, with what its aspects did. Declare it
 * after the stacks: if it comes before the first of them, the refusal comes when they are written, though before the manifest.
 * `new App({ skipValidation: true })` switches it off.
 *
 * @example
 * import { ApiGatewayRestApi } from "@cdktf/provider-aws/lib/api-gateway-rest-api";
 * import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
 * import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
 * import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
 * import { App, TerraformStack } from "cdktf";
 * import { GuardRails } from "./guard-rails";
 *
 * const app = new App();
 * const stack = new TerraformStack(app, "shop");
 * new AwsProvider(stack, "aws", { region: "eu-central-1" });
 *
 * const api = new ApiGatewayRestApi(stack, "api", { name: "shop" });
 * const trust = { Effect: "Allow", Principal: { AWS: "123456789012" }, Action: "sts:AssumeRole" };
 * const support = new IamRole(stack, "support", {
 *   assumeRolePolicy: JSON.stringify({ Version: "2012-10-17", Statement: [trust] }),
 * });
 * const reads = { Effect: "Allow", Action: "execute-api:Invoke", Resource: `${api.executionArn}/prod/GET/*` };
 * const policy = new IamRolePolicy(stack, "support-reads", {
 *   role: support.name,
 *   policy: JSON.stringify({ Version: "2012-10-17", Statement: [reads] }),
 * });
 * GuardRails.waive(policy, "wildcard-invoke", "Support may read whatever the shop's API has.");
 *
 * new GuardRails(app);
 * app.synth();
 */
export class GuardRails extends Construct {
  /** What each stack gives to Terraform; of one whose turn hasn't come, as it was when the first was judged. */
  private readonly declared = new Map<TerraformStack, Declared>();
  /** Whether nothing of that is refused. */
  private passed = false;

  /**
   * @param scope the app, or what else holds stacks; a stack, or something in one, to watch that stack alone
   */
  constructor(scope: Construct, id = "guard-rails") {
    super(scope, id);
    const own = scope.node.scopes.find(TerraformStack.isStack);
    const watched = () => (own ? [own] : scope.node.findAll().filter(TerraformStack.isStack));
    // cdktf looks for aspects no further up than a stack, and writes a stack once its own validations have passed.
    for (const stack of watched()) {
      stack.node.addValidation({ validate: () => this.judge(watched(), stack) });
    }
    if (own === undefined) {
      scope.node.addValidation({ validate: () => this.judge(watched()) });
    }
  }

  /**
   * Lets a rail pass what a construct and everything below it declare; a stack is a construct, too.
   *
   * @param reason why it is meant, for whoever reads the code
   * @throws RangeError for a rail that doesn't exist, naming the nearest, and without a reason
   */
  static waive(construct: IConstruct, rail: Rail, reason: string): void {
    if (!Object.hasOwn(RAILS, rail)) {
      throw new RangeError(
        `There is no guard rail ${JSON.stringify(rail)} to waive: did you mean ${JSON.stringify(nearestTo(rail))}? All of them: ${Object.keys(RAILS).join(", ")}`,
      );
    }
    if (typeof reason !== "string" || reason.trim() === "") {
      throw new RangeError(`Say why ${rail} is waived for ${construct.node.path}: give a reason.`);
    }
    construct.node.addMetadata(WAIVER, { rail, reason });
  }

  /** @throws GuardRailError with everything that is refused in any of the stacks */
  private judge(stacks: readonly TerraformStack[], current?: TerraformStack): string[] {
    for (const stack of stacks) {
      // The aspects of the stack whose turn it is have just run.
      if (stack === current || !this.declared.has(stack)) {
        const declared = stack.toTerraform();
        this.passed &&= JSON.stringify(declared) === JSON.stringify(this.declared.get(stack));
        this.declared.set(stack, declared);
      }
    }
    if (this.passed) {
      return [];
    }
    const { problems, unseen } = new Judgment(new Configuration(stacks, this.declared));
    const constructs = new Map(this.node.root.node.findAll().map((one) => [one.node.path, one]));
    const refused = problems.filter((problem) => !isWaived(problem, constructs.values()));
    if (refused.length > 0) {
      throw new GuardRailError(refused);
    }
    for (const { path, what } of unseen) {
      warn(constructs.get(path) ?? this, `The guard rails can't see ${what}, which only Terraform knows.`);
    }
    this.passed = true;
    return [];
  }
}

function isWaived({ path, rail }: GuardRailProblem, constructs: Iterable<IConstruct>): boolean {
  return [...constructs].some(
    ({ node }) =>
      (node.path === "" || node.path === path || path.startsWith(`${node.path}/`)) &&
      node.metadata.some(({ type, data }) => type === WAIVER && data.rail === rail),
  );
}

/** Warns once, however often stacks are judged. */
function warn(construct: IConstruct, message: string): void {
  if (!construct.node.metadata.some(({ data }) => data === message)) {
    Annotations.of(construct).addWarning(message);
  }
}

/** The rail that shares most pairs of letters with a name. */
function nearestTo(name: string): string {
  const pairsOf = (text: string) => new Set([...text].map((_, index) => text.slice(index, index + 2)));
  const pairs = pairsOf(String(name));
  const likeness = (rail: string) => [...pairsOf(rail)].filter((pair) => pairs.has(pair)).length;
  return Object.keys(RAILS).reduce((best, rail) => (likeness(rail) > likeness(best) ? rail : best));
}

// What is judged ---------------------------------------------------------------------------------------------------------

type Attributes = Readonly<Record<string, unknown>>;

/** A stack in Terraform's JSON, as far as it is looked at. */
interface Declared {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Attributes>>>>;
  readonly data?: Readonly<Record<string, Readonly<Record<string, Attributes>>>>;
  readonly locals?: Attributes;
  readonly output?: Readonly<Record<string, { readonly value?: unknown }>>;
}

/** A resource of a stack. */
interface Resource {
  readonly stack: TerraformStack;
  /** Path of its construct. */
  readonly path: string;
  /** What it is called in all stacks: `STACK#TYPE.ID`. */
  readonly address: string;
  readonly attributes: Attributes;
}

/** A text and the stack in which its references mean something. */
interface Located {
  readonly stack: TerraformStack;
  readonly text: string;
}

/** What all stacks give to Terraform, in which references are followed from one to another. */
class Configuration {
  constructor(
    private readonly stacks: readonly TerraformStack[],
    private readonly declared: ReadonlyMap<TerraformStack, Declared>,
  ) {}

  resources(type: string): Resource[] {
    return this.stacks.flatMap((stack) =>
      Object.entries(this.declared.get(stack)?.resource?.[type] ?? {}).map(([id, attributes]) => ({
        stack,
        path: pathOf(attributes) ?? stack.node.path,
        address: `${stack.node.path}#${type}.${id}`,
        attributes,
      })),
    );
  }

  /** A text whose references to locals and other stacks are followed; those that are left name their stack: `${STACK#TYPE…}`. */
  expand(stack: TerraformStack, text: string): string {
    return replaceExpressions(text, (expression) => {
      const found = this.follow({ stack, text: `\${${expression}}` });
      return found.text === `\${${expression}}`
        ? found.text.replace(/^\$\{(?=(data\.)?\w+\.[\w-]+)/, `\${${stack.node.path}#`)
        : this.expand(found.stack, found.text);
    });
  }

  /** The statements of a policy document; undefined if only Terraform knows them. */
  policy(stack: TerraformStack, value: unknown): Statement[] | undefined {
    const located = this.follow({ stack, text: String(value) });
    const id = /^\$\{data\.aws_iam_policy_document\.([\w-]+)\.(minified_)?json\}$/.exec(located.text)?.[1];
    if (id !== undefined) {
      return this.policyOfData(located.stack, id);
    }
    const document = this.json(stack, value);
    return isObject(document) ? list(document.Statement).map(statementOfJson) : undefined;
  }

  /** What a JSON text or a call of `jsonencode` says; undefined if only Terraform knows it. */
  json(origin: TerraformStack, value: unknown): unknown {
    const { stack, text } = this.follow({ stack: origin, text: String(value) });
    const call = /^\$\{\s*jsonencode\((.*)\)\s*\}$/s.exec(text)?.[1];
    const parsed = call === undefined ? parseJson(text) : literalOf(call);
    return mapStrings(parsed, (one) => this.expand(stack, one));
  }

  /** A role, by its address if a stack declares it, else by its name. */
  role(stack: TerraformStack, value: unknown): string | undefined {
    if (typeof value !== "string") {
      return undefined;
    }
    const text = this.expand(stack, value);
    const [, path, data, id] =
      /^\$\{(.*)#(data\.)?aws_iam_role\.([\w-]+)(?:\[.*\])?\.(?:arn|name|id)\}$/.exec(text) ?? [];
    if (id !== undefined && data === undefined) {
      return `${path}#aws_iam_role.${id}`;
    }
    const of = this.stacks.find(({ node }) => node.path === path);
    const name = of ? this.declared.get(of)?.data?.aws_iam_role?.[id ?? ""]?.name : text.split("/").at(-1);
    const named = this.resources("aws_iam_role").find(({ attributes }) => attributes.name === name);
    return typeof name === "string" ? (named?.address ?? name) : text;
  }

  private policyOfData(stack: TerraformStack, id: string): Statement[] | undefined {
    const data = this.declared.get(stack)?.data?.aws_iam_policy_document?.[id];
    const documents = (...names: string[]) =>
      names.flatMap((name) => list(data?.[name]).map((one) => this.policy(stack, one)));
    const given = documents("source_json", "source_policy_documents");
    const overriding = documents("override_json", "override_policy_documents");
    if (data === undefined || data.dynamic !== undefined || [...given, ...overriding].includes(undefined)) {
      return undefined;
    }
    const own = list(data.statement)
      .filter(isObject)
      .map((one) => statementOfData(mapStrings(one, (text) => this.expand(stack, text)) as Attributes));
    // A statement takes the place of those before it that have its sid.
    // https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
    const replaced = new Set(overriding.flatMap((one) => one?.flatMap(({ sid }) => sid || []) ?? []));
    const kept = [...given.flatMap((one) => one ?? []), ...own].filter(({ sid }) => !replaced.has(sid ?? ""));
    return [...kept, ...overriding.flatMap((one) => one ?? [])];
  }

  /** Where a text that is one expression leads, as far as synth knows it. */
  private follow(from: Located): Located {
    const expression = soleExpression(from.text);
    const target = expression === undefined ? undefined : this.target(from.stack, expression);
    return target === undefined ? from : this.follow(target);
  }

  private target(stack: TerraformStack, expression: string): Located | undefined {
    const local = /^local\.([\w-]+)$/.exec(expression)?.[1];
    const value = local === undefined ? undefined : this.declared.get(stack)?.locals?.[local];
    if (typeof value === "string") {
      return { stack, text: value };
    }
    const [, remote, output] =
      /^data\.terraform_remote_state\.([\w-]+)\.outputs\.([\w-]+)$/.exec(expression) ?? [];
    if (remote !== undefined && output !== undefined) {
      return this.outputOf(stack, remote, output);
    }
    const joined = /^join\((.*)\)$/s.exec(expression)?.[1];
    const [separator, parts] = partsOf(joined ?? "").map(literalOf);
    return typeof separator === "string" && isTexts(parts)
      ? { stack, text: parts.join(separator) }
      : undefined;
  }

  /** What another stack of the app hands over, which cdktf names after that stack. */
  private outputOf(stack: TerraformStack, remote: string, output: string): Located | undefined {
    const origin = stack.node
      .findAll()
      .find((one) => one instanceof TerraformRemoteState && one.friendlyUniqueId === remote)
      ?.node.id.replace(/^cross-stack-reference-input-/, "");
    const from = this.stacks.find(({ node }) => node.path === origin);
    const value = from && this.declared.get(from)?.output?.[output]?.value;
    return from && typeof value === "string" ? { stack: from, text: value } : undefined;
  }
}

/** The path of a resource's construct, which cdktf writes beside its attributes. */
function pathOf(attributes: Attributes): string | undefined {
  const comment = attributes["//"];
  const metadata = isObject(comment) ? comment.metadata : undefined;
  return isObject(metadata) && typeof metadata.path === "string" ? metadata.path : undefined;
}

// The rails --------------------------------------------------------------------------------------------------------------

const INVOKE = "execute-api:Invoke";
const PASS_ROLE = "iam:PassRole";
const MINT = "cognito-identity:GetOpenIdTokenForDeveloperIdentity";
const ASSUME = "sts:AssumeRoleWithWebIdentity";

/** A policy of IAM, and the role that has it if it is attached to one. */
interface Grant {
  readonly resource: Resource;
  readonly role?: string;
  /** How it is called in a finding. */
  readonly what: string;
  /** Undefined if they aren't seen. */
  readonly statements?: readonly Statement[];
}

/** What the rails find in a configuration. */
class Judgment {
  readonly problems: GuardRailProblem[] = [];
  readonly unseen: { readonly path: string; readonly what: string }[] = [];
  private readonly configuration: Configuration;

  constructor(configuration: Configuration) {
    this.configuration = configuration;
    const identityRoles = this.judgeTrust();
    const policies = this.policies();
    for (const policy of policies) {
      this.judgePolicy(policy);
    }
    const grants = [...policies.filter(({ role }) => role !== undefined), ...this.attachments(policies)];
    this.judgePools(identityRoles, grants);
    this.judgeMinting(identityRoles, grants);
    this.judgePreflights();
    this.judgePermissions();
    this.judgeDeployments();
  }

  /** @returns the roles that identities assume */
  private judgeTrust(): Set<string> {
    const assumed = new Set<string>();
    for (const role of this.configuration.resources("aws_iam_role")) {
      const statements = this.read(role, "assume_role_policy");
      const open = (statements ?? []).filter(letsIdentitiesIn);
      if (open.length > 0) {
        assumed.add(role.address);
      }
      for (const claim of ["aud", "amr"] as const) {
        if (open.some((statement) => !demands(statement, claim))) {
          this.refuse(role, "cognito-trust", `the trust policy lets tokens of Cognito in ${WITHOUT[claim]}`);
        }
      }
    }
    return assumed;
  }

  /** Every policy that a stack declares, once. */
  private policies(): Grant[] {
    const { configuration } = this;
    const ofType = (type: string) =>
      configuration.resources(type).map(
        (resource): Grant => ({
          resource,
          role:
            type === "aws_iam_role_policy"
              ? configuration.role(resource.stack, resource.attributes.role)
              : undefined,
          what: "the policy",
          statements: this.read(resource, "policy"),
        }),
      );
    const inline = configuration.resources("aws_iam_role").flatMap((resource) =>
      list(resource.attributes.inline_policy)
        .filter(isObject)
        .filter(({ policy }) => policy !== undefined)
        .map(
          ({ name, policy }): Grant => ({
            resource,
            role: resource.address,
            what: `the inline policy ${JSON.stringify(name ?? "")}`,
            statements: this.read(resource, "inline_policy", policy),
          }),
        ),
    );
    const types = ["aws_iam_role_policy", "aws_iam_policy", "aws_iam_user_policy", "aws_iam_group_policy"];
    return [...types.flatMap(ofType), ...inline];
  }

  /** Of each managed policy and each role that has it. */
  private attachments(policies: readonly Grant[]): Grant[] {
    const { configuration } = this;
    const attach = (resource: Resource, role: string | undefined, arn: unknown): Grant => {
      const text = configuration.expand(resource.stack, String(arn));
      const address = /^\$\{(.*#aws_iam_policy\.[\w-]+)(\[.*\])?\.(arn|id)\}$/.exec(text)?.[1];
      const declared = policies.find((policy) => policy.resource.address === address);
      return {
        resource,
        role,
        what: `the policy ${declared?.resource.path ?? text}`,
        statements: declared?.statements,
      };
    };
    const of = (type: string, roles: string, arns: string) =>
      configuration.resources(type).flatMap((resource) => {
        const { stack, attributes, address } = resource;
        const holders =
          type === "aws_iam_role"
            ? [address]
            : list(attributes[roles]).map((role) => configuration.role(stack, role));
        return holders.flatMap((role) => list(attributes[arns]).map((arn) => attach(resource, role, arn)));
      });
    return [
      ...of("aws_iam_role_policy_attachment", "role", "policy_arn"),
      ...of("aws_iam_policy_attachment", "roles", "policy_arn"),
      ...of("aws_iam_role_policy_attachments_exclusive", "role_name", "policy_arns"),
      ...of("aws_iam_role", "", "managed_policy_arns"),
    ];
  }

  private judgePolicy({ resource, what, statements = [] }: Grant): void {
    for (const [rail, action, isWide] of [
      ["wildcard-invoke", INVOKE, isWideRoute],
      ["wildcard-pass-role", PASS_ROLE, isEveryRole],
    ] as const) {
      const targets = statements.flatMap((one) => targetsOf(one, action));
      const wide = targets.filter(isWide);
      if (wide.length > 0) {
        this.refuse(resource, rail, `${what} allows ${action} on ${shown(wide)}`);
      }
      this.noteHidden(resource, `on what ${what} allows ${action}`, targets.filter(isComputed));
    }
    const wildcards = statements
      .filter((one) => targetsOf(one, MINT).length > 0)
      .flatMap(actionsOf)
      .filter((one) => one.startsWith(ALL_BUT) || (/[*?]/.test(one) && matches(one, MINT, "i")));
    if (wildcards.length > 0) {
      this.refuse(
        resource,
        "wildcard-cognito-identity",
        `${what} allows ${shown(wildcards)}, minting included`,
      );
    }
  }

  private judgePools(identityRoles: Set<string>, grants: readonly Grant[]): void {
    const { configuration } = this;
    const withGuests = new Map<string, boolean>();
    for (const pool of configuration.resources("aws_cognito_identity_pool")) {
      withGuests.set(pool.address, this.isOn(pool, "allow_unauthenticated_identities"));
      if (this.isOn(pool, "allow_classic_flow")) {
        this.refuse(pool, "classic-flow", "the pool allows the classic flow");
      }
    }
    for (const attachment of configuration.resources("aws_cognito_identity_pool_roles_attachment")) {
      const { stack, attributes } = attachment;
      const roles = isObject(attributes.roles) ? attributes.roles : {};
      const [signedIn, guests] = ["authenticated", "unauthenticated"].map((kind) =>
        configuration.role(stack, roles[kind]),
      );
      for (const role of [signedIn, guests]) {
        if (role !== undefined) {
          identityRoles.add(role);
        }
      }
      const reference = configuration.expand(stack, String(attributes.identity_pool_id));
      const pool = /^\$\{(.*#aws_cognito_identity_pool\.[\w-]+)(\[.*\])?\.id\}$/.exec(reference)?.[1] ?? "";
      // A role for guests of a pool that isn't seen is there because the pool has guests.
      if (guests === undefined || withGuests.get(pool) === false) {
        continue;
      }
      if (guests === signedIn) {
        this.refuse(attachment, "guest-permissions", "guests have the role of signed-in identities");
      }
      for (const { resource, what, statements } of grants.filter(({ role }) => role === guests)) {
        if (statements === undefined) {
          this.refuse(
            resource,
            "guest-permissions",
            `guests have ${what}, of which is not seen what it allows`,
          );
        } else if (statements.some(({ allows }) => allows)) {
          const actions = statements.filter(({ allows }) => allows).flatMap(actionsOf);
          this.refuse(resource, "guest-permissions", `guests are allowed ${shown(actions)} by ${what}`);
        }
      }
    }
  }

  private judgeMinting(identityRoles: ReadonlySet<string>, grants: readonly Grant[]): void {
    for (const { resource, role, what, statements = [] } of grants) {
      const mints = statements.some((one) => targetsOf(one, MINT).length > 0);
      if (mints && role !== undefined && identityRoles.has(role)) {
        this.refuse(
          resource,
          "identities-may-mint",
          `${what} allows ${MINT} to a role that identities assume`,
        );
      }
    }
  }

  private judgePreflights(): void {
    for (const method of this.configuration.resources("aws_api_gateway_method")) {
      const { http_method: verb, authorization } = method.attributes;
      if (verb === "OPTIONS" && authorization === "AWS_IAM") {
        this.refuse(method, "options-behind-iam", "OPTIONS is behind AWS_IAM");
      }
    }
    for (const route of this.configuration.resources("aws_apigatewayv2_route")) {
      const { route_key: key, authorization_type: authorization } = route.attributes;
      if (/^OPTIONS /.test(String(key)) && authorization === "AWS_IAM") {
        this.refuse(route, "options-behind-iam", `${key} is behind AWS_IAM`);
      }
    }
    const kinds = ["aws_api_gateway_rest_api", "aws_apigatewayv2_api"];
    for (const api of kinds.flatMap((type) => this.configuration.resources(type))) {
      if (api.attributes.body === undefined) {
        continue;
      }
      const document = this.configuration.json(api.stack, api.attributes.body);
      if (!isObject(document)) {
        this.unseen.push({ path: api.path, what: "the routes in body" });
        continue;
      }
      for (const path of preflightsBehindIam(document)) {
        this.refuse(api, "options-behind-iam", `OPTIONS ${path} is behind AWS_IAM`);
      }
    }
  }

  private judgePermissions(): void {
    for (const permission of this.configuration.resources("aws_lambda_permission")) {
      const { principal, source_arn: source, source_account: account } = permission.attributes;
      const isForApis = principal === "apigateway.amazonaws.com";
      // An account's APIs are called by others, so it matters which of them it is; its buckets and topics are its own.
      if (!/\.amazonaws\.com(\.cn)?$/.test(String(principal)) || (account && !isForApis)) {
        continue;
      }
      const [scheme, , , , owner = "*"] = masked(String(source ?? "*")).split(":");
      if (!source || source === "*" || (scheme === "arn" && owner.includes("*"))) {
        const whom = source ? shown([String(source)]) : "anybody";
        this.refuse(permission, "permission-without-source-arn", `${principal} may invoke for ${whom}`);
      }
    }
  }

  private judgeDeployments(): void {
    for (const deployment of this.configuration.resources("aws_api_gateway_deployment")) {
      const { triggers, lifecycle } = deployment.attributes;
      const replaced = list(lifecycle)
        .filter(isObject)
        .some((one) => list(one.replace_triggered_by).length > 0);
      if (!replaced && (!triggers || (isObject(triggers) && Object.keys(triggers).length === 0))) {
        this.refuse(deployment, "deployment-without-triggers", "the deployment has no triggers");
      }
    }
  }

  private refuse({ path }: Resource, rail: Rail, finding: string): void {
    this.problems.push({ path, rail, finding });
  }

  private noteHidden({ path }: Resource, what: string, hidden: readonly string[]): void {
    if (hidden.length > 0) {
      this.unseen.push({ path, what: `${what} (${shown(hidden)})` });
    }
  }

  /** A resource's policy; one that isn't seen is noted. */
  private read(
    resource: Resource,
    attribute: string,
    value = resource.attributes[attribute],
  ): Statement[] | undefined {
    const statements = this.configuration.policy(resource.stack, value);
    if (statements === undefined) {
      this.unseen.push({ path: resource.path, what: attribute });
    }
    const allowed = statements?.filter(({ allows }) => allows) ?? [];
    const withExpression = (one: string) => expressionsOf(one).length > 0;
    this.noteHidden(
      resource,
      `which actions ${attribute} allows`,
      allowed.flatMap(actionsOf).filter(withExpression),
    );
    this.noteHidden(
      resource,
      `whom ${attribute} trusts`,
      allowed.flatMap(({ federated }) => federated).filter(isComputed),
    );
    return statements;
  }

  private isOn({ path, stack, attributes }: Resource, attribute: string): boolean {
    const value = this.configuration.expand(stack, String(attributes[attribute] ?? false));
    if (expressionsOf(value).length > 0) {
      this.unseen.push({ path, what: attribute });
    }
    return value === "true";
  }
}

/** What a trust policy that lacks a claim lets in. */
const WITHOUT = {
  aud: "of any identity pool, anybody's too: no aud",
  amr: "however they were given, to guests too: no amr",
};

/** A statement that lets identities of a pool assume its role. */
function letsIdentitiesIn(statement: Statement): boolean {
  const { allows, federated } = statement;
  const trusted = federated.some((one) => one === "*" || COGNITO.test(one));
  return allows && trusted && covers(statement, ASSUME);
}

/** In China and GovCloud the issuer has a region or a partition in its name. */
const COGNITO = /^cognito-identity[\w.-]*\.amazonaws\.com(\.cn)?$/;

/**
 * Whether a statement is for tokens with certain values of a claim only. `amr` has many values and so needs ForAnyValue;
 * ForAllValues, IfExists and Null also let in who has none of them.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */
function demands({ conditions }: Statement, claim: "aud" | "amr"): boolean {
  return conditions.some(({ operator, key, values }) => {
    const [, any, type] =
      /^(foranyvalue:)?string(equals|equalsignorecase|like)$/.exec(operator.toLowerCase()) ?? [];
    const [issuer = "", name = ""] = key.toLowerCase().split(":");
    if (type === undefined || values.length === 0 || !COGNITO.test(issuer) || name !== claim) {
      return false;
    }
    if (claim === "aud") {
      return type !== "like" || !values.some((value) => /[*?]/.test(masked(value)));
    }
    const accepts = (amr: string) =>
      values.some((value) => (type === "like" ? matches(value, amr) : value === amr));
    return any !== undefined && !(accepts("authenticated") && accepts("unauthenticated"));
  });
}

/** Of an OpenAPI document, the paths whose OPTIONS API Gateway would put behind IAM. */
function preflightsBehindIam(document: Attributes): string[] {
  const components = isObject(document.components) ? document.components : {};
  const schemes = [components.securitySchemes, document.securityDefinitions].filter(isObject);
  const signed = schemes
    .flatMap((one) => Object.entries(one))
    .filter(([, scheme]) => isObject(scheme) && scheme["x-amazon-apigateway-authtype"] === "awsSigv4")
    .map(([name]) => name);
  const isBehindIam = (operation: unknown) => {
    if (!isObject(operation)) {
      return false;
    }
    const auth = operation["x-amazon-apigateway-auth"];
    const demanded = list(operation.security ?? document.security).filter(isObject);
    return isObject(auth)
      ? String(auth.type).toUpperCase() === "AWS_IAM"
      : demanded.some((one) => signed.some((name) => Object.hasOwn(one, name)));
  };
  return Object.entries(isObject(document.paths) ? document.paths : {})
    .filter(([, operations]) => isObject(operations) && isBehindIam(operations.options))
    .map(([path]) => path);
}

/** Whether `execute-api:Invoke` on it is for more than routes: `API/STAGE/METHOD/PATH`, of which a `*` also matches `/`. */
function isWideRoute(resource: string): boolean {
  const [first = ""] = expressionsOf(resource);
  const led = resource.startsWith(`\${${first}}`) && first !== "";
  const rest = masked(led ? resource.slice(first.length + 3) : resource);
  const target =
    led && !rest.includes(":")
      ? // Of a stage the ARN ends with its name, of an API with its id.
        `${/aws_api_gateway_(stage|deployment)\.|aws_apigatewayv2_stage\./.test(first) ? "api/stage" : "api"}${rest}`
      : afterAccount(rest);
  const [api = "", stage = "", method = "", ...path] = target.split("/");
  return /[*?]/.test(api + stage + method) || /^\*+$/.test(path.join(""));
}

/** Whether `iam:PassRole` on it is for every role. */
function isEveryRole(resource: string): boolean {
  return /^(\*+|role\/?\*+)$/.test(afterAccount(masked(resource)));
}

/** What stands in an ARN after region and account; a `*` may stand for all that is missing. */
function afterAccount(arn: string): string {
  const parts = arn.split(":");
  return parts.length < 6 ? (parts.at(-1) ?? "") : parts.slice(5).join(":");
}

/** The attributes that are ARNs of a service. */
const OWN_ARN: Readonly<Record<string, RegExp>> = {
  "execute-api": /\.execution_arn$/,
  "cognito-identity": /\baws_cognito_identity_pool\.[^.]+\.arn$/,
};

/** On what a statement allows an action, as far as it can be of the action's service: a bucket is no API. */
function targetsOf(statement: Statement, action: string): string[] {
  const [service = ""] = action.split(":");
  const named = statement.actions?.some((one) => one.toLowerCase().startsWith(`${service}:`));
  const isOfService = (resource: string) => {
    const [first = ""] = expressionsOf(resource);
    if (resource.startsWith("${")) {
      return named || OWN_ARN[service]?.test(first);
    }
    const [, , of] = masked(resource).split(":");
    return of === undefined ? resource.endsWith("*") : matches(of, service);
  };
  return statement.allows && covers(statement, action) ? statement.resources.filter(isOfService) : [];
}

// Policy documents -------------------------------------------------------------------------------------------------------

interface Statement {
  readonly sid?: string;
  readonly allows: boolean;
  /** Undefined where it says NotAction. */
  readonly actions?: readonly string[];
  readonly notActions: readonly string[];
  /** With NotResource everything: what it leaves out is little of it. */
  readonly resources: readonly string[];
  /** Whom a trust policy trusts, of those who come with a token of another issuer. */
  readonly federated: readonly string[];
  readonly conditions: readonly Condition[];
}

interface Condition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

function statementOfJson(statement: unknown): Statement {
  // An expression in its place may be any statement.
  const json = isObject(statement) ? statement : { Action: statement };
  const principal = isObject(json.Principal) ? json.Principal : { AWS: json.Principal };
  return {
    sid: json.Sid === undefined ? undefined : String(json.Sid),
    allows: json.Effect !== "Deny",
    actions: json.Action === undefined ? undefined : texts(json.Action),
    notActions: texts(json.NotAction),
    resources: json.NotResource === undefined ? texts(json.Resource) : ["*"],
    federated: federatedOf(Object.entries(principal).map(([type, names]) => [type, texts(names)])),
    conditions: Object.entries(isObject(json.Condition) ? json.Condition : {}).flatMap(([operator, keys]) =>
      Object.entries(isObject(keys) ? keys : {}).map(([key, values]) => ({
        operator,
        key,
        values: texts(values),
      })),
    ),
  };
}

/** A statement of `aws_iam_policy_document`. */
function statementOfData(data: Attributes): Statement {
  return {
    sid: data.sid === undefined ? undefined : String(data.sid),
    allows: data.effect !== "Deny",
    actions: data.actions === undefined ? undefined : texts(data.actions),
    notActions: texts(data.not_actions),
    resources: data.not_resources === undefined ? texts(data.resources) : ["*"],
    federated: federatedOf(
      list(data.principals)
        .filter(isObject)
        .map(({ type, identifiers }) => [String(type), texts(identifiers)]),
    ),
    conditions: list(data.condition)
      .filter(isObject)
      .map(({ test, variable, values }) => ({
        operator: String(test),
        key: String(variable),
        values: texts(values),
      })),
  };
}

function federatedOf(principals: [type: string, names: string[]][]): string[] {
  return principals.flatMap(([type, names]) =>
    type === "Federated" ? names : names.filter((name) => name === "*"),
  );
}

/** Whether a statement is about an action. Actions have no case. */
function covers({ actions, notActions }: Statement, action: string): boolean {
  return actions === undefined
    ? !notActions.some((one) => matches(one, action, "i"))
    : actions.some((one) => matches(one, action, "i"));
}

/** How the actions begin of a statement with NotAction. */
const ALL_BUT = "all but";

/** A statement's actions in words. */
function actionsOf({ actions, notActions }: Statement): string[] {
  return actions === undefined ? [`${ALL_BUT} ${notActions.join(", ")}`] : [...actions];
}

/** Whether IAM's `*` and `?` let a pattern match a text; what only Terraform knows of the pattern matches nothing. */
function matches(pattern: string, text: string, flags = ""): boolean {
  const expression = masked(pattern)
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${expression}$`, `s${flags}`).test(text);
}

/** Texts as they stand in a finding, each once. */
function shown(found: readonly string[]): string {
  return [...new Set(found)].join(", ");
}

// Terraform's texts and expressions --------------------------------------------------------------------------------------

/** Stands for what isn't known: no wildcard, and no separator. */
const MASK = "\uFFFC";

/** A text in which Terraform's expressions are hidden. */
function masked(text: string): string {
  return replaceExpressions(text, () => MASK);
}

/** The expressions in a text, without `${` and `}`. */
function expressionsOf(text: string): string[] {
  const found: string[] = [];
  replaceExpressions(text, (expression) => {
    found.push(expression);
    return "";
  });
  return found;
}

/** Whether a text has an expression that may be any text, a wildcard too: more than an attribute. */
function isComputed(text: string): boolean {
  return expressionsOf(text).some(
    (one) => !/^([^#()]+#)?[\w.[\]"*-]+$/.test(one) || /(^|#)(var|each|local|module)\./.test(one),
  );
}

function soleExpression(text: string): string | undefined {
  return text.startsWith("${") && endOf(text, 2, "}") === text.length - 1
    ? text.slice(2, -1).trim()
    : undefined;
}

/** Replaces each `${…}` but leaves `$${…}`, which is Terraform's way to write `${…}` itself. */
function replaceExpressions(text: string, replacement: (expression: string) => string): string {
  let result = "";
  for (let index = 0; index < text.length; index++) {
    if (text.startsWith("$${", index)) {
      result += "$${";
      index += 2;
    } else if (text.startsWith("${", index)) {
      const end = endOf(text, index + 2, "}");
      result += replacement(text.slice(index + 2, end));
      index = end;
    } else {
      result += text[index];
    }
  }
  return result;
}

/** Where an expression ends: at the first closer that is neither in a text nor in brackets. */
function endOf(text: string, start: number, closers: string): number {
  for (let index = start; index < text.length; index++) {
    const character = text[index] as string;
    if (closers.includes(character)) {
      return index;
    }
    if (character === '"') {
      index = endOfText(text, index + 1);
    } else if ("([{".includes(character)) {
      index = endOf(text, index + 1, ")]}");
    }
  }
  return text.length;
}

/** Where a text in quotes ends that may have expressions in it. */
function endOfText(text: string, start: number): number {
  for (let index = start; index < text.length; index++) {
    if (text[index] === '"') {
      return index;
    }
    if (text[index] === "\\") {
      index++;
    } else if (text.startsWith("$${", index)) {
      index += 2;
    } else if (text.startsWith("${", index)) {
      index = endOf(text, index + 2, "}");
    }
  }
  return text.length;
}

/** JSON with expressions in its texts, and in place of whole values; undefined if it is none, or has directives (`%{`). */
function parseJson(text: string): unknown {
  if (/(^|[^%])%\{/.test(text)) {
    return undefined;
  }
  let inText = false;
  let json = "";
  for (let index = 0; index < text.length; index++) {
    const character = text[index] as string;
    if (text.startsWith("$${", index)) {
      json += "$${";
      index += 2;
    } else if (text.startsWith("${", index)) {
      const end = endOf(text, index + 2, "}");
      const quoted = JSON.stringify(text.slice(index, end + 1));
      json += inText ? quoted.slice(1, -1) : quoted;
      index = end;
    } else if (inText && character === "\\") {
      json += text.slice(index, index + 2);
      index++;
    } else {
      inText = character === '"' ? !inText : inText;
      json += character;
    }
  }
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** The value of a literal in Terraform's language; what is no literal in it stays as a text, `${…}`. */
function literalOf(source: string): unknown {
  const text = source.trim();
  if (text.startsWith('"') && endOfText(text, 1) === text.length - 1) {
    return text.slice(1, -1);
  }
  if (/^(-?\d+(\.\d+)?|true|false|null)$/.test(text)) {
    return JSON.parse(text);
  }
  const isWhole = endOf(text, 1, "]}") === text.length - 1;
  if (text.startsWith("[") && isWhole) {
    return partsOf(text.slice(1, -1)).map(literalOf);
  }
  if (text.startsWith("{") && isWhole) {
    return Object.fromEntries(
      partsOf(text.slice(1, -1)).map((part) => {
        const equals = endOf(part, 0, "=:");
        return [String(keyOf(part.slice(0, equals))), literalOf(part.slice(equals + 1))];
      }),
    );
  }
  return `\${${text}}`;
}

/** A key of an object, which is a name without quotes or a text. */
function keyOf(source: string): unknown {
  return /^\s*[\w-]+\s*$/.test(source) ? source.trim() : literalOf(source);
}

/** What stands between commas (in objects also between lines). */
function partsOf(text: string): string[] {
  const parts: string[] = [];
  for (let start = 0; start < text.length; ) {
    const end = endOf(text, start, ",\n");
    parts.push(text.slice(start, end));
    start = end + 1;
  }
  return parts.filter((part) => part.trim() !== "");
}

function isObject(value: unknown): value is Attributes {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A list, or the one thing that stands in place of a list of one. */
function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}

function texts(value: unknown): string[] {
  return list(value).map(String);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function mapStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") {
    return change(value);
  }
  if (Array.isArray(value)) {
    return value.map((one) => mapStrings(one, change));
  }
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, mapStrings(one, change)]))
    : value;
}
