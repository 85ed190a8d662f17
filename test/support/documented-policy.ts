/** Whether AWS's Service Authorization Reference has all that a policy says. */
import type { PolicyDocument } from "../../scripts/deployer-policy/policy";
import { documented, isDocumented } from "../../scripts/deployer-policy/reference";

/** Every action must exist, be on a resource of that form, or on none and therefore `*`, and take the condition keys. */
export async function expectDocumented({ Statement }: PolicyDocument): Promise<void> {
  for (const { Sid, Action, Resource, Condition } of Statement) {
    for (const action of Action) {
      for (const resource of Resource) {
        const reference = await documented(action, resource);
        const keys = Object.keys(Condition?.StringEquals ?? {});
        expect({
          Sid,
          action,
          onAnything: resource === "*",
          undocumented: keys.filter((key) => !isDocumented(key, reference)),
        }).toEqual({ Sid, action, onAnything: reference.form === undefined, undocumented: [] });
      }
    }
  }
}
