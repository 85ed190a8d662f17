/** Names that every JavaScript object knows are names like any other, before and after a restart. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateRoleCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
  UntagRoleCommand,
} from "@aws-sdk/client-iam";
import { type LocalAws, startLocalAws } from "../../../local-aws";
import { dictionary, reviveDictionary } from "../../../local-aws/account/dictionary";
import { allow, failure, lambdaTrust, policy } from "../../support/identity-account";

const NAMES = ["__proto__", "constructor", "hasOwnProperty", "toString", "valueOf"];

test("a dictionary knows only its own keys, whatever they are, and so does its copy from JSON", () => {
  const empty = dictionary<number>();
  for (const name of NAMES) {
    expect(empty[name]).toBeUndefined();
  }
  const full = dictionary(NAMES.map((name, index) => [name, index] as const));
  expect(Object.entries(full)).toEqual(NAMES.map((name, index) => [name, index]));
  const revived = JSON.parse(JSON.stringify({ list: [full] }), reviveDictionary);
  expect(Object.entries(revived.list[0])).toEqual(Object.entries(full));
  expect(revived.constructor).toBeUndefined();
  revived.list[0][NAMES[0] as string] = { polluted: true };
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  expect(revived.list[0].polluted).toBeUndefined();
});

test("roles, policies and tags of such names survive a restart", async () => {
  const folder = mkdtempSync(join(tmpdir(), "dictionary-"));
  const data = join(folder, "account.json");
  const client = (aws: LocalAws) =>
    new IAMClient({
      endpoint: aws.endpoint,
      region: aws.region,
      credentials: aws.credentials,
      maxAttempts: 1,
    });
  try {
    const first = await startLocalAws({ data });
    for (const name of NAMES.slice(0, 2)) {
      const iam = client(first);
      await iam.send(
        new CreateRoleCommand({
          RoleName: name,
          AssumeRolePolicyDocument: lambdaTrust,
          Tags: [{ Key: name, Value: "kept" }],
        }),
      );
      await iam.send(
        new PutRolePolicyCommand({ RoleName: name, PolicyName: name, PolicyDocument: policy(allow("s3:*")) }),
      );
    }
    await first.stop();
    const second = await startLocalAws({ data });
    const iam = client(second);
    for (const name of NAMES.slice(0, 2)) {
      const { Role } = await iam.send(new GetRoleCommand({ RoleName: name }));
      expect(Role?.Tags).toEqual([{ Key: name, Value: "kept" }]);
      await iam.send(new GetRolePolicyCommand({ RoleName: name, PolicyName: name }));
      await iam.send(new UntagRoleCommand({ RoleName: name, TagKeys: ["valueOf"] }));
    }
    expect(await failure(iam.send(new GetRoleCommand({ RoleName: "valueOf" })))).toMatchObject({
      name: "NoSuchEntityException",
    });
    await second.stop();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
