/** API Gateway's settings for the whole account: the role that may write its logs. */
import { z } from "zod";
import type { Account } from "../../account";
import type { ApiGatewayState } from "../../account/state/apigateway";
import { trustsService } from "../../authorize/trust";
import type { Permission } from "../service";
import { findRole } from "../sts/sessions";
import { controlPlaneOperation } from "./control-plane";
import { badRequest } from "./failure";
import { DEFAULT_SETTING } from "./method-setting";
import { type Patchable, patched, patchInput, text } from "./patch";

type Settings = Pick<ApiGatewayState, "cloudwatchRoleArn">;

export const getAccount = controlPlaneOperation({
  http: "GET /account",
  input: z.object({}),
  run: ({ account }) => accountOutput(account),
});

export const updateAccount = controlPlaneOperation({
  http: "PATCH /account",
  alsoNeeds: passedRoles,
  input: z.object(patchInput),
  run({ account, input }) {
    const { cloudwatchRoleArn } = patched<Settings>(
      { cloudwatchRoleArn: account.state.apiGateway.cloudwatchRoleArn },
      input.patchOperations,
      PATCHABLE,
    );
    if (cloudwatchRoleArn) {
      checkTrust(account, cloudwatchRoleArn);
    }
    account.state.apiGateway.cloudwatchRoleArn = cloudwatchRoleArn || undefined;
    return accountOutput(account);
  },
});

/** @see https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateAccount-Patch */
const PATCHABLE: Patchable<Settings> = { cloudwatchRoleArn: text("cloudwatchRoleArn") };

/** Whoever hands API Gateway a role must be allowed to pass it. */
function passedRoles({ patchOperations }: z.infer<z.ZodObject<typeof patchInput>>): Permission[] {
  return patchOperations
    .filter(({ op, path, value }) => op !== "remove" && path === "/cloudwatchRoleArn" && value)
    .map(({ value }) => ({
      action: "iam:PassRole",
      resource: value ?? "",
      context: { "iam:PassedToService": "apigateway.amazonaws.com" },
    }));
}

/** API Gateway takes a role only when it can assume it. */
function checkTrust(account: Account, roleArn: string): void {
  const role = findRole(account, roleArn);
  if (role && trustsService(account, role, "apigateway.amazonaws.com")) {
    return;
  }
  throw badRequest(
    "The role ARN does not have required permissions configured. Please grant trust permission for API Gateway and add the required role policy.",
  );
}

function accountOutput({ state }: Account) {
  return {
    cloudwatchRoleArn: state.apiGateway.cloudwatchRoleArn,
    throttleSettings: {
      burstLimit: DEFAULT_SETTING.throttlingBurstLimit,
      rateLimit: DEFAULT_SETTING.throttlingRateLimit,
    },
    features: ["UsagePlans"],
    apiKeyVersion: "4",
  };
}
