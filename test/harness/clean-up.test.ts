import { parseOutputs, walkFlow } from "../../harness";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { type DeploymentOutputs, deployByHand } from "../deployment";
import { identitiesLeft } from "./identities-left";
import { type Interference, startProxy } from "./proxy";

let local: LocalAws;
let outputs: DeploymentOutputs;
beforeEach(async () => {
  local = await startLocalAws();
  outputs = await deployByHand(local);
});
afterEach(() => local.stop());

/** Walks with some operations never reaching the service, and the answers of others never coming back. */
async function walkThrough(losses: { requests?: readonly string[]; answers?: readonly string[] }) {
  const proxy = await startProxy(
    local.endpoint,
    ({ operation }): Interference => ({
      loseRequest: losses.requests?.includes(operation),
      loseAnswer: losses.answers?.includes(operation),
    }),
  );
  try {
    return await walkFlow({
      deployment: parseOutputs({ stack: outputs }, "test"),
      endpoint: proxy.endpoint,
      credentials: local.credentials,
      refusals: false,
    });
  } finally {
    await proxy.close();
  }
}

test("an identity whose token never arrived is found and deleted", async () => {
  const report = await walkThrough({ answers: ["GetOpenIdTokenForDeveloperIdentity"] });
  expect(report).toMatchObject({ outcome: "error", error: { kind: "unreachable" }, warnings: [] });
  expect(report.steps[2]).toMatchObject({ name: "token", status: "failed" });
  expect(await identitiesLeft(local, outputs.identity_pool_id)).toBe(0);
});

test("an identity that cannot be deleted is a warning in a failed walk too", async () => {
  const report = await walkThrough({
    answers: ["GetOpenIdTokenForDeveloperIdentity"],
    requests: ["DeleteIdentities"],
  });
  expect(report).toMatchObject({ outcome: "error", warnings: [expect.stringContaining("Clean-up")] });
  expect(await identitiesLeft(local, outputs.identity_pool_id)).toBe(1);
});

test("a user who never got an identity is nothing to clean up", async () => {
  const report = await walkThrough({ requests: ["GetOpenIdTokenForDeveloperIdentity"] });
  expect(report).toMatchObject({ outcome: "error", error: { kind: "unreachable" }, warnings: [] });
});

test("a clean-up that fails is a warning, not another outcome", async () => {
  const report = await walkThrough({ requests: ["DeleteIdentities"] });
  expect(report).toMatchObject({
    outcome: "passed",
    error: null,
    warnings: [expect.stringMatching(/^Clean-up: identities of this run may be left in the pool\./)],
  });
  expect(await identitiesLeft(local, outputs.identity_pool_id)).toBe(2);
});
