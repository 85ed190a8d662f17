/** What Lambda holds: functions with their code, published versions, policy and concurrency. */
import { type Dictionary, dictionary } from "../dictionary";

export interface LambdaState {
  /** By name. */
  functions: Dictionary<LambdaFunction>;
}

export interface LambdaFunction {
  name: string;
  /** `$LATEST`. */
  latest: FunctionVersion;
  /** Published versions, oldest first; their `version` is "1", "2", … */
  published: FunctionVersion[];
  /** The number that the next published version gets; numbers are never given twice. */
  nextVersion: number;
  tags: Dictionary<string>;
  /** The resource policy's statements, in the order in which they were added. */
  policy: PermissionStatement[];
  /** Changes with every change of the policy; clients use it for optimistic locking. */
  policyRevisionId: string;
  /** Absent: the function shares the account's unreserved concurrency. */
  reservedConcurrency?: number;
}

/** One version's configuration and code, immutable once published. */
export interface FunctionVersion {
  version: string;
  runtime: string;
  handler: string;
  role: string;
  description: string;
  /** Seconds. */
  timeout: number;
  /** Megabytes. */
  memorySize: number;
  architectures: string[];
  environment?: Dictionary<string>;
  tracingMode: "Active" | "PassThrough";
  /** Megabytes of /tmp. */
  ephemeralStorage: number;
  /** The log group that the function's output goes to. */
  logGroup: string;
  code: FunctionCode;
  /** Epoch milliseconds. */
  lastModified: number;
  revisionId: string;
  /** Published versions: the revision of `$LATEST` that was published. */
  publishedFrom?: string;
}

export interface FunctionCode {
  /** The deployment package as uploaded, base64. */
  zip: string;
  /** Base64 of the package's SHA-256. */
  sha256: string;
  /** Bytes. */
  size: number;
}

/** A statement of a function's resource policy, as `GetPolicy` shows it. */
export interface PermissionStatement {
  Sid: string;
  Effect: "Allow";
  Principal: "*" | { Service: string } | { AWS: string };
  Action: string;
  Resource: string;
  Condition?: Record<string, Record<string, string>>;
}

export function emptyLambdaState(): LambdaState {
  return { functions: dictionary() };
}
