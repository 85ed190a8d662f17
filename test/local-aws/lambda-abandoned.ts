/** A program that runs an account with a spinning function, tells the function's process id, and waits to be killed. */
import { createFunction, invoke, startLambdaAccount } from "./lambda-account";

async function main() {
  const account = await startLambdaAccount();
  await createFunction(
    account,
    "spinner",
    "exports.handler = async () => { setTimeout(() => { for (;;); }, 10); return { pid: process.pid, root: process.cwd() } }",
  );
  const { payload } = await invoke(account, "spinner");
  console.log(JSON.stringify(payload));
}

void main();
