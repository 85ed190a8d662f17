/** Tags of identity pools, which are named by their ARN here. */
import { z } from "zod";
import type { Account } from "../../account";
import type { IdentityPool } from "../../account/state/cognito-identity";
import { type RequestTags, tagConditions } from "../../authorize/tag-conditions";
import { operation, type Permission } from "../service";
import { ServiceError } from "../service-error";
import * as inputs from "./inputs";
import { poolArn, withTags } from "./pool";

const onlyArn = z.object({ ResourceArn: inputs.resourceArn });

function findPool(account: Account, arn: string): IdentityPool | undefined {
  return Object.values(account.state.cognitoIdentity.pools).find((pool) => poolArn(account, pool.id) === arn);
}

function requirePoolByArn(account: Account, arn: string): IdentityPool {
  const pool = findPool(account, arn);
  if (pool === undefined) {
    throw new ServiceError("ResourceNotFoundException", `Resource '${arn}' not found.`);
  }
  return pool;
}

function onArn(
  { account, input }: { account: Account; input: { ResourceArn: string } },
  tags: RequestTags = {},
): Permission {
  const pool = findPool(account, input.ResourceArn);
  return { resource: input.ResourceArn, context: tagConditions({ resource: pool?.tags, ...tags }) };
}

export const poolTagOperations = {
  TagResource: operation({
    input: onlyArn.extend({ Tags: inputs.tags }),
    permission: (call) => onArn(call, { passed: call.input.Tags }),
    run({ account, input }) {
      const pool = requirePoolByArn(account, input.ResourceArn);
      pool.tags = withTags(pool.tags, input.Tags);
      return {};
    },
  }),

  UntagResource: operation({
    input: onlyArn.extend({ TagKeys: inputs.tagKeys }),
    permission: (call) => onArn(call, { removed: call.input.TagKeys }),
    run({ account, input }) {
      const { tags } = requirePoolByArn(account, input.ResourceArn);
      for (const key of input.TagKeys) {
        delete tags[key];
      }
      return {};
    },
  }),

  ListTagsForResource: operation({
    readOnly: true,
    input: onlyArn,
    permission: onArn,
    run: ({ account, input }) => ({ Tags: requirePoolByArn(account, input.ResourceArn).tags }),
  }),
};
