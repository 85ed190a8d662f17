/** What is read from Terraform's plan, and how it is told: no values, whatever Terraform thinks of them. */
import MarkdownIt from "markdown-it";
import { markdownReport, plainReport, verdict } from "../../../scripts/plan/plan-report";
import type { StackPlan } from "../../../scripts/plan/stack-plan";
import { readPlan } from "../../../scripts/plan/terraform-plan";

const SECRET = "correct-horse-battery-staple";

/** A change as Terraform writes it. */
function change(address: string, actions: string[], parts: object = {}, mode = "managed") {
  return {
    address,
    mode,
    type: "t",
    change: { actions, before: null, after: null, after_unknown: {}, ...parts },
  };
}

const PLAN = JSON.stringify({
  format_version: "1.2",
  prior_state: { values: { root_module: { resources: [{ mode: "managed", address: "t.kept" }] } } },
  resource_changes: [
    change("t.kept", ["no-op"]),
    change("t.new", ["create"], { after: { name: SECRET } }),
    change("t.gone", ["create"]),
    change("t.old", ["delete"], { before: { name: SECRET } }),
    change("t.moved", ["delete", "create"], {
      before: { id: "a", arn: "b" },
      after: { id: "c" },
      after_unknown: { arn: true },
    }),
    change("t.careful", ["create", "delete"], { before: { id: "a" }, after: { id: "b" } }),
    change("t.edited", ["update"], {
      before: { same: [1, { a: SECRET }], password: "old", tags: { a: "1" } },
      after: { same: [1, { a: SECRET }], password: SECRET, tags: { a: "1" } },
      after_unknown: { same: [false, {}], tags: { b: true } },
      after_sensitive: { password: true },
    }),
    change("data.t.read", ["read"], {}, "data"),
  ],
  resource_drift: [
    change("t.edited", ["update"], { before: { password: "older" }, after: { password: "old" } }),
    change("t.kept", ["update"], { before: { tags: null }, after: { tags: {} } }),
    // The provider reads it otherwise than it wrote it, which is not why it moves.
    change("t.moved", ["update"], { before: { tags: null }, after: { tags: {} } }),
    change("t.gone", ["delete"], { before: { id: "a" } }),
  ],
  output_changes: { url: { actions: ["update"] }, region: { actions: ["no-op"] } },
});

test("resources, what is done to each, and which of its attributes change", () => {
  expect(readPlan(PLAN)).toEqual({
    deployed: true,
    changes: [
      { address: "t.new", action: "create", attributes: [], drifted: false },
      { address: "t.gone", action: "create", attributes: [], drifted: true },
      { address: "t.old", action: "destroy", attributes: [], drifted: false },
      { address: "t.moved", action: "replace", attributes: ["arn", "id"], drifted: false },
      { address: "t.careful", action: "replace", attributes: ["id"], drifted: false },
      { address: "t.edited", action: "update", attributes: ["password", "tags"], drifted: true },
    ],
    outputs: ["url"],
  });
});

test.each([
  ["no state", {}],
  ["a state without values", { prior_state: {} }],
  ["a state without resources", { prior_state: { values: { outputs: {}, root_module: {} } } }],
  ["data sources alone", { prior_state: { values: { root_module: { resources: [{ mode: "data" }] } } } }],
])("%s: nothing is deployed", (_, plan) => {
  expect(readPlan(JSON.stringify(plan))).toEqual({ deployed: false, changes: [], outputs: [] });
});

const PLANS: readonly StackPlan[] = [
  { stack: "identity", outcome: "changed", text: "Terraform:\n```\nfenced\n```", ...readPlan(PLAN) },
  { stack: "api", outcome: "unchanged", deployed: true, changes: [], outputs: [] },
  { stack: "login", outcome: "waiting", waitsFor: ["identity"], resources: 9 },
  { stack: "verifier", outcome: "failed", text: "Error: no <credentials>" },
];

test("for a terminal: a line a stack and a change", () => {
  expect(plainReport(PLANS)).toBe(
    [
      "identity  2 to create, 1 to update, 2 to replace, 1 to destroy, 2 changed outside of Terraform, outputs: url",
      "  + create t.new",
      "  + create t.gone, changed outside of Terraform",
      "  - destroy t.old",
      "  ± replace t.moved (arn, id)",
      "  ± replace t.careful (id)",
      "  ~ update t.edited (password, tags), changed outside of Terraform",
      "api       no change",
      "login     cannot be planned before identity is applied, whose outputs it takes; it declares 9 resources",
      "verifier  could not be planned",
      "Error: no <credentials>",
    ].join("\n"),
  );
});

test("for GitHub: a table, and Terraform's words where something would change, as they are", () => {
  const html = new MarkdownIt({ html: true }).render(markdownReport(PLANS, "prod", "eu-central-1"));
  expect(html).toContain("<h2>Plan: 1 of 4 stacks could not be planned</h2>");
  expect(html).toContain("<td>no change</td>");
  expect(html).toContain("<code>Terraform:\n```\nfenced\n```\n</code>");
  expect(html).toContain("<code>Error: no &lt;credentials&gt;\n</code>");
  expect(html).not.toContain(SECRET);
});

test("in a few words", () => {
  const [changed, unchanged, waiting] = PLANS as [StackPlan, StackPlan, StackPlan];
  expect(verdict([unchanged])).toBe("no change in 1 stack");
  expect(verdict([changed, unchanged])).toBe("changes in 1 of 2 stacks");
  expect(verdict([unchanged, waiting])).toBe("changes in 1 of 2 stacks");
});
