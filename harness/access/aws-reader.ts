/** Reads what decides who may call: roles and their policies, an API's routes and settings, and what a local account says of its decisions. */
import type { Resource } from "@aws-sdk/client-api-gateway";
import { request } from "undici";
import { z } from "zod";
import { type PolicyDocument, parsePolicy, type Statement } from "../../iam-policy/document";
import { Calls } from "../calls/call";
import { sdkRequestHandler } from "../run/connections";
import type { RunContext, WalkOptions } from "../run/context";

/** Which permissions reading a role takes; told when one is missing. */
export const ROLE_READING =
  "iam:GetRole, ListRolePolicies, GetRolePolicy, ListAttachedRolePolicies, GetPolicy and GetPolicyVersion";
/** Which permission reading a route takes. */
export const API_READING = "apigateway:GET on the API";

/** A policy of a role. */
export interface NamedPolicy {
  /** For messages, e.g. `inline policy call-hello`. */
  readonly name: string;
  readonly document: PolicyDocument;
}

/** What a role is besides its policies. */
export interface RoleSettings {
  /** `AROA…`, which the `aws:userid` of its sessions begins with. */
  readonly id: string;
  readonly boundary?: NamedPolicy;
  readonly tags: Readonly<Record<string, string>>;
}

/** How a path is deployed. */
export interface PathSettings {
  /** The names of the API's stages. */
  readonly stages: readonly string[];
  /** By their names; none when the API has no such path. */
  readonly methods: NonNullable<Resource["resourceMethods"]>;
}

const decision = z.object({
  at: z.string(),
  kind: z.string(),
  outcome: z.string(),
  subject: z.string(),
  detail: z.array(z.string()),
});
/** A decision as a local account that stands in for AWS publishes them at `/_local/decisions`; AWS keeps them to itself. */
export type Decision = z.infer<typeof decision>;
const decisionLog = z.object({ decisions: z.array(decision) });

/** Asks with the backend's credentials, within the run's limits. Its clients are loaded only when they are needed. */
export class AwsReader {
  private readonly client;

  constructor(
    private readonly run: RunContext,
    { endpoint, credentials }: WalkOptions,
  ) {
    const requestHandler = sdkRequestHandler(run.dispatcher);
    this.client = { region: run.deployment.region, endpoint, credentials, maxAttempts: 2, requestHandler };
  }

  /** Reads a role's trust policy. @throws whatever IAM answers */
  async trustPolicy(RoleName: string): Promise<readonly Statement[]> {
    const { GetRoleCommand, IAMClient } = await import("@aws-sdk/client-iam");
    const iam = new IAMClient(this.client);
    const { Role } = await this.send("GetRole", (end) => iam.send(new GetRoleCommand({ RoleName }), end));
    return documentOf(Role?.AssumeRolePolicyDocument).statements;
  }

  /** Reads a role's inline policies, and the attached ones in their default version. @throws whatever IAM answers */
  async rolePolicies(RoleName: string): Promise<NamedPolicy[]> {
    const sdk = await import("@aws-sdk/client-iam");
    const iam = new sdk.IAMClient(this.client);
    const { PolicyNames: inline = [] } = await this.send("ListRolePolicies", (end) =>
      iam.send(new sdk.ListRolePoliciesCommand({ RoleName }), end),
    );
    const { AttachedPolicies: attached = [] } = await this.send("ListAttachedRolePolicies", (end) =>
      iam.send(new sdk.ListAttachedRolePoliciesCommand({ RoleName }), end),
    );
    const policies: NamedPolicy[] = [];
    for (const PolicyName of inline) {
      const { PolicyDocument: text } = await this.send("GetRolePolicy", (end) =>
        iam.send(new sdk.GetRolePolicyCommand({ RoleName, PolicyName }), end),
      );
      policies.push({ name: `inline policy ${PolicyName}`, document: documentOf(text) });
    }
    for (const { PolicyArn = "", PolicyName } of attached) {
      policies.push({ name: `attached policy ${PolicyName}`, document: await this.managedPolicy(PolicyArn) });
    }
    return policies;
  }

  /** Reads a role's id, tags and permissions boundary. @throws whatever IAM answers */
  async role(RoleName: string): Promise<RoleSettings> {
    const { GetRoleCommand, IAMClient } = await import("@aws-sdk/client-iam");
    const iam = new IAMClient(this.client);
    const { Role } = await this.send("GetRole", (end) => iam.send(new GetRoleCommand({ RoleName }), end));
    const arn = Role?.PermissionsBoundary?.PermissionsBoundaryArn;
    return {
      id: Role?.RoleId ?? "",
      tags: Object.fromEntries((Role?.Tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value])),
      boundary:
        arn === undefined
          ? undefined
          : { name: `permissions boundary ${arn}`, document: await this.managedPolicy(arn) },
    };
  }

  private async managedPolicy(PolicyArn: string): Promise<PolicyDocument> {
    const sdk = await import("@aws-sdk/client-iam");
    const iam = new sdk.IAMClient(this.client);
    const { Policy } = await this.send("GetPolicy", (end) =>
      iam.send(new sdk.GetPolicyCommand({ PolicyArn }), end),
    );
    const VersionId = Policy?.DefaultVersionId;
    const { PolicyVersion } = await this.send("GetPolicyVersion", (end) =>
      iam.send(new sdk.GetPolicyVersionCommand({ PolicyArn, VersionId }), end),
    );
    return documentOf(PolicyVersion?.Document);
  }

  /** Reads how a path is deployed. @throws whatever API Gateway answers */
  async path(restApiId: string, path: string): Promise<PathSettings> {
    const sdk = await import("@aws-sdk/client-api-gateway");
    const gateway = new sdk.APIGatewayClient(this.client);
    const { item: stages = [] } = await this.send("GetStages", (end) =>
      gateway.send(new sdk.GetStagesCommand({ restApiId }), end),
    );
    const resources = await this.resources(restApiId);
    return {
      stages: stages.map(({ stageName = "" }) => stageName),
      methods: resources.find((resource) => resource.path === path)?.resourceMethods ?? {},
    };
  }

  /** Reads all paths of an API with their methods. @throws whatever API Gateway answers */
  async resources(restApiId: string): Promise<Resource[]> {
    const { APIGatewayClient, GetResourcesCommand } = await import("@aws-sdk/client-api-gateway");
    const gateway = new APIGatewayClient(this.client);
    const resources: Resource[] = [];
    let position: string | undefined;
    do {
      const command = new GetResourcesCommand({ restApiId, embed: ["methods"], limit: 500, position });
      const page = await this.send("GetResources", (end) => gateway.send(command, end));
      resources.push(...(page.items ?? []));
      position = page.position;
    } while (position !== undefined);
    return resources;
  }

  /** Reads an API's resource policy; undefined when it has none. @throws whatever API Gateway answers */
  async resourcePolicy(restApiId: string): Promise<PolicyDocument | undefined> {
    const { APIGatewayClient, GetRestApiCommand } = await import("@aws-sdk/client-api-gateway");
    const gateway = new APIGatewayClient(this.client);
    const { policy } = await this.send("GetRestApi", (end) =>
      gateway.send(new GetRestApiCommand({ restApiId }), end),
    );
    // It comes as the inside of a JSON string, its quotes escaped.
    return policy ? parsePolicy(policy.startsWith("{\\") ? JSON.parse(`"${policy}"`) : policy) : undefined;
  }

  /** Reads the last decisions of a local account, oldest first; none where it is not such an account. */
  async decisions(last: number): Promise<readonly Decision[]> {
    const { endpoint, dispatcher } = this.run;
    if (endpoint === undefined) {
      return [];
    }
    try {
      const url = `${endpoint}/_local/decisions?last=${last}`;
      const { status, text } = await this.send("GET /_local/decisions", async ({ abortSignal: signal }) => {
        const { statusCode, body } = await request(url, { dispatcher, signal });
        return { status: statusCode, text: await body.text() };
      });
      return status === 200 ? decisionLog.parse(JSON.parse(text)).decisions : [];
    } catch {
      // Another stand-in, which explains nothing: there is only less to tell.
      return [];
    }
  }

  /** Sends one call, given what ends it. @throws HarnessError when there is no answer */
  private send<T>(name: string, call: (options: { abortSignal: AbortSignal }) => Promise<T>): Promise<T> {
    return new Calls(this.run).once(name, (abortSignal) => call({ abortSignal }));
  }
}

/**
 * Reads a policy.
 *
 * @param document as IAM returns it, percent-encoded JSON; none has no statements
 * @throws Error when it is not a policy
 */
export function documentOf(document: string | undefined): PolicyDocument {
  return document === undefined
    ? { version: "2012-10-17", statements: [] }
    : parsePolicy(decodeURIComponent(document));
}
