/** Reserved concurrency: how many invocations of a function may run at the same time; none at all when it is zero. */
import { z } from "zod";
import { operation } from "../service";
import { invalidParameter } from "./failure";
import { findFunction, functionName, unqualifiedArn } from "./functions";

/** @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html */
const ACCOUNT_LIMIT = 1000;
const UNRESERVED_MINIMUM = 100;

const ofFunction = z.object({ FunctionName: functionName });

export const PutFunctionConcurrency = operation({
  http: "PUT /2017-10-31/functions/{FunctionName}/concurrency",
  input: ofFunction.extend({ ReservedConcurrentExecutions: z.number().int().min(0) }),
  permission: ({ account, input }) => ({ resource: unqualifiedArn(account, input) }),
  run: ({ account, input }) => {
    const fn = findFunction(account, input);
    const reservedByOthers = Object.values(account.state.lambda.functions)
      .filter((other) => other !== fn)
      .reduce((sum, other) => sum + (other.reservedConcurrency ?? 0), 0);
    if (ACCOUNT_LIMIT - reservedByOthers - input.ReservedConcurrentExecutions < UNRESERVED_MINIMUM) {
      throw invalidParameter(
        `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${UNRESERVED_MINIMUM}].`,
      );
    }
    fn.reservedConcurrency = input.ReservedConcurrentExecutions;
    return { ReservedConcurrentExecutions: fn.reservedConcurrency };
  },
});

export const GetFunctionConcurrency = operation({
  http: "GET /2019-09-30/functions/{FunctionName}/concurrency",
  input: ofFunction,
  permission: ({ account, input }) => ({ resource: unqualifiedArn(account, input) }),
  run: ({ account, input }) => ({
    ReservedConcurrentExecutions: findFunction(account, input).reservedConcurrency,
  }),
});

export const DeleteFunctionConcurrency = operation({
  http: "DELETE /2017-10-31/functions/{FunctionName}/concurrency",
  status: 204,
  input: ofFunction,
  permission: ({ account, input }) => ({ resource: unqualifiedArn(account, input) }),
  run: ({ account, input }) => {
    delete findFunction(account, input).reservedConcurrency;
  },
});
