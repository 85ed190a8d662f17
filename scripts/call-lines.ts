/** What a user types to call the deployed API from a shell: printed by `npm run local` and `npm run e2e -- --keep`. */

/**
 * Lines for a POSIX shell, in the checkout. The first makes the shell a signed-in user's, which the others need; they take all from
 * its environment.
 *
 * @param outputsFile the deployment's, quoted for the shell if need be. @default outputs.json
 */
export function callLines(outputsFile?: string): readonly string[] {
  const options = outputsFile === undefined ? "" : ` -- --outputs ${outputsFile}`;
  return [`eval "$(npm run sign-in --silent${options})"`, CURL, NODE, PYTHON];
}

const CURL =
  'curl --aws-sigv4 "aws:amz:$AWS_REGION:execute-api" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" -H "X-Amz-Security-Token: $AWS_SESSION_TOKEN" "$API_URL/hello"';

const NODE = `node -e '${[
  'const url = new URL(process.env.API_URL + "/hello")',
  'const { headers } = require("aws4").sign({ service: "execute-api", region: process.env.AWS_REGION, host: url.host, path: url.pathname })',
  "fetch(url, { headers }).then((answer) => answer.text()).then(console.log)",
].join("; ")}'`;

/** botocore comes with boto3 and with the AWS CLI of version 1. */
const PYTHON = `python3 -c '${[
  "import os, urllib.request as http, botocore.session",
  "from botocore.auth import SigV4Auth",
  "from botocore.awsrequest import AWSRequest",
  'call = AWSRequest("GET", os.environ["API_URL"] + "/hello")',
  'SigV4Auth(botocore.session.Session().get_credentials(), "execute-api", os.environ["AWS_REGION"]).add_auth(call)',
  "print(http.urlopen(http.Request(call.url, headers=dict(call.headers))).read().decode())",
].join("; ")}'`;
