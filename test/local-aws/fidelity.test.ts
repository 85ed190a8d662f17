/** FIDELITY.md must not drift from the code where the code is its source. */
import { readFileSync } from "node:fs";
import {
  ANONYMOUS_CONDITIONS,
  commonConditions,
  requestConditions,
  rootConditions,
  serviceConditions,
  sessionConditions,
  sourceConditions,
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
    commonConditions(account, "*"),
    requestConditions({
      method: "GET",
      path: "/",
      query: "",
      headers,
      body: Buffer.of(),
      sourceIp: "127.0.0.1",
    }),
    rootConditions(account),
    sessionConditions(account, { roleArn: "", userId: "" }),
    serviceConditions("lambda.amazonaws.com"),
    sourceConditions({ arn: "", account: "" }),
    ANONYMOUS_CONDITIONS,
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
