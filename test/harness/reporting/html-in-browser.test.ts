/** report.html in a real browser: whole, readable on a phone, accessible, and harmless. */
import { createServer, type Server } from "node:http";
import type { Browser, Page } from "playwright-core";
import type { Report } from "../../../harness";
import { htmlReport } from "../../../harness/reporting/html/page";
import { accessibilityFaults, describeInBrowser, startBrowser } from "../../support/browser";
import { listen } from "../../support/listen";
import { EARLIER, FAILED, HOSTILE, HOSTILE_TEXT, OPEN, PASSED, SAMPLES } from "../../support/sample-reports";

/** Narrow as a phone and wide as a desk, by night and by day. */
const VIEWS = [
  [360, "dark"],
  [1200, "light"],
] as const;

describeInBrowser("report.html in a browser", (program) => {
  let browser: Browser;
  let page: Page;
  let server: Server;
  let url: string;
  let content: string;
  /** What the page asked the network for, and what the browser complained of. */
  let requests: string[];
  let complaints: string[];

  beforeAll(async () => {
    server = createServer((request, response) => {
      requests.push(`${request.method} ${request.url}`);
      response.setHeader("Content-Type", "text/html");
      response.end(request.url === "/report.html" ? content : "");
    });
    url = `http://127.0.0.1:${await listen(server)}/report.html`;
    browser = await startBrowser(program);
    page = await browser.newPage();
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("dialog", (dialog) => {
      complaints.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("request", (request) => {
      if (request.url() !== url && !request.url().startsWith("data:")) {
        complaints.push(`a request to ${request.url()}`);
      }
    });
  });

  afterAll(async () => {
    await browser.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  async function open(report: Report): Promise<void> {
    requests = [];
    complaints = [];
    content = htmlReport(report, { history: EARLIER });
    await page.goto(url);
  }

  test.each(Object.entries(SAMPLES))(
    "%s: fits, by day and by night, and asks nothing of the network",
    async (_, report) => {
      await open(report);
      for (const [width, colorScheme] of VIEWS) {
        await page.setViewportSize({ width, height: 800 });
        await page.emulateMedia({ colorScheme });
        expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
        expect(await accessibilityFaults(page)).toEqual([]);
      }
      expect(complaints).toEqual([]);
      expect(requests).toEqual(["GET /report.html"]);
    },
  );

  test("night is dark and day is light", async () => {
    await open(PASSED);
    const lightness = async (colorScheme: "light" | "dark") => {
      await page.emulateMedia({ colorScheme });
      const colour = await page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
      return Math.max(...(colour.match(/\d+/g) ?? []).map(Number));
    };
    expect(await lightness("light")).toBeGreaterThan(230);
    expect(await lightness("dark")).toBeLessThan(50);
  });

  test("the picture tells each step's state, and the sparklines tell theirs", async () => {
    await open(FAILED);
    const picture = page.getByRole("img", { name: "The flow from the backend to the function" });
    expect(await picture.locator("desc").textContent()).toBe(
      "pool passed, roles passed, token passed, credentials passed, call failed",
    );
    expect(await picture.locator(".step").allTextContents()).toEqual([
      expect.stringMatching(/1 pool passed\s+DescribeIdentityPool/),
      expect.stringMatching(/2 roles passed\s+GetIdentityPoolRoles/),
      expect.stringMatching(/3 token passed\s+GetOpenIdTokenForDeveloperIdentity/),
      expect.stringMatching(/4 credentials passed\s+GetCredentialsForIdentity/),
      expect.stringMatching(/5 call failed\s+GET \/hello, signed/),
    ]);
    const trend = page.getByRole("region", { name: "Trend" });
    expect(await trend.getByRole("row").count()).toBe(6);
    expect(await trend.getByRole("img", { name: "14 passed, 1 failed; 70 ms to 115 ms" }).count()).toBe(1);
    expect(
      await trend.getByRole("img", { name: /^13 passed, 1 failed, 1 skipped; .* to 2\.8 s$/ }).count(),
    ).toBe(1);
  });

  test("what is wrong comes first, expected beside actual", async () => {
    await open({
      ...FAILED,
      steps: FAILED.steps.with(0, {
        ...(FAILED.steps[0] as Report["steps"][number]),
        status: "failed",
        expected: 'developer provider: "login.developer.example"',
        actual: 'developer provider: "login.other.example"',
      }),
    });
    const [first] = await page.getByRole("region").all();
    expect(await first?.getByRole("heading", { level: 2 }).textContent()).toBe("What is wrong (3)");
    expect(await first?.locator(".comparison").first().locator("code").allTextContents()).toEqual([
      'developer provider: "login.developer.example"',
      'developer provider: "login.other.example"',
    ]);
  });

  test("the tables stay tables on a phone", async () => {
    await open(PASSED);
    await page.setViewportSize({ width: 360, height: 800 });
    const refusals = page.getByRole("region", { name: "Calls that must be refused" });
    expect(await refusals.getByRole("rowheader").count()).toBe(PASSED.refusals.length);
    expect(await refusals.getByRole("columnheader").allTextContents()).toEqual([
      "Refusal",
      "Expected",
      "Answer",
    ]);
    const time = page.getByRole("region", { name: "Time" });
    expect(await time.getByRole("rowheader").count()).toBe(PASSED.steps.length);
  });

  test("who may call what is a table whose cells say in words whether they are as declared", async () => {
    await open(OPEN);
    const access = page.getByRole("region", { name: "Who may call what" });
    expect(await access.getByRole("columnheader").allTextContents()).toEqual([
      "Route",
      "nobody",
      "a guest",
      "signed in",
      "another user's path",
      "the backend",
    ]);
    expect(await access.getByRole("listitem").allTextContents()).toEqual([
      "open to signed-in users on another user's path: GET /users/{username} (the function answered 404)",
      "open to anyone: POST /orders",
      expect.stringMatching(
        /^DELETE \/orders\/\{id\}, signed-in users: must be refused, and by the deployed/,
      ),
    ]);
    const cells = await access
      .getByRole("row", { name: "GET /users/{username}" })
      .getByRole("cell")
      .allTextContents();
    expect(cells[2]).toBe("✓ allowed");
    expect(cells[3]).toMatch(/^✗ allowed, not as declared/);
    const computed = access.getByRole("row", { name: "DELETE /orders/{id}" }).getByRole("cell");
    expect(await computed.nth(2).textContent()).toMatch(/^≈ allowed \(computed\), not as declared/);
  });

  test("a server's answer is shown as it is and does nothing", async () => {
    await open(HOSTILE);
    const shown = HOSTILE_TEXT.replace(/\r\n/, "\n").replace(
      "\u0000\u001b[31mred\u202egnirts\ud800",
      "\\u0000\\u001b[31mred\\u202egnirts\\ud800",
    );
    expect(await page.locator(".actual code").textContent()).toBe(`${shown} and more`);
    expect(await page.locator("script, img, iframe, object, embed, form, [onload], [onerror]").count()).toBe(
      0,
    );
    expect(await page.locator('a:not([href^="https://docs.aws.amazon.com/"])').count()).toBe(0);
  });
});
