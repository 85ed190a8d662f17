/** Reads what is behind a failure: a role's policies, a route's settings, and what a local account says of its decisions. */
import type { Resource } from "@aws-sdk/client-api-gateway";
import { request } from "undici";
import { z } from "zod";
import { parsePolicy, type Statement } from "../../iam-policy/document";
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
  readonly statements: readonly Statement[];
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
    return statementsOf(Role?.AssumeRolePolicyDocument);
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
      const { PolicyDocument } = await this.send("GetRolePolicy", (end) =>
        iam.send(new sdk.GetRolePolicyCommand({ RoleName, PolicyName }), end),
      );
      policies.push({ name: `inline policy ${PolicyName}`, statements: statementsOf(PolicyDocument) });
    }
    for (const { PolicyArn, PolicyName } of attached) {
      const { Policy } = await this.send("GetPolicy", (end) =>
        iam.send(new sdk.GetPolicyCommand({ PolicyArn }), end),
      );
      const VersionId = Policy?.DefaultVersionId;
      const { PolicyVersion } = await this.send("GetPolicyVersion", (end) =>
        iam.send(new sdk.GetPolicyVersionCommand({ PolicyArn, VersionId }), end),
      );
      const statements = statementsOf(PolicyVersion?.Document);
      policies.push({ name: `attached policy ${PolicyName}`, statements });
    }
    return policies;
  }

  /** Reads how a path is deployed. @throws whatever API Gateway answers */
  async path(restApiId: string, path: string): Promise<PathSettings> {
    const sdk = await import("@aws-sdk/client-api-gateway");
    const gateway = new sdk.APIGatewayClient(this.client);
    const { item: stages = [] } = await this.send("GetStages", (end) =>
      gateway.send(new sdk.GetStagesCommand({ restApiId }), end),
    );
    const { items: resources = [] } = await this.send("GetResources", (end) =>
      gateway.send(new sdk.GetResourcesCommand({ restApiId, embed: ["methods"], limit: 500 }), end),
    );
    return {
      stages: stages.map(({ stageName = "" }) => stageName),
      methods: resources.find((resource) => resource.path === path)?.resourceMethods ?? {},
    };
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
 * Reads a policy's statements.
 *
 * @param document as IAM returns it, percent-encoded JSON; none has no statements
 * @throws Error when it is not a policy
 */
export function statementsOf(document: string | undefined): readonly Statement[] {
  return document === undefined ? [] : parsePolicy(decodeURIComponent(document)).statements;
}
