/** FIDELITY.md must not drift from the code where the code is its source. */
import { readFileSync } from "node:fs";
import {
  ANONYMOUS_KEYS,
  commonKeys,
  requestKeys,
  rootKeys,
  serviceKeys,
  sessionKeys,
  sourceKeys,
} from "../../local-aws/authenticate/condition-keys";
import { FIDELITY_FILE, withOperations } from "../../scripts/fidelity";

test("lists exactly the operations that there are (npm run fidelity writes them)", () => {
  const text = readFileSync(FIDELITY_FILE, "utf8");
  expect(text).toBe(withOperations(text));
});

test("says of every condition key that requests have that it is present", () => {
  const account = { id: "123456789012", region: "us-east-1", now: () => new Date() };
  const headers = [
    ["User-Agent", "x"],
    ["Referer", "x"],
  ] as const;
  const keys = [
    commonKeys(account, "*"),
    requestKeys({ method: "GET", path: "/", query: "", headers, body: Buffer.of(), sourceIp: "127.0.0.1" }),
    rootKeys(account),
    sessionKeys(account, { roleArn: "", userId: "" }),
    serviceKeys("lambda.amazonaws.com"),
    sourceKeys({ arn: "", account: "" }),
    ANONYMOUS_KEYS,
  ].flatMap((context) => Object.keys(context));
  const rows = readFileSync(FIDELITY_FILE, "utf8")
    .split("\n")
    .filter((line) => /^\| `[a-z0-9]+:/.test(line));
  for (const key of new Set(keys)) {
    const named = rows.filter((line) => line.split("|")[1]?.includes(`\`${key}\``));
    expect([key, named.length, named[0]?.split("|")[2]?.trim().startsWith("present")]).toEqual([
      key,
      1,
      true,
    ]);
  }
});
