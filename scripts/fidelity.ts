/** The operations that local AWS has and the members it doesn't honour, as tables in FIDELITY.md: `npm run fidelity` writes them. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { SERVICES } from "../local-aws/services";
import { declaredMembers } from "../local-aws/services/input";
import { withGeneratedPart } from "./generated-part";

export const FIDELITY_FILE = path.join(__dirname, "../local-aws/FIDELITY.md");

const command = "npm run fidelity";

function operationTable(): string {
  const rows = SERVICES.map(({ name, protocol, operations }) => {
    const names = Object.entries(operations)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([operation, { permission }]) => `\`${operation}\`${permission === "unsigned" ? "°" : ""}`);
    return `| ${name} | ${protocol} | ${names.join(", ")} |`;
  });
  return ["| service | protocol | operations (° takes no signature) |", "|---|---|---|", ...rows].join("\n");
}

/** The members that no operation honours: one row for a member that several operations refuse or ignore alike. */
function memberTable(): string {
  const rows = new Map<string, string[]>();
  for (const { name, operations } of SERVICES) {
    for (const [operation, { input }] of Object.entries(operations)) {
      for (const { path: member, kind, reason } of declaredMembers(input)) {
        if (kind === "read") {
          continue;
        }
        const row = `| ${name} | \`${member}\` | ${kind} | ${reason} |`;
        rows.set(row, [...(rows.get(row) ?? []), operation]);
      }
    }
  }
  return [
    "| service | member | | why, or what to do | operations |",
    "|---|---|---|---|---|",
    ...[...rows].map(([row, operations]) => `${row} ${operations.join(", ")} |`),
  ].join("\n");
}

/** The text of FIDELITY.md with its tables of operations and members as they should be. */
export function withOperations(text: string): string {
  const withTable = withGeneratedPart(text, { name: "operations", command }, operationTable(), FIDELITY_FILE);
  return withGeneratedPart(withTable, { name: "members", command }, memberTable(), FIDELITY_FILE);
}

if (require.main === module) {
  writeFileSync(FIDELITY_FILE, withOperations(readFileSync(FIDELITY_FILE, "utf8")));
}
