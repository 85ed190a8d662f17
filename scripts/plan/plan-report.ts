/** Plans as people read them: lines for a terminal, Markdown for a pull request or a job's summary. */
import { fenced, folded, table } from "../../harness/reporting/markdown";
import type { StackPlan } from "./stack-plan";
import type { Action, ResourceChange } from "./terraform-plan";

const SIGN: Readonly<Record<Action, string>> = { create: "+", update: "~", replace: "±", destroy: "-" };

/** Writes what the terminal shows. */
export function plainReport(plans: readonly StackPlan[]): string {
  const width = Math.max(...plans.map(({ stack }) => stack.length));
  const lines = plans.flatMap((plan) => [
    `${plan.stack.padEnd(width)}  ${finding(plan)}`,
    ...("changes" in plan ? plan.changes.map((change) => `  ${describe(change)}`) : []),
    ...(plan.outcome === "failed" ? [plan.text] : []),
  ]);
  return lines.join("\n");
}

/** Writes the same with Terraform's own words folded away. */
export function markdownReport(plans: readonly StackPlan[], stage: string, region: string): string {
  const rows = plans.map((plan) => [plan.stack, finding(plan)]);
  const sections = plans.flatMap((plan) => {
    const changes = "changes" in plan ? plan.changes : [];
    const list = changes.map((change) => `- ${describe(change, (code) => `\`${code}\``)}`);
    const text =
      plan.outcome === "changed" || plan.outcome === "failed"
        ? [folded("Terraform's words", fenced(plan.text.trim())), ""]
        : [];
    return list.length + text.length === 0
      ? []
      : [`### ${plan.stack}`, "", ...list, ...(list.length > 0 ? [""] : []), ...text];
  });
  return [
    `## Plan: ${verdict(plans)}`,
    "",
    `Stage \`${stage}\` in \`${region}\`; nothing was applied.`,
    "",
    table(["Stack", "Finding"], rows),
    "",
    ...sections,
  ].join("\n");
}

/** Says in a few words what all plans come to. */
export function verdict(plans: readonly StackPlan[]): string {
  const counted = (...outcomes: StackPlan["outcome"][]) =>
    plans.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const all = `${plans.length} stack${plans.length === 1 ? "" : "s"}`;
  const failed = counted("failed");
  if (failed > 0) {
    return `${failed} of ${all} could not be planned`;
  }
  const changed = counted("changed", "waiting");
  return changed === 0 ? `no change in ${all}` : `changes in ${changed} of ${all}`;
}

function finding(plan: StackPlan): string {
  switch (plan.outcome) {
    case "unchanged":
      return "no change";
    case "failed":
      return "could not be planned";
    case "waiting":
      return `cannot be planned before ${plan.waitsFor.join(" and ")} is applied, whose outputs it takes; it declares ${plan.resources} resources`;
    case "changed": {
      const counts = (Object.keys(SIGN) as Action[]).flatMap((action) => {
        const count = plan.changes.filter((change) => change.action === action).length;
        return count === 0 ? [] : [`${count} to ${action}`];
      });
      const drifted = plan.changes.filter((change) => change.drifted).length;
      return [
        ...(plan.deployed ? [] : ["not deployed yet"]),
        ...counts,
        ...(drifted > 0 ? [`${drifted} changed outside of Terraform`] : []),
        ...(plan.outputs.length > 0 && plan.deployed ? [`outputs: ${plan.outputs.join(", ")}`] : []),
      ].join(", ");
    }
  }
}

function describe(
  { action, address, attributes, drifted }: ResourceChange,
  code: (text: string) => string = (text) => text,
): string {
  const changed = attributes.length > 0 ? ` (${attributes.join(", ")})` : "";
  return `${code(SIGN[action])} ${action} ${code(address)}${changed}${drifted ? ", changed outside of Terraform" : ""}`;
}
