/** Tags of APIs and stages, addressed by the ARN of what they are on. */
import { z } from "zod";
import type { Account } from "../../account";
import { operation } from "../../service";
import { badRequest, notFound } from "./failure";
import { findRestApi, findStage } from "./lookup";
import { controlPlanePermission } from "./permission";

/** API reference: TagResource. */
const MAXIMUM_TAGS = 50;

const address = { resourceArn: z.string() };

export const tagResource = operation({
  http: "PUT /tags/{resourceArn}",
  status: 204,
  permission: controlPlanePermission,
  input: z.object({ ...address, tags: z.record(z.string().min(1).max(128), z.string().max(256)) }),
  run({ account, input }) {
    const tagged = findTagged(account, input.resourceArn);
    const tags = { ...tagged.tags, ...input.tags };
    if (Object.keys(tags).length > MAXIMUM_TAGS)
      throw badRequest(`A resource can have at most ${MAXIMUM_TAGS} tags`);
    tagged.tags = tags;
  },
});

export const untagResource = operation({
  http: "DELETE /tags/{resourceArn}",
  status: 204,
  permission: controlPlanePermission,
  input: z.object({ ...address, tagKeys: z.union([z.string(), z.array(z.string())]) }),
  run({ account, input }) {
    const tagged = findTagged(account, input.resourceArn);
    const removed = [input.tagKeys].flat();
    tagged.tags = Object.fromEntries(Object.entries(tagged.tags).filter(([key]) => !removed.includes(key)));
  },
});

export const getTags = operation({
  http: "GET /tags/{resourceArn}",
  permission: controlPlanePermission,
  input: z.object(address),
  run: ({ account, input }) => ({ tags: findTagged(account, input.resourceArn).tags }),
});

function findTagged(account: Account, arn: string): { tags: Record<string, string> } {
  const match = /^arn:aws[a-z-]*:apigateway:([a-z0-9-]+)::\/restapis\/([^/]+)(?:\/stages\/([^/]+))?$/.exec(
    arn,
  );
  const [, region, restApiId, stageName] = match ?? [];
  if (restApiId === undefined) throw badRequest("Invalid ARN specified in the request");
  if (region !== account.region) throw notFound("Invalid resource identifier specified");
  const api = findRestApi(account, restApiId);
  return stageName === undefined ? api : findStage(api, stageName);
}
