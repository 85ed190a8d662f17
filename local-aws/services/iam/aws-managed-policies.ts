/**
 * The AWS managed policies that people attach to the roles of such stacks. AWS's documents as published; any other ARN under
 * `arn:aws:iam::aws:policy/` is refused like one that doesn't exist.
 *
 * @see https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
 */

interface AwsManagedPolicy {
  readonly path: string;
  readonly document: string;
}

const allow = (actions: string[], resource = "*") =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: actions, Resource: resource }],
  });

/** By ARN. */
export const AWS_MANAGED_POLICIES: Readonly<Record<string, AwsManagedPolicy>> = {
  "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole": {
    path: "/service-role/",
    document: allow(["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]),
  },
  "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs": {
    path: "/service-role/",
    document: allow([
      "logs:CreateLogGroup",
      "logs:CreateLogStream",
      "logs:DescribeLogGroups",
      "logs:DescribeLogStreams",
      "logs:PutLogEvents",
      "logs:GetLogEvents",
      "logs:FilterLogEvents",
    ]),
  },
  "arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess": {
    path: "/",
    document: allow(["execute-api:Invoke", "execute-api:ManageConnections"], "arn:aws:execute-api:*:*:*"),
  },
  "arn:aws:iam::aws:policy/AmazonCognitoDeveloperAuthenticatedIdentities": {
    path: "/",
    document: allow([
      "cognito-identity:GetOpenIdTokenForDeveloperIdentity",
      "cognito-identity:LookupDeveloperIdentity",
      "cognito-identity:MergeDeveloperIdentities",
      "cognito-identity:UnlinkDeveloperIdentity",
    ]),
  },
};
