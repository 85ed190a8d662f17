/** A version's configuration: what may be set, and how the API shows it. */
import { createHash, randomUUID } from "node:crypto";
import { z } from "zod";
import type { Account } from "../../account";
import type { FunctionVersion } from "../../account/state/lambda";
import { mapOf, refusedMember } from "../input";
import { logGroupName } from "../logs/groups";
import { invalidParameter } from "./failure";
import { functionArn } from "./functions";
import { checkedVariables } from "./variables";

/** Runtimes of other languages can't run here: the function's process is this Node. */
const RUNTIMES = ["nodejs18.x", "nodejs20.x", "nodejs22.x", "nodejs24.x"];

/** `$LATEST.PUBLISHED` is for functions on capacity providers. */
export const NO_CAPACITY_PROVIDERS = refusedMember("there are no capacity providers here; leave it out");

const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"] as const;

/** What `CreateFunction` and `UpdateFunctionConfiguration` have in common. */
export const settings = {
  Runtime: z.string().optional(),
  Role: z.string().regex(/^arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role\/?[a-zA-Z_0-9+=,.@\-_/]+$/),
  Handler: z.string().max(128).regex(/^\S+$/).optional(),
  Description: z.string().max(256).optional(),
  Timeout: z.number().int().min(1).max(900).optional(),
  MemorySize: z.number().int().min(128).max(10_240).optional(),
  Environment: z
    .object({ Variables: mapOf(z.string().regex(/^[a-zA-Z]([a-zA-Z0-9_])+$/), z.string()).optional() })
    .optional(),
  TracingConfig: z.object({ Mode: z.enum(["Active", "PassThrough"]).optional() }).optional(),
  EphemeralStorage: z.object({ Size: z.number().int().min(512).max(10_240) }).optional(),
  LoggingConfig: z
    .object({
      LogFormat: z.enum(["Text", "JSON"]).optional(),
      LogGroup: logGroupName.optional(),
      ApplicationLogLevel: z.enum(LEVELS).optional(),
      SystemLogLevel: z.enum(["DEBUG", "INFO", "WARN"]).optional(),
    })
    .optional(),
  KMSKeyArn: refusedMember("there is no KMS here; leave it out", ""),
  VpcConfig: refusedMember("there are no VPCs here; leave it out", false),
  DeadLetterConfig: refusedMember("there is neither SQS nor SNS here; leave it out", ""),
  Layers: refusedMember("there are no layers here; bundle what the function needs"),
  FileSystemConfigs: refusedMember("there are no file systems here; leave it out"),
  SnapStart: refusedMember("every environment starts anew here; leave it out", "None"),
  ImageConfig: refusedMember("there are no container images here; upload a zip"),
  CapacityProviderConfig: NO_CAPACITY_PROVIDERS,
  DurableConfig: refusedMember("there are no durable executions here; leave it out"),
};

export const architectures = z.array(z.enum(["x86_64", "arm64"])).length(1);

const settingsObject = z.object(settings).partial();
export type Settings = z.infer<typeof settingsObject>;

/** The settable part of a version after a change; what the change doesn't mention stays. */
export function withSettings<Version extends SettableVersion>(version: Version, change: Settings): Version {
  refuseUnsupported(change);
  const environment =
    change.Environment === undefined ? version.environment : checkedVariables(change.Environment.Variables);
  return {
    ...version,
    runtime: change.Runtime ?? version.runtime,
    role: change.Role ?? version.role,
    handler: change.Handler ?? version.handler,
    description: change.Description ?? version.description,
    timeout: change.Timeout ?? version.timeout,
    memorySize: change.MemorySize ?? version.memorySize,
    environment,
    tracingMode: change.TracingConfig?.Mode ?? version.tracingMode,
    ephemeralStorage: change.EphemeralStorage?.Size ?? version.ephemeralStorage,
    logGroup: change.LoggingConfig?.LogGroup ?? version.logGroup,
  };
}

type SettableVersion = Pick<
  FunctionVersion,
  | "runtime"
  | "role"
  | "handler"
  | "description"
  | "timeout"
  | "memorySize"
  | "environment"
  | "tracingMode"
  | "ephemeralStorage"
  | "logGroup"
>;

/** What a real function could have and this one can't: better an error than a function that silently lacks it. */
function refuseUnsupported(change: Settings): void {
  const { LogFormat, ApplicationLogLevel, SystemLogLevel } = change.LoggingConfig ?? {};
  if (LogFormat === "JSON") {
    throw invalidParameter("Local AWS does not offer 'loggingConfig.logFormat' JSON: use Text.");
  }
  if (ApplicationLogLevel !== undefined || SystemLogLevel !== undefined) {
    throw invalidParameter(
      "LogLevel is not supported when LogFormat is set to Text. Remove LogLevel from your request or change the LogFormat to JSON and try again.",
    );
  }
  if (change.Runtime !== undefined && !RUNTIMES.includes(change.Runtime)) {
    throw invalidParameter(
      `Local AWS runs functions with its own Node.js: the runtime ${change.Runtime} is none of ${RUNTIMES.join(", ")}.`,
    );
  }
}

/** As lists show it: without what changes while nothing is asked for. */
export function listedConfiguration(
  account: Account,
  name: string,
  version: FunctionVersion,
  qualified: boolean,
) {
  const { State, LastUpdateStatus, RuntimeVersionConfig, ...listed } = configurationOf(
    account,
    name,
    version,
    { qualified },
  );
  return listed;
}

/**
 * The `FunctionConfiguration` of the API.
 *
 * @param options.progress overrides of `State` and `LastUpdateStatus`: a change shows as pending in its own answer and is done by
 * the next request
 * @param options.qualified whether `FunctionArn` names the version; a published one's does when nothing is said
 */
export function configurationOf(
  account: Account,
  name: string,
  version: FunctionVersion,
  {
    progress = {},
    qualified = version.version !== "$LATEST",
  }: { progress?: Record<string, string | undefined>; qualified?: boolean } = {},
) {
  return {
    FunctionName: name,
    FunctionArn: functionArn(account, name, qualified ? version.version : undefined),
    Runtime: version.runtime,
    Role: version.role,
    Handler: version.handler,
    CodeSize: version.code.size,
    Description: version.description,
    Timeout: version.timeout,
    MemorySize: version.memorySize,
    LastModified: new Date(version.lastModified).toISOString().replace("Z", "+0000"),
    CodeSha256: version.code.sha256,
    Version: version.version,
    Environment: version.environment && { Variables: version.environment },
    TracingConfig: { Mode: version.tracingMode },
    RevisionId: version.revisionId,
    State: "Active",
    LastUpdateStatus: "Successful",
    PackageType: "Zip",
    Architectures: version.architectures,
    EphemeralStorage: { Size: version.ephemeralStorage },
    SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
    RuntimeVersionConfig: { RuntimeVersionArn: runtimeVersionArn(account, version.runtime) },
    LoggingConfig: { LogFormat: "Text", LogGroup: version.logGroup },
    ...progress,
  };
}

/** AWS's are hashes too; here it only has to be the same for the same runtime. */
function runtimeVersionArn(account: Account, runtime: string): string {
  return `arn:aws:lambda:${account.region}::runtime:${createHash("sha256").update(runtime).digest("hex")}`;
}

/** Marks a version as changed now. */
export function touched(account: Account): Pick<FunctionVersion, "lastModified" | "revisionId"> {
  return { lastModified: account.now().getTime(), revisionId: randomUUID() };
}
