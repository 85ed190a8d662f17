/** Lambda: functions from uploaded zips, run in processes of their own. */
import type { Service } from "../service";
import { DeleteFunctionConcurrency, GetFunctionConcurrency, PutFunctionConcurrency } from "./concurrency";
import * as functionOperations from "./function-operations";
import { functionArn, functionIn } from "./functions";
import { Invoke } from "./invoke-operation";
import { AddPermission, GetPolicy, RemovePermission } from "./permissions";
import { ListTags, TagResource, UntagResource } from "./tags";
import * as updateOperations from "./update-operations";
import { ListVersionsByFunction, PublishVersion } from "./versions";

export const lambda: Service = {
  name: "lambda",
  protocol: "rest-json",
  validationErrorCode: "ValidationException",
  refusalErrorCode: "InvalidParameterValueException",
  faultCode: "ServiceException",
  resources: (account) =>
    Object.keys(account.state.lambda.functions).map((name) => functionArn(account, name)),
  tagsOf: ({ state }, arn) => state.lambda.functions[functionIn(arn)]?.tags,
  operations: {
    ...functionOperations,
    ...updateOperations,
    PublishVersion,
    ListVersionsByFunction,
    Invoke,
    AddPermission,
    GetPolicy,
    RemovePermission,
    PutFunctionConcurrency,
    GetFunctionConcurrency,
    DeleteFunctionConcurrency,
    ListTags,
    TagResource,
    UntagResource,
  },
};
