/** The operations that local AWS has, as the table in FIDELITY.md. `npm run fidelity` writes it there. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { SERVICES } from "./identify";

export const FIDELITY_FILE = path.join(__dirname, "FIDELITY.md");

const START = "<!-- operations: written by `npm run fidelity` -->";
const END = "<!-- end of operations -->";

function operationTable(): string {
  const rows = SERVICES.map(({ name, protocol, operations }) => {
    const names = Object.entries(operations)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([operation, { permission }]) => `\`${operation}\`${permission === "unsigned" ? "°" : ""}`);
    return `| ${name} | ${protocol} | ${names.join(", ")} |`;
  });
  return ["| service | protocol | operations (° takes no signature) |", "|---|---|---|", ...rows].join("\n");
}

/** The text of FIDELITY.md with its table of operations as it should be. */
export function withOperations(text: string): string {
  const start = text.indexOf(START);
  const end = text.indexOf(END);
  if (start < 0 || end < start)
    throw new Error(`${FIDELITY_FILE} lacks the marks around its table of operations: ${START} … ${END}`);
  return `${text.slice(0, start + START.length)}\n\n${operationTable()}\n\n${text.slice(end)}`;
}

if (require.main === module) {
  writeFileSync(FIDELITY_FILE, withOperations(readFileSync(FIDELITY_FILE, "utf8")));
}
