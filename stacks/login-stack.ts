// The login endpoint: anybody may call it, and who brings a session of the application gets what makes them that user on AWS.
// A stack of its own, since its function is the one thing that may mint tokens.
import path from "node:path";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import type { Construct } from "constructs";
import type { LoginSettings, TagMapping } from "./login-settings";
import type { DeveloperIdentityPool } from "./modules/developer-identity-pool";
import { NodeFunction } from "./modules/node-function";
import { RestApi, type Route } from "./modules/rest-api";
import { declareOutputs, resourceName, StageStack, type StageStackProps } from "./stage-stack";

export interface LoginStackProps extends StageStackProps {
  readonly login: LoginSettings;
  /** The pool for which tokens are minted. */
  readonly pool: Pick<DeveloperIdentityPool, "identityPoolId" | "mintingPolicy">;
}

/**
 * Requests a second, and at once after a quiet time: a part of what the account may mint, so that a flood of logins leaves
 * something to other backends. It is one limit for all callers; one for each is AWS WAF's business.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/limits.html
 */
const THROTTLING = { throttlingRateLimit: 20, throttlingBurstLimit: 40 };

/** Seconds: the function's own limits on keys (6) and Cognito (16) come first. API Gateway waits for 29. */
const TIMEOUT = 25;

export class LoginStack extends StageStack {
  constructor(scope: Construct, id: string, props: LoginStackProps) {
    super(scope, id, props);
    declareLogin(this, props);
  }
}

/** Declares what the stack is about, in whichever scope: the stack itself, or a part of another. */
export function declareLogin(scope: Construct, props: LoginStackProps): void {
  const { stage, allowedOrigin, developerProviderName, principalTags, tlsPolicy } = props.settings;
  const handler = new NodeFunction(scope, "login", {
    name: resourceName(props.settings, "login"),
    entry: path.join(__dirname, "..", "functions", "login.ts"),
    timeout: TIMEOUT,
    environment: {
      ALLOWED_ORIGIN: allowedOrigin,
      IDENTITY_POOL_ID: props.pool.identityPoolId,
      DEVELOPER_PROVIDER_NAME: developerProviderName,
      POWERTOOLS_SERVICE_NAME: "login",
      POWERTOOLS_METRICS_NAMESPACE: resourceName(props.settings, "login"),
      ...environmentOf(props.login, principalTags),
    },
  });
  new IamRolePolicy(scope, "minting", {
    name: "mint-tokens",
    role: handler.roleName,
    policy: props.pool.mintingPolicy,
  });
  const login: Route = { method: "POST", path: "/login", handler, authorization: "NONE" };
  const api = new RestApi(scope, "api", {
    name: resourceName(props.settings, "login"),
    stageName: stage,
    allowedOrigin,
    securityPolicy: tlsPolicy,
    routes: [login],
    ...THROTTLING,
  });
  declareOutputs(scope, {
    login_url: {
      value: `${api.invokeUrl}${login.path}`,
      description: "URL to which a client POSTs the application's session.",
    },
  });
}

/** The settings as the function reads them; what is not set is not there. */
function environmentOf(
  { sessions, issuer, audience, returns, tokenDuration }: LoginSettings,
  principalTags: readonly TagMapping[],
): Record<string, string> {
  const variables = {
    APP_JWKS: "jwks" in sessions ? sessions.jwks : undefined,
    APP_JWKS_URI: "jwksUri" in sessions ? sessions.jwksUri : undefined,
    APP_INTROSPECTION_URL: "introspectionUrl" in sessions ? sessions.introspectionUrl : undefined,
    APP_ALGORITHMS: "algorithms" in sessions ? sessions.algorithms.join(",") : undefined,
    APP_ISSUER: issuer,
    APP_AUDIENCE: audience,
    LOGIN_RETURNS: returns,
    LOGIN_TOKEN_DURATION: String(tokenDuration),
    PRINCIPAL_TAGS: principalTags.map(({ claim, tag }) => `${claim}=${tag}`).join(",") || undefined,
  };
  const given = Object.entries(variables).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return Object.fromEntries(given);
}
