/** Event invocations: they wait in memory, so only so many do, and they end with the account. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { CreateLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { createFunction, failure, invoke, startLambdaAccount } from "../../../support/lambda-account";

test("more of them than the account keeps are refused until some are done", async () => {
  const account = await startLambdaAccount();
  await createFunction(account, "slow", "exports.handler = () => new Promise((r) => setTimeout(r, 60_000))", {
    Timeout: 90,
  });
  const send = () => invoke(account, "slow", "x".repeat(1_048_000), { InvocationType: "Event" });
  for (let sent = 0; sent < 64; sent++) {
    expect(await send()).toMatchObject({ status: 202 });
  }
  expect(await failure(send())).toMatchObject({ name: "TooManyRequestsException", status: 429 });
  await account.aws.reset();
  await account.aws.stop();
});

test("the log of one that stop() ended is in the account's file", async () => {
  const directory = mkdtempSync(join(tmpdir(), "events-"));
  try {
    const data = join(directory, "account.json");
    const account = await startLambdaAccount({ data });
    await account.logs.send(new CreateLogGroupCommand({ logGroupName: "/aws/lambda/cut" }));
    const source =
      "exports.handler = () => { console.log('begun'); return new Promise(() => setTimeout(() => {}, 60_000)); }";
    await createFunction(account, "cut", source, { Timeout: 90 });
    await invoke(account, "cut", {}, { InvocationType: "Event" });
    await setTimeout(1_000);
    await account.aws.stop();
    expect(readFileSync(data, "utf8")).toMatch(/begun[\s\S]*signal: killed/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
