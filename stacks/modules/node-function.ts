// A Lambda function from one TypeScript or JavaScript file, bundled at synth. The file stands alone: copy it.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { crc32 } from "node:zlib";
import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function";
import { App, AssetType, TerraformAsset, Token } from "cdktf";
import { Construct } from "constructs";

/** Properties of {@link NodeFunction}. Values that only Terraform knows pass their checks and are left to AWS. */
export interface NodeFunctionProps {
  /** Name of the function, its role, and its log group `/aws/lambda/NAME`: 1 to 64 letters, digits, hyphens and underscores. */
  readonly name: string;

  /**
   * The source file with the handler, known at synth; a relative path counts from the working directory. Bundled, it may
   * have 50 MB.
   */
  readonly entry: string;

  /**
   * Name of the exported handler, at most 122 characters.
   *
   * @default "handler"
   */
  readonly handler?: string;

  /**
   * Environment variables, at most 4 KB of them; those that Lambda sets itself are refused. They are readable to whoever may read the function: no secrets.
   *
   * @default - none
   */
  readonly environment?: Readonly<Record<string, string>>;

  /**
   * Processor architecture.
   *
   * @default "arm64"
   */
  readonly architecture?: "arm64" | "x86_64";

  /**
   * Memory in MB, 128 to 10240; processor time grows with it.
   *
   * @default 256
   */
  readonly memorySize?: number;

  /**
   * Longest run in seconds, 1 to 900. API Gateway waits for 29.
   *
   * @default 10
   */
  readonly timeout?: number;

  /**
   * Days for which log events are kept; one of the numbers that CloudWatch Logs accepts, such as 1, 7, 30, 90 or 365, or 0
   * for ever.
   *
   * @default 30
   */
  readonly logRetentionDays?: number;

  /**
   * What the function runs on. Node.js 22 is supported until 30 April 2027; `nodejs24.x` needs provider 6.19 or later,
   * and handlers that return promises.
   * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
   *
   * @default "nodejs22.x"
   */
  readonly runtime?: "nodejs22.x" | "nodejs24.x";

  /**
   * Whether calls are traced with X-Ray; the role may then write traces.
   *
   * @default false
   */
  readonly tracing?: boolean;

  /**
   * How many calls may run at the same time, a whole number, taken from what the account has; none at all when it is 0.
   *
   * @default - the function shares what no function reserved
   */
  readonly reservedConcurrentExecutions?: number;

  /**
   * ARN of a managed policy that bounds what the role may ever do.
   *
   * @default - none
   */
  readonly permissionsBoundaryArn?: string;

  /**
   * Path of the role, `/` at both ends, e.g. `/functions/`. It becomes part of its ARN.
   *
   * @default "/"
   */
  readonly rolePath?: string;

  /**
   * ARN of the KMS key that encrypts the log group and the environment variables. Its key policy must admit CloudWatch
   * Logs, and let whoever deploys create the grant that Lambda decrypts with.
   * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
   * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
   *
   * @default - keys that AWS owns or manages
   */
  readonly kmsKeyArn?: string;

  /**
   * Tags of the function, its role and its log group, at most 50 with the provider's own.
   *
   * @default - none
   */
  readonly tags?: Readonly<Record<string, string>>;
}

type Runtime = NonNullable<NodeFunctionProps["runtime"]>;
const RUNTIMES: readonly Runtime[] = ["nodejs22.x", "nodejs24.x"];
const DEFAULT_RUNTIME: Runtime = "nodejs22.x";

const ARCHITECTURES: readonly NonNullable<NodeFunctionProps["architecture"]>[] = ["arm64", "x86_64"];

// The function, its role and its log group have it; of the three, function and role allow the fewest characters.
// https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
const NAME = /^[\w-]{1,64}$/;

/** An export, or a member of one: Lambda looks for `index.NAME`, in 128 characters. */
const HANDLER = /^(?=.{1,122}$)[\w$]+(\.[\w$]+)*$/;

// https://docs.aws.amazon.com/lambda/latest/api/API_Environment.html
const VARIABLE = /^[A-Za-z]\w+$/;
const MAX_ENVIRONMENT = 4096;

// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
const LAMBDAS_OWN_VARIABLES = [
  "AWS_ACCESS_KEY",
  "AWS_ACCESS_KEY_ID",
  "AWS_DEFAULT_REGION",
  "AWS_EXECUTION_ENV",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
  "AWS_LAMBDA_FUNCTION_NAME",
  "AWS_LAMBDA_FUNCTION_VERSION",
  "AWS_LAMBDA_INITIALIZATION_TYPE",
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "AWS_LAMBDA_RUNTIME_API",
  "AWS_REGION",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "LAMBDA_RUNTIME_DIR",
  "LAMBDA_TASK_ROOT",
];

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
const RETENTION_DAYS = [
  0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
const ROLE_PATH = /^\/([!-~]{1,510}\/)?$/;
const POLICY_ARN = /^arn:[\w-]+:iam::(\d{12}|aws):policy\/\S+$/;
const KEY_ARN = /^arn:[\w-]+:kms:[\w-]+:\d{12}:\S+$/;

// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
const TAG_KEY = /^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+@-]{1,128}$/iu;
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+@-]{0,256}$/u;
const MAX_TAGS = 50;

/** In bytes, of a package that isn't uploaded by way of S3. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_PACKAGE = 50 * 1024 * 1024;

/** The source could not be bundled; the message holds esbuild's own words, or how to install it. */
export class BundleError extends Error {
  override readonly name = "BundleError";

  constructor(
    readonly entry: string,
    reason: string,
  ) {
    super(`Cannot bundle ${entry}: ${reason}`);
  }
}

/**
 * A function on Node.js whose role may write to its own log group and nothing else.
 *
 * esbuild must be installed where the source file finds it (`npm install --save-dev esbuild`). The same sources
 * give the same zip byte for byte, so that an unchanged function is an unchanged plan.
 *
 * @example
 * import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
 * import { App, TerraformStack } from "cdktf";
 * import { NodeFunction } from "./node-function";
 *
 * const app = new App();
 * const stack = new TerraformStack(app, "greeter");
 * new AwsProvider(stack, "aws", { region: "eu-central-1" });
 * new NodeFunction(stack, "greeter", {
 *   name: "shop-prod-greeter",
 *   entry: "functions/greeter.ts",
 *   environment: { GREETING: "Hello" },
 * });
 * app.synth();
 */
export class NodeFunction extends Construct {
  /** The function. */
  readonly lambdaFunction: LambdaFunction;
  /** The role as which the function runs; grant to it. */
  readonly role: IamRole;
  /** Where its log events go. */
  readonly logGroup: CloudwatchLogGroup;
  /** Name of the function. */
  readonly functionName: string;
  /** ARN of the function. */
  readonly functionArn: string;
  /** URI by which API Gateway invokes the function. */
  readonly invokeArn: string;
  /** ARN of the role as which the function runs. */
  readonly roleArn: string;
  /** Name of the role as which the function runs; attach policies to it. */
  readonly roleName: string;
  /** Name of the log group. */
  readonly logGroupName: string;

  /**
   * @throws RangeError with everything that is wrong with the props
   * @throws BundleError when the source cannot be bundled
   */
  constructor(scope: Construct, id: string, props: NodeFunctionProps) {
    super(scope, id);
    checkProps(id, props);
    const code = createCode(this, props);
    const logGroup = createLogGroup(this, props);
    const role = createRole(this, props);
    const permissions = [allowLogging(this, role, logGroup)];
    if (props.tracing) {
      permissions.push(allowTracing(this, role));
    }
    const lambda = createFunction(this, props, code, role, [logGroup, ...permissions]);

    this.lambdaFunction = lambda;
    this.role = role;
    this.logGroup = logGroup;
    this.functionName = lambda.functionName;
    this.functionArn = lambda.arn;
    this.invokeArn = lambda.invokeArn;
    this.roleArn = role.arn;
    this.roleName = role.name;
    this.logGroupName = logGroup.name;
  }
}

/** Refuses at synth what AWS would refuse half-way through a deployment. */
function checkProps(id: string, props: NodeFunctionProps): void {
  const { runtime = DEFAULT_RUNTIME, architecture = "arm64", tags = {} } = props;
  const problems: string[] = [];
  const check = (name: keyof NodeFunctionProps, form: RegExp, advice: string) => {
    const value = props[name] as string | undefined;
    if (!fits(value, form)) {
      problems.push(`${name} ${JSON.stringify(value)}: ${advice}`);
    }
  };
  const checkNumber = (
    name: keyof NodeFunctionProps,
    allowed: (value: number) => boolean,
    advice: string,
  ) => {
    const value = props[name];
    if (value !== undefined && !Token.isUnresolved(value) && !allowed(value as number)) {
      problems.push(`${name} ${value}: ${advice}`);
    }
  };
  const whole = (least: number, most: number) => (value: number) =>
    Number.isInteger(value) && value >= least && value <= most;

  check("name", NAME, "give 1 to 64 letters, digits, hyphens and underscores");
  check("handler", HANDLER, "give the name of an export");
  if (props.entry === "" || props.entry.includes("${")) {
    problems.push(`entry ${JSON.stringify(props.entry)}: give a source file, known at synth`);
  }
  problems.push(...environmentProblems(props.environment));
  if (!ARCHITECTURES.includes(architecture)) {
    problems.push(`architecture ${JSON.stringify(architecture)}: give ${ARCHITECTURES.join(" or ")}`);
  }
  checkNumber("memorySize", whole(128, 10_240), "give 128 to 10240 MB");
  checkNumber("timeout", whole(1, 900), "give 1 to 900 seconds");
  checkNumber(
    "logRetentionDays",
    (days) => RETENTION_DAYS.includes(days),
    `give one of ${RETENTION_DAYS.join(", ")}`,
  );
  if (!RUNTIMES.includes(runtime)) {
    problems.push(`runtime ${JSON.stringify(runtime)}: give ${RUNTIMES.join(" or ")}`);
  }
  checkNumber("reservedConcurrentExecutions", whole(0, Number.POSITIVE_INFINITY), "give 0 or more");
  check("permissionsBoundaryArn", POLICY_ARN, "give the ARN of a managed policy");
  check("rolePath", ROLE_PATH, "begin and end it with /");
  check("kmsKeyArn", KEY_ARN, "give the ARN of a KMS key");
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
      `NodeFunction "${id}" cannot be declared:\n${problems.map((one) => `  ${one}`).join("\n")}`,
    );
  }
}

/** What Lambda would not take; of the variables only the names, for their values belong in no error. */
function environmentProblems(environment: Readonly<Record<string, string>> = {}): string[] {
  const problems = Object.keys(environment).flatMap((name) => {
    if (!VARIABLE.test(name)) {
      return [`environment ${JSON.stringify(name)}: give a letter, then letters, digits and underscores`];
    }
    return LAMBDAS_OWN_VARIABLES.includes(name) ? [`environment ${name}: Lambda sets it itself`] : [];
  });
  const known = Object.entries(environment).filter(([, value]) => !value.includes("${"));
  if (Buffer.byteLength(JSON.stringify(Object.fromEntries(known))) > MAX_ENVIRONMENT) {
    problems.push(`environment: give at most ${MAX_ENVIRONMENT} bytes`);
  }
  return problems;
}

/** Whether a value has the form, is absent, or has a part that only Terraform knows: `${…}`, as cdktf's tokens are too. */
function fits(value: string | undefined, form: RegExp): boolean {
  return value === undefined || value.includes("${") || form.test(value);
}

/** The zip that Lambda is given, and what Lambda will report as its `CodeSha256`. */
interface Code {
  readonly filename: string;
  readonly sha256: string;
}

function createCode(scope: Construct, props: NodeFunctionProps): Code {
  const entry = resolve(props.entry);
  const zip = zipOf("index.js", bundleOnce(App.of(scope), entry, props.runtime ?? DEFAULT_RUNTIME));
  if (zip.length > MAX_PACKAGE) {
    throw new BundleError(entry, `it has ${zip.length} bytes, and Lambda takes ${MAX_PACKAGE}. Import less.`);
  }
  const sha256 = createHash("sha256").update(zip).digest();
  const file = resolve(App.of(scope).outdir, "bundles", scope.node.addr, "code.zip");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, zip);
  const asset = new TerraformAsset(scope, "code", {
    path: file,
    type: AssetType.FILE,
    assetHash: sha256.toString("hex").slice(0, 32),
  });
  return { filename: asset.path, sha256: sha256.toString("base64") };
}

function createLogGroup(scope: Construct, props: NodeFunctionProps): CloudwatchLogGroup {
  return new CloudwatchLogGroup(scope, "logs", {
    name: `/aws/lambda/${props.name}`,
    retentionInDays: props.logRetentionDays ?? 30,
    kmsKeyId: props.kmsKeyArn,
    tags: props.tags && { ...props.tags },
  });
}

function createRole(scope: Construct, props: NodeFunctionProps): IamRole {
  return new IamRole(scope, "role", {
    name: props.name,
    path: props.rolePath,
    permissionsBoundary: props.permissionsBoundaryArn,
    tags: props.tags && { ...props.tags },
    assumeRolePolicy: JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
      ],
    }),
  });
}

function allowLogging(scope: Construct, role: IamRole, logGroup: CloudwatchLogGroup): IamRolePolicy {
  return new IamRolePolicy(scope, "logging", {
    name: "write-own-logs",
    role: role.name,
    policy: JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          // Not CreateLogGroup: the group is declared here, with its retention.
          Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
          Resource: `${logGroup.arn}:*`,
        },
      ],
    }),
  });
}

/** The actions have no resource types. https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html */
function allowTracing(scope: Construct, role: IamRole): IamRolePolicy {
  return new IamRolePolicy(scope, "tracing", {
    name: "write-traces",
    role: role.name,
    policy: JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
          Resource: "*",
        },
      ],
    }),
  });
}

function createFunction(
  scope: Construct,
  props: NodeFunctionProps,
  code: Code,
  role: IamRole,
  dependsOn: (CloudwatchLogGroup | IamRolePolicy)[],
): LambdaFunction {
  return new LambdaFunction(scope, "function", {
    functionName: props.name,
    filename: code.filename,
    sourceCodeHash: code.sha256,
    handler: `index.${props.handler ?? "handler"}`,
    runtime: props.runtime ?? DEFAULT_RUNTIME,
    architectures: [props.architecture ?? "arm64"],
    memorySize: props.memorySize ?? 256,
    timeout: props.timeout ?? 10,
    role: role.arn,
    // Always: left out, it would stay as it was.
    tracingConfig: { mode: props.tracing ? "Active" : "PassThrough" },
    reservedConcurrentExecutions: props.reservedConcurrentExecutions,
    kmsKeyArn: props.kmsKeyArn,
    tags: props.tags && { ...props.tags },
    environment: props.environment ? { variables: { ...props.environment } } : undefined,
    // A function that runs before its log group is there would have Lambda create one without retention.
    dependsOn,
  });
}

/** Run by a Node of its own: esbuild writes the bundle to standard output and its complaints to standard error. */
const RUN_ESBUILD = `
  const [esbuild, options] = process.argv.slice(1);
  try {
    process.stdout.write(require(esbuild).buildSync(JSON.parse(options)).outputFiles[0].contents);
  } catch (error) {
    if (!error.errors) console.error(error.message);
    process.exitCode = 1;
  }`;

/** What esbuild made for an app, by its options: functions of many stages have one source, which stays as it is during a synth. */
const bundles = new WeakMap<App, Map<string, Buffer>>();

function bundleOnce(app: App, entry: string, runtime: Runtime): Buffer {
  const made = bundles.get(app) ?? new Map<string, Buffer>();
  bundles.set(app, made);
  const options = JSON.stringify(bundleOptions(entry, runtime));
  const bundled = made.get(options) ?? bundle(entry, options);
  made.set(options, bundled);
  return bundled;
}

function bundleOptions(entry: string, runtime: Runtime): object {
  return {
    entryPoints: [entry],
    // Paths appear in the bundle's comments: relative to the source, they are the same on every machine.
    absWorkingDir: dirname(entry),
    bundle: true,
    platform: "node",
    format: "cjs",
    target: `node${Number.parseInt(runtime.slice("nodejs".length), 10)}`,
    logLevel: "error",
    write: false,
  };
}

function bundle(entry: string, options: string): Buffer {
  const run = spawnSync(process.execPath, ["-e", RUN_ESBUILD, findEsbuild(entry), options], {
    maxBuffer: 256 * 1024 * 1024,
  });
  if (run.error) {
    throw new BundleError(entry, run.error.message);
  }
  if (run.status !== 0) {
    throw new BundleError(entry, `esbuild says:\n${run.stderr.toString().trim()}`);
  }
  return run.stdout;
}

function findEsbuild(entry: string): string {
  try {
    return createRequire(entry).resolve("esbuild");
  } catch {
    throw new BundleError(entry, "esbuild is not installed there. Run: npm install --save-dev esbuild");
  }
}

/**
 * A zip with one file, stored without compression and dated 1980: its bytes depend on nothing but the content.
 * Zip tools record the time of the build, and deflate differs between versions of zlib.
 * Format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
function zipOf(name: string, content: Buffer): Buffer {
  const VERSION = 20;
  const MADE_ON_UNIX = (3 << 8) | VERSION;
  const READABLE_FILE = 0o100644 * 0x10000;
  const DATE_1980_01_01 = 0x0021;

  // From "version needed" to "extra field length", the same in both headers.
  const entry = Buffer.alloc(26);
  entry.writeUInt16LE(VERSION, 0);
  entry.writeUInt16LE(DATE_1980_01_01, 8);
  entry.writeUInt32LE(crc32(content), 10);
  entry.writeUInt32LE(content.length, 14);
  entry.writeUInt32LE(content.length, 18);
  entry.writeUInt16LE(name.length, 22);

  const local = Buffer.concat([Buffer.from("PK\x03\x04"), entry, Buffer.from(name), content]);

  const made = Buffer.alloc(2);
  made.writeUInt16LE(MADE_ON_UNIX);
  const attributes = Buffer.alloc(14);
  attributes.writeUInt32LE(READABLE_FILE, 6);
  const directory = Buffer.concat([Buffer.from("PK\x01\x02"), made, entry, attributes, Buffer.from(name)]);

  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(local.length, 16);

  return Buffer.concat([local, directory, end]);
}
