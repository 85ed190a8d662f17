/** report.html in a real browser: whole, readable on a phone, accessible, and harmless. */
import { createServer, type Server } from "node:http";
import type { Browser, Page } from "playwright-core";
import type { Report } from "../../../harness";
import { htmlReport } from "../../../harness/reporting/html/page";
import { accessibilityFaults, describeInBrowser, startBrowser } from "../../support/browser";
import { listen } from "../../support/listen";
import {
  EARLIER,
  FAILED,
  HOSTILE,
  HOSTILE_TEXT,
  OPEN,
  PASSED,
  result,
  SAMPLES,
} from "../../support/sample-reports";

/** Narrow as a phone and wide as a desk, by night and by day. */
const VIEWS = [
  [360, "dark"],
  [1200, "light"],
] as const;

/** Finds words whose parts stand on two lines; a separator or a `<wbr>` may end a line. */
const BROKEN_WORDS = `(() => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const broken = [];
  while (texts.nextNode()) {
    for (const { 0: word, index } of texts.currentNode.data.matchAll(/[\\w]+/g)) {
      const range = document.createRange();
      range.setStart(texts.currentNode, index);
      range.setEnd(texts.currentNode, index + word.length);
      if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1) {
        broken.push(word);
      }
    }
  }
  return broken;
})()`;

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
        await page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))");
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
      "pool passed, roles passed, token passed, credentials passed, call failed at API",
    );
    expect(await picture.locator(".step").allTextContents()).toEqual([
      expect.stringMatching(/1 pool passed\s+DescribeIdentityPool/),
      expect.stringMatching(/2 roles passed\s+GetIdentityPoolRoles/),
      expect.stringMatching(/3 token passed\s+GetOpenIdTokenForDeveloperIdentity/),
      expect.stringMatching(/4 credentials passed\s+GetCredentialsForIdentity/),
      expect.stringMatching(/5 call failed\s+GET \/hello, signed/),
    ]);
    const trend = page.getByRole("region", { name: "Trend" });
    expect(await trend.getByRole("figure").count()).toBe(6);
    const credentials = trend.getByRole("img", {
      name: "4 credentials: 14 passed, 1 failed; 70 ms to 115 ms",
    });
    expect(await credentials.locator("text").allTextContents()).toEqual([
      "200 ms",
      "100 ms",
      "0",
      "02-28",
      "03-07",
      "03-14",
    ]);
    expect(await credentials.locator("title").last().textContent()).toBe(
      "2026-03-14 03:00 UTC: passed, 92 ms",
    );
    expect(
      await trend
        .getByRole("img", { name: /^5 call: 13 passed, 1 failed, 1 skipped; .* to 2\.8 s$/ })
        .count(),
    ).toBe(1);
  });

  test.each([
    ["GET https://a/hello: 403 AccessDeniedException: no", " at API", 1],
    ["GET https://a/hello: 429 TooManyRequestsException: Rate exceeded", " at API", 1],
    ["GET https://a/hello: 500 InternalServerErrorException: Internal server error", " at API", 1],
    ["GET https://a/hello: 502 InternalServerErrorException: Internal server error", "", 2],
    ["GET https://a/hello: 504 IntegrationTimeoutException: Endpoint request timed out", "", 2],
    ["GET https://a/hello: 418: the function's own", "", 2],
    ["GET https://a/hello: no answer within 10 s. Check the network.", " at API, without an answer", 1],
    ["200, and another identity", "", 2],
  ])("the arrow of the call ends where it was answered: %s", async (actual, end, legs) => {
    const call = FAILED.steps.at(-1) as Report["steps"][number];
    const expected = actual.startsWith("200") ? "identity that the function saw: x" : call.expected;
    const shown = actual.startsWith("200") ? "identity that the function saw: y" : actual;
    await open({ ...FAILED, steps: FAILED.steps.with(4, { ...call, expected, actual: shown }) });
    const told = await page.locator("#flow-told").textContent();
    expect(told).toMatch(new RegExp(`call failed${end}$`));
    expect(await page.locator(".step.failed .way").count()).toBe(legs);
  });

  test("no word is broken on a phone, neither folded nor unfolded", async () => {
    for (const report of [PASSED, FAILED]) {
      await open(report);
      await page.setViewportSize({ width: 390, height: 844 });
      await page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))");
      expect(await page.evaluate(BROKEN_WORDS)).toEqual([]);
    }
  });

  test("paper shows what is folded away", async () => {
    await open(PASSED);
    const answer = page.locator(".line", { hasText: "GET /hello without a signature" }).locator(".actual");
    expect(await answer.isVisible()).toBe(false);
    await page.emulateMedia({ media: "print" });
    expect(await answer.isVisible()).toBe(true);
    await page.emulateMedia({ media: null });
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

  test("refusals are a line each, in groups; the keyboard unfolds one", async () => {
    await open(PASSED);
    const refusals = page.getByRole("region", { name: "Calls that must be refused" });
    expect(await refusals.getByRole("heading", { level: 3 }).allTextContents()).toEqual([
      "Signature and keys 1 passed",
      "Tokens 1 passed",
    ]);
    const badge = refusals.getByRole("img", { name: "not documented for certain" });
    expect(await badge.count()).toBe(2);
    expect(await refusals.locator(".legend").textContent()).toMatch(
      /^ AWS's answer is not documented for certain: /,
    );
    expect(await refusals.getByText("this came").count()).toBe(0);
    expect(await refusals.getByText("1 skipped: The deployment declares guests.").count()).toBe(1);
    const [unsigned] = await refusals.locator("details").all();
    expect(await unsigned?.locator(".actual").isVisible()).toBe(false);
    await unsigned?.locator("summary").focus();
    await page.keyboard.press("Enter");
    expect(await unsigned?.locator(".actual b").textContent()).toBe("403");
    expect(await unsigned?.locator(".actual").isVisible()).toBe(true);
  });

  test("a passed report of two dozen refusals is two screens long, on a phone four", async () => {
    const refusals = Array.from({ length: 23 }, (_, index) =>
      result(`refusal-${index}`, { title: "GetCredentialsForIdentity with an expired token" }),
    );
    await open({ ...PASSED, refusals });
    for (const [width, height] of [
      [1280, 2200],
      [390, 3800],
    ] as const) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate<number>("document.documentElement.scrollHeight")).toBeLessThan(height);
    }
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
    // What is wrong stands at the page's beginning, among all that failed.
    const wrong = page.getByRole("region", { name: "What is wrong (2)" });
    expect(await wrong.getByRole("listitem").allTextContents()).toEqual([
      "open to signed-in users on another user's path: GET /users/{username} (the function answered 404)",
      "open to anyone: POST /orders",
    ]);
    expect(await access.locator(".facts li").allTextContents()).toEqual([
      expect.stringMatching(
        /^DELETE \/orders\/\{id\}, signed-in users: must be refused, and by the deployed/,
      ),
    ]);
    const cells = await access
      .getByRole("row", { name: "GET /users/{username}" })
      .getByRole("cell")
      .allTextContents();
    expect(cells[2]).toBe("✓ allowed");
    expect(cells[3]).toMatch(/^✗ allowed declared: refused the function/);
    const computed = access.getByRole("row", { name: "DELETE /orders/{id}" }).getByRole("cell");
    expect(await computed.nth(2).textContent()).toMatch(/^≈ allowed computed\d declared: refused/);
  });

  test("a server's answer is shown as it is and does nothing", async () => {
    await open(HOSTILE);
    const shown = HOSTILE_TEXT.replace(/\r\n/, "\n").replace(
      "\u0000\u001b[31mred\u202egnirts\ud800",
      "\\u0000\\u001b[31mred\\u202egnirts\\ud800",
    );
    expect(await page.locator(".card .actual code").textContent()).toBe(`${shown} and more`);
    expect(await page.locator("script, img, iframe, object, embed, form, [onload], [onerror]").count()).toBe(
      0,
    );
    expect(
      await page.locator('a:not([href^="https://docs.aws.amazon.com/"], [href="#access"])').count(),
    ).toBe(0);
  });
});
