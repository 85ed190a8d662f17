// The function, the API in front of it, and what signed-in identities may call of it.
import path from "node:path";
import type { Construct } from "constructs";
import { NodeFunction } from "./modules/node-function";
import { type GrantableRole, RestApi, type Route } from "./modules/rest-api";
import { USERNAME_TAG } from "./settings";
import { declareOutputs, resourceName, StageStack, type StageStackProps } from "./stage-stack";

export interface ApiStackProps extends StageStackProps {
  /** Role of signed-in identities, to which `GET /hello` is granted, and with user routes each one's own. */
  readonly authenticatedRole: GrantableRole;
}

export class ApiStack extends StageStack {
  /** The API, for stacks that grant something on it. */
  readonly api: RestApi;

  constructor(scope: Construct, id: string, props: ApiStackProps) {
    super(scope, id, props);
    this.api = declareApi(this, props);
  }
}

/** Declares what the stack is about, in whichever scope: the stack itself, or a part of another. */
export function declareApi(scope: Construct, props: ApiStackProps): RestApi {
  const { stage, allowedOrigin, developerProviderName, restrictedProbe, tlsPolicy, userRoutes } =
    props.settings;
  const handler = new NodeFunction(scope, "hello", {
    name: resourceName(props.settings, "hello"),
    entry: path.join(__dirname, "..", "functions", "hello.ts"),
    environment: {
      ALLOWED_ORIGIN: allowedOrigin,
      DEVELOPER_PROVIDER_NAME: developerProviderName,
    },
  });
  const hello: Route = { method: "GET", path: "/hello", handler };
  // Granted to nobody: it is there to prove that the policy is what opens a door.
  const restricted: Route = { method: "GET", path: "/restricted", handler };
  const ownPage: Route = { method: "GET", path: "/users/{username}", handler };
  const api = new RestApi(scope, "api", {
    name: resourceName(props.settings, "api"),
    stageName: stage,
    allowedOrigin,
    securityPolicy: tlsPolicy,
    routes: [hello, ...(restrictedProbe ? [restricted] : []), ...(userRoutes ? [ownPage] : [])],
  });
  api
    .grantInvoke(props.authenticatedRole, hello.method, hello.path, {
      policyName: resourceName(props.settings, "call-hello"),
    })
    // Its address since 0.1.0; another one would take the grant away for a moment.
    .overrideLogicalId("hello-grant");
  declareOutputs(scope, {
    invoke_url: { value: api.invokeUrl, description: "URL of the API's stage." },
    allowed_origin: { value: allowedOrigin, description: "Origin whose pages may call the API, or *." },
    probe_route: { value: nameOf(hello), description: "Route that signed-in identities may call." },
  });
  // What `verify --access` holds the API to: every route, and who may call it.
  const access = {
    [nameOf(hello)]: ["signed-in"],
    ...(restrictedProbe ? { [nameOf(restricted)]: [] } : {}),
    ...(userRoutes ? { [nameOf(ownPage)]: ["signed-in"] } : {}),
  };
  declareOutputs(scope, {
    access: { value: JSON.stringify(access), description: "Who may call which route, as JSON." },
  });
  if (restrictedProbe) {
    declareOutputs(scope, {
      refused_route: { value: nameOf(restricted), description: "Route that is granted to nobody." },
    });
  }
  if (userRoutes) {
    api.grantInvoke(props.authenticatedRole, ownPage.method, ownPage.path, {
      policyName: resourceName(props.settings, "call-own-page"),
      parameters: { username: `aws:PrincipalTag/${USERNAME_TAG}` },
    });
    declareOutputs(scope, {
      user_route: {
        value: nameOf(ownPage),
        description: `Route that an identity may call for the own tag ${USERNAME_TAG} only.`,
      },
    });
  }
  return api;
}

function nameOf(route: Route): string {
  return `${route.method} ${route.path}`;
}
