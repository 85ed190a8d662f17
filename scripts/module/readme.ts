/** `npm run module -- readme`: writes the tables of props in stacks/modules/README.md, out of the modules' own comments. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import type { Command } from "commander";
import { subcommand } from "../command";
import { withGeneratedPart } from "../generated-part";
import { copyableModules, STACK_MODULES, sourceOf } from "./catalog";
import { type DocumentedInterface, documentedInterfaces } from "./documented-props";

const README = `${STACK_MODULES}/README.md`;

export function readmeCommand(): Command {
  return subcommand("readme", `Writes the tables of props in ${README} (for work on this project).`).action(
    () => {
      writeFileSync(path.join(__dirname, "..", "..", README), withProps(sourceOf(README)));
    },
  );
}

/** The text of the page with its tables as they should be. */
export function withProps(text: string): string {
  const sections = copyableModules()
    .filter(({ folder }) => folder === STACK_MODULES)
    .map(({ name, description, folder, files }) => {
      const interfaces = documentedInterfaces(sourceOf(`${folder}/${files[0]}`));
      // What a construct is given comes before what it is made of.
      const isOfProps = (one: DocumentedInterface) => Number(one.name.endsWith("Props"));
      const tables = interfaces.sort((one, other) => isOfProps(other) - isOfProps(one)).map(table);
      return [`## ${name}`, description, ...tables].join("\n\n");
    });
  return withGeneratedPart(
    text,
    { name: "props", command: "npm run module -- readme" },
    sections.join("\n\n"),
    README,
  );
}

function table({ name, text, props }: DocumentedInterface): string {
  const rows = props.map((prop) =>
    [
      `\`${prop.name}\``,
      `\`${cell(prop.type)}\``,
      prop.required ? "**required**" : defaultOf(prop.byDefault),
      cell(prop.text),
    ].join(" | "),
  );
  return [
    `\`${name}\`: ${text}`,
    "",
    "| prop | type | default | |",
    "|---|---|---|---|",
    ...rows.map((row) => `| ${row} |`),
  ].join("\n");
}

/** By JSDoc's convention, what begins with a hyphen is prose; else it begins with a value. */
function defaultOf(byDefault = ""): string {
  const prose = /^- (.*)$/.exec(byDefault)?.[1];
  return cell(prose ?? byDefault.replace(/^("[^"]*"|\S+)/, "`$1`"));
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
