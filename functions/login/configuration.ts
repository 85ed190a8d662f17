// The function's environment, which `stacks/login-stack.ts` writes and has checked.
import type { Authenticator } from "./authenticator";
import type { TagMapping } from "./principal-tags";
import { sessionIntrospectionAuthenticator } from "./session-introspection";
import { type SessionAlgorithm, sessionJwtAuthenticator } from "./session-jwt";

/** What tells one login from another. */
export interface LoginConfiguration {
  readonly authenticator: Authenticator;
  readonly identityPoolId: string;
  readonly developerProviderName: string;
  readonly region: string;
  readonly returns: "token" | "credentials";
  /** In seconds. */
  readonly tokenDuration: number;
  readonly tagMappings: readonly TagMapping[];
  /** The origin whose pages may read the answers, or `*`; undefined for none. */
  readonly allowedOrigin?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws Error naming a variable that is missing */
export function readConfiguration(environment: Environment): LoginConfiguration {
  return {
    authenticator: authenticatorOf(environment),
    identityPoolId: required(environment, "IDENTITY_POOL_ID"),
    developerProviderName: required(environment, "DEVELOPER_PROVIDER_NAME"),
    region: required(environment, "AWS_REGION"),
    returns: environment.LOGIN_RETURNS === "credentials" ? "credentials" : "token",
    tokenDuration: Number(required(environment, "LOGIN_TOKEN_DURATION")),
    tagMappings: tagMappingsOf(environment.PRINCIPAL_TAGS ?? ""),
    allowedOrigin: environment.ALLOWED_ORIGIN || undefined,
  };
}

function authenticatorOf(environment: Environment): Authenticator {
  const { APP_INTROSPECTION_URL: url, APP_ISSUER: issuer, APP_AUDIENCE: audience } = environment;
  if (url) {
    return sessionIntrospectionAuthenticator({
      url,
      issuer: issuer || undefined,
      audience: audience || undefined,
    });
  }
  return sessionJwtAuthenticator({
    keys: environment.APP_JWKS
      ? { jwks: JSON.parse(environment.APP_JWKS) }
      : { jwksUri: required(environment, "APP_JWKS_URI") },
    issuer: required(environment, "APP_ISSUER"),
    audience: required(environment, "APP_AUDIENCE"),
    algorithms: required(environment, "APP_ALGORITHMS").split(",") as SessionAlgorithm[],
  });
}

/** `claim=tag,claim=tag` */
function tagMappingsOf(text: string): TagMapping[] {
  return text
    .split(",")
    .filter((one) => one !== "")
    .map((one) => {
      const [claim = "", tag = ""] = one.split("=");
      return { claim, tag };
    });
}

function required(environment: Environment, name: string): string {
  const value = environment[name];
  if (!value) {
    throw new Error(`The function's environment lacks ${name}: deploy it with stacks/login-stack.ts.`);
  }
  return value;
}
