/** Tags of functions. */
import { z } from "zod";
import type { Account } from "../../account";
import type { LambdaFunction } from "../../account/state/lambda";
import { mapOf } from "../input";
import { operation } from "../service";
import { MAXIMUM_TAGS, mergeTags } from "../tags";
import { invalidParameter } from "./failure";
import { findFunction, qualifierOf, unqualifiedArn } from "./functions";

const CHARACTERS = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const tagKey = z.string().min(1).max(128).regex(CHARACTERS);

export const tags = mapOf(tagKey, z.string().max(256).regex(CHARACTERS));

const ofResource = z.object({
  Resource: z
    .string()
    .min(1)
    .max(10_000)
    .regex(
      /^arn:aws[a-zA-Z-]*:lambda:(?:eusc-)?[a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\d:\d{12}:function:[a-zA-Z0-9-_]+(?::(?:\$LATEST|[a-zA-Z0-9-_]+))?$/,
    ),
});

/** The function that is tagged: versions can't be. */
function findTagged(account: Account, { Resource }: z.infer<typeof ofResource>): LambdaFunction {
  if (qualifierOf({ FunctionName: Resource }) !== undefined) {
    throw invalidParameter(
      "Tags on function aliases and versions are not supported. Please specify a function ARN.",
    );
  }
  return findFunction(account, { FunctionName: Resource });
}

export const ListTags = operation({
  http: "GET /2017-03-31/tags/{Resource}",
  input: ofResource,
  permission: ({ account, input }) => ({
    resource: unqualifiedArn(account, { FunctionName: input.Resource }),
  }),
  run: ({ account, input }) => ({ Tags: findTagged(account, input).tags }),
});

export const TagResource = operation({
  http: "POST /2017-03-31/tags/{Resource}",
  status: 204,
  input: ofResource.extend({ Tags: tags }),
  permission: ({ account, input }) => ({
    resource: unqualifiedArn(account, { FunctionName: input.Resource }),
  }),
  run: ({ account, input }) => {
    const fn = findTagged(account, input);
    // https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html
    const tooMany = () => invalidParameter(`A function can have at most ${MAXIMUM_TAGS} tags.`);
    fn.tags = mergeTags(fn.tags, input.Tags, tooMany);
  },
});

export const UntagResource = operation({
  http: "DELETE /2017-03-31/tags/{Resource}",
  status: 204,
  input: ofResource.extend({
    tagKeys: z.preprocess((keys) => (typeof keys === "string" ? [keys] : keys), z.array(tagKey)),
  }),
  permission: ({ account, input }) => ({
    resource: unqualifiedArn(account, { FunctionName: input.Resource }),
  }),
  run: ({ account, input }) => {
    const fn = findTagged(account, input);
    for (const key of input.tagKeys) {
      delete fn.tags[key];
    }
  },
});
