/** Nights as `npm run verify` leaves them behind, and what is told of them on the fake GitHub. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Agent } from "undici";
import { GitHub, patiently } from "../../scripts/github/api";
import { keepIssue } from "../../scripts/github/issue";
import { type Night, readNight } from "../../scripts/github/night";
import { readGitHubSettings } from "../../scripts/github/settings";
import type { FakeGitHub } from "./github";

/** Runs it with a directory that holds the report, or this text in its place, or nothing. */
export function withReport<Result>(
  report: object | string | undefined,
  use: (directory: string) => Result,
): Result {
  const directory = mkdtempSync(path.join(tmpdir(), "night-"));
  try {
    if (report !== undefined) {
      const text = typeof report === "string" ? report : JSON.stringify(report);
      writeFileSync(path.join(directory, "report.json"), text);
    }
    return use(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

export function nightOf(report: object | string | undefined): Night {
  return withReport(report, readNight);
}

/** What one run does after its verification. */
export interface Run {
  readonly report: object | string | undefined;
  /** The run's number. */
  readonly run: number;
  readonly deployment?: string;
  readonly title?: string;
  /** When, ISO 8601. */
  readonly at?: string;
}

/** Tells the fake GitHub of a run, waiting no longer than `waited` says. Returns what is printed. */
export async function tell(
  fake: FakeGitHub,
  { report, run, deployment = "prod in eu-central-1", title, at = "2026-03-14T03:00:00.000Z" }: Run,
  waited: number[] = [],
): Promise<string> {
  const settings = readGitHubSettings(fake.environment(run));
  const dispatcher = new Agent();
  const github = new GitHub(settings, dispatcher, "issues: write");
  const told = { night: nightOf(report), deployment, title, now: new Date(at) };
  try {
    return await patiently(
      () => keepIssue(github, settings, told),
      async (ms) => {
        waited.push(ms);
      },
    );
  } finally {
    await dispatcher.destroy();
  }
}
