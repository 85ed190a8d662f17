/** `npm run github -- comment`: one comment on a pull request, written anew by every run. */
import { readFileSync } from "node:fs";
import { type Command, InvalidArgumentError } from "commander";
import { z } from "zod";
import { SettingsError } from "../../harness";
import { subcommand } from "../command";
import type { GitHub } from "./api";
import { CONVERSATION_HELP, converse } from "./conversation";
import { recall, remember } from "./marker";
import { deploymentOption, type GitHubSettings } from "./settings";

/** GitHub takes 65,536 characters in all. https://github.com/danger/danger/issues/424 */
const LONGEST_TEXT = 60_000;

const commentSchema = z.object({
  id: z.int(),
  html_url: z.string(),
  body: z.string().nullish(),
  user: z.object({ login: z.string() }).nullable(),
});

interface CommentOptions {
  readonly file: string;
  readonly pullRequest: number;
  readonly deployment: string;
}

export function commentCommand(): Command {
  return subcommand(
    "comment",
    "Writes a file into one comment on a pull request; run again, into the same one.",
  )
    .requiredOption("--file <FILE>", "Markdown, e.g. a plan")
    .requiredOption("--pull-request <NUMBER>", "the pull request", (given) => {
      if (!/^[1-9]\d{0,9}$/.test(given)) {
        throw new InvalidArgumentError("A pull request has a number, e.g. 12.");
      }
      return Number(given);
    })
    .addOption(deploymentOption())
    .addHelpText("after", CONVERSATION_HELP)
    .action(async ({ file, ...options }: CommentOptions) => {
      process.exitCode = await converse("pull-requests: write", (github, settings) =>
        keepComment(github, settings, { ...options, text: readText(file) }),
      );
    });
}

/** Brings the comment in line with the text, and says in a sentence what was done. */
export async function keepComment(
  github: GitHub,
  settings: GitHubSettings,
  { text, pullRequest, deployment }: Omit<CommentOptions, "file"> & { readonly text: string },
): Promise<string> {
  const body = `${shortened(text, settings.runUrl)}\n\n${remember({ deployment })}\n`;
  const login = await github.login();
  const comments = await github.list(`/issues/${pullRequest}/comments`, commentSchema);
  const own = comments.find(
    (one) => one.user?.login === login && recall(one.body ?? null)?.deployment === deployment,
  );
  const written = await (own === undefined
    ? github.call("POST", `/issues/${pullRequest}/comments`, { body }, commentSchema)
    : github.call("PATCH", `/issues/comments/${own.id}`, { body }, commentSchema));
  return `${own === undefined ? "Wrote" : "Updated"} ${written.html_url}`;
}

/** @throws SettingsError when there is nothing to write */
function readText(file: string): string {
  try {
    const text = readFileSync(file, "utf8").trim();
    if (text !== "") {
      return text;
    }
  } catch (error) {
    throw new SettingsError(`--file ${file} can't be read (${(error as NodeJS.ErrnoException).code}).`);
  }
  throw new SettingsError(`--file ${file} is empty: what wrote it has failed.`);
}

/** Cuts it at the end of a line, and closes what stands open there; that it was cut is said at the beginning, where nothing hides it. */
function shortened(text: string, runUrl: string | undefined): string {
  if (text.length <= LONGEST_TEXT) {
    return text;
  }
  const kept = text.slice(0, text.lastIndexOf("\n", LONGEST_TEXT) + 1 || LONGEST_TEXT);
  const fence = openFence(kept);
  const where = runUrl === undefined ? "the run" : `[the run](${runUrl})`;
  return `*Cut after ${kept.length} of ${text.length} characters; all of it is with ${where}.*\n\n${kept}${fence && `\n${fence}`}`;
}

/** The fence of a block of code that the text ends in; empty when it ends in none. */
function openFence(text: string): string {
  let open = "";
  for (const [, fence = ""] of text.matchAll(/^ {0,3}(`{3,}|~{3,})/gm)) {
    open = open === "" ? fence : fence.startsWith(open) ? "" : open;
  }
  return open;
}
