/** The execution role: Lambda only takes one that lets it in. */
import type { Account } from "../../account";
import { trustsService } from "../../authorize/trust";
import type { Permission } from "../service";
import { findRole } from "../sts/sessions";
import { CANNOT_ASSUME, invalidParameter } from "./failure";

export const LAMBDA = "lambda.amazonaws.com";

/** @throws ServiceError `InvalidParameterValueException` when the role is missing or doesn't trust Lambda */
export function requireAssumable(account: Account, roleArn: string): void {
  const role = findRole(account, roleArn);
  if (role === undefined) {
    account.decisions.note({
      kind: "trust",
      outcome: "refused",
      subject: `${LAMBDA} → sts:AssumeRole on ${roleArn}`,
      detail: ["there is no such role in this account"],
    });
    throw invalidParameter(CANNOT_ASSUME);
  }
  if (!trustsService(account, role, LAMBDA)) {
    throw invalidParameter(CANNOT_ASSUME);
  }
}

/** Whoever gives a function its role must be allowed to hand that role to Lambda. */
export function passRole(roleArn: string): Permission {
  return { action: "iam:PassRole", resource: roleArn, context: { "iam:PassedToService": LAMBDA } };
}
