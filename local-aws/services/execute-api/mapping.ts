/** Mapping expressions: where a response header's value comes from. */

import { queryValues } from "../../read/values-by-name";
import type { ApiCall, RoutedCall } from "./api-call";
import { headersByName, headerValue } from "./parameters";
import { contextVariable } from "./request-context";

/**
 * The value of a mapping expression: a literal in single quotes, `method.request.…`, `context.…` or `stageVariables.…`;
 * undefined when the request has nothing for it, and then the header is left out.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html
 */
export function mappedValue(expression: string, call: ApiCall | RoutedCall): string | undefined {
  const literal = /^'(.*)'$/s.exec(expression);
  if (literal) {
    return literal[1];
  }
  const [, source, name] = /^(method\.request\.[a-z]+|context|stageVariables)\.(.+)$/.exec(expression) ?? [];
  if (source === undefined || name === undefined) {
    return undefined;
  }
  switch (source) {
    case "context":
      return contextVariable(call.context, name);
    case "stageVariables":
      return call.stage.variables?.[name];
    case "method.request.header":
      return headerValue(call.request, name);
    case "method.request.multivalueheader":
      return headersByName(call.request.headers)[name]?.join(",");
    case "method.request.querystring":
      return queryValues(call.request.query)[name]?.at(-1);
    case "method.request.multivaluequerystring":
      return queryValues(call.request.query)[name]?.join(",");
    case "method.request.path":
      return "route" in call ? call.route.pathParameters[name] : undefined;
    default:
      return undefined;
  }
}
