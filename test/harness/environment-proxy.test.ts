/** A proxy that the environment names: every call of the harness goes through it, but those to this machine. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { deployWithSdk } from "../../scripts/sdk-deployment";
import { listen } from "../support/listen";
import { verifyInProcess } from "../support/verify-in-process";

const USER = "walker:hush-hush";
const HOST = "cognito-identity.us-east-1.amazonaws.com";
/** All that stands in for AWS has this name, which only the proxy knows the way to. */
const ENDPOINT = `http://${HOST}`;

let local: LocalAws;
let directory: string;
let outputs: string;
let proxy: Server;
let proxyUrl: string;
/** What the proxy was asked for, and as whom. */
let asked: { readonly target: string | undefined; readonly user: string }[];

beforeAll(async () => {
  local = await startLocalAws();
  directory = mkdtempSync(path.join(tmpdir(), "environment-proxy-"));
  outputs = path.join(directory, "outputs.json");
  // The missing grant makes the diagnosis look up policies, and ask the account itself.
  const deployed = await deployWithSdk(local, { withoutInvokeGrant: true });
  writeFileSync(outputs, JSON.stringify({ stack: deployed }));
  proxy = createServer();
  proxy.on("connect", ({ url, headers }, socket, head) => {
    const [, user = ""] = String(headers["proxy-authorization"] ?? "").split(" ");
    asked.push({ target: url, user: Buffer.from(user, "base64").toString() });
    if (url !== `${HOST}:80`) {
      socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      return;
    }
    const onward = connect(local.port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    for (const end of [socket, onward]) {
      end.on("error", () => socket.destroy());
    }
  });
  proxyUrl = `http://${USER}@127.0.0.1:${await listen(proxy)}`;
});

afterAll(async () => {
  proxy.closeAllConnections();
  proxy.close();
  rmSync(directory, { recursive: true });
  await local.stop();
});

const NAMES = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"];

async function verify(variables: Record<string, string>, endpoint: string) {
  asked = [];
  const before = { ...process.env };
  for (const name of NAMES) {
    delete process.env[name];
  }
  Object.assign(process.env, variables);
  try {
    const args = ["--outputs", outputs, "--diagnose", "--verbose"];
    const { code, stdout, stderr } = await verifyInProcess(args, local, endpoint);
    const output = stdout + stderr;
    expect(output).not.toContain("hush-hush");
    return { code, output };
  } finally {
    process.env = before;
  }
}

test.each(["HTTP_PROXY", "http_proxy"])("%s carries all calls, as the user that it names", async (name) => {
  const { code, output } = await verify({ [name]: proxyUrl }, ENDPOINT);
  expect(output).toMatch(/role by-hand-authenticated/i);
  expect(output).toMatch(/The account says/);
  expect(code).toBe(1);
  expect(asked.length).toBeGreaterThan(0);
  for (const { target, user } of asked) {
    expect({ target, user }).toEqual({ target: `${HOST}:80`, user: USER });
  }
});

test("HTTPS_PROXY is asked for AWS itself, and its refusal told", async () => {
  const { code, output } = await verify({ HTTPS_PROXY: proxyUrl }, "");
  expect(asked[0]).toEqual({ target: `${HOST}:443`, user: USER });
  expect(output).toMatch(/DescribeIdentityPool: no connection .*proxy settings/);
  expect(code).toBe(3);
});

test("NO_PROXY keeps it out", async () => {
  const { code } = await verify({ HTTP_PROXY: proxyUrl, NO_PROXY: ".amazonaws.com" }, ENDPOINT);
  expect(asked).toEqual([]);
  expect(code).toBe(3);
});

test("this machine is reached without it", async () => {
  const { code } = await verify({ HTTP_PROXY: proxyUrl }, local.endpoint);
  expect(asked).toEqual([]);
  expect(code).toBe(1);
});

test("one that is no URL is refused, and not shown", async () => {
  const { code, output } = await verify({ HTTPS_PROXY: "walker:hush-hush@proxy" }, ENDPOINT);
  expect(output).toMatch(/HTTPS_PROXY is not the URL of a proxy/);
  expect(code).toBe(2);
});
