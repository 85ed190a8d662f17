/** CloudWatch Logs: groups, streams and events, so that a function's and an API's logs can be read. */
import type { Service } from "../service";
import * as groupOperations from "./group-operations";
import { groupOf, logGroupArn, logGroupIn } from "./groups";
import * as readingOperations from "./reading-operations";
import * as streamOperations from "./stream-operations";

export const logs: Service = {
  name: "logs",
  protocol: "json-1.1",
  targetPrefix: "Logs_20140328",
  validationErrorCode: "InvalidParameterException",
  refusalErrorCode: "InvalidParameterException",
  resources: (account) => Object.keys(account.state.logs.groups).map((name) => logGroupArn(account, name)),
  tagsOf: (account, arn) => groupOf(account, logGroupIn(arn))?.tags,
  operations: { ...groupOperations, ...streamOperations, ...readingOperations },
};
