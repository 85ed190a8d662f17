/** `npm run module`: takes modules of this project into another repository, and tells there how they grow old. */
import { npmCommand } from "./command";
import { copyCommand } from "./module/copy";
import { diffCommand } from "./module/diff";
import { exportTerraformCommand } from "./module/export-terraform";
import { listCommand } from "./module/list";
import { readmeCommand } from "./module/readme";

npmCommand(
  "module",
  "Copies files of this project that stand alone, and compares the copies with what they are here today; writes all of it as a Terraform module.",
)
  .addCommand(listCommand())
  .addCommand(copyCommand())
  .addCommand(diffCommand())
  .addCommand(exportTerraformCommand())
  .addCommand(readmeCommand())
  .parse();
