/** `npm run github`: what a workflow tells people on GitHub of a verification or a plan: annotations, one issue, one comment. */
import { npmCommand } from "./command";
import { annotateCommand } from "./github/annotate";
import { commentCommand } from "./github/comment";
import { issueCommand } from "./github/issue";

void npmCommand(
  "github",
  "Shows on GitHub what the verification found: as annotations of the run, and as one issue while something fails. Comments a pull request.",
)
  .addCommand(annotateCommand())
  .addCommand(issueCommand())
  .addCommand(commentCommand())
  .parseAsync();
