/** What the account tells of the varied stack, in the form of the revision that was declared. */
import {
  GetGatewayResponseCommand,
  GetIntegrationCommand,
  GetMethodCommand,
  GetResourcesCommand,
  GetRestApiCommand,
  GetStageCommand,
} from "@aws-sdk/client-api-gateway";
import { DescribeLogGroupsCommand, ListTagsForResourceCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DescribeIdentityPoolCommand, GetIdentityPoolRolesCommand } from "@aws-sdk/client-cognito-identity";
import {
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
} from "@aws-sdk/client-iam";
import { GetFunctionCommand } from "@aws-sdk/client-lambda";
import type { Clients } from "./clients";
import type { Revision } from "./revisions";

/** The varied stack's outputs. */
export interface Varied {
  readonly varied_pool_id: string;
  readonly varied_role_name: string;
  readonly varied_function_name: string;
  readonly varied_api_id: string;
}

type Authorization = "AWS_IAM" | "NONE";

type Tags = Readonly<Record<string, string>>;

/** One part of a revision and the tags of the resources it was read from. */
interface Part<T> {
  readonly found: T;
  readonly tags: Readonly<Record<string, Tags | undefined>>;
}

/** A revision, but with the tags of each resource that has some. */
export type Observed = Omit<Revision, "tags"> & { readonly tags: Part<unknown>["tags"] };

export async function observe(clients: Clients, varied: Varied, stageName: string): Promise<Observed> {
  const pool = await observePool(clients, varied.varied_pool_id);
  const role = await observeRole(clients, varied.varied_role_name);
  const lambda = await observeFunction(clients, varied.varied_function_name);
  const api = await observeApi(clients, varied.varied_api_id);
  const stage = await observeStage(clients, varied.varied_api_id, stageName);
  return {
    pool: pool.found,
    role: role.found,
    function: lambda.found,
    api: api.found,
    stage: stage.found,
    tags: { ...pool.tags, ...role.tags, ...lambda.tags, ...api.tags, ...stage.tags },
  };
}

async function observePool({ cognito }: Clients, IdentityPoolId: string): Promise<Part<Revision["pool"]>> {
  const pool = await cognito.send(new DescribeIdentityPoolCommand({ IdentityPoolId }));
  const { RoleMappings = {} } = await cognito.send(new GetIdentityPoolRolesCommand({ IdentityPoolId }));
  return {
    found: {
      guests: pool.AllowUnauthenticatedIdentities as boolean,
      classicFlow: pool.AllowClassicFlow as boolean,
      loginProviders: pool.SupportedLoginProviders ?? {},
      roleMapping: Object.fromEntries(
        Object.entries(RoleMappings).map(([provider, mapping]) => [
          provider,
          mapping.AmbiguousRoleResolution as "AuthenticatedRole" | "Deny",
        ]),
      ),
    },
    tags: { pool: pool.IdentityPoolTags },
  };
}

async function observeRole({ iam }: Clients, RoleName: string): Promise<Part<Revision["role"]>> {
  const { Role: role } = await iam.send(new GetRoleCommand({ RoleName }));
  const inline = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: "inline" }));
  const { AttachedPolicies: attached } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
  const { Policy: managed } = await iam.send(new GetPolicyCommand({ PolicyArn: attached?.[0]?.PolicyArn }));
  const { PolicyVersion: version } = await iam.send(
    new GetPolicyVersionCommand({ PolicyArn: managed?.Arn, VersionId: managed?.DefaultVersionId }),
  );
  const trust = firstStatement(role?.AssumeRolePolicyDocument);
  return {
    found: {
      description: role?.Description ?? "",
      maxSessionDuration: role?.MaxSessionDuration as number,
      bounded: role?.PermissionsBoundary !== undefined,
      subjects: trust.Condition.StringLike["cognito-identity.amazonaws.com:sub"],
      inlineActions: firstStatement(inline.PolicyDocument).Action,
      managedActions: firstStatement(version?.Document).Action,
    },
    tags: { role: fromList(role?.Tags), policy: fromList(managed?.Tags) },
  };
}

async function observeFunction(
  { lambda, logs }: Clients,
  FunctionName: string,
): Promise<Part<Revision["function"]>> {
  const { Configuration, Concurrency, Tags } = await lambda.send(new GetFunctionCommand({ FunctionName }));
  const { logGroups } = await logs.send(
    new DescribeLogGroupsCommand({ logGroupNamePrefix: `/aws/lambda/${FunctionName}` }),
  );
  const group = await logs.send(new ListTagsForResourceCommand({ resourceArn: logGroups?.[0]?.logGroupArn }));
  return {
    found: {
      handler: Configuration?.Handler?.replace("index.", "") as Revision["function"]["handler"],
      description: Configuration?.Description ?? "",
      runtime: Configuration?.Runtime as string,
      architecture: Configuration?.Architectures?.[0] as Revision["function"]["architecture"],
      memorySize: Configuration?.MemorySize as number,
      timeout: Configuration?.Timeout as number,
      environment: Configuration?.Environment?.Variables ?? {},
      tracing: Configuration?.TracingConfig?.Mode as Revision["function"]["tracing"],
      reservedConcurrency: Concurrency?.ReservedConcurrentExecutions ?? null,
      logRetentionDays: logGroups?.[0]?.retentionInDays as number,
    },
    tags: { function: Tags, logGroup: group.tags },
  };
}

async function observeApi({ gateway }: Clients, restApiId: string): Promise<Part<Revision["api"]>> {
  const api = await gateway.send(new GetRestApiCommand({ restApiId }));
  const error = await gateway.send(new GetGatewayResponseCommand({ restApiId, responseType: "DEFAULT_4XX" }));
  const { items: resources = [] } = await gateway.send(
    new GetResourcesCommand({ restApiId, limit: 500, embed: ["methods"] }),
  );
  const routes: Record<string, Authorization> = {};
  const timeouts = new Set<number | undefined>();
  for (const { id: resourceId, path, resourceMethods = {} } of resources) {
    for (const httpMethod of Object.keys(resourceMethods).filter((name) => name !== "OPTIONS")) {
      const address = { restApiId, resourceId, httpMethod };
      const method = await gateway.send(new GetMethodCommand(address));
      const integration = await gateway.send(new GetIntegrationCommand(address));
      routes[`${httpMethod} ${path}`] = method.authorizationType as Authorization;
      timeouts.add(integration.timeoutInMillis);
    }
  }
  if (timeouts.size > 1) {
    throw new Error(`Integrations differ in their timeouts: ${[...timeouts].join(", ")}`);
  }
  // API Gateway gives the policy as it would stand between the quotes of a JSON string.
  const [, denial] = JSON.parse(JSON.parse(`"${api.policy}"`)).Statement;
  const origin = error.responseParameters?.["gatewayresponse.header.Access-Control-Allow-Origin"];
  return {
    found: {
      description: api.description ?? "",
      binaryMediaTypes: api.binaryMediaTypes ?? [],
      minimumCompressionSize: api.minimumCompressionSize ?? null,
      deniedRoutes: [denial.Resource].flat().map((arn: string) => arn.slice(arn.indexOf("/*/") + 3)),
      movingPart: resources.find(({ pathPart }) => /^t?here$/.test(pathPart ?? ""))?.pathPart as string,
      errorTemplate: error.responseTemplates?.["application/json"] as string,
      routes,
      integrationTimeout: [...timeouts][0] as number,
      allowedOrigin: origin?.slice(1, -1) as string,
    },
    tags: { api: api.tags },
  };
}

async function observeStage(
  { gateway }: Clients,
  restApiId: string,
  stageName: string,
): Promise<Part<Revision["stage"]>> {
  const stage = await gateway.send(new GetStageCommand({ restApiId, stageName }));
  const settings = stage.methodSettings?.["*/*"];
  return {
    found: {
      description: stage.description ?? "",
      variables: stage.variables ?? {},
      tracing: stage.tracingEnabled as boolean,
      accessLogFormat: stage.accessLogSettings?.format ?? null,
      loggingLevel: settings?.loggingLevel as Revision["stage"]["loggingLevel"],
      metrics: settings?.metricsEnabled as boolean,
      rateLimit: settings?.throttlingRateLimit as number,
      burstLimit: settings?.throttlingBurstLimit as number,
    },
    tags: { stage: stage.tags },
  };
}

/** The first statement of a policy document as IAM gives it: percent-encoded. */
function firstStatement(document: string | undefined) {
  return JSON.parse(decodeURIComponent(document as string)).Statement[0];
}

function fromList(tags: readonly { Key?: string; Value?: string }[] = []): Tags {
  return Object.fromEntries(tags.map(({ Key = "", Value = "" }) => [Key, Value]));
}
