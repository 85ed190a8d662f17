/** `npm run screenshots`: takes the README's pictures anew, of what is really there: the page, a walk's access matrix, a load run, and a walk whose grant was taken away. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { DeleteRolePolicyCommand, IAMClient, ListRolePoliciesCommand } from "@aws-sdk/client-iam";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { ENDINGS, readOutputs } from "../harness";
import { nightly } from "../test/support/access-walk";
import { findBrowser, startBrowser } from "../test/support/browser";
import { deployForPage, type PageDeployment } from "../test/support/page-deployment";
import { runToEnd, withoutAws } from "../test/support/programs";
import { npmCommand } from "./command";
import { indexedPng } from "./indexed-png";
import { PROJECT } from "./workspace";

npmCommand(
  "screenshots",
  "Takes the pictures in docs/ anew. Needs Terraform or OpenTofu and a Chromium.",
).parse();

/** Seconds: the pictures show its end. */
const TOKEN_DURATION = "5";

/** Pixels around what a picture shows. */
const MARGIN = 14;

const DESK = { viewport: { width: 1200, height: 1000 } };
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 };

async function main(): Promise<void> {
  const program = findBrowser();
  if (program === undefined) {
    throw new Error("There is no Chromium: put one on the PATH, or its path into CHROME.");
  }
  const deployment = await deployForPage({ LOGIN_TOKEN_DURATION: TOKEN_DURATION });
  const directory = mkdtempSync(path.join(tmpdir(), "screenshots-"));
  let browser: Browser | undefined;
  try {
    browser = await startBrowser(program);
    await picture(browser, "page-light", { ...DESK, colorScheme: "light" }, async (page) => {
      await walk(page, deployment);
      return [page.locator("body"), page.locator(".station").nth(1)];
    });
    await picture(browser, "page-dark", { ...DESK, colorScheme: "dark" }, async (page) => {
      await walk(page, deployment);
      await refuse(page);
      return [page.locator("#refusals-heading"), page.locator("#refusals")];
    });
    await picture(browser, "page-phone", { ...PHONE, colorScheme: "light" }, async (page) => {
      await walk(page, deployment);
      return [page.locator("body"), page.locator("#picture")];
    });
    const options = { viewport: { width: 1100, height: 1000 }, colorScheme: "light" } as const;
    const report = pathToFileURL(path.join(directory, "report.html")).href;
    await verify(deployment, directory, "passed", ["--access"]);
    await picture(browser, "report-access", options, async (page) => {
      await page.goto(report);
      const access = page.getByRole("region", { name: "Who may call what" });
      return [access, access];
    });
    await load(deployment, directory);
    await picture(browser, "report-load", options, async (page) => {
      await page.goto(report);
      const section = page.getByRole("region", { name: "Load" });
      return [section, section];
    });
    await takeGrantAway(deployment);
    await verify(deployment, directory, "failed", ["--diagnose"]);
    await picture(browser, "report", options, async (page) => {
      await page.goto(report);
      return [page.locator("body"), page.getByRole("region", { name: "The flow" })];
    });
  } finally {
    await browser?.close();
    await deployment.stop();
    rmSync(directory, { recursive: true });
  }
}

/** @param prepare opens the page; returns what the picture begins and ends with */
async function picture(
  browser: Browser,
  name: string,
  options: BrowserContextOptions,
  prepare: (page: Page) => Promise<readonly [Locator, Locator]>,
): Promise<void> {
  const page = await browser.newPage({
    ...options,
    reducedMotion: "reduce",
    locale: "en-GB",
    timezoneId: "UTC",
  });
  const [first, last] = await prepare(page);
  await page.evaluate("document.activeElement.blur(); scrollTo(0, 0)");
  const [top, bottom] = [await first.boundingBox(), await last.boundingBox()];
  const y = Math.max(0, Math.floor((top?.y ?? 0) - MARGIN));
  const height = Math.ceil((bottom?.y ?? 0) + (bottom?.height ?? 0) + MARGIN) - y;
  const width = options.viewport?.width ?? 0;
  const image = await page.screenshot({ fullPage: true, clip: { x: 0, y, width, height } });
  const file = path.join(PROJECT, "docs", `${name}.png`);
  const pixels = await decode(browser, image);
  writeFileSync(file, indexedPng(pixels.data, pixels.width, pixels.height));
  await page.close();
  console.log(`${path.relative(PROJECT, file)}: ${Math.ceil(statSync(file).size / 1024)} KB`);
}

/** Lets the browser decode what it encoded. */
async function decode(browser: Browser, image: Buffer) {
  const page = await browser.newPage();
  const { width, height, base64 } = await page.evaluate<{
    width: number;
    height: number;
    base64: string;
  }>(`(async () => {
    const bytes = Uint8Array.from(atob("${image.toString("base64")}"), (one) => one.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const { width, height } = bitmap;
    const context = new OffscreenCanvas(width, height).getContext("2d");
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    let text = "";
    for (let at = 0; at < data.length; at += 32768) {
      text += String.fromCharCode(...data.subarray(at, at + 32768));
    }
    return { width, height, base64: btoa(text) };
  })()`);
  await page.close();
  return { width, height, data: Buffer.from(base64, "base64") };
}

async function walk(page: Page, { origin }: PageDeployment): Promise<void> {
  await page.goto(origin);
  await page.getByRole("button", { name: "Sign in as ada" }).click();
  await page.locator("#status", { hasText: /^All five stations/ }).waitFor({ state: "attached" });
}

/** Makes the refused calls and looks at their answers. */
async function refuse(page: Page): Promise<void> {
  for (const name of [
    "unsigned",
    "wrong-secret",
    "restricted",
    "others-path",
    "forged-session",
    "expired-token",
  ]) {
    await page.locator(`#refusal-${name} button`).click();
    await page.locator(`#refusal-${name} .verdict`).waitFor();
  }
}

async function takeGrantAway({ aws, outputsFile }: PageDeployment): Promise<void> {
  const RoleName = readOutputs(outputsFile).authenticatedRoleArn.replace(/^.*\//, "");
  const iam = new IAMClient(aws);
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  for (const PolicyName of PolicyNames) {
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
  }
  iam.destroy();
}

/** Walks with credentials such as a nightly has, and writes the report into the directory. @throws Error unless it ends as it should */
function verify(
  deployment: PageDeployment,
  directory: string,
  end: "passed" | "failed",
  options: readonly string[],
): Promise<void> {
  return run("harness/cli/main.ts", deployment, directory, end, options);
}

/** Two hundred users walk, whose times the report has; installs Artillery if nothing has yet. */
function load(deployment: PageDeployment, directory: string): Promise<void> {
  const options = ["--users", "200", "--rate", "20", "--duration", "10s"];
  return run("scripts/load.ts", deployment, directory, "passed", options);
}

async function run(
  program: string,
  { aws, outputsFile }: PageDeployment,
  directory: string,
  end: "passed" | "failed",
  options: readonly string[],
): Promise<void> {
  const { accessKeyId, secretAccessKey, sessionToken = "" } = await nightly(aws);
  const { code, output } = await runToEnd(
    process.execPath,
    ["--import", "tsx", program, "--outputs", outputsFile, "--report-dir", directory, ...options],
    {
      ...withoutAws(),
      ...aws.environment,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    },
  );
  if (code !== ENDINGS[end].code) {
    throw new Error(`${program} ended with ${code}:\n${output}`);
  }
}

void main();
