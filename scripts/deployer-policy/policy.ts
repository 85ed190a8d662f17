/** From recorded permissions to the policy that grants them, and as little else as AWS lets a policy say. */
import type { ConditionContext } from "../../iam-policy/context";
import { literalPattern, matches } from "../../iam-policy/pattern";
import type { AccessRecord } from "../../local-aws";
import { type ArnForm, type Documented, documented, isDocumented } from "./reference";

/** A permission that is needed. */
export type Needed = Pick<AccessRecord, "action" | "resource" | "context">;

export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: { readonly StringEquals: Readonly<Record<string, string | readonly string[]>> };
}

export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Statement[];
}

/** What is known before anything is created. */
export interface Known {
  /** The synthesised configuration: a name that isn't in it was made by AWS. */
  readonly configuration: string;
  /** The tags that every resource carries: by them a resource is told whose name AWS makes. */
  readonly tags: Readonly<Record<string, string>>;
}

/** Characters that a managed policy may have, white space not counted: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export const MANAGED_POLICY_LIMIT = 6144;

/** Counts a policy's characters as IAM does. */
export function sizeOf(policy: PolicyDocument): number {
  return JSON.stringify(policy).length;
}

/** One action, on what and under which conditions it is granted. */
interface Grant {
  readonly action: string;
  readonly reads: boolean;
  readonly resources: readonly string[];
  /** Condition keys with the value that each must have. */
  readonly equals: Readonly<Record<string, string>>;
}

/**
 * Writes the statements that grant what is needed: names as they are, what AWS makes up as `*`, narrowed by the tags where it is changed
 * and AWS documents that the tags count, and a condition for each other documented key of the request, such as `iam:PassedToService`.
 *
 * @throws UndocumentedAccessError
 */
export async function policyFor(needed: readonly Needed[], known: Known): Promise<PolicyDocument> {
  const grants = await Promise.all(needed.map((one) => grantOf(one, known)));
  const used = new Map<string, number>();
  return {
    Version: "2012-10-17",
    Statement: gathered(grants).map(({ actions, reads, resources, equals }) => {
      const name = sid(actions, reads);
      const count = (used.get(name) ?? 0) + 1;
      used.set(name, count);
      return {
        Sid: count === 1 ? name : `${name}${count}`,
        Effect: "Allow",
        Action: actions,
        Resource: resources,
        ...(Object.keys(equals).length === 0 ? {} : { Condition: { StringEquals: equals } }),
      };
    }),
  };
}

async function grantOf({ action, resource, context }: Needed, known: Known): Promise<Grant> {
  const reference = await documented(action, resource);
  const { arns, named } = resourcesOf(reference.form, known);
  return {
    action,
    reads: reference.reads,
    resources: arns,
    equals: {
      ...requestConditions(reference, context),
      ...(named || reference.reads ? {} : tagConditions(reference, context, known)),
    },
  };
}

/** Variables that name no resource. */
const PLACE = ["${Partition}", "${Region}", "${Account}"];

/** The ARNs as a policy says them, and whether a name of this deployment's stands in them, so that nobody else's resource is meant. */
function resourcesOf(
  form: ArnForm | undefined,
  { configuration }: Known,
): { arns: string[]; named: boolean } {
  if (form === undefined) {
    return { arns: ["*"], named: false };
  }
  const isKnown = (value: string) => configuration.includes(value);
  // The id of a pool begins with its region.
  const parts = (value: string) => value.split(":").map((part) => (isKnown(part) ? part : "*"));
  const filled = form.values.reduce(
    (arn, { variable, value }) =>
      arn.replace(variable, () => (isKnown(value) ? value : parts(value).join(":"))),
    form.template,
  );
  const names = form.values.filter(({ variable }) => !PLACE.includes(variable));
  return {
    // A group with `:*` is what most actions are on, without it those on tags.
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
    arns: filled.includes(":log-group:") ? [filled, `${filled}:*`] : [filled],
    named: names.length > 0 && names.every(({ value }) => isKnown(value)),
  };
}

/** Keys that say what the request is about, such as the service to which a role is passed. */
function requestConditions(reference: Documented, context: ConditionContext): Record<string, string> {
  const pairs = Object.entries(context).filter(
    (pair): pair is [string, string] =>
      !/Tag(Keys$|\/)/.test(pair[0]) && typeof pair[1] === "string" && isDocumented(pair[0], reference),
  );
  return Object.fromEntries(pairs);
}

/** The tags that the resource has or, where it is only being made, gets. */
function tagConditions(
  reference: Documented,
  context: ConditionContext,
  { tags }: Known,
): Record<string, string> {
  for (const kind of ["aws:ResourceTag", "aws:RequestTag"]) {
    const pairs = Object.entries(tags).map(([key, value]) => [`${kind}/${key}`, value] as const);
    if (pairs.every(([key, value]) => context[key] === value && isDocumented(key, reference))) {
      return Object.fromEntries(pairs);
    }
  }
  return {};
}

interface Gathered {
  readonly actions: readonly string[];
  readonly reads: boolean;
  readonly resources: readonly string[];
  readonly equals: Readonly<Record<string, string>>;
}

/** One statement for all actions on the same resources under the same conditions, reading apart from changing. */
function gathered(grants: readonly Grant[]): Gathered[] {
  const byAction = groupBy(grants, ({ action, equals }) => JSON.stringify([action, equals]));
  const whole = byAction.map(([first, ...others]) => {
    const resources = [...new Set([first, ...others].flatMap((grant) => grant.resources))].sort();
    return { ...first, resources: resources.filter((one) => !coveredByAnother(one, resources)) };
  });
  const statements = groupBy(whole, ({ action, reads, resources, equals }) =>
    JSON.stringify([action.split(":")[0], reads, resources, equals]),
  );
  return statements
    .map((group) => ({ ...group[0], actions: group.map(({ action }) => action).sort() }))
    .sort((a, b) => order(a).localeCompare(order(b), "en"));
}

/** Services by the alphabet; in each what reads comes first. */
function order({ actions, reads, resources }: Gathered): string {
  return [actions[0]?.split(":")[0], reads ? 0 : 1, ...actions, ...resources].join(" ");
}

function coveredByAnother(resource: string, resources: readonly string[]): boolean {
  return resources.some((other) => other !== resource && matches(literalPattern(other), resource));
}

type NonEmpty<T> = [T, ...T[]];

function groupBy<T>(values: readonly T[], keyOf: (value: T) => string): NonEmpty<T>[] {
  const groups = new Map<string, NonEmpty<T>>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group === undefined) {
      groups.set(keyOf(value), [value]);
    } else {
      group.push(value);
    }
  }
  return [...groups.values()];
}

/** `IamPassRole` for one action, `LambdaRead` or `LambdaWrite` for several. */
function sid(actions: readonly string[], reads: boolean): string {
  const [service = "", action = ""] = (actions[0] ?? "").split(":");
  const name = actions.length === 1 ? action : reads ? "Read" : "Write";
  return [...service.split("-"), name]
    .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
    .join("");
}
