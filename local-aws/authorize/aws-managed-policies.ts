/**
 * The AWS managed policies that people attach to the roles of such stacks. AWS's documents as published; any other ARN under
 * `arn:aws:iam::aws:policy/` is refused like one that doesn't exist.
 *
 * @see https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
 */

interface AwsManagedPolicy {
  /** The policy's path and name, as in its ARN after `policy`. */
  readonly id: string;
  readonly actions: readonly string[];
  readonly resource?: string;
}

const POLICIES: readonly AwsManagedPolicy[] = [
  { id: "/AdministratorAccess", actions: ["*"] },
  {
    id: "/service-role/AWSLambdaBasicExecutionRole",
    actions: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
  },
  { id: "/service-role/AWSLambdaRole", actions: ["lambda:InvokeFunction"] },
  {
    id: "/AWSXRayDaemonWriteAccess",
    actions: [
      "xray:PutTraceSegments",
      "xray:PutTelemetryRecords",
      "xray:GetSamplingRules",
      "xray:GetSamplingTargets",
      "xray:GetSamplingStatisticSummaries",
    ],
  },
  {
    id: "/service-role/AmazonAPIGatewayPushToCloudWatchLogs",
    actions: [
      "logs:CreateLogGroup",
      "logs:CreateLogStream",
      "logs:DescribeLogGroups",
      "logs:DescribeLogStreams",
      "logs:PutLogEvents",
      "logs:GetLogEvents",
      "logs:FilterLogEvents",
    ],
  },
  {
    id: "/AmazonAPIGatewayAdministrator",
    actions: ["apigateway:*"],
    resource: "arn:aws:apigateway:*::/*",
  },
  {
    id: "/AmazonAPIGatewayInvokeFullAccess",
    actions: ["execute-api:Invoke", "execute-api:ManageConnections"],
    resource: "arn:aws:execute-api:*:*:*",
  },
  {
    id: "/AmazonCognitoDeveloperAuthenticatedIdentities",
    actions: [
      "cognito-identity:GetOpenIdTokenForDeveloperIdentity",
      "cognito-identity:LookupDeveloperIdentity",
      "cognito-identity:MergeDeveloperIdentities",
      "cognito-identity:UnlinkDeveloperIdentity",
    ],
  },
];

/** Path and document by ARN. */
export const AWS_MANAGED_POLICIES: ReadonlyMap<string, { readonly path: string; readonly document: string }> =
  new Map(
    POLICIES.map(({ id, actions, resource = "*" }) => [
      `arn:aws:iam::aws:policy${id}`,
      {
        path: id.slice(0, id.lastIndexOf("/") + 1),
        document: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: actions, Resource: resource }],
        }),
      },
    ]),
  );
