/** What a walk leaves behind in the pool: nothing, or a warning, however the walk ends. */
import { parseOutputs, type Report, type WalkOptions, walkFlow } from "../../harness";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { type DeploymentOutputs, deployWithSdk } from "../../scripts/sdk-deployment";
import { identitiesLeft } from "../support/identities-left";
import { type Interference, type Passing, startProxy } from "../support/proxy";

let local: LocalAws;
let outputs: DeploymentOutputs;
beforeEach(async () => {
  local = await startLocalAws();
  outputs = await deployWithSdk(local);
});
afterEach(() => local.stop());

async function walkThrough(
  interfere: (passing: Passing) => Interference | undefined,
  options: Partial<WalkOptions> = {},
): Promise<Report> {
  const proxy = await startProxy(local.endpoint, interfere);
  try {
    return await walkFlow({
      deployment: parseOutputs({ stack: outputs }, "test"),
      endpoint: proxy.endpoint,
      credentials: local.credentials,
      refusals: false,
      ...options,
    });
  } finally {
    await proxy.close();
  }
}

/** Some operations never reach the service, and the answers of others never come back. */
function losing(losses: { requests?: readonly string[]; answers?: readonly string[] }) {
  return ({ operation }: Passing): Interference => ({
    loseRequest: losses.requests?.includes(operation),
    loseAnswer: losses.answers?.includes(operation),
  });
}

test("an identity whose token never arrived is found and deleted", async () => {
  const report = await walkThrough(losing({ answers: ["GetOpenIdTokenForDeveloperIdentity"] }));
  expect(report).toMatchObject({ outcome: "error", error: { kind: "unreachable" }, warnings: [] });
  expect(report.steps[2]).toMatchObject({ name: "token", status: "failed" });
  expect(await identitiesLeft(local, outputs.identity_pool_id)).toBe(0);
});

test("an identity that cannot be deleted is a warning in a failed walk too", async () => {
  const report = await walkThrough(
    losing({
      answers: ["GetOpenIdTokenForDeveloperIdentity"],
      requests: ["DeleteIdentities"],
    }),
  );
  expect(report).toMatchObject({ outcome: "error", warnings: [expect.stringContaining("Clean-up")] });
  expect(await identitiesLeft(local, outputs.identity_pool_id)).toBe(1);
});

test("a user who never got an identity is nothing to clean up", async () => {
  const report = await walkThrough(losing({ requests: ["GetOpenIdTokenForDeveloperIdentity"] }));
  expect(report).toMatchObject({ outcome: "error", error: { kind: "unreachable" }, warnings: [] });
});

test("a clean-up that fails is a warning, not another outcome", async () => {
  const report = await walkThrough(losing({ requests: ["DeleteIdentities"] }));
  expect(report).toMatchObject({
    outcome: "passed",
    error: null,
    warnings: [expect.stringMatching(/^Clean-up: identities of this run may be left in the pool\./)],
  });
  expect(await identitiesLeft(local, outputs.identity_pool_id)).toBe(2);
});

test("an identity that cannot be found does not keep the others from being deleted", async () => {
  const report = await walkThrough(({ operation, time }) => ({
    // The first user's two sign-ins come through, the second user's does not.
    loseAnswer: operation === "GetOpenIdTokenForDeveloperIdentity" && time > 2,
    loseRequest: operation === "LookupDeveloperIdentity",
  }));
  expect(report).toMatchObject({
    outcome: "error",
    warnings: [expect.stringMatching(/^Clean-up: .* LookupDeveloperIdentity: no connection/)],
  });
  expect(await identitiesLeft(local, outputs.identity_pool_id)).toBe(1);
});

test("a sign-in that is still under way when the walk ends is waited for before the clean-up", async () => {
  const arrived: string[] = [];
  const report = await walkThrough(
    ({ operation, time }) => ({
      // The flow's own call comes through; the first refusal does not, which ends the walk.
      loseRequest: operation === "GET /hello" && time > 1,
      // The fourth is that of the token that is to expire.
      delay: operation === "GetOpenIdTokenForDeveloperIdentity" && time === 4 ? 1_500 : undefined,
      alterRequest: ({ body }) => {
        arrived.push(operation);
        return { body };
      },
    }),
    { refusals: true },
  );
  expect(report).toMatchObject({ outcome: "error", error: { kind: "unreachable" }, warnings: [] });
  expect(arrived.filter((operation) => /^(GetOpenIdToken|DeleteId)/.test(operation))).toEqual([
    ...Array(4).fill("GetOpenIdTokenForDeveloperIdentity"),
    "DeleteIdentities",
  ]);
  expect(await identitiesLeft(local, outputs.identity_pool_id)).toBe(0);
});
