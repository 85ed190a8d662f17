/** A program that runs an account with a spinning function, tells its process id and its detached child's, and waits to be killed. */
import { createFunction, invoke, startLambdaAccount } from "./lambda-account";

async function main() {
  const account = await startLambdaAccount();
  await createFunction(
    account,
    "spinner",
    `const child = require("node:child_process").spawn("sleep", ["600"], { detached: true, stdio: "ignore" });
     exports.handler = async () => {
       setTimeout(() => { for (;;); }, 10);
       return { pid: process.pid, root: process.cwd(), child: child.pid };
     }`,
  );
  const { payload } = await invoke(account, "spinner");
  console.log(JSON.stringify(payload));
}

void main();
