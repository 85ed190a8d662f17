// What a region's code is: one answer from the settings, the harness and local AWS.
import { parseOutputs } from "../harness/run/outputs";
import { Redactor } from "../harness/run/redact";
import { isRegion } from "../local-aws/account/options";
import { readSettings } from "../stacks/settings";

const GUID = "3af975f9-6f67-4e86-b8ed-90d1e8cb4d88";

function accepts(take: () => unknown): boolean {
  try {
    take();
    return true;
  } catch {
    return false;
  }
}

function outputs(region: string) {
  return {
    region,
    identity_pool_id: `${region}:${GUID}`,
    developer_provider_name: "login.example",
    authenticated_role_arn: "arn:aws:iam::123456789012:role/r",
    invoke_url: `https://a1b2c3d4e5.execute-api.${region}.amazonaws.com/dev`,
  };
}

const ANSWERS: Readonly<Record<string, (region: string) => boolean>> = {
  settings: (region) => accepts(() => readSettings({ STATE_REGION: region })),
  outputs: (region) => accepts(() => parseOutputs({ stack: outputs(region) }, "outputs.json")),
  "local AWS": isRegion,
};

test.each([
  ["us-east-1", true],
  ["ap-southeast-7", true],
  ["mx-central-1", true],
  ["us-gov-west-1", true],
  ["us-isob-east-1", true],
  ["cn-northwest-1", true],
  ["eusc-de-east-1", true],
  ["eu-central-12", true],
  ["us-east", false],
  ["us-east-1a", false],
  ["US-EAST-1", false],
  ["us_east_1", false],
  ["Frankfurt", false],
  ["local", false],
])("%s is a region: %s", (region, expected) => {
  const answers = Object.entries(ANSWERS).map(([who, isOne]) => [who, isOne(region)]);
  expect(Object.fromEntries(answers)).toEqual({
    settings: expected,
    outputs: expected,
    "local AWS": expected,
  });
});

test.each(["us-east-1", "us-isob-east-1", "eusc-de-east-1", "eu-central-12"])(
  "an identity of %s is shortened in reports",
  (region) => {
    expect(new Redactor().text(`identity ${region}:${GUID} here`)).toBe(
      `identity ${region}:${GUID.slice(0, 8)}… here`,
    );
  },
);
