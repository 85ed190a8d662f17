/** What the account tells the SDK's clients about the varied stack, in the form of the revision it was declared with. */
import {
  APIGatewayClient,
  GetGatewayResponseCommand,
  GetIntegrationCommand,
  GetMethodCommand,
  GetResourcesCommand,
  GetRestApiCommand,
  GetStageCommand,
} from "@aws-sdk/client-api-gateway";
import { CloudWatchLogsClient, DescribeLogGroupsCommand, ListTagsForResourceCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  CognitoIdentityClient,
  DescribeIdentityPoolCommand,
  GetIdentityPoolRolesCommand,
} from "@aws-sdk/client-cognito-identity";
import {
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
} from "@aws-sdk/client-iam";
import { GetFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { LocalAws } from "../../../local-aws";
import type { Revision } from "./revisions";

/** The stack's outputs. */
export interface VariedStackOutputs {
  readonly varied_pool_id: string;
  readonly varied_role_name: string;
  readonly varied_function_name: string;
  readonly varied_api_id: string;
}

/** What is observed of a revision; the tags are told for each resource that has some. */
export type Observed = Omit<Revision, "tags"> & { readonly tags: Readonly<Record<string, Record<string, string>>> };

/** Reads the account. */
export class Observer {
  readonly #cognito: CognitoIdentityClient;
  readonly #iam: IAMClient;
  readonly #lambda: LambdaClient;
  readonly #logs: CloudWatchLogsClient;
  readonly #gateway: APIGatewayClient;

  constructor(
    { endpoint, region, credentials }: LocalAws,
    private readonly stageName: string,
  ) {
    const connection = { endpoint, region, credentials };
    this.#cognito = new CognitoIdentityClient(connection);
    this.#iam = new IAMClient(connection);
    this.#lambda = new LambdaClient(connection);
    this.#logs = new CloudWatchLogsClient(connection);
    this.#gateway = new APIGatewayClient(connection);
  }

  close(): void {
    for (const client of [this.#cognito, this.#iam, this.#lambda, this.#logs, this.#gateway]) client.destroy();
  }

  async observe(outputs: VariedStackOutputs): Promise<Observed> {
    const tags: Record<string, Record<string, string>> = {};
    return {
      pool: await this.#pool(outputs.varied_pool_id, tags),
      role: await this.#role(outputs.varied_role_name, tags),
      function: await this.#function(outputs.varied_function_name, tags),
      api: await this.#api(outputs.varied_api_id, tags),
      stage: await this.#stage(outputs.varied_api_id, tags),
      tags,
    };
  }

  async #pool(IdentityPoolId: string, tags: Observed["tags"] & object): Promise<Revision["pool"]> {
    const pool = await this.#cognito.send(new DescribeIdentityPoolCommand({ IdentityPoolId }));
    const { RoleMappings = {} } = await this.#cognito.send(new GetIdentityPoolRolesCommand({ IdentityPoolId }));
    Object.assign(tags, { pool: pool.IdentityPoolTags });
    return {
      guests: pool.AllowUnauthenticatedIdentities as boolean,
      classicFlow: pool.AllowClassicFlow as boolean,
      loginProviders: pool.SupportedLoginProviders ?? {},
      roleMapping: Object.fromEntries(
        Object.entries(RoleMappings).map(([provider, mapping]) => [provider, mapping.AmbiguousRoleResolution as "Deny"]),
      ),
    };
  }

  async #role(RoleName: string, tags: object): Promise<Revision["role"]> {
    const { Role: role } = await this.#iam.send(new GetRoleCommand({ RoleName }));
    const inline = await this.#iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: "inline" }));
    const { AttachedPolicies: attached } = await this.#iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
    const { Policy: managed } = await this.#iam.send(new GetPolicyCommand({ PolicyArn: attached?.[0]?.PolicyArn }));
    const { PolicyVersion: version } = await this.#iam.send(
      new GetPolicyVersionCommand({ PolicyArn: managed?.Arn, VersionId: managed?.DefaultVersionId }),
    );
    Object.assign(tags, { role: fromList(role?.Tags), policy: fromList(managed?.Tags) });
    return {
      description: role?.Description ?? "",
      maxSessionDuration: role?.MaxSessionDuration as number,
      subjects: statement(role?.AssumeRolePolicyDocument).Condition.StringLike["cognito-identity.amazonaws.com:sub"],
      inlineActions: statement(inline.PolicyDocument).Action,
      managedActions: [statement(version?.Document).Action].flat(),
    };
  }

  async #function(FunctionName: string, tags: object): Promise<Revision["function"]> {
    const lambda = await this.#lambda.send(new GetFunctionCommand({ FunctionName }));
    const logGroupName = `/aws/lambda/${FunctionName}`;
    const { logGroups } = await this.#logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName }));
    const group = await this.#logs.send(new ListTagsForResourceCommand({ resourceArn: logGroups?.[0]?.logGroupArn }));
    Object.assign(tags, { function: lambda.Tags, logGroup: group.tags });
    const { Handler, Description, Runtime, Architectures, MemorySize, Timeout, Environment, TracingConfig } =
      lambda.Configuration ?? {};
    return {
      handler: Handler?.replace("index.", "") as "first",
      description: Description ?? "",
      runtime: Runtime as string,
      architecture: Architectures?.[0] as "arm64",
      memorySize: MemorySize as number,
      timeout: Timeout as number,
      environment: Environment?.Variables ?? {},
      tracing: TracingConfig?.Mode as "Active",
      reservedConcurrency: lambda.Concurrency?.ReservedConcurrentExecutions ?? null,
      logRetentionDays: logGroups?.[0]?.retentionInDays as number,
    };
  }

  async #api(restApiId: string, tags: object): Promise<Revision["api"]> {
    const api = await this.#gateway.send(new GetRestApiCommand({ restApiId }));
    const error = await this.#gateway.send(new GetGatewayResponseCommand({ restApiId, responseType: "DEFAULT_4XX" }));
    const { items = [] } = await this.#gateway.send(
      new GetResourcesCommand({ restApiId, limit: 500, embed: ["methods"] }),
    );
    const methods = items.flatMap((resource) =>
      Object.keys(resource.resourceMethods ?? {})
        .filter((httpMethod) => httpMethod !== "OPTIONS")
        .map((httpMethod) => ({ path: resource.path, restApiId, resourceId: resource.id, httpMethod })),
    );
    const routes: Record<string, "AWS_IAM"> = {};
    const timeouts = new Set<number>();
    for (const { path, ...address } of methods) {
      const method = await this.#gateway.send(new GetMethodCommand(address));
      const integration = await this.#gateway.send(new GetIntegrationCommand(address));
      routes[`${address.httpMethod} ${path}`] = method.authorizationType as "AWS_IAM";
      timeouts.add(integration.timeoutInMillis as number);
    }
    expect(timeouts.size).toBe(1);
    Object.assign(tags, { api: api.tags });
    // API Gateway escapes the policy's quotes as if it stood inside a string.
    const [, denial] = JSON.parse(JSON.parse(`"${api.policy}"`)).Statement;
    return {
      description: api.description ?? "",
      binaryMediaTypes: api.binaryMediaTypes ?? [],
      minimumCompressionSize: api.minimumCompressionSize ?? null,
      deniedRoutes: [denial.Resource].flat().map((arn: string) => arn.split("/*/")[1] as string),
      movingPart: items.find(({ pathPart }) => pathPart === "here" || pathPart === "there")?.pathPart as string,
      errorTemplate: error.responseTemplates?.["application/json"] as string,
      routes,
      integrationTimeout: [...timeouts][0] as number,
      allowedOrigin: error.responseParameters?.["gatewayresponse.header.Access-Control-Allow-Origin"]?.slice(1, -1) as string,
    };
  }

  async #stage(restApiId: string, tags: object): Promise<Revision["stage"]> {
    const stage = await this.#gateway.send(new GetStageCommand({ restApiId, stageName: this.stageName }));
    const settings = stage.methodSettings?.["*/*"];
    Object.assign(tags, { stage: stage.tags });
    return {
      description: stage.description ?? "",
      variables: stage.variables ?? {},
      tracing: stage.tracingEnabled as boolean,
      accessLogFormat: stage.accessLogSettings?.format ?? null,
      loggingLevel: settings?.loggingLevel as "OFF",
      metrics: settings?.metricsEnabled as boolean,
      rateLimit: settings?.throttlingRateLimit as number,
      burstLimit: settings?.throttlingBurstLimit as number,
    };
  }
}

/** The first statement of a policy document as IAM gives it: percent-encoded. */
function statement(document: string | undefined) {
  return JSON.parse(decodeURIComponent(document as string)).Statement[0];
}

function fromList(tags: readonly { Key?: string; Value?: string }[] = []): Record<string, string> {
  return Object.fromEntries(tags.map(({ Key = "", Value = "" }) => [Key, Value]));
}
