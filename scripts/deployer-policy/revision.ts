/**
 * What somebody may change about a stack that is deployed, all at once: code, settings, a route, policies, retention, throttling and
 * tags. Changed back, it also is what somebody takes away: a tag, a description.
 */

type Attributes = Readonly<Record<string, unknown>>;

const WORD = "revised";

/** New values of attributes by type of resource. A type that isn't here has nothing that changes in place, or only its tags. */
const CHANGES: Readonly<Record<string, (resource: Attributes) => Attributes>> = {
  aws_api_gateway_method_settings: ({ settings }) => ({
    settings: { ...(settings as Attributes), throttling_rate_limit: 7 },
  }),
  // A change of the document is deployed anew: another deployment, to which the stage moves.
  aws_api_gateway_rest_api: ({ body }) => ({ body: described(body), description: WORD }),
  aws_api_gateway_stage: () => ({ description: WORD, variables: { [WORD]: "yes" } }),
  // 0 is for ever: the retention goes, and comes back.
  aws_cloudwatch_log_group: () => ({ retention_in_days: 0 }),
  aws_cognito_identity_pool: () => ({
    supported_login_providers: { "graph.facebook.com": "7346241598935552" },
  }),
  aws_iam_openid_connect_provider: ({ client_id_list: ids }) => ({
    client_id_list: [...(ids as string[]), WORD],
    thumbprint_list: ["0123456789012345678901234567890123456789"],
  }),
  aws_iam_role: ({ assume_role_policy: trust }) => ({
    assume_role_policy: renamed(trust),
    description: WORD,
    max_session_duration: 7200,
  }),
  aws_iam_role_policy: ({ policy }) => ({ policy: renamed(policy) }),
  // Another architecture is other code: it is uploaded again.
  aws_lambda_function: ({ architectures }) => ({
    architectures: [(architectures as string[])[0] === "arm64" ? "x86_64" : "arm64"],
    description: WORD,
  }),
  // As if its route were another one: a permission is replaced.
  aws_lambda_permission: ({ source_arn: arn }) => ({ source_arn: `${arn}-${WORD}` }),
};

/** Changes all of a synthesised stack (JSON) that can be changed. */
export function revised(configuration: string): string {
  const { provider, resource, ...rest } = JSON.parse(configuration);
  for (const {
    default_tags: [{ tags }],
  } of provider.aws) {
    tags[WORD] = "yes";
  }
  for (const [type, change] of Object.entries(CHANGES)) {
    for (const attributes of Object.values<Record<string, unknown>>(resource[type] ?? {})) {
      Object.assign(attributes, change(attributes));
    }
  }
  return JSON.stringify({ provider, resource, ...rest }, null, 2);
}

/** A policy (JSON) whose first statement has another name: to Terraform another policy. */
function renamed(policy: unknown): string {
  const document = JSON.parse(policy as string);
  document.Statement[0].Sid = WORD;
  return JSON.stringify(document);
}

/** An OpenAPI document (JSON) with a description. */
function described(body: unknown): string {
  const document = JSON.parse(body as string);
  document.info.description = WORD;
  return JSON.stringify(document);
}
