/** Secrets in every place where they could turn up, a walk that fails, the most talkative options: none may come out. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { type DeploymentFaults, type DeploymentOutputs, deployWithSdk } from "../../scripts/sdk-deployment";
import { type Interference, type Passing, startProxy } from "../support/proxy";
import { type Verified, verifyInProcess } from "../support/verify-in-process";

/** Secrets of nobody's, so that they can be known by their form only. */
const FOREIGN = {
  token: "eyJraWQiOiJ1cy1lYXN0LTExIiwidHlwIjoiSldTIn0.eyJzdWIiOiJwbGFudGVkIn0.cGxhbnRlZC1zaWduYXR1cmU",
  secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  sessionToken: "IQoJb3JpZ2luX2VjEPX//////////wEaCXVzLWVhc3QtMSJHMEUCIQDplantedplanted+/==",
  signature: "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
  accessKey: "AKIAI44QH8DHBEXAMPLE",
  bearer: "b3BlbnNlc2FtZTpvcGVuc2VzYW1l",
};
const HEADERS = [
  `Authorization: AWS4-HMAC-SHA256 Credential=${FOREIGN.accessKey}/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=${FOREIGN.signature}`,
  `X-Amz-Security-Token: ${FOREIGN.sessionToken}`,
];
const PLANTED = [
  `token ${FOREIGN.token}; "SecretKey":"${FOREIGN.secretKey}","SessionToken":"${FOREIGN.sessionToken}"`,
  `a bare ${FOREIGN.secretKey} and ${FOREIGN.sessionToken} of ${FOREIGN.accessKey}`,
  `authorization: Bearer ${FOREIGN.bearer}`,
  ...HEADERS,
].join("\n");

let directory: string;
let local: LocalAws;
/** What the run itself must keep to itself: found in its traffic. */
let heard: Set<string>;
let identities: Set<string>;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "redaction-"));
  local = await startLocalAws();
  heard = new Set([local.credentials.secretAccessKey, local.credentials.accessKeyId]);
  identities = new Set();
});
afterEach(async () => {
  await local.stop();
  rmSync(directory, { recursive: true });
});

/** Collects the secrets that pass by. */
function listen(headers: object, body: string): void {
  const text = JSON.stringify(headers) + body;
  for (const [, secret] of text.matchAll(/"(?:Token|SecretKey|SessionToken|AccessKeyId)":\s*"([^"]+)"/g)) {
    heard.add(secret as string);
  }
  for (const [, signature] of text.matchAll(/Signature=([0-9a-f]{64})/g)) {
    heard.add(signature as string);
  }
  for (const [, identity] of text.matchAll(/"IdentityId":\s*"([^"]+)"/g)) {
    identities.add(identity as string);
  }
}

async function verify(
  faults: DeploymentFaults,
  interfere: (passing: Passing) => Interference | undefined,
  args: readonly string[] = [],
): Promise<{ all: string; verified: Verified; deployed: DeploymentOutputs }> {
  const deployed = await deployWithSdk(local, faults);
  const outputs = join(directory, "outputs.json");
  const reports = join(directory, "reports");
  // A guest's credentials and the root user's are asked with, too.
  const access = JSON.stringify({ "GET /hello": ["signed-in"], "GET /restricted": ["guest"] });
  writeFileSync(outputs, JSON.stringify({ stack: { ...deployed, access } }));
  const proxy = await startProxy(local.endpoint, (passing) => {
    listen(passing.headers, passing.body.toString());
    const interference = interfere(passing);
    return {
      ...interference,
      alterAnswer: (answer) => {
        listen(answer.headers, answer.body.toString());
        return interference?.alterAnswer?.(answer) ?? {};
      },
    };
  });
  try {
    const options = [
      "--report-dir",
      reports,
      "--access",
      "--slot",
      "nightly",
      "--verbose",
      "--diagnose",
      "--json",
      "--call-timeout",
      "5s",
    ];
    const verified = await verifyInProcess(
      ["--outputs", outputs, ...options, ...args],
      local,
      proxy.endpoint,
    );
    const files = readdirSync(reports).map((file) => readFileSync(join(reports, file), "utf8"));
    expect(files.length).toBeGreaterThanOrEqual(4);
    return { all: [verified.stdout, verified.stderr, ...files].join("\n"), verified, deployed };
  } finally {
    await proxy.close();
  }
}

/** None of them, in no guise; a signature or a key of which a part is left counts too. */
function expectNoSecrets(all: string): void {
  const secrets = [...heard, ...Object.values(FOREIGN)];
  expect(secrets.length).toBeGreaterThan(Object.keys(FOREIGN).length + 2);
  for (const secret of secrets) {
    for (const guise of [
      secret,
      encodeURIComponent(secret),
      secret.replaceAll("/", "\\/"),
      secret.slice(0, 16),
      Buffer.from(secret).toString("base64").replace(/=+$/, ""),
    ]) {
      expect(all).not.toContain(guise);
    }
  }
}

const answer = (status: number, body: string, headers: Record<string, string> = {}) => ({
  answer: { status, headers: { "x-amzn-errortype": "PlantedException", ...headers }, body },
});

/** The request's own signature, with nothing about it that says what it is. */
const bareSignature = ({ headers }: Passing) =>
  `no match for ${/Signature=(\w+)/.exec(headers.authorization ?? "")?.[1]}`;

/** The request's own headers, as a gateway shows them in its error. */
const echoed = ({ headers }: Passing) => JSON.stringify(headers, null, 1);

describe("nothing comes out of", () => {
  test.each<[string, string, (passing: Passing) => Interference]>([
    [
      "Cognito's error message",
      "DescribeIdentityPool",
      () => answer(400, JSON.stringify({ __type: "PlantedException", message: PLANTED })),
    ],
    [
      "Cognito's headers",
      "GetIdentityPoolRoles",
      () =>
        answer(400, "{}", {
          "x-amzn-errormessage": PLANTED.replaceAll("\n", " "),
          "x-amzn-requestid": FOREIGN.token,
        }),
    ],
    [
      "a page instead of Cognito's answer",
      "GetCredentialsForIdentity",
      () => answer(200, `<html>${PLANTED}`),
    ],
    [
      "an error of Cognito that echoes the request",
      "GetIdentityPoolRoles",
      (passing) => answer(400, echoed(passing)),
    ],
    [
      "the API's error message",
      "GET /hello",
      (passing) => answer(403, JSON.stringify({ message: `${PLANTED}\n${echoed(passing)}` })),
    ],
    [
      "the API's headers",
      "GET /hello",
      () => answer(500, "{}", { "x-amzn-requestid": PLANTED.replaceAll("\n", " ") }),
    ],
    ["the API's mention of the signature", "GET /hello", (passing) => answer(403, bareSignature(passing))],
    [
      "Cognito's mention of the signature",
      "GetIdentityPoolRoles",
      (passing) => answer(400, JSON.stringify({ message: bareSignature(passing) })),
    ],
    ["an answer that is not JSON", "GET /hello", (passing) => answer(200, `${PLANTED} ${echoed(passing)}`)],
    ["an answer that stops in the middle", "GET /hello", () => ({ cut: "message" })],
    ["a broken connection", "GetCredentialsForIdentity", () => ({ cut: "connection" })],
    ["a connection that never was", "GET /hello", () => ({ loseRequest: true })],
  ])("%s", async (_, place, interfere) => {
    const { all, verified } = await verify({}, (passing) =>
      passing.operation === place ? interfere(passing) : undefined,
    );
    expect(verified.code).not.toBe(0);
    expectNoSecrets(all);
  });

  test("API Gateway's own account of a signature that does not match, which holds the session token", async () => {
    const { all, verified } = await verify({}, ({ operation }) =>
      operation === "GET /hello"
        ? {
            alterRequest: ({ headers }) => ({
              headers: {
                ...headers,
                "x-amz-date": String(headers["x-amz-date"]).replace(/.Z$/, (end) =>
                  end === "0Z" ? "1Z" : "0Z",
                ),
              },
            }),
          }
        : undefined,
    );
    expect(verified.code).toBe(1);
    expect(all).toContain("The Canonical String for this request should have been");
    expectNoSecrets(all);
  });

  test("a function that answers with what it was sent", async () => {
    const handler =
      "exports.handler = async (event) => ({ statusCode: 200, body: JSON.stringify({ message: JSON.stringify(event) }) });";
    const { all, verified } = await verify({ handler }, () => undefined);
    expect(verified.code).toBe(1);
    expectNoSecrets(all);
  });

  test("a walk that passes", async () => {
    const withGuests = { guestsDeclared: true, grantedToGuests: "dev/GET/restricted" };
    const { all, verified } = await verify(withGuests, () => undefined);
    expect(verified.code).toBe(0);
    expectNoSecrets(all);
  });
});

describe("identities", () => {
  const shown = (all: string) => [...identities].filter((identity) => all.includes(identity));

  test("are shortened, the pool is not", async () => {
    const { all, deployed } = await verify({ withoutInvokeGrant: true }, () => undefined);
    expect(identities.size).toBeGreaterThan(0);
    expect(shown(all)).toEqual([]);
    expect(all).toContain(`${[...identities][0]?.slice(0, 18)}…`);
    expect(all).toContain(deployed.identity_pool_id);
  });

  test("are shown when asked for", async () => {
    const { all } = await verify({ withoutInvokeGrant: true }, () => undefined, ["--show-identities"]);
    expect(shown(all).length).toBeGreaterThan(0);
    expectNoSecrets(all);
  });
});

test("access keys show their last four characters", async () => {
  const { all } = await verify({}, ({ operation }) =>
    operation === "DescribeIdentityPool"
      ? answer(400, JSON.stringify({ __type: "PlantedException", message: `key ${FOREIGN.accessKey}` }))
      : undefined,
  );
  expect(all).toContain(`key …${FOREIGN.accessKey.slice(-4)}`);
  expectNoSecrets(all);
});
