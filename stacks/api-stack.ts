// The function, the API in front of it, and the one route that signed-in identities may call.
import path from "node:path";
import type { Construct } from "constructs";
import { NodeFunction } from "./modules/node-function";
import { type GrantableRole, RestApi, type Route } from "./modules/rest-api";
import { StageStack, type StageStackProps } from "./stage-stack";

export interface ApiStackProps extends StageStackProps {
  /** Role of signed-in identities, to which `GET /hello` is granted. */
  readonly authenticatedRole: GrantableRole;
}

export class ApiStack extends StageStack {
  constructor(scope: Construct, id: string, props: ApiStackProps) {
    super(scope, id, props);
    const { stage, allowedOrigin, developerProviderName, restrictedProbe, tlsPolicy } = props.settings;
    const handler = new NodeFunction(this, "hello", {
      name: this.nameOf("hello"),
      entry: path.join(__dirname, "..", "functions", "hello.ts"),
      environment: {
        ALLOWED_ORIGIN: allowedOrigin,
        DEVELOPER_PROVIDER_NAME: developerProviderName,
      },
    });
    const hello: Route = { method: "GET", path: "/hello", handler };
    // Granted to nobody: it is there to prove that the policy is what opens a door.
    const restricted: Route = { method: "GET", path: "/restricted", handler };
    const api = new RestApi(this, "api", {
      name: this.nameOf("api"),
      stageName: stage,
      allowedOrigin,
      securityPolicy: tlsPolicy,
      routes: restrictedProbe ? [hello, restricted] : [hello],
    });
    api
      .grantInvoke(props.authenticatedRole, hello.method, hello.path, this.nameOf("call-hello"))
      // Its address since 0.1.0; another one would take the grant away for a moment.
      .overrideLogicalId("hello-grant");
    this.output({
      invoke_url: { value: api.invokeUrl, description: "URL of the API's stage." },
      allowed_origin: { value: allowedOrigin, description: "Origin whose pages may call the API, or *." },
      probe_route: { value: nameOf(hello), description: "Route that signed-in identities may call." },
    });
    if (restrictedProbe) {
      this.output({
        refused_route: { value: nameOf(restricted), description: "Route that is granted to nobody." },
      });
    }
  }
}

function nameOf(route: Route): string {
  return `${route.method} ${route.path}`;
}
