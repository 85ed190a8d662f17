/** The page in a real browser, against what Terraform deployed to local AWS: three origins, and the browser's own rules between them. */
import {
  CognitoIdentityClient,
  GetCredentialsForIdentityCommand,
  GetOpenIdTokenForDeveloperIdentityCommand,
} from "@aws-sdk/client-cognito-identity";
import {
  DeleteRolePolicyCommand,
  GetRolePolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import type { Browser, CDPSession, Page } from "playwright-core";
import { readOutputs } from "../../harness";
import { DemoLogin } from "../../scripts/web/demo-login";
import { accessibilityFaults, describeInBrowser, startBrowser } from "../support/browser";
import { deployForPage, type PageDeployment } from "../support/page-deployment";

jest.setTimeout(300_000);

/** Seconds: to be exchanged in, and to be waited for. */
const TOKEN_DURATION = 5;
const MINUTE = 60_000;

const REFUSALS = [
  ["unsigned", 403, "MissingAuthenticationTokenException", /Missing Authentication Token/],
  ["wrong-secret", 403, "InvalidSignatureException", /signature we calculated does not match/],
  [
    "restricted",
    403,
    "AccessDeniedException",
    /not authorized to perform: execute-api:Invoke .*GET\/restricted/,
  ],
  [
    "others-path",
    403,
    "AccessDeniedException",
    /not authorized to perform: execute-api:Invoke .*GET\/users\/grace/,
  ],
  ["forged-session", 401, "invalid_session", /sign in again/],
  ["expired-token", 400, "NotAuthorizedException", /Invalid login token\. Token expired/],
] as const;

describeInBrowser("the page", (program) => {
  let deployment: PageDeployment;
  let browser: Browser;
  let page: Page;
  let network: CDPSession;
  /** Preflights that were answered, e.g. `POST http://…/login 200`. */
  let preflights: string[];
  /** What the browser kept from a page, and why. */
  let kept: string[];
  let answers: { url: string; status: number; body: string }[];
  /** What the browser complained of, but for refusals that were asked for. */
  let complaints: string[];

  beforeAll(async () => {
    [deployment, browser] = await Promise.all([
      deployForPage({ LOGIN_TOKEN_DURATION: String(TOKEN_DURATION) }),
      startBrowser(program),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await deployment?.stop();
  });

  beforeEach(async () => {
    [preflights, kept, answers, complaints] = [[], [], [], []];
    page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
    network = await page.context().newCDPSession(page);
    await network.send("Network.enable");
    const urls = new Map<string, string>();
    network.on("Network.requestWillBeSent", ({ requestId, request }) => {
      urls.set(requestId, `${request.method} ${request.url}`);
    });
    network.on("Network.responseReceived", ({ requestId, response, type }) => {
      if (type === "Preflight") {
        preflights.push(`${urls.get(requestId)} ${response.status}`);
      }
    });
    network.on("Network.loadingFailed", ({ requestId, corsErrorStatus }) => {
      if (corsErrorStatus !== undefined) {
        kept.push(`${urls.get(requestId)} ${corsErrorStatus.corsError}`);
      }
    });
    page.on("response", async (response) => {
      if (response.request().method() !== "OPTIONS") {
        const body = await response.text().catch(() => "");
        answers.push({ url: response.url(), status: response.status(), body });
      }
    });
    page.on("console", (message) => {
      if (!/^Failed to load resource: the server responded with a status of 40[013]/.test(message.text())) {
        complaints.push(message.text());
      }
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("dialog", (dialog) => {
      complaints.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  });
  afterEach(() => page.close());

  const status = () => page.locator("#status").textContent();

  async function open(origin = deployment.origin): Promise<void> {
    await page.goto(origin);
    await page.getByRole("button", { name: "Sign in as ada" }).waitFor();
  }

  async function signIn(user = "ada"): Promise<void> {
    await page.getByRole("button", { name: `Sign in as ${user}` }).click();
    await page
      .locator("#status", { hasText: /^(All five stations|The way ended)/ })
      .waitFor({ state: "attached" });
  }

  async function refuse(name: string): Promise<void> {
    await page.locator(`#refusal-${name} button`).click();
    await page.locator(`#refusal-${name} .verdict`).waitFor();
  }

  test("walks the five stations, each behind the preflight that browsers make", async () => {
    await open();
    await signIn();
    expect(await status()).toBe("All five stations are passed: the function has greeted ada.");
    expect(await page.locator(".station.passed").count()).toBe(5);
    const picture = page.getByRole("img", { name: "The way from the page to the function and back" });
    expect(await picture.locator("desc").textContent()).toBe(
      "session passed, token passed, credentials passed, signature passed, greeting passed",
    );
    expect(preflights).toEqual([
      expect.stringMatching(/^OPTIONS http:\/\/\w+\.execute-api\.localhost:\d+\/local\/login 200$/),
      `OPTIONS ${deployment.aws.endpoint}/ 200`,
      expect.stringMatching(/^OPTIONS http:\/\/\w+\.execute-api\.localhost:\d+\/local\/hello 200$/),
    ]);
    // Page, login, Cognito and API: four origins.
    expect(new Set(answers.map(({ url }) => new URL(url).origin)).size).toBe(4);
    const greeting = page.locator(".station").last();
    expect(await greeting.locator("pre").textContent()).toMatch(/"developerUserIdentifier": "ada"/);
    expect(await page.locator(".station .state").allTextContents()).toEqual(
      Array(5).fill(expect.stringMatching(/^passed in \d+ ms$/)),
    );
    expect(complaints).toEqual([]);
  });

  test("no secret is in the document, in whatever form", async () => {
    await open();
    await signIn();
    for (const name of ["wrong-secret", "restricted", "forged-session"]) {
      await refuse(name);
    }
    const secrets = answers.flatMap(({ body }) =>
      [...body.matchAll(/"(?:session|token|SecretKey|SessionToken)": ?"([^"]+)"/g)].map(
        ([, secret = ""]) => secret,
      ),
    );
    expect(secrets).toHaveLength(4);
    const document = await page.content();
    for (const secret of secrets) {
      // Nor a part of it: what is shown of one are four characters at either end.
      expect(document).not.toContain(secret.slice(8, 24));
      expect(document).not.toContain(encodeURIComponent(secret.slice(-24, -8)));
    }
    expect(document).toMatch(/Signature=[0-9a-f]{4}•+[0-9a-f]{4}/);
    expect(await page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length")).toBe(
      0,
    );
  });

  test.each(REFUSALS)("%s is refused, and the card says why", async (name, code, error, words) => {
    await open();
    await signIn();
    await refuse(name);
    const card = page.locator(`#refusal-${name}`);
    expect(await card.locator(".verdict").textContent()).toBe(`Refused with ${code}`);
    expect((await card.locator("pre").textContent())?.replaceAll("\n", " ")).toMatch(words);
    expect((await card.locator(".why").textContent())?.length).toBeGreaterThan(60);
    expect(await status()).toMatch(new RegExp(`Refused with ${code} ${error}$`));
    expect(answers.at(-1)?.status).toBe(code);
    if (name === "others-path") {
      expect(await card.locator(".said").textContent()).toBe("ada’s own path answered 200; grace’s:");
    }
    expect(complaints).toEqual([]);
  });

  test("a call that should be refused and isn't is told as wrong", async () => {
    await page.route(/\/restricted$/, async (route) => {
      const headers = { "Access-Control-Allow-Origin": deployment.origin };
      await route.fulfill({ status: 200, headers, json: { message: "come in" } });
    });
    await open();
    await signIn();
    await refuse("restricted");
    const verdict = page.locator("#refusal-restricted .verdict");
    expect(await verdict.textContent()).toBe("Not refused as AWS does: 200");
    expect(await verdict.getAttribute("class")).toBe("verdict failed");
  });

  test("calls that take a user's credentials wait for one", async () => {
    await open();
    const button = page.getByRole("button", { name: "Call /restricted" });
    expect(await button.getAttribute("aria-disabled")).toBe("true");
    // Playwright would wait until it is enabled.
    await button.click({ force: true });
    expect(await status()).toMatch(/^Sign in first/);
    await refuse("unsigned");
    expect(await page.locator("#refusal-unsigned .verdict").textContent()).toBe("Refused with 403");
  });

  test("a page of another origin gets nothing: the browser keeps the answer from it", async () => {
    expect(deployment.foreignWords).toContain(
      `The deployment allows pages of ${deployment.origin}, and this one is of ${deployment.foreignOrigin}`,
    );
    await open(deployment.foreignOrigin);
    await signIn();
    expect(await status()).toBe("The way ended at “The login endpoint turns it into a token”.");
    expect(kept).toEqual([
      expect.stringMatching(/^POST http:.*\/local\/login PreflightAllowOriginMismatch$/),
    ]);
    expect(answers.filter(({ url }) => url.endsWith("/login"))).toEqual([]);
    const station = page.locator(".station.failed");
    expect(await station.count()).toBe(1);
    expect(await station.locator(".note").textContent()).toContain(
      `doesn’t allow the origin ${deployment.foreignOrigin}`,
    );
    expect(complaints).toEqual([
      expect.stringMatching(/blocked by CORS policy/),
      expect.stringMatching(/net::ERR_FAILED/),
    ]);
  });

  test("a session of another key ends at the login", async () => {
    const forger = await DemoLogin.ephemeral();
    await page.route(/\/session$/, async (route) =>
      route.fulfill({ json: { session: await forger.signIn("ada") } }),
    );
    await open();
    await signIn();
    expect(await status()).toBe("The way ended at “The login endpoint turns it into a token”.");
    const station = page.locator(".station.failed");
    expect(await station.locator("pre").last().textContent()).toMatch(
      /^401\s+\{\s+"error": "invalid_session"/,
    );
    expect(await page.locator(".station.ahead").count()).toBe(3);
    expect(await page.getByRole("button", { name: "Call /restricted" }).getAttribute("aria-disabled")).toBe(
      "true",
    );
    expect(complaints).toEqual([]);
  });

  test("a grant that is missing ends the way at the gateway", async () => {
    const RoleName = readOutputs(deployment.outputsFile).authenticatedRoleArn.replace(/^.*\//, "");
    const iam = new IAMClient(deployment.aws);
    const PolicyName = "developer-identities-local-call-hello";
    const { PolicyDocument = "" } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
    try {
      await open();
      await signIn();
    } finally {
      const document = decodeURIComponent(PolicyDocument);
      await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: document }));
      iam.destroy();
    }
    expect(await status()).toBe("The way ended at “The page signs its call”.");
    const station = page.locator(".station.failed");
    expect(await station.locator("pre").last().textContent()).toMatch(/^403\nx-amzn-errortype: AccessDenied/);
    expect(await page.locator(".row.failed, .row.ahead").count()).toBe(2);
  });

  test("a login that gives credentials leaves nothing to exchange", async () => {
    const cognito = new CognitoIdentityClient(deployment.aws);
    const { identityPoolId, developerProviderName } = readOutputs(deployment.outputsFile);
    const { IdentityId: identityId, Token = "" } = await cognito.send(
      new GetOpenIdTokenForDeveloperIdentityCommand({
        IdentityPoolId: identityPoolId,
        Logins: { [developerProviderName]: "ada" },
      }),
    );
    const { Credentials: issued } = await cognito.send(
      new GetCredentialsForIdentityCommand({
        IdentityId: identityId,
        Logins: { "cognito-identity.amazonaws.com": Token },
      }),
    );
    cognito.destroy();
    const credentials = {
      accessKeyId: issued?.AccessKeyId,
      secretAccessKey: issued?.SecretKey,
      sessionToken: issued?.SessionToken,
      expiration: issued?.Expiration?.toISOString(),
    };
    const headers = { "Access-Control-Allow-Origin": deployment.origin };
    await page.route(/\/login$/, (route) =>
      route.request().method() === "OPTIONS"
        ? route.continue()
        : route.fulfill({ headers, json: { identityId, credentials } }),
    );
    await open();
    await signIn();
    expect(await status()).toBe("All five stations are passed: the function has greeted ada.");
    expect(await page.locator(".station.skipped .note").textContent()).toMatch(/LOGIN_RETURNS=credentials/);
    expect(answers.filter(({ url }) => url === `${deployment.aws.endpoint}/`)).toEqual([]);
    const transcript = await page.locator(".station").nth(1).locator("pre").last().textContent();
    expect(transcript).toMatch(/"secretAccessKey": "•+"/);
  });

  test("signing out forgets the user, and the next one has an identity of the own", async () => {
    await open();
    await signIn();
    const identity = async () => (await page.locator(".fact code").first().textContent()) ?? "";
    const ada = await identity();
    await page.getByRole("button", { name: "Sign out" }).click();
    expect(await page.locator(".station.ahead").count()).toBe(5);
    expect(await page.content()).not.toContain(ada);
    await signIn("grace");
    expect(await identity()).toMatch(/^us-east-1:[0-9a-f-]{36}$/);
    expect(await identity()).not.toBe(ada);
    await refuse("others-path");
    expect(await page.locator("#refusal-others-path pre").textContent()).toMatch(/GET\/users\/ada/);
  });

  test("accessible: by day and by night, on a desk and on a phone, before and after", async () => {
    await open();
    const views = [
      [1200, "light"],
      [1200, "dark"],
      [390, "light"],
      [390, "dark"],
      [320, "light"],
    ] as const;
    const look = async () => {
      // Colors are judged when they have faded in.
      await page.emulateMedia({ reducedMotion: "reduce" });
      for (const [width, colorScheme] of views) {
        await page.setViewportSize({ width, height: 800 });
        await page.emulateMedia({ colorScheme });
        expect(await page.getByRole("heading", { level: 1 }).isVisible()).toBe(true);
        expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
        expect(await accessibilityFaults(page)).toEqual([]);
      }
    };
    await look();
    await page.setViewportSize({ width: 1200, height: 900 });
    await signIn();
    for (const name of ["unsigned", "wrong-secret", "restricted", "others-path", "forged-session"]) {
      await refuse(name);
    }
    for (const summary of await page.locator("summary", { hasText: /What/ }).all()) {
      await summary.click();
    }
    await look();
  });

  test("by keyboard alone", async () => {
    await open();
    const focused = () => page.evaluate<string>("document.activeElement?.textContent ?? ''");
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Skip to the content");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    expect(await focused()).toMatch(/Sign in as ada$/);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Signed in as ada" }).waitFor();
    expect(await focused()).toBe("Signed in as ada");
    await page.getByText("All five stations are passed").waitFor({ state: "attached" });
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Call again");
    const outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle");
    expect(outline).toBe("solid");
    await page.getByRole("button", { name: "Call without a signature" }).focus();
    await page.keyboard.press("Enter");
    await page.locator("#refusal-unsigned .verdict").waitFor();
    expect(await focused()).toBe("Call without a signature");
  });

  test("markup in what servers say is text", async () => {
    const markup = '<img src=x onerror="alert(1)"><script>alert(2)</script>';
    await page.route("**/deployment.json", async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ json: { ...(await answer.json()), users: ["ada", markup] } });
    });
    const headers = { "Access-Control-Allow-Origin": deployment.origin };
    await page.route(/\/hello$/, (route) =>
      route.request().method() === "OPTIONS"
        ? route.continue()
        : route.fulfill({ headers, json: { message: markup } }),
    );
    await page.route(/\/restricted$/, (route) =>
      route.request().method() === "OPTIONS"
        ? route.continue()
        : route.fulfill({
            status: 403,
            headers: { ...headers, "x-amzn-errortype": markup },
            json: { message: markup },
          }),
    );
    await open();
    expect(await page.locator(".user").last().textContent()).toContain(markup);
    await signIn();
    await refuse("restricted");
    expect(await page.locator("#refusal-restricted pre").textContent()).toContain("<script>");
    expect(await page.locator(".station").last().locator("pre").textContent()).toContain("<script>");
    expect(await page.locator("main script, main img, main [onerror]").count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test("the page's policy holds: no markup out of text, no inline script, no other origin", async () => {
    await open();
    const violated = await page.evaluate<string[]>(`(async () => {
      const directives = [];
      document.addEventListener("securitypolicyviolation", (event) => directives.push(event.effectiveDirective));
      const attempt = (work) => {
        try {
          work();
        } catch {
          // Told as a violation.
        }
      };
      attempt(() => (document.body.innerHTML += ""));
      attempt(() => document.body.setAttribute("onclick", "1"));
      attempt(() => (document.createElement("script").src = "https://elsewhere.example/script.js"));
      await fetch("https://elsewhere.example/").catch(() => {});
      new Image().src = "https://elsewhere.example/";
      await new Promise((resolve) => setTimeout(resolve, 200));
      return directives;
    })()`);
    expect(violated).toEqual([
      "require-trusted-types-for",
      "require-trusted-types-for",
      "require-trusted-types-for",
      "connect-src",
      "img-src",
    ]);
  });

  // The last, since the account's clock is not put back.
  test("credentials are renewed before and after their end, and nobody sees a failure", async () => {
    await page.clock.install();
    await open();
    await signIn();
    const call = async () => {
      const said = page.locator(".said", { hasText: /^GET \/hello answered/ });
      await page.locator(".said").evaluate((one) => one.replaceChildren());
      await page.getByRole("button", { name: "Call again" }).click();
      const text = (await said.textContent()) ?? "";
      return { text, key: /ASIA\w+/.exec(text)?.[0] };
    };
    const pass = async (minutes: number) => {
      ahead += minutes * MINUTE;
      deployment.setAhead(ahead);
      await page.clock.fastForward(minutes * MINUTE);
    };
    let ahead = 0;

    const first = await call();
    expect(first.text).toMatch(/answered 200 .*with the same credentials/);

    // Within the last minutes: this call still has the old ones, and the new ones are fetched beside it.
    await pass(56);
    const exchanged = page.waitForResponse((answer) => answer.url() === `${deployment.aws.endpoint}/`);
    expect((await call()).text).toMatch(/answered 200/);
    await exchanged;
    const second = await call();
    expect(second.text).toMatch(/answered 200 .*with the same credentials/);
    expect(second.key).not.toBe(first.key);

    // After a night in which the page slept: the call waits for new ones.
    await pass(600);
    const third = await call();
    expect(third.text).toMatch(/answered 200 .*with new credentials/);
    expect(third.key).not.toBe(second.key);

    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(await page.locator(".failed").count()).toBe(0);
    expect(complaints).toEqual([]);
  });
});
