/** `npm run module -- copy`: writes a module's files into another project, and says what they need there. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Argument, type Command, InvalidArgumentError } from "commander";
import { ENDINGS } from "../../harness";
import { subcommand } from "../command";
import { type CopyableModule, copyableModules, sourceOf } from "./catalog";
import { asCopy, readCopy, stateOf } from "./copied-file";
import { givenDirectory } from "./given-directory";
import { requiredPackages } from "./required-packages";

export function copyCommand(): Command {
  return subcommand(
    "copy",
    "Copies a module's files, each with a line at its beginning that says what it is a copy of.",
  )
    .addArgument(
      new Argument("<NAME>", "the module, one of those that list describes").argParser(moduleCalled),
    )
    .argument("<DIR>", "where to", givenDirectory)
    .option("--force", "write over files that are there")
    .addHelpText(
      "after",
      `
Exit codes: 0 copied; 1 a file is there already, and nothing was written; 2 wrong usage.`,
    )
    .action((module: CopyableModule, directory: string, { force = false }: { force?: boolean }) => {
      process.exitCode = copy(module, directory, force);
    });
}

/** @throws InvalidArgumentError naming those that there are */
function moduleCalled(name: string): CopyableModule {
  const modules = copyableModules();
  const found = modules.find((one) => one.name === name);
  if (found === undefined) {
    throw new InvalidArgumentError(`Take one of ${modules.map((one) => one.name).join(", ")}.`);
  }
  return found;
}

function copy(module: CopyableModule, directory: string, force: boolean): number {
  const files = module.files.map((file) => ({
    source: `${module.folder}/${file}`,
    target: path.join(directory, file),
  }));
  const there = files.filter(({ target }) => existsSync(target));
  if (there.length > 0 && !force) {
    for (const { target, source } of there) {
      console.error(`${target} is there already${remark(target, source)}.`);
    }
    console.error(
      "Nothing was written. See with `npm run module -- diff DIR` what differs; --force writes over it.",
    );
    return ENDINGS.failed.code;
  }
  for (const { source, target } of files) {
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, asCopy(source));
    console.log(target);
  }
  console.log(needs(files.map(({ source }) => sourceOf(source))));
  if (module.folder === "web") {
    console.log(`\nIts tsconfig.json needs "lib": ["es2022", "dom"] or later.`);
  }
  return ENDINGS.passed.code;
}

/** What would be lost. */
function remark(target: string, source: string): string {
  const copied = readCopy(readFileSync(target, "utf8"));
  return copied === undefined ? ", and no copy" : ` (${stateOf(copied, sourceOf(source))})`;
}

function needs(sources: readonly string[]): string {
  const { dependencies, devDependencies } = requiredPackages(sources);
  const lines = [
    "",
    "It needs, at the versions with which it is tested:",
    ...(dependencies.length > 0 ? [`  npm install --save-exact ${dependencies.join(" ")}`] : []),
    ...(devDependencies.length > 0
      ? [`  npm install --save-dev --save-exact ${devDependencies.join(" ")}`]
      : []),
  ];
  if (devDependencies.some((one) => one.startsWith("@types/node@"))) {
    lines.push("", `With TypeScript 6 or later, tsconfig.json has to name Node's types: "types": ["node"].`);
  }
  if (dependencies.some((one) => one.startsWith("@cdktf/provider-aws@"))) {
    lines.push(
      "",
      "These bindings make Terraform ask for exactly the hashicorp/aws that they were made from. Where a mirror has another, say so",
      "in the stack, after its AwsProvider:",
      '  stack.addOverride("terraform.required_providers.aws", { source: "hashicorp/aws", version: ">= 5.100.0" });',
    );
  }
  return lines.join("\n");
}
