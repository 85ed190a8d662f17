/** Environment variables: which a function may have, and which its process gets. */
import type { Account } from "../../account";
import { type Dictionary, dictionary } from "../../account/dictionary";
import type { FunctionVersion } from "../../account/state/lambda";
import type { SessionCredentials } from "../../account/state/sts";
import { invalidParameter } from "./failure";

/**
 * Variables that Lambda keeps for itself.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
const RESERVED_VARIABLES = [
  "_HANDLER",
  "_X_AMZN_TRACE_ID",
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

/**
 * A function's own variables; undefined for none.
 *
 * @throws ServiceError `InvalidParameterValueException` for reserved names, or more than 4 KB of them
 */
export function checkedVariables(
  variables: Dictionary<string> = dictionary(),
): Dictionary<string> | undefined {
  const names = Object.keys(variables);
  const reserved = names.filter((name) => RESERVED_VARIABLES.includes(name));
  const unable =
    "Lambda was unable to configure your environment variables because the environment variables you have provided";
  if (reserved.length > 0) {
    throw invalidParameter(
      `${unable} contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(", ")}`,
    );
  }
  // AWS's message goes on with the variables; their values don't belong in an error.
  if (Buffer.byteLength(JSON.stringify(variables)) > 4096) {
    throw invalidParameter(`${unable} exceeded the 4KB limit.`);
  }
  return names.length === 0 ? undefined : variables;
}

/**
 * The whole environment of a function's process: Lambda's variables and the function's, and nothing of this process's.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export function processVariables(
  account: Account,
  functionName: string,
  version: FunctionVersion,
  logStream: string,
  session: SessionCredentials,
): Record<string, string> {
  return {
    // Functions may set these for themselves.
    LANG: "en_US.UTF-8",
    PATH: "/usr/local/bin:/usr/bin:/bin",
    TZ: ":UTC",
    AWS_ENDPOINT_URL: account.endpoint,
    ...version.environment,
    _HANDLER: version.handler,
    AWS_REGION: account.region,
    AWS_DEFAULT_REGION: account.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${version.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_VERSION: version.version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(version.memorySize),
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: version.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: logStream,
    AWS_ACCESS_KEY_ID: session.accessKeyId,
    AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
    AWS_SESSION_TOKEN: session.sessionToken,
  };
}
