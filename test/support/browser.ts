/** The browser that pages are tested in: a Chromium of the machine's, else the one inside an npm package. */
import { execFileSync } from "node:child_process";
import { accessSync, constants, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { source as axeSource } from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { PROJECT } from "./programs";

/** A Chromium and what it needs to start. */
export interface BrowserProgram {
  readonly executablePath: string;
  readonly env?: Record<string, string>;
}

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** Finds $CHROME, or the first on the PATH, or the package's. */
export function findBrowser(): BrowserProgram | undefined {
  const { CHROME, PATH = "" } = process.env;
  if (CHROME) {
    return { executablePath: CHROME };
  }
  const candidates = PATH.split(delimiter).flatMap((directory) => NAMES.map((name) => join(directory, name)));
  const executablePath = candidates.find(isExecutable);
  return executablePath === undefined ? packagedBrowser() : { executablePath };
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Unpacks the Chromium of `@sparticuz/chromium`, once, with the libraries that it needs where a container has none. Only the binary is
 * taken: the arguments that the package recommends switch off what these tests are about, the same-origin policy among it.
 */
function packagedBrowser(): BrowserProgram | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") {
    return undefined;
  }
  const modules = join(PROJECT, "node_modules");
  const { version } = JSON.parse(readFileSync(join(modules, "@sparticuz/chromium/package.json"), "utf8"));
  // The package unpacks into the temporary directory, and trusts what it finds there.
  const directory = join(modules, ".cache", `chromium-${version}`);
  mkdirSync(directory, { recursive: true });
  const unpack =
    'import("@sparticuz/chromium").then(({ default: one }) => one.executablePath()).then((file) => process.stdout.write(file))';
  const executablePath = execFileSync(process.execPath, ["-e", unpack], {
    cwd: PROJECT,
    encoding: "utf8",
    // On Lambda, as which it is started here, it brings libraries along.
    env: { ...process.env, TMPDIR: directory, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs22.x" },
  });
  // The package's own configuration looks for its fonts where Lambda has them; without any, text has no size.
  const fonts = join(directory, "fonts.conf");
  const places = [join(directory, "fonts"), "/usr/share/fonts"]
    .map((place) => `<dir>${place}</dir>`)
    .join("");
  const cache = `<cachedir>${join(directory, "fonts-cache")}</cachedir>`;
  writeFileSync(fonts, `<?xml version="1.0"?><fontconfig>${places}${cache}</fontconfig>`);
  const libraries = [join(directory, "al2023", "lib"), process.env.LD_LIBRARY_PATH ?? ""].filter(Boolean);
  return {
    executablePath,
    env: {
      ...(process.env as Record<string, string>),
      LD_LIBRARY_PATH: libraries.join(delimiter),
      FONTCONFIG_FILE: fonts,
    },
  };
}

const NO_BROWSER =
  "There is no Chromium at $CHROME nor on the PATH, and none in an npm package for this machine. Install one.";

/** `describe` with a browser. Where there is none the tests are left out, which is said; in CI they fail. */
export function describeInBrowser(name: string, tests: (program: BrowserProgram) => void): void {
  const program = requireBrowserInCi(findBrowser());
  if (program !== undefined) {
    describe(name, () => tests(program));
    return;
  }
  process.stderr.write(`${name}: left out. ${NO_BROWSER}\n`);
  test.skip(name, () => {});
}

/** @throws Error in CI, where tests that are left out would go unnoticed */
export function requireBrowserInCi(
  program: BrowserProgram | undefined,
  { CI }: NodeJS.ProcessEnv = process.env,
): BrowserProgram | undefined {
  if (program === undefined && CI) {
    throw new Error(NO_BROWSER);
  }
  return program;
}

/** Starts it with an empty profile, and with nothing of its own to ask the network for. */
export function startBrowser({ executablePath, env }: BrowserProgram): Promise<Browser> {
  return chromium.launch({
    executablePath,
    env,
    args: [
      // As root, as in a container, Chromium starts without its sandbox or not at all; the pages are the test's own.
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** What axe finds: contrast, names, structure. It runs beside the page's own policy, not under it. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate<{
    violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
  }>("axe.run({ resultTypes: ['violations'] })");
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
}
