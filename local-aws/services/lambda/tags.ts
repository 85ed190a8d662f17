/** Tags of functions. */
import { z } from "zod";
import { dictionary } from "../../dictionary";
import { operation } from "../../service";
import { mapOf } from "../../validation";
import { invalidParameter } from "./failure";
import { findFunction, wholeArn } from "./functions";

/** @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html */
const MAXIMUM_TAGS = 50;

export const tags = mapOf(z.string().min(1).max(128), z.string().max(256));

const ofResource = z.object({
  Resource: z
    .string()
    .max(256)
    .regex(
      /^arn:aws[a-zA-Z-]*:lambda:(?:eusc-)?[a-z]{2}(-gov|-iso[a-z]?)?-[a-z]+-\d:\d{12}:function:[a-zA-Z0-9-_]+$/,
    ),
});

export const ListTags = operation({
  http: "GET /2017-03-31/tags/{Resource}",
  input: ofResource,
  permission: ({ account, input }) => ({ resource: wholeArn(account, { FunctionName: input.Resource }) }),
  run: ({ account, input }) => ({ Tags: findFunction(account, { FunctionName: input.Resource }).tags }),
});

export const TagResource = operation({
  http: "POST /2017-03-31/tags/{Resource}",
  status: 204,
  input: ofResource.extend({ Tags: tags }),
  permission: ({ account, input }) => ({ resource: wholeArn(account, { FunctionName: input.Resource }) }),
  run: ({ account, input }) => {
    const fn = findFunction(account, { FunctionName: input.Resource });
    const merged = dictionary([...Object.entries(fn.tags), ...Object.entries(input.Tags)]);
    if (Object.keys(merged).length > MAXIMUM_TAGS) {
      throw invalidParameter(`A function can have at most ${MAXIMUM_TAGS} tags.`);
    }
    fn.tags = merged;
  },
});

export const UntagResource = operation({
  http: "DELETE /2017-03-31/tags/{Resource}",
  status: 204,
  input: ofResource.extend({ tagKeys: z.union([z.string().transform((key) => [key]), z.array(z.string())]) }),
  permission: ({ account, input }) => ({ resource: wholeArn(account, { FunctionName: input.Resource }) }),
  run: ({ account, input }) => {
    const fn = findFunction(account, { FunctionName: input.Resource });
    for (const key of input.tagKeys) delete fn.tags[key];
  },
});
