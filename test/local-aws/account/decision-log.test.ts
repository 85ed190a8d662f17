/** What a client writes into a decision: it forges no lines of the log and fills no memory. */
import { DecisionLog } from "../../../local-aws/account/decision-log";

const NOW = new Date("2026-01-02T03:04:05Z");

function newLog() {
  const lines: string[] = [];
  return {
    lines,
    decisions: new DecisionLog(
      () => NOW,
      (line) => lines.push(line),
      false,
    ),
  };
}
const refusal = (subject: string, ...detail: string[]) => ({
  kind: "access",
  outcome: "refused" as const,
  subject,
  detail,
});

test("line breaks and control characters are escaped where a decision is read as text", () => {
  const { lines, decisions } = newLog();
  decisions.note(refusal("role/a\nallowed (access): root", "b\r\u001b[2J\u2028c\u0085d\u202ee", "two"));
  expect(lines).toEqual([
    "refused (access): role/a\\u000aallowed (access): root\n  b\\u000d\\u001b[2J\\u2028c\\u0085d\\u202ee\n  two",
  ]);
  expect(decisions.last()[0]?.subject).toBe("role/a\nallowed (access): root");
});

test("a decision is as long as a page at most", () => {
  const { decisions } = newLog();
  decisions.note(refusal("s".repeat(70_000), ...Array.from({ length: 5000 }, () => "d".repeat(70_000))));
  const [record] = decisions.last();
  expect(record?.subject).toBe(`${"s".repeat(2000)}… (70000 characters)`);
  expect(record?.detail).toHaveLength(101);
  expect(record?.detail.at(-1)).toBe("… (5000 lines)");
  expect(JSON.stringify(record).length).toBeLessThan(250_000);
});
