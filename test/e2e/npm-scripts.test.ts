/** The npm scripts end with npm: what npm starts is what serves, signals reach it, and it doesn't outlive npm. */
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { listen } from "../support/listen";
import { Sandbox, type Started, start } from "../support/programs";

jest.setTimeout(60_000);

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => {
  for (const line of sandbox.leftProcesses()) {
    process.kill(Number.parseInt(line, 10), "SIGKILL");
  }
  sandbox.remove();
});

/** How long npm and all that it started may take to end, in milliseconds. */
const LIMIT = 2000;

/** Ends npm and waits until nothing of it is left; the milliseconds that it took. */
async function end({ process: npm }: Started, signal: NodeJS.Signals): Promise<number> {
  const began = performance.now();
  npm.kill(signal);
  while (sandbox.leftProcesses().length > 0 && performance.now() - began < 2 * LIMIT) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(sandbox.leftProcesses()).toEqual([]);
  return performance.now() - began;
}

/** Whether the port can be taken. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

const npm = (...args: string[]) => start("npm", ["run", "--silent", ...args], sandbox.environment);

test.each(["SIGTERM", "SIGINT", "SIGHUP", "SIGKILL"] as const)(
  "local ends when npm gets %s",
  async (signal) => {
    const local = npm("local", "--", "--port", "0");
    const said = await local.said(/Ctrl-C ends it/);
    const port = Number(/AWS_ENDPOINT_URL=http:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1]);
    expect(await isFree(port)).toBe(false);
    expect(await end(local, signal)).toBeLessThan(LIMIT);
    expect(await isFree(port)).toBe(true);
  },
);

test.each(["SIGTERM", "SIGKILL"] as const)("verify ends when npm gets %s", async (signal) => {
  const connected = new Promise<void>((resolve) => silent.once("connection", () => resolve()));
  const outputs = path.join(sandbox.directory, "outputs.json");
  writeFileSync(outputs, JSON.stringify({ stack: OUTPUTS }));
  Object.assign(sandbox.environment, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
    AWS_SECRET_ACCESS_KEY: "a".repeat(40),
  });
  const verify = npm("verify", "--", "--outputs", outputs);
  await connected;
  expect(await end(verify, signal)).toBeLessThan(LIMIT);
});

const OUTPUTS = {
  region: "us-east-1",
  identity_pool_id: "us-east-1:3af975f9-6f67-4e86-b8ed-90d1e8cb4d88",
  developer_provider_name: "login.developer.example",
  authenticated_role_arn: "arn:aws:iam::123456789012:role/r",
  invoke_url: "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/dev",
};

/** Takes connections and never answers. */
const silent = createServer();
let port: number;
beforeAll(async () => {
  port = await listen(silent);
});
afterAll(() => {
  silent.close();
});
