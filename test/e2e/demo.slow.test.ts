/** `npm run demo` and `npm run web` as their users start them, and what they leave behind. */
import { statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describeInBrowser, startBrowser } from "../support/browser";
import { runToEnd, Sandbox, start } from "../support/programs";

jest.setTimeout(300_000);

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.remove());

describeInBrowser("npm run demo", (program) => {
  test("one command, and a user signs in and calls; Ctrl-C removes everything", async () => {
    const demo = start("npm", ["run", "--silent", "demo"], sandbox.environment);
    const said = await demo.said(/Ctrl-C ends it/);
    const url = /^Open (http:\/\/127\.0\.0\.1:\d+)$/m.exec(said)?.[1] ?? "";
    const browser = await startBrowser(program);
    try {
      const page = await browser.newPage();
      await page.goto(url);
      await page.getByRole("button", { name: "Sign in as grace" }).click();
      await page
        .locator("#status", { hasText: "the function has greeted grace" })
        .waitFor({ state: "attached" });
      for (const [button, verdict] of [
        ["Call another user’s path", "Refused with 403"],
        ["Call /restricted", "Refused with 403"],
        ["Let the token expire", "Refused with 400"],
      ] as const) {
        const card = page.locator(".refusal", { has: page.getByRole("button", { name: button }) });
        await card.getByRole("button").click();
        expect(await card.locator(".verdict").textContent()).toBe(verdict);
      }
    } finally {
      await browser.close();
    }
    demo.process.kill("SIGINT");
    expect((await demo.finished).code).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
    expect(sandbox.leftFiles()).toEqual([]);
    expect(sandbox.leftProcesses()).toEqual([]);
  });
});

describe("npm run web", () => {
  const web = (...args: string[]) =>
    runToEnd(
      process.execPath,
      ["--import", "tsx", "scripts/web.ts", "--key-file", path.join(sandbox.directory, "key.json"), ...args],
      sandbox.environment,
    );
  const DEPLOY = `To deploy with a login endpoint that takes the page's sessions:

  eval "$(npm run web --silent -- --print-settings)"
  npx cdktf deploy '*' --outputs-file outputs.json
  npm run web -- --outputs outputs.json

Without an AWS account: npm run demo`;

  test("with nothing deployed it says which commands to run", async () => {
    const { code, output } = await web("--outputs", path.join(sandbox.directory, "none.json"));
    expect(code).toBe(2);
    expect(output).toMatch(/^There is no file .*none\.json/);
    expect(output).toContain(DEPLOY);
  });

  /** What cdktf would have written for a deployment on AWS. */
  function writeOutputs(further: Readonly<Record<string, string>> = {}): string {
    const file = path.join(sandbox.directory, "outputs.json");
    const outputs = {
      region: "eu-central-1",
      identity_pool_id: "eu-central-1:1f0a4c1e-9a39-4a7e-8c9f-0d8f3a5b7c21",
      developer_provider_name: "login.developer.example",
      authenticated_role_arn: "arn:aws:iam::123456789012:role/user",
      invoke_url: "https://abc123.execute-api.eu-central-1.amazonaws.com/prod",
      ...further,
    };
    writeFileSync(file, JSON.stringify({ api: outputs }));
    return file;
  }

  test("with no login endpoint deployed, too", async () => {
    const { code, output } = await web("--outputs", writeOutputs());
    expect(code).toBe(2);
    expect(output).toMatch(/^The deployment has no login endpoint: login_url is not among its outputs\./);
    expect(output).toContain(DEPLOY);
  });

  test.each(["SIGINT", "SIGKILL"] as const)(
    "serves a deployment on AWS until npm gets %s",
    async (signal) => {
      const login = "https://def456.execute-api.eu-central-1.amazonaws.com/prod/login";
      const key = path.join(sandbox.directory, "key.json");
      const args = ["--outputs", writeOutputs({ login_url: login }), "--port", "0", "--key-file", key];
      const server = start("npm", ["run", "--silent", "web", "--", ...args], sandbox.environment);
      const said = await server.said(/works with AWS in eu-central-1/);
      const url = /The page is at (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1] ?? "";
      const page = await fetch(url);
      expect(await page.text()).toMatch(/^<!doctype html>[^<]*<html lang="en">/);
      expect(page.headers.get("content-security-policy")).toContain(
        "connect-src 'self' https://cognito-identity.eu-central-1.amazonaws.com https://def456.execute-api.eu-central-1.amazonaws.com https://abc123.execute-api.eu-central-1.amazonaws.com;",
      );
      expect(await (await fetch(`${url}/deployment.json`)).json()).toMatchObject({
        account: "AWS",
        loginUrl: login,
      });
      server.process.kill(signal);
      await server.finished;
      await expect(fetch(url)).rejects.toThrow();
      expect(sandbox.leftProcesses()).toEqual([]);
    },
  );

  test("the printed settings are a shell's, and the same each time", async () => {
    const first = await web("--print-settings", "--port", "5199");
    expect(first.code).toBe(0);
    const shell = await runToEnd(
      "sh",
      [
        "-c",
        `${first.output}\nprintf '%s\\n' "$APP_JWKS" "$ALLOWED_ORIGIN" "$PRINCIPAL_TAGS" "$USER_ROUTES"`,
      ],
      sandbox.environment,
    );
    expect(shell.output.split("\n").slice(1)).toEqual(["http://127.0.0.1:5199", "sub=username", "true", ""]);
    expect(JSON.parse(shell.output.split("\n")[0] ?? "")).toMatchObject({
      keys: [{ kty: "EC", alg: "ES256" }],
    });
    expect(await web("--print-settings", "--port", "5199")).toEqual(first);
    expect(statSync(path.join(sandbox.directory, "key.json")).mode & 0o777).toBe(0o600);
  });

  test.each([
    ["--port", "70000"],
    ["--prot", "1"],
  ])("wrong usage: %s %s", async (...args) => {
    expect((await web(...args)).code).toBe(2);
  });
});
