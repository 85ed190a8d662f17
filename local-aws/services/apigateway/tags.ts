/** Tags of APIs and stages, addressed by the ARN of what they are on. */
import { z } from "zod";
import type { Account } from "../../account";
import { type Dictionary, dictionary } from "../../account/dictionary";
import { ignoredMember, mapOf } from "../input";
import { MAXIMUM_TAGS, mergeTags } from "../tags";
import { controlPlaneOperation } from "./control-plane";
import { badRequest, notFound } from "./failure";
import { findRestApi, findStage } from "./lookup";

/** https://docs.aws.amazon.com/apigateway/latest/api/API_GetTags.html */
const NOT_SUPPORTED = "API Gateway doesn't support it yet";

const address = { resourceArn: z.string() };

export const tagResource = controlPlaneOperation({
  http: "PUT /tags/{resourceArn}",
  status: 204,
  input: z.object({ ...address, tags: mapOf(z.string().min(1).max(128), z.string().max(256)) }),
  run({ account, input }) {
    const tagged = findTagged(account, input.resourceArn);
    // API reference: TagResource.
    const tooMany = () => badRequest(`A resource can have at most ${MAXIMUM_TAGS} tags`);
    tagged.tags = mergeTags(tagged.tags, input.tags, tooMany);
  },
});

export const untagResource = controlPlaneOperation({
  http: "DELETE /tags/{resourceArn}",
  status: 204,
  input: z.object({ ...address, tagKeys: z.union([z.string(), z.array(z.string())]) }),
  run({ account, input }) {
    const tagged = findTagged(account, input.resourceArn);
    const removed = [input.tagKeys].flat();
    tagged.tags = dictionary(Object.entries(tagged.tags).filter(([key]) => !removed.includes(key)));
  },
});

export const getTags = controlPlaneOperation({
  http: "GET /tags/{resourceArn}",
  input: z.object({
    ...address,
    position: ignoredMember(NOT_SUPPORTED, z.string().optional()),
    limit: ignoredMember(NOT_SUPPORTED, z.coerce.number().int().optional()),
  }),
  run: ({ account, input }) => ({ tags: findTagged(account, input.resourceArn).tags }),
});

function findTagged(account: Account, arn: string): { tags: Dictionary<string> } {
  const match = /^arn:aws:apigateway:([a-z0-9-]+)::\/restapis\/([^/]+)(?:\/stages\/([^/]+))?$/.exec(arn);
  const [, region, restApiId, stageName] = match ?? [];
  if (restApiId === undefined) {
    throw badRequest("Invalid ARN specified in the request");
  }
  if (region !== account.region) {
    throw notFound("Invalid resource identifier specified");
  }
  const api = findRestApi(account, restApiId);
  return stageName === undefined ? api : findStage(api, stageName);
}

/** The tags of an API or a stage, which the ARN of anything inside of it names as well; those of what `/tags/ARN` is about. */
export function tagsOf(account: Account, arn: string): Dictionary<string> | undefined {
  const [, encoded] = /^arn:aws:apigateway:[^:]*::\/tags\/(.+)$/.exec(arn) ?? [];
  if (encoded !== undefined) {
    return tagsOf(account, decodeURIComponent(encoded));
  }
  const [, apiId = "", stageName] =
    /^arn:aws:apigateway:[^:]*::\/restapis\/([^/]+)(?:\/stages\/([^/]+))?/.exec(arn) ?? [];
  const api = account.state.apiGateway.restApis[apiId];
  return stageName === undefined ? api?.tags : api?.stages[stageName]?.tags;
}
