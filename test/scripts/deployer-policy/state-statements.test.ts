/** What a policy says of the bucket with the state. */
import { stateStatements } from "../../../scripts/deployer-policy/state-statements";
import { readSettings } from "../../../stacks/settings";
import { expectDocumented } from "../../support/documented-policy";

const STACKS = ["identity", "api"];
const inBucket = {
  STAGE: "prod",
  NAME_PREFIX: "shop",
  ALLOWED_ORIGIN: "https://app.example",
  STATE_BUCKET: "shop-state",
};

function statements(environment: Record<string, string>, planning: boolean) {
  return stateStatements(readSettings(environment), STACKS, planning);
}

test("a state in a file needs nothing", () => {
  expect(statements({}, false)).toEqual([]);
});

test("who deploys reads and writes the states, and makes and deletes nothing but their lock files", async () => {
  const found = statements(inBucket, false);
  const keys = ["shop/prod/api.tfstate", "shop/prod/identity.tfstate"];
  const locks = keys.map((key) => `${key}.tflock`);
  const objects = (names: string[]) => names.map((name) => `arn:aws:s3:::shop-state/${name}`);
  expect(found).toEqual([
    {
      Sid: "StateList",
      Effect: "Allow",
      Action: ["s3:ListBucket"],
      Resource: ["arn:aws:s3:::shop-state"],
      Condition: { StringEquals: { "s3:prefix": ["env:/", ...keys, ...locks] } },
    },
    {
      Sid: "StateReadWrite",
      Effect: "Allow",
      Action: ["s3:GetObject", "s3:PutObject"],
      Resource: objects(keys),
    },
    {
      Sid: "StateLock",
      Effect: "Allow",
      Action: ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
      Resource: objects(locks),
    },
  ]);
  await expectDocumented({ Version: "2012-10-17", Statement: found });
});

test("who plans only reads", async () => {
  const found = statements({ ...inBucket, STATE_KEY_HAS_REGION: "true", AWS_REGION: "eu-central-1" }, true);
  expect(found.flatMap(({ Action }) => Action)).toEqual(["s3:ListBucket", "s3:GetObject"]);
  expect(found[1]?.Resource).toEqual([
    "arn:aws:s3:::shop-state/shop/prod/eu-central-1/api.tfstate",
    "arn:aws:s3:::shop-state/shop/prod/eu-central-1/identity.tfstate",
  ]);
  await expectDocumented({ Version: "2012-10-17", Statement: found });
});
