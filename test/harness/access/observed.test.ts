/** What is taken for the gateway's refusal, and what is not: the function's own answers, throttling, and whoever answers in between. */
import { type LocalAws, startLocalAws } from "../../../local-aws";
import { type DeploymentOutputs, deployWithSdk } from "../../../scripts/sdk-deployment";
import { cell, walkAccess } from "../../support/access-walk";

let local: LocalAws;
let deployed: DeploymentOutputs;
beforeAll(async () => {
  local = await startLocalAws();
  deployed = await deployWithSdk(local);
});
afterAll(() => local.stop());

const ANSWERS = { status: 403, body: JSON.stringify({ message: "Forbidden by the function" }) };
const IDS = {
  "x-amzn-requestid": "7c1e0f6a-22a4-4a55-9d0e-4f7e25c1a9b3",
  "x-amz-apigw-id": "OPwe_ErKvHcF5ZA=",
};
const ofGateway = (status: number, type: string) => ({
  status,
  headers: { ...IDS, "x-amzn-errortype": type, "content-type": "application/json" },
  body: JSON.stringify({ message: type }),
});

test("a function's 403 is no refusal of the gateway's", async () => {
  const other = await startLocalAws();
  const { report } = await walkAccess(other, {
    faults: {
      furtherRoutes: { "GET /orders": "AWS_IAM" },
      furtherGrants: [{ Effect: "Allow", Action: "execute-api:Invoke", Resource: "{api}/dev/GET/orders" }],
      // The first call is the flow's own.
      handler: `exports.handler = async ({ path, requestContext: { identity } }) => path === "/hello"
        ? { statusCode: 200, body: JSON.stringify({ message: "hello", identityId: identity.cognitoIdentityId, identityPoolId: identity.cognitoIdentityPoolId, developerUserIdentifier: null }) }
        : { statusCode: 403, headers: { "x-amzn-ErrorType": "AccessDeniedException" }, body: "{}" };`,
    },
    declared: { "GET /hello": ["signed-in"], "GET /restricted": [], "GET /orders": [] },
  }).finally(() => other.stop());
  expect(cell(report, "GET /orders", "signed-in")).toMatchObject({
    observed: "allowed",
    status: "failed",
    note: "the function answered 403",
  });
  expect(cell(report, "GET /orders", "nobody")).toMatchObject({ observed: "refused", status: "passed" });
});

test.each<[string, { status: number; headers?: Record<string, string>; body: string }, object]>([
  ["the function, 404", { ...ANSWERS, status: 404, headers: IDS }, { observed: "allowed" }],
  ["the function, 500", { ...ANSWERS, status: 500, headers: IDS }, { observed: "allowed" }],
  [
    "the gateway, refused under a status of its own",
    ofGateway(404, "AccessDeniedException"),
    { observed: "refused" },
  ],
  ["an authorizer", ofGateway(401, "UnauthorizedException"), { observed: "refused" }],
  ["a function that failed", ofGateway(502, "InternalServerErrorException"), { observed: "allowed" }],
  ["a gateway that failed", ofGateway(500, "InternalServerErrorException"), { observed: null }],
  ["throttling", ofGateway(429, "TooManyRequestsException"), { observed: null }],
  ["a firewall or an API key", ofGateway(403, "ForbiddenException"), { observed: null }],
  ["a validation, which comes after", ofGateway(400, "BadRequestException"), { observed: "allowed" }],
  ["somebody else", { status: 403, body: "<html>Blocked</html>" }, { observed: null }],
  ["a signature that counts nowhere", ofGateway(403, "InvalidSignatureException"), { observed: null }],
  ["no such route", ofGateway(403, "MissingAuthenticationTokenException"), { observed: null }],
])("an answer of %s", async (_, answer, expected) => {
  let signed = 0;
  const { report } = await walkAccess(local, {
    deployed,
    passing: ({ operation, headers }) => {
      if (operation === "GET /restricted" && headers.authorization !== undefined) {
        signed += 1;
        return { answer };
      }
      return undefined;
    },
  });
  expect(cell(report, "GET /restricted", "signed-in")).toMatchObject(expected);
  expect(signed).toBeGreaterThan(0);
});

test("what passes a moment later is repeated, and noted", async () => {
  const { report, access } = await walkAccess(local, {
    deployed,
    passing: ({ operation, headers, time }) =>
      operation === "GET /restricted" && headers.authorization === undefined && time === 1
        ? { answer: ofGateway(429, "TooManyRequestsException") }
        : undefined,
  });
  expect(report.outcome).toBe("passed");
  expect(cell(report, "GET /restricted", "nobody")).toMatchObject({ observed: "refused" });
  expect(access.notes).toEqual(["repeated once: throttled"]);
});

test("a grant that a fresh deployment is late with is waited for, and a grant too much is not", async () => {
  let times = 0;
  const late = { ...ofGateway(403, "AccessDeniedException"), body: '{"Message":"not yet"}' };
  const { report } = await walkAccess(local, {
    deployed,
    options: { fresh: true },
    passing: ({ operation, headers }) => {
      // Three of them are the flow's.
      const seen = operation === "GET /hello" && headers.authorization !== undefined;
      times += seen ? 1 : 0;
      return seen && times === 4 ? { answer: late } : undefined;
    },
  });
  expect(times).toBeGreaterThan(4);
  expect(cell(report, "GET /hello", "signed-in")).toMatchObject({ observed: "allowed", status: "passed" });
});

test("nobody answers: the run ends, and what was seen is told", async () => {
  const { report, access } = await walkAccess(local, {
    deployed,
    passing: ({ operation }) => (operation === "GET /restricted" ? { loseRequest: true } : undefined),
  });
  expect(report).toMatchObject({ outcome: "error", error: { kind: "unreachable" } });
  expect(cell(report, "GET /hello", "nobody")).toMatchObject({ status: "passed" });
  expect(access.cells.at(-1)).toMatchObject({
    status: "skipped",
    note: "the flow was not walked to its end",
  });
});
