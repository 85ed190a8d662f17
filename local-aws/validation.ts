/** Constraint violations in the words of AWS's services: `1 validation error detected: Value … at … failed to satisfy constraint: …`. */
import type { ZodError } from "zod";
import { ServiceError } from "./errors";

type Issue = ZodError["issues"][number];

/** The error that a service answers for an input that breaks its model. Values are left out: they may be secrets. */
export function validationError(code: string, error: ZodError): ServiceError {
  const details = error.issues.map(
    (issue) => `Value at '${memberPath(issue)}' failed to satisfy constraint: ${constraint(issue)}`,
  );
  const count = details.length;
  return new ServiceError(
    code,
    `${count} validation error${count === 1 ? "" : "s"} detected: ${details.join("; ")}`,
  );
}

/** Members are named as in the service model's Java form: lower camel case, joined by dots. */
function memberPath(issue: Issue): string {
  return issue.path
    .map((part) => String(part).replace(/^[A-Z](?![A-Z])/, (first) => first.toLowerCase()))
    .join(".");
}

function constraint(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.message.endsWith("received undefined")
        ? "Member must not be null"
        : `Member must be of type ${issue.expected}`;
    case "invalid_format":
      return "pattern" in issue && issue.pattern
        ? `Member must satisfy regular expression pattern: ${issue.pattern.replace(/^\/\^?|\$?\/\w*$/g, "")}`
        : `Member must be a valid ${issue.format}`;
    case "too_small":
      return issue.origin === "number"
        ? `Member must have value greater than or equal to ${issue.minimum}`
        : `Member must have length greater than or equal to ${issue.minimum}`;
    case "too_big":
      return issue.origin === "number"
        ? `Member must have value less than or equal to ${issue.maximum}`
        : `Member must have length less than or equal to ${issue.maximum}`;
    case "invalid_value":
      return `Member must satisfy enum value set: [${issue.values.map(String).join(", ")}]`;
    default:
      return issue.message;
  }
}
