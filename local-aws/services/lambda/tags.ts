/** Tags of functions. */
import { z } from "zod";
import { operation } from "../../service";
import { invalidParameter } from "./failure";
import { findFunction } from "./functions";

/** @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html */
const MAXIMUM_TAGS = 50;

export const tags = z.record(z.string().min(1).max(128), z.string().max(256));

const ofResource = z.object({
  Resource: z
    .string()
    .max(256)
    .regex(/^arn:aws[a-zA-Z-]*:lambda:[a-z]{2}(-gov|-iso[a-z]?)?-[a-z]+-\d:\d{12}:function:[a-zA-Z0-9-_]+$/),
});

export const ListTags = operation({
  http: "GET /2017-03-31/tags/{Resource}",
  input: ofResource,
  permission: ({ input }) => ({ resource: input.Resource }),
  run: ({ account, input }) => ({ Tags: findFunction(account, { FunctionName: input.Resource }).tags }),
});

export const TagResource = operation({
  http: "POST /2017-03-31/tags/{Resource}",
  status: 204,
  input: ofResource.extend({ Tags: tags }),
  permission: ({ input }) => ({ resource: input.Resource }),
  run: ({ account, input }) => {
    const fn = findFunction(account, { FunctionName: input.Resource });
    const merged = { ...fn.tags, ...input.Tags };
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
  permission: ({ input }) => ({ resource: input.Resource }),
  run: ({ account, input }) => {
    const fn = findFunction(account, { FunctionName: input.Resource });
    for (const key of input.tagKeys) delete fn.tags[key];
  },
});
