/** The operations that local AWS has and the members it doesn't honour, as tables in FIDELITY.md: `npm run fidelity` writes them. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { SERVICES } from "../local-aws/services";
import { declaredMembers } from "../local-aws/services/input";

export const FIDELITY_FILE = path.join(__dirname, "../local-aws/FIDELITY.md");

const OPERATIONS = [
  "<!-- operations: written by `npm run fidelity` -->",
  "<!-- end of operations -->",
] as const;
const MEMBERS = ["<!-- members: written by `npm run fidelity` -->", "<!-- end of members -->"] as const;

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
  return between(between(text, OPERATIONS, operationTable()), MEMBERS, memberTable());
}

function between(text: string, [first, last]: readonly [string, string], table: string): string {
  const start = text.indexOf(first);
  const end = text.indexOf(last);
  if (start < 0 || end < start) {
    throw new Error(`${FIDELITY_FILE} lacks the marks around a table: ${first} … ${last}`);
  }
  return `${text.slice(0, start + first.length)}\n\n${table}\n\n${text.slice(end)}`;
}

if (require.main === module) {
  writeFileSync(FIDELITY_FILE, withOperations(readFileSync(FIDELITY_FILE, "utf8")));
}
