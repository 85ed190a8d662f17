/** A function's resource policy: which services and accounts may invoke it. Versions have none of their own here. */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { LambdaFunction, PermissionStatement } from "../../account/state/lambda";
import { refusedMember } from "../input";
import { operation } from "../service";
import { ServiceError } from "../service-error";
import { conflict, invalidParameter, notFound, staleRevision } from "./failure";
import { findFunction, functionArn, ofVersion, unqualifiedArn } from "./functions";

/** Bytes. @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAXIMUM_POLICY = 20 * 1024;

/** The policy as a document. */
export function policyDocument(fn: LambdaFunction): string {
  return JSON.stringify({ Version: "2012-10-17", Id: "default", Statement: fn.policy });
}

export const AddPermission = operation({
  http: "POST /2015-03-31/functions/{FunctionName}/policy",
  status: 201,
  input: ofVersion.extend({
    StatementId: z
      .string()
      .min(1)
      .max(100)
      .regex(/^[a-zA-Z0-9-_]+$/),
    Action: z
      .string()
      .max(10_000)
      .regex(/^(lambda:[*]|lambda:[a-zA-Z]+|[*])$/),
    Principal: z.string().regex(/^\S+$/),
    SourceArn: z
      .string()
      .max(10_000)
      .regex(
        /^arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9-])+:((?:eusc-)?[a-z]{2}(-gov)?-[a-z]+-\d{1})?:(\d{12})?:(.*)$/,
      )
      .optional(),
    SourceAccount: z
      .string()
      .regex(/^\d{12}$/)
      .optional(),
    PrincipalOrgID: refusedMember("there are no organisations here; leave it out"),
    EventSourceToken: refusedMember("there is no Alexa here; leave it out"),
    FunctionUrlAuthType: refusedMember("there are no function URLs here; leave it out"),
    InvokedViaFunctionUrl: z.boolean().optional(),
    RevisionId: z.string().optional(),
  }),
  permission: ({ account, input }) => ({
    resource: unqualifiedArn(account, input),
    context: { "lambda:Principal": input.Principal },
  }),
  run: ({ account, input }) => {
    const fn = findFunction(account, input);
    if (input.RevisionId !== undefined && input.RevisionId !== fn.policyRevisionId) {
      throw staleRevision();
    }
    if (fn.policy.some((statement) => statement.Sid === input.StatementId)) {
      throw conflict(
        `The statement id (${input.StatementId}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
      );
    }
    const conditions = {
      ...(input.SourceAccount && { StringEquals: { "AWS:SourceAccount": input.SourceAccount } }),
      ...(input.SourceArn && { ArnLike: { "AWS:SourceArn": input.SourceArn } }),
      // https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html; there are no function URLs here, so it allows nothing.
      ...(input.InvokedViaFunctionUrl && { Bool: { "lambda:InvokedViaFunctionUrl": "true" } }),
    };
    const statement: PermissionStatement = {
      Sid: input.StatementId,
      Effect: "Allow",
      Principal: principalElement(input.Principal),
      Action: input.Action,
      Resource: functionArn(account, fn.name),
      ...(Object.keys(conditions).length > 0 && { Condition: conditions }),
    };
    const policy = [...fn.policy, statement];
    if (Buffer.byteLength(policyDocument({ ...fn, policy })) > MAXIMUM_POLICY) {
      throw new ServiceError(
        "PolicyLengthExceededException",
        `The final policy size is bigger than the limit (${MAXIMUM_POLICY}).`,
        400,
        { Type: "User" },
      );
    }
    fn.policy = policy;
    fn.policyRevisionId = randomUUID();
    return { Statement: JSON.stringify(statement) };
  },
});

/** A service by its domain name, an account by its number or an ARN, or everybody. */
function principalElement(principal: string): PermissionStatement["Principal"] {
  if (principal === "*") {
    return "*";
  }
  if (/^\d{12}$/.test(principal)) {
    return { AWS: `arn:aws:iam::${principal}:root` };
  }
  if (principal.startsWith("arn:")) {
    return { AWS: principal };
  }
  if (/^[a-z0-9.-]+\.amazonaws\.com$/.test(principal)) {
    return { Service: principal };
  }
  throw invalidParameter("The provided principal was invalid. Please check the principal and try again.");
}

export const GetPolicy = operation({
  http: "GET /2015-03-31/functions/{FunctionName}/policy",
  input: ofVersion,
  permission: ({ account, input }) => ({ resource: unqualifiedArn(account, input) }),
  run: ({ account, input }) => {
    const fn = findFunction(account, input);
    if (fn.policy.length === 0) {
      throw notFound("The resource you requested does not exist.");
    }
    return { Policy: policyDocument(fn), RevisionId: fn.policyRevisionId };
  },
});

export const RemovePermission = operation({
  http: "DELETE /2015-03-31/functions/{FunctionName}/policy/{StatementId}",
  status: 204,
  input: ofVersion.extend({
    StatementId: z
      .string()
      .min(1)
      .max(100)
      .regex(/^[a-zA-Z0-9-_.]+$/),
    RevisionId: z.string().optional(),
  }),
  permission: ({ account, input }) => ({ resource: unqualifiedArn(account, input) }),
  run: ({ account, input }) => {
    const fn = findFunction(account, input);
    if (fn.policy.length === 0) {
      throw notFound("No policy is associated with the given resource.");
    }
    if (input.RevisionId !== undefined && input.RevisionId !== fn.policyRevisionId) {
      throw staleRevision();
    }
    const rest = fn.policy.filter((statement) => statement.Sid !== input.StatementId);
    if (rest.length === fn.policy.length) {
      throw notFound(`Statement ${input.StatementId} is not found in resource policy.`);
    }
    fn.policy = rest;
    fn.policyRevisionId = randomUUID();
  },
});
