/** The SDK's clients of one account: they read what Terraform made and change it behind Terraform's back. */
import { APIGatewayClient } from "@aws-sdk/client-api-gateway";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { CognitoIdentityClient } from "@aws-sdk/client-cognito-identity";
import { IAMClient } from "@aws-sdk/client-iam";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { STSClient } from "@aws-sdk/client-sts";
import type { LocalAws } from "../../../local-aws";

export class Clients {
  readonly cognito: CognitoIdentityClient;
  readonly iam: IAMClient;
  readonly lambda: LambdaClient;
  readonly logs: CloudWatchLogsClient;
  readonly gateway: APIGatewayClient;
  readonly sts: STSClient;

  constructor({ endpoint, region, credentials }: LocalAws) {
    const connection = { endpoint, region, credentials };
    this.cognito = new CognitoIdentityClient(connection);
    this.iam = new IAMClient(connection);
    this.lambda = new LambdaClient(connection);
    this.logs = new CloudWatchLogsClient(connection);
    this.gateway = new APIGatewayClient(connection);
    this.sts = new STSClient(connection);
  }

  close(): void {
    for (const client of [this.cognito, this.iam, this.lambda, this.logs, this.gateway, this.sts]) {
      client.destroy();
    }
  }
}
