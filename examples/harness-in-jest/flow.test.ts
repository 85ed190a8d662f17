/** The whole flow as a test of one's own suite: a deployment passes, and one with a fault fails where the fault is. */
import { parseOutputs, readOutputs, walkFlow } from "developer-authenticated-identities";
import { type LocalAws, startLocalAws } from "developer-authenticated-identities/local-aws";
import { deployWithSdk } from "../../scripts/sdk-deployment";

let aws: LocalAws;
beforeAll(async () => {
  aws = await startLocalAws();
});
beforeEach(() => aws.reset());
afterAll(() => aws.stop());

/** Walks what was deployed into local AWS. */
function walk(outputs: object) {
  const { endpoint, credentials } = aws;
  return walkFlow({ deployment: parseOutputs(outputs, "the example"), endpoint, credentials });
}

test("every step passes, and everything that must be refused is", async () => {
  const report = await walk(await deployWithSdk(aws));
  expect(report.outcome).toBe("passed");
  expect(report.steps.map(({ name, status }) => `${name} ${status}`)).toEqual([
    "pool passed",
    "roles passed",
    "token passed",
    "credentials passed",
    "call passed",
  ]);
  const refusals = report.refusals.filter(({ status }) => status === "passed");
  expect(refusals.length).toBeGreaterThan(5);
});

test("without the grant the last step fails, and the report says why", async () => {
  const report = await walk(await deployWithSdk(aws, { withoutInvokeGrant: true }));
  expect(report.outcome).toBe("failed");
  expect(report.steps.at(-1)).toMatchObject({
    name: "call",
    status: "failed",
    actual: expect.stringContaining("403"),
    hint: expect.stringContaining("execute-api:Invoke"),
  });
});

const { OUTPUTS = "" } = process.env;

// With the backend's credentials in the environment, of whatever was deployed: OUTPUTS=outputs.json
(OUTPUTS === "" ? test.skip : test)("what the outputs file describes passes", async () => {
  const report = await walkFlow({ deployment: readOutputs(OUTPUTS) });
  expect(report.outcome).toBe("passed");
});
