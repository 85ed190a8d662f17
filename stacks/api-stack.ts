// The function, the API in front of it, and the one route that signed-in identities may call.
import path from "node:path";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import type { Construct } from "constructs";
import { NodeFunction } from "./modules/node-function";
import { RestApi } from "./modules/rest-api";
import type { Settings } from "./settings";
import { StageStack } from "./stage-stack";

export interface ApiStackProps {
  readonly settings: Settings;
  /** Role of signed-in identities, to which `GET /hello` is granted. */
  readonly authenticatedRoleName: string;
}

export class ApiStack extends StageStack {
  constructor(scope: Construct, id: string, { settings, authenticatedRoleName }: ApiStackProps) {
    super(scope, id, settings);
    const hello = new NodeFunction(this, "hello", {
      name: this.nameOf("hello"),
      entry: path.join(__dirname, "..", "functions", "hello.ts"),
      environment: {
        ALLOWED_ORIGIN: settings.allowedOrigin,
        DEVELOPER_PROVIDER_NAME: settings.developerProviderName,
      },
    });
    const api = new RestApi(this, "api", {
      name: this.nameOf("api"),
      stageName: settings.stage,
      allowedOrigin: settings.allowedOrigin,
      securityPolicy: settings.tlsPolicy,
      routes: [
        { method: "GET", path: "/hello", function: hello },
        // Granted to nobody: it is there to prove that the policy is what opens a door.
        { method: "GET", path: "/restricted", function: hello },
      ],
    });
    new IamRolePolicy(this, "hello-grant", {
      name: this.nameOf("call-hello"),
      role: authenticatedRoleName,
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Action: "execute-api:Invoke", Resource: api.arnForRoute("GET", "/hello") },
        ],
      }),
    });
    this.output({ invoke_url: api.invokeUrl, allowed_origin: settings.allowedOrigin });
  }
}
