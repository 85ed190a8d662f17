/** API Gateway's own IAM model: the action is the HTTP verb, the resource is the path of what the request is about. */
import type { LiveKind } from "../../account/live";
import { type Operation, operation, type Permission } from "../service";

type ControlPlaneOperation<Input> = Omit<Operation<Input>, "permission" | "http"> & {
  /** Method and path template, e.g. `PATCH /restapis/{restApiId}`: it makes the permission too. */
  readonly http: string;
  /** What the caller must be allowed to do besides, e.g. pass a role. */
  readonly alsoNeeds?: (input: Input) => Permission[];
};

/**
 * Declares an operation whose caller needs, say, `apigateway:PATCH` on `arn:aws:apigateway:us-east-1::/restapis/a1b2c3d4e5`.
 * The ARN is made from the template and the decoded parameters, never from the path as sent, which has many spellings.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagement.html
 */
export function controlPlaneOperation<Input>({
  alsoNeeds,
  ...definition
}: ControlPlaneOperation<Input>): Operation<Input> {
  const [verb, template = ""] = definition.http.split(/[ ?]/);
  return operation({
    ...definition,
    run(call) {
      if (verb !== "GET") {
        call.account.live.part(CHANGES).count += 1;
      }
      return definition.run(call);
    },
    permission: ({ account, input }) => [
      {
        action: `apigateway:${verb}`,
        resource: `arn:aws:apigateway:${account.region}::${filled(template, input)}`,
      },
      ...(alsoNeeds?.(input) ?? []),
    ],
  });
}

/** How often APIs may have been changed: what is derived from one stands until the next time. */
export const CHANGES: LiveKind<{ count: number }> = { make: () => ({ count: 0 }) };

/** Every input has its path's parameters as members; an ARN in a path is written encoded, as in `/tags/{resourceArn}`. */
function filled(template: string, input: unknown): string {
  const parameters = input as Readonly<Record<string, string>>;
  return template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parameters[name] as string));
}
