/** The process: exit codes, streams, signals and settings, with no deployment at hand. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listen } from "../../support/listen";
import { verify } from "../../support/verify-process";

const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
  AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};
const OUTPUTS = {
  "identity-dev": {
    region: "us-east-1",
    identity_pool_id: "us-east-1:11111111-2222-3333-4444-555555555555",
    developer_provider_name: "login.developer.example",
    authenticated_role_arn: "arn:aws:iam::123456789012:role/dev-authenticated",
  },
  "api-dev": { invoke_url: "https://a1b2c3.execute-api.us-east-1.amazonaws.com/dev" },
};

let directory: string;
let outputs: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "verify-"));
  outputs = join(directory, "outputs.json");
  writeFileSync(outputs, JSON.stringify(OUTPUTS));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A port on loopback where nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test("--help shows the options and the exit codes", async () => {
  const { code, stdout, stderr } = await verify(["--help"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/--outputs FILE.*--report-dir DIR.*Exit codes/s);
  expect(stderr).toBe("");
});

test("wrong usage exits 2 with one line", async () => {
  const { code, stdout, stderr } = await verify(["--ouputs", "x"], CREDENTIALS);
  expect(stderr).toBe("Unknown option --ouputs. Did you mean --outputs? See --help.\n");
  expect(stdout).toBe("");
  expect(code).toBe(2);
});

describe("wrong settings", () => {
  test("a report directory that is a file exits 2", async () => {
    const { code, stderr } = await verify(["--outputs", outputs, "--report-dir", outputs], CREDENTIALS);
    expect(stderr).toContain("Cannot make the report directory");
    expect(code).toBe(2);
  });

  test("an AWS_ENDPOINT_URL that is no URL exits 2", async () => {
    const { code, stderr } = await verify(["--outputs", outputs], {
      ...CREDENTIALS,
      AWS_ENDPOINT_URL: "localhost:4566",
    });
    expect(stderr).toContain('AWS_ENDPOINT_URL is not an http or https URL (found "localhost:4566")');
    expect(code).toBe(2);
  });

  test("no credentials exits 2 and says how to give them", async () => {
    const AWS_ENDPOINT_URL = `http://127.0.0.1:${await closedPort()}`;
    const { code, stderr } = await verify(["--outputs", outputs], { AWS_ENDPOINT_URL });
    expect(stderr).toContain("Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE");
    expect(code).toBe(2);
  });

  test("a profile that gives no credentials is named", async () => {
    const { code, stderr } = await verify(["--outputs", outputs], { AWS_PROFILE: "nightly" });
    expect(stderr).toContain("the profile nightly (AWS_PROFILE) gives none");
    expect(code).toBe(2);
  });
});

test("whoever stops reading does not end the walk", async () => {
  const AWS_ENDPOINT_URL = `http://127.0.0.1:${await closedPort()}`;
  const { code, stderr } = await verify(
    ["--outputs", outputs],
    { ...CREDENTIALS, AWS_ENDPOINT_URL },
    (child) => child.stdout?.destroy(),
  );
  expect(stderr).toMatch(/^DescribeIdentityPool: no connection \(ECONNREFUSED\)\. .*\n$/);
  expect(code).toBe(3);
});

describe("nobody answers", () => {
  test("a closed port exits 3, and the report says so", async () => {
    const AWS_ENDPOINT_URL = `http://127.0.0.1:${await closedPort()}`;
    const reports = join(directory, "reports");
    const { code, stdout, stderr } = await verify(["--outputs", outputs, "--report-dir", reports], {
      ...CREDENTIALS,
      AWS_ENDPOINT_URL,
    });
    expect(stderr).toContain(`(ECONNREFUSED). Calls go to AWS_ENDPOINT_URL (${AWS_ENDPOINT_URL})`);
    expect(stdout).toMatch(/✗ 1 pool.*- 5 call .*skipped/s);
    expect(code).toBe(3);
    expect(JSON.parse(readFileSync(join(reports, "report.json"), "utf8"))).toMatchObject({
      schemaVersion: 1,
      target: { region: "us-east-1", endpoint: AWS_ENDPOINT_URL },
      outcome: "error",
      error: { kind: "unreachable" },
      warnings: [],
      steps: [
        { name: "pool", status: "failed" },
        { name: "roles", status: "skipped" },
        { name: "token", status: "skipped" },
        { name: "credentials", status: "skipped" },
        { name: "call", status: "skipped" },
      ],
      refusals: expect.arrayContaining([expect.objectContaining({ name: "unsigned", status: "skipped" })]),
    });
  });

  test("Ctrl-C ends a walk that hangs", async () => {
    const silent: Server = createServer();
    const port = await listen(silent);
    const connected = new Promise<void>((resolve) => silent.once("connection", () => resolve()));
    const { code, stdout, stderr } = await verify(
      ["--outputs", outputs],
      { ...CREDENTIALS, AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` },
      (child) => connected.then(() => child.kill("SIGINT")),
    );
    silent.close();
    expect(stderr).toContain("Interrupted before the flow was walked to its end.");
    expect(stdout).toMatch(/✗ 1 pool.*- 2 roles .*skipped/s);
    expect(code).toBe(130);
  });
});
