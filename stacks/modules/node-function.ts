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
import { App, AssetType, TerraformAsset } from "cdktf";
import { Construct } from "constructs";

/** What a function needs to know. */
export interface NodeFunctionProps {
  /** Name of the function, its role, and its log group `/aws/lambda/NAME`. At most 64 characters. */
  readonly name: string;

  /** The source file with the handler; a relative path counts from the working directory. */
  readonly entry: string;

  /**
   * Name of the exported handler.
   *
   * @default "handler"
   */
  readonly handler?: string;

  /**
   * Environment variables. They are readable to whoever may read the function: no secrets.
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
   * Days for which log events are kept; one of the numbers that CloudWatch Logs accepts.
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
   * How many calls may run at the same time, taken from what the account has; none at all when it is 0.
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
   * Tags of the function, its role and its log group, beside the provider's own.
   *
   * @default - none
   */
  readonly tags?: Readonly<Record<string, string>>;
}

type Runtime = NonNullable<NodeFunctionProps["runtime"]>;
const DEFAULT_RUNTIME: Runtime = "nodejs22.x";

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
 * import { NodeFunction } from "#modules/node-function";
 * import type { TerraformStack } from "cdktf";
 *
 * export function declareGreeter(stack: TerraformStack): NodeFunction {
 *   return new NodeFunction(stack, "greeter", {
 *     name: "shop-prod-greeter",
 *     entry: "functions/greeter.ts",
 *     environment: { GREETING: "Hello" },
 *   });
 * }
 */
export class NodeFunction extends Construct {
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

  constructor(scope: Construct, id: string, props: NodeFunctionProps) {
    super(scope, id);
    const code = createCode(this, props);
    const logGroup = createLogGroup(this, props);
    const role = createRole(this, props);
    const permissions = [allowLogging(this, role, logGroup)];
    if (props.tracing) {
      permissions.push(allowTracing(this, role));
    }
    const lambda = createFunction(this, props, code, role, [logGroup, ...permissions]);

    this.functionName = lambda.functionName;
    this.functionArn = lambda.arn;
    this.invokeArn = lambda.invokeArn;
    this.roleArn = role.arn;
    this.roleName = role.name;
    this.logGroupName = logGroup.name;
  }
}

/** The zip that Lambda is given, and what Lambda will report as its `CodeSha256`. */
interface Code {
  readonly filename: string;
  readonly sha256: string;
}

function createCode(scope: Construct, props: NodeFunctionProps): Code {
  const zip = zipOf("index.js", bundle(resolve(props.entry), props.runtime ?? DEFAULT_RUNTIME));
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

function bundle(entry: string, runtime: Runtime): Buffer {
  const options = {
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
  const run = spawnSync(process.execPath, ["-e", RUN_ESBUILD, findEsbuild(entry), JSON.stringify(options)], {
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
