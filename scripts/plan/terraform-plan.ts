/** What Terraform's plan of one stack says, as far as a reader has to know it: which resources, what is done to them, and why. */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";

/** What is done to a resource. */
export type Action = "create" | "update" | "replace" | "destroy";

/** A resource that would not stay as it is. */
export interface ResourceChange {
  readonly address: string;
  readonly action: Action;
  /** Attributes that would change, by name only: values can be secret. */
  readonly attributes: readonly string[];
  /** Whether it would change since it is no longer what Terraform left there: somebody changed or deleted it by other means. */
  readonly drifted: boolean;
}

/** A plan that Terraform made. */
export interface TerraformPlan {
  /** Whether the state holds any resource. */
  readonly deployed: boolean;
  readonly changes: readonly ResourceChange[];
  /** Outputs that would change, by name. */
  readonly outputs: readonly string[];
}

const attributes = z.record(z.string(), z.unknown()).nullish();
const change = z.object({
  address: z.string(),
  mode: z.string(),
  change: z.object({
    actions: z.array(z.string()),
    before: attributes,
    after: attributes,
    after_unknown: attributes,
  }),
});

/** https://developer.hashicorp.com/terraform/internals/json-format#plan-representation */
const planSchema = z.object({
  prior_state: z
    .object({
      values: z
        .object({
          root_module: z.object({ resources: z.array(z.object({ mode: z.string() })).optional() }).optional(),
        })
        .optional(),
    })
    .optional(),
  resource_changes: z.array(change).default([]),
  resource_drift: z.array(change).default([]),
  output_changes: z.record(z.string(), z.object({ actions: z.array(z.string()) })).default({}),
});

/** Reads what `terraform show -json PLANFILE` printed. */
export function readPlan(json: string): TerraformPlan {
  const plan = planSchema.parse(JSON.parse(json));
  const drift = new Map(plan.resource_drift.map(({ address, change }) => [address, change]));
  const resources = plan.prior_state?.values?.root_module?.resources ?? [];
  return {
    deployed: resources.some(({ mode }) => mode === "managed"),
    changes: plan.resource_changes.flatMap((resource) => {
      const { address, mode } = resource;
      const action = actionOf(resource.change.actions);
      if (action === undefined || mode !== "managed") {
        return [];
      }
      const attributes =
        action === "update" || action === "replace" ? changedAttributes(resource.change) : [];
      return [{ address, action, attributes, drifted: explains(drift.get(address), attributes) }];
    }),
    outputs: Object.entries(plan.output_changes).flatMap(([name, { actions }]) =>
      actionOf(actions) === undefined ? [] : [name],
    ),
  };
}

function actionOf(actions: readonly string[]): Action | undefined {
  const [creates, deletes] = [actions.includes("create"), actions.includes("delete")];
  if (creates && deletes) {
    return "replace";
  }
  return creates ? "create" : deletes ? "destroy" : actions.includes("update") ? "update" : undefined;
}

/**
 * Whether the drift is why Terraform would change these attributes. It lists more: what the provider reads after the apply otherwise than
 * it wrote it (`tags` that are empty, a role's `inline_policy`) counts as drift, and makes no change.
 */
function explains(
  drift: z.infer<typeof change>["change"] | undefined,
  attributes: readonly string[],
): boolean {
  return (
    drift !== undefined &&
    (actionOf(drift.actions) === "destroy" ||
      changedAttributes(drift).some((name) => attributes.includes(name)))
  );
}

function changedAttributes({ before, after, after_unknown }: z.infer<typeof change>["change"]): string[] {
  const names = new Set([before, after, after_unknown].flatMap((values) => Object.keys(values ?? {})));
  return [...names]
    .filter((name) => hasUnknown(after_unknown?.[name]) || !isDeepStrictEqual(before?.[name], after?.[name]))
    .sort();
}

/** Whether a part of the value is known after the apply only: `true` stands for it, at any depth. */
function hasUnknown(value: unknown): boolean {
  return (
    value === true || (typeof value === "object" && value !== null && Object.values(value).some(hasUnknown))
  );
}
