/** The browser that pages are tested in: a Chromium of the machine's, which not every machine has. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** The path of Chromium: $CHROME, or the first on the PATH; null when there is none. */
export function findBrowser(): string | null {
  const { CHROME, PATH = "" } = process.env;
  if (CHROME) {
    return CHROME;
  }
  const candidates = PATH.split(delimiter).flatMap((directory) => NAMES.map((name) => join(directory, name)));
  return candidates.find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Starts it with an empty profile, and with nothing of its own to ask the network for. */
export function startBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
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
