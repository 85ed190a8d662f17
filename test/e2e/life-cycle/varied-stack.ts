/** The project's modules with every property set, and their resources with what no property reaches. */
import path from "node:path";
import { ApiGatewayAccount } from "@cdktf/provider-aws/lib/api-gateway-account";
import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { IamPolicy } from "@cdktf/provider-aws/lib/iam-policy";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import { dependable } from "cdktf";
import type { Construct, IConstruct } from "constructs";
import { DeveloperIdentityPool } from "../../../stacks/modules/developer-identity-pool";
import { NodeFunction } from "../../../stacks/modules/node-function";
import { RestApi, type RouteMethod } from "../../../stacks/modules/rest-api";
import type { Settings } from "../../../stacks/settings";
import { declareOutputs, resourceName, StageStack, type StageStackProps } from "../../../stacks/stage-stack";
import type { Revision } from "./revisions";

interface VariedStackProps extends StageStackProps {
  readonly revision: Revision;
}

export class VariedStack extends StageStack {
  private readonly settings: Settings;

  constructor(scope: Construct, id: string, { settings, revision }: VariedStackProps) {
    super(scope, id, { settings });
    this.settings = settings;
    const identities = this.declareIdentities(revision);
    const answer = this.declareFunction(revision);
    const api = this.declareApi(revision, answer);
    this.grant(revision, identities.authenticatedRoleName, api);
    for (const resource of this.node.findAll().filter(isTaggable)) {
      resource.tags = { ...revision.tags };
    }
    const description = "Asked for by the test.";
    declareOutputs(this, {
      varied_pool_id: { value: identities.identityPoolId, description },
      varied_role_name: { value: identities.authenticatedRoleName, description },
      varied_function_name: { value: answer.functionName, description },
      varied_api_id: { value: api.restApiId, description },
    });
  }

  private declareIdentities({ pool, role }: Revision): DeveloperIdentityPool {
    // There at both revisions: IAM deletes no policy that still bounds a role, and Terraform deletes before it updates.
    const boundary = this.declareBoundary();
    const identities = new DeveloperIdentityPool(this, "identities", {
      identityPoolName: resourceName(this.settings, "varied"),
      developerProviderName: this.settings.developerProviderName,
      preventDestroy: this.settings.protectIdentities,
      allowUnauthenticatedIdentities: pool.guests,
      allowSessionTags: ["tier"],
      permissionsBoundaryArn: role.bounded ? boundary : undefined,
    });
    identities.identityPool.allowClassicFlow = pool.classicFlow;
    identities.identityPool.supportedLoginProviders = pool.loginProviders;
    identities.rolesAttachment.putRoleMapping(
      Object.entries(pool.roleMapping).map(([identityProvider, ambiguousRoleResolution]) => ({
        identityProvider,
        ambiguousRoleResolution,
        type: "Rules",
        mappingRule: [
          { claim: "tier", matchType: "Equals", roleArn: identities.authenticatedRoleArn, value: "gold" },
        ],
      })),
    );
    const authenticated = identities.authenticatedRole;
    authenticated.description = role.description;
    authenticated.maxSessionDuration = role.maxSessionDuration;
    const trust = JSON.parse(authenticated.assumeRolePolicyInput as string);
    trust.Statement[0].Condition.StringLike = { "cognito-identity.amazonaws.com:sub": role.subjects };
    authenticated.assumeRolePolicy = JSON.stringify(trust);
    return identities;
  }

  private declareBoundary(): string {
    return new IamPolicy(this, "boundary", {
      name: resourceName(this.settings, "boundary"),
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "execute-api:Invoke", Resource: "*" }],
      }),
    }).arn;
  }

  private declareFunction({ function: settings }: Revision): NodeFunction {
    const answer = new NodeFunction(this, "answer", {
      name: resourceName(this.settings, "varied"),
      entry: path.join(__dirname, `${settings.handler}-answer.ts`),
      handler: settings.handler,
      environment: isEmpty(settings.environment) ? undefined : settings.environment,
      architecture: settings.architecture,
      memorySize: settings.memorySize,
      timeout: settings.timeout,
      logRetentionDays: settings.logRetentionDays,
      tracing: settings.tracing === "Active",
      reservedConcurrentExecutions: settings.reservedConcurrency ?? undefined,
      rolePath: "/functions/",
    });
    const lambda = answer.lambdaFunction;
    lambda.description = settings.description;
    // The provider that is applied here doesn't know the other one that the module offers.
    lambda.runtime = settings.runtime;
    return answer;
  }

  private declareApi({ api: settings, stage: stageSettings }: Revision, answer: NodeFunction): RestApi {
    const api = new RestApi(this, "api", {
      name: resourceName(this.settings, "varied"),
      stageName: this.settings.stage,
      allowedOrigin: settings.allowedOrigin,
      tracing: stageSettings.tracing,
      throttlingRateLimit: stageSettings.rateLimit,
      throttlingBurstLimit: stageSettings.burstLimit,
      policy: this.resourcePolicy(settings.deniedRoutes),
      routes: Object.entries(settings.routes).map(([route, authorization]) => {
        const [method, routePath = ""] = route.split(" ");
        return { method: method as RouteMethod, path: routePath, authorization, handler: answer };
      }),
    });
    const { restApi } = api;
    restApi.description = settings.description;
    restApi.binaryMediaTypes = [...settings.binaryMediaTypes];
    restApi.minimumCompressionSize = String(settings.minimumCompressionSize ?? -1);
    const document = JSON.parse(restApi.bodyInput as string);
    document["x-amazon-apigateway-gateway-responses"].DEFAULT_4XX.responseTemplates = {
      "application/json": settings.errorTemplate,
    };
    for (const operation of Object.values<Record<string, object>>(document.paths).flatMap(Object.values)) {
      const integration = operation["x-amazon-apigateway-integration"];
      if (integration.type === "aws_proxy") {
        integration.timeoutInMillis = settings.integrationTimeout;
      }
    }
    restApi.body = JSON.stringify(document);
    this.declareStageSettings(api, stageSettings);
    return api;
  }

  /** Everybody may call, but for the denied routes. */
  private resourcePolicy(deniedRoutes: readonly string[]): string {
    const anybody = { Principal: "*", Action: "execute-api:Invoke" };
    const api = "arn:aws:execute-api:*:*:*";
    return JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", ...anybody, Resource: `${api}/*` },
        { Effect: "Deny", ...anybody, Resource: deniedRoutes.map((route) => `${api}/*/${route}`) },
      ],
    });
  }

  private declareStageSettings(api: RestApi, settings: Revision["stage"]): void {
    const accessLog = new CloudwatchLogGroup(this, "access-log", {
      name: `/aws/apigateway/${resourceName(this.settings, "varied")}`,
    });
    const account = new ApiGatewayAccount(this, "account", {
      cloudwatchRoleArn: this.declareLoggingRole().arn,
    });
    const { stage, methodSettings } = api;
    stage.description = settings.description;
    stage.variables = settings.variables;
    if (settings.accessLogFormat !== null) {
      stage.putAccessLogSettings({ destinationArn: accessLog.arn, format: settings.accessLogFormat });
    }
    methodSettings.putSettings({
      loggingLevel: settings.loggingLevel,
      metricsEnabled: settings.metrics,
      throttlingRateLimit: settings.rateLimit,
      throttlingBurstLimit: settings.burstLimit,
    });
    methodSettings.dependsOn = [dependable(account)];
  }

  private declareLoggingRole(): IamRole {
    const role = new IamRole(this, "logging-role", {
      name: resourceName(this.settings, "varied-api-logs"),
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Principal: { Service: "apigateway.amazonaws.com" }, Action: "sts:AssumeRole" },
        ],
      }),
    });
    new IamRolePolicyAttachment(this, "logging-role-policy", {
      role: role.name,
      policyArn: "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs",
    });
    return role;
  }

  private grant({ role: { inlineActions, managedActions } }: Revision, role: string, api: RestApi): void {
    const document = (Action: readonly string[], Resource: string) =>
      JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource }] });
    new IamRolePolicy(this, "inline", {
      name: "inline",
      role,
      policy: document(inlineActions, api.arnForRoute("GET", "/item/{id}")),
    });
    const managed = new IamPolicy(this, "managed", {
      name: resourceName(this.settings, "varied"),
      policy: document(managedActions, "*"),
    });
    new IamRolePolicyAttachment(this, "managed-attachment", { role, policyArn: managed.arn });
  }
}

function isEmpty(record: object): boolean {
  return Object.keys(record).length === 0;
}

function isTaggable(construct: IConstruct): construct is IConstruct & { tags: Record<string, string> } {
  return "tagsInput" in construct;
}
