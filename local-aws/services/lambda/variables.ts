/** The environment variables of a function's process: Lambda's own and the function's, and nothing of this process's. */
import type { Account } from "../../account";
import type { SessionCredentials } from "../sts/sessions";
import type { FunctionVersion } from "./state";

/** @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
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
