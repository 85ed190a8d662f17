/** Servers with what a bench calls, and the calls: local AWS with the flow deployed, moto with a pool, and one that only answers. */
import {
  CognitoIdentityClient,
  CreateIdentityPoolCommand,
  GetCredentialsForIdentityCommand,
  GetOpenIdTokenForDeveloperIdentityCommand,
} from "@aws-sdk/client-cognito-identity";
import { type RequestSigner, sign } from "aws4";
import { Pool } from "undici";
import { findOnPath } from "../process";
import { deployWithSdk } from "../sdk-deployment";
import { bundled } from "./bundled";
import type { Contender } from "./comparison";
import { deployMockApi, MOCK_STAGE } from "./mock-api";
import { NotMeasuredError } from "./row";
import { freePort, Server } from "./server";

const REGION = "us-east-1";
const ROOT = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "secret-of-the-bench" };

/** Enough for a clock of the processor that ticks a hundred times a second; slower servers get fewer, faster ones more. */
const CALLS_A_ROUND = 800;

/** Operations of Cognito that are called, and whether they are signed. */
export const CALLS = {
  describe: { operation: "DescribeIdentityPool", signed: true },
  token: { operation: "GetOpenIdTokenForDeveloperIdentity", signed: true },
  credentials: { operation: "GetCredentialsForIdentity", signed: false },
} as const;

type CognitoCalls = Readonly<Record<keyof typeof CALLS, Contender>>;
type LocalAwsCalls = CognitoCalls & Readonly<Record<"mock" | "lambda", Contender>>;

/** How a server is started. */
type Program = Parameters<typeof Server.start>;

/** As the package's command starts it. */
export function localAwsProgram(): Program {
  const runtime = ["bootstrap.mjs", "started-processes.cjs"].map(
    (name) => `local-aws/services/lambda/runtime/${name}`,
  );
  const { file } = bundled("scripts/local-aws-command.ts", runtime);
  const env = {
    ...process.env,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: ROOT.accessKeyId,
    AWS_SECRET_ACCESS_KEY: ROOT.secretAccessKey,
    AWS_SESSION_TOKEN: undefined,
  };
  return [process.execPath, [file, "--port", "0"], /account (\d+) in \S+ at (http:\S+)/, env];
}

/** Answers everything as the project's function does. */
export const EMPTY_SERVER: Program = [
  process.execPath,
  [
    "-e",
    `const server = require("node:http").createServer((request, response) => response.end('{"message":"Hello"}'));
     server.listen(0, "127.0.0.1", () => console.log("http://127.0.0.1:" + server.address().port));`,
  ],
  /(http:\S+)/,
];

export async function withLocalAws<T>(use: (calls: LocalAwsCalls) => Promise<T>): Promise<T> {
  const server = await Server.start(...localAwsProgram());
  const [, accountId = "", endpoint = ""] = server.said;
  const pool = new Pool(endpoint, { connections: AT_ONCE });
  try {
    const account = { accountId, region: REGION, endpoint, credentials: ROOT };
    const mayCallMock = {
      Effect: "Allow",
      Action: "execute-api:Invoke",
      Resource: `arn:aws:execute-api:${REGION}:${accountId}:*/${MOCK_STAGE}/GET/`,
    };
    const outputs = await deployWithSdk(account, { furtherGrants: [mayCallMock] });
    const id = await deployMockApi(account, "AWS_IAM");
    const mock = new URL(`https://${id}.execute-api.${REGION}.amazonaws.com/${MOCK_STAGE}/`);
    const cognito = new CognitoIdentityClient(account);
    const { calls, credentials } = await cognitoCalls(
      { server, pool },
      cognito,
      outputs.identity_pool_id,
      outputs.developer_provider_name,
      CALLS_A_ROUND,
    );
    const api = (url: URL) =>
      sender({ server, pool }, CALLS_A_ROUND, () =>
        sign(
          { service: "execute-api", region: REGION, method: "GET", host: url.host, path: url.pathname },
          credentials,
        ),
      );
    return await use({ ...calls, mock: api(mock), lambda: api(new URL(`${outputs.invoke_url}/hello`)) });
  } finally {
    await pool.destroy();
    await server.stop();
  }
}

/** @throws NotMeasuredError without moto */
export async function withMoto<T>(use: (calls: CognitoCalls) => Promise<T>): Promise<T> {
  if (findOnPath("moto_server", process.env.PATH ?? "") === undefined) {
    throw new NotMeasuredError("no moto_server on the PATH");
  }
  const port = await freePort();
  const server = await Server.start("moto_server", ["-p", String(port)], /Running on (http:\S+)/);
  const endpoint = `http://127.0.0.1:${port}`;
  const pool = new Pool(endpoint, { connections: AT_ONCE });
  try {
    const cognito = new CognitoIdentityClient({ region: REGION, endpoint, credentials: ROOT });
    const provider = "login.developer.example";
    const { IdentityPoolId = "" } = await cognito.send(
      new CreateIdentityPoolCommand({
        IdentityPoolName: "bench",
        AllowUnauthenticatedIdentities: false,
        DeveloperProviderName: provider,
      }),
    );
    const { calls } = await cognitoCalls(
      { server, pool },
      cognito,
      IdentityPoolId,
      provider,
      CALLS_A_ROUND / 4,
    );
    return await use(calls);
  } finally {
    await pool.destroy();
    await server.stop();
  }
}

export async function withEmptyServer<T>(use: (call: Contender) => Promise<T>): Promise<T> {
  const server = await Server.start(...EMPTY_SERVER);
  const [, endpoint = ""] = server.said;
  const pool = new Pool(endpoint, { connections: AT_ONCE });
  try {
    return await use(
      sender({ server, pool }, 4 * CALLS_A_ROUND, () => ({ method: "GET", path: "/", headers: {} })),
    );
  } finally {
    await pool.destroy();
    await server.stop();
  }
}

/** Requests on their way at a time: enough that the server never waits for one. */
const AT_ONCE = 4;

interface Called {
  readonly server: Server;
  readonly pool: Pool;
}

/** Makes a contender that sends so many requests, signed when it begins; the times are those of one, the processor's the server's alone. */
function sender({ server, pool }: Called, count: number, request: () => RequestSigner | object): Contender {
  return async () => {
    const { method = "GET", path = "/", headers, body } = request() as ReturnType<typeof sign>;
    let left = count;
    const send = async () => {
      while (left > 0) {
        left -= 1;
        const answer = await pool.request({
          method: method as "GET",
          path,
          headers: headers as Record<string, string>,
          body,
        });
        const text = await answer.body.text();
        if (answer.statusCode !== 200) {
          throw new Error(`${method} ${path} was answered ${answer.statusCode}: ${text}`);
        }
      }
    };
    const used = server.cpu();
    const began = performance.now();
    await Promise.all(Array.from({ length: AT_ONCE }, send));
    return { wall: (performance.now() - began) / count, cpu: (server.cpu() - used) / count };
  };
}

/** Signs a user in, and makes the calls that did. */
async function cognitoCalls(
  called: Called,
  cognito: CognitoIdentityClient,
  identityPoolId: string,
  provider: string,
  count: number,
) {
  const describe = { IdentityPoolId: identityPoolId };
  const token = { ...describe, Logins: { [provider]: "ada" }, TokenDuration: 3600 };
  const { IdentityId, Token = "" } = await cognito.send(new GetOpenIdTokenForDeveloperIdentityCommand(token));
  const credentials = { IdentityId, Logins: { "cognito-identity.amazonaws.com": Token } };
  const { Credentials } = await cognito.send(new GetCredentialsForIdentityCommand(credentials));
  cognito.destroy();
  const call = (name: keyof typeof CALLS, input: object) =>
    sender(called, count, () => cognitoRequest(name, input));
  return {
    calls: {
      describe: call("describe", describe),
      token: call("token", token),
      credentials: call("credentials", credentials),
    },
    credentials: {
      accessKeyId: Credentials?.AccessKeyId,
      secretAccessKey: Credentials?.SecretKey,
      sessionToken: Credentials?.SessionToken,
    },
  };
}

function cognitoRequest(name: keyof typeof CALLS, input: object): RequestSigner | object {
  const { operation, signed } = CALLS[name];
  const request = {
    service: "cognito-identity",
    region: REGION,
    method: "POST",
    path: "/",
    headers: {
      "Content-Type": "application/x-amz-json-1.1",
      "X-Amz-Target": `AWSCognitoIdentityService.${operation}`,
    },
    body: JSON.stringify(input),
  };
  return signed ? sign(request, ROOT) : request;
}
