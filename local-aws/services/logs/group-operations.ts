/** The operations on log groups: their life, retention and tags. */
import { z } from "zod";
import { dictionary } from "../../account/dictionary";
import { refusedMember } from "../input";
import { operation } from "../service";
import { ServiceError } from "../service-error";
import { MAXIMUM_TAGS, mergeTags } from "../tags";
import {
  createGroup,
  findGroup,
  groupOf,
  logGroupArn,
  logGroupIdentifier,
  logGroupName,
  logGroupNameOf,
  logGroupResource,
  RETENTION_DAYS,
} from "./groups";
import { page, pageToken } from "./page";
import { storedBytes } from "./storage";
import { tagKey, tags } from "./tags";

const logGroupClass = z.enum(["STANDARD", "INFREQUENT_ACCESS", "DELIVERY"]);
const byName = z.object({ logGroupName });

export const CreateLogGroup = operation({
  input: z.object({
    logGroupName,
    kmsKeyId: refusedMember("there is no KMS here; create the log group without it"),
    tags: tags.optional(),
    logGroupClass: logGroupClass.optional(),
    deletionProtectionEnabled: z.boolean().optional(),
  }),
  permission: ({ account, input }) => {
    const resource = logGroupResource(account, input.logGroupName);
    return [
      { action: "logs:CreateLogGroup", resource },
      ...(input.tags ? [{ action: "logs:TagResource", resource }] : []),
    ];
  },
  run: ({ account, input }) => {
    if (groupOf(account, input.logGroupName) !== undefined) {
      throw new ServiceError("ResourceAlreadyExistsException", "The specified log group already exists");
    }
    createGroup(account, input.logGroupName, {
      logGroupClass: input.logGroupClass ?? "STANDARD",
      deletionProtected: input.deletionProtectionEnabled ?? false,
      tags: input.tags ?? dictionary(),
    });
  },
});

export const DeleteLogGroup = operation({
  input: byName,
  permission: ({ account, input }) => ({ resource: logGroupResource(account, input.logGroupName) }),
  run: ({ account, input }) => {
    const group = findGroup(account, input.logGroupName);
    if (group.deletionProtected) {
      throw new ServiceError(
        "ValidationException",
        "The log group is protected from deletion: turn its deletion protection off first.",
      );
    }
    delete account.state.logs.groups[input.logGroupName];
  },
});

export const PutLogGroupDeletionProtection = operation({
  input: z.object({ logGroupIdentifier, deletionProtectionEnabled: z.boolean() }),
  permission: ({ account, input }) => ({
    resource: logGroupResource(account, logGroupNameOf(input.logGroupIdentifier)),
  }),
  run: ({ account, input }) => {
    findGroup(account, logGroupNameOf(input.logGroupIdentifier)).deletionProtected =
      input.deletionProtectionEnabled;
  },
});

export const DescribeLogGroups = operation({
  readOnly: true,
  input: z.object({
    logGroupNamePrefix: logGroupName.optional(),
    logGroupNamePattern: z
      .string()
      .max(512)
      .regex(/^[.\-_/#A-Za-z0-9]*$/)
      .optional(),
    logGroupClass: logGroupClass.optional(),
    logGroupIdentifiers: z.array(logGroupIdentifier).min(1).max(50).optional(),
    accountIdentifiers: refusedMember("there are no other accounts here; leave it out"),
    includeLinkedAccounts: refusedMember("there are no other accounts here; leave it out", false),
    limit: z.number().int().min(1).max(50).optional(),
    nextToken: pageToken.optional(),
  }),
  permission: ({ account }) => ({ resource: logGroupResource(account, "") }),
  run: ({ account, input }) => {
    const { logGroupNamePrefix: prefix, logGroupNamePattern: pattern } = input;
    if (prefix !== undefined && pattern !== undefined) {
      throw new ServiceError(
        "InvalidParameterException",
        "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
      );
    }
    const wanted = input.logGroupIdentifiers?.map(logGroupNameOf);
    const names = Object.keys(account.state.logs.groups)
      .filter((name) => prefix === undefined || name.startsWith(prefix))
      .filter((name) => pattern === undefined || name.includes(pattern))
      .filter((name) => wanted === undefined || wanted.includes(name))
      .filter(
        (name) => !input.logGroupClass || findGroup(account, name).logGroupClass === input.logGroupClass,
      )
      .sort();
    const { items, nextToken } = page(names, input, (name, last) => name > last);
    const logGroups = items.map((name) => {
      const group = findGroup(account, name);
      return {
        logGroupName: name,
        creationTime: group.createdAt,
        retentionInDays: group.retentionInDays,
        metricFilterCount: 0,
        arn: `${logGroupArn(account, name)}:*`,
        logGroupArn: logGroupArn(account, name),
        logGroupClass: group.logGroupClass,
        storedBytes: storedBytes(account, group),
        deletionProtectionEnabled: group.deletionProtected,
      };
    });
    return { logGroups, nextToken };
  },
});

export const PutRetentionPolicy = operation({
  input: z.object({ logGroupName, retentionInDays: z.number().int() }),
  permission: ({ account, input }) => ({ resource: logGroupResource(account, input.logGroupName) }),
  run: ({ account, input }) => {
    const group = findGroup(account, input.logGroupName);
    if (!RETENTION_DAYS.includes(input.retentionInDays)) {
      throw new ServiceError(
        "InvalidParameterException",
        `1 validation error detected: Value '${input.retentionInDays}' at 'retentionInDays' failed to satisfy constraint: ` +
          `Member must satisfy enum value set: [${RETENTION_DAYS.join(", ")}]`,
      );
    }
    group.retentionInDays = input.retentionInDays;
  },
});

export const DeleteRetentionPolicy = operation({
  input: byName,
  permission: ({ account, input }) => ({ resource: logGroupResource(account, input.logGroupName) }),
  run: ({ account, input }) => {
    delete findGroup(account, input.logGroupName).retentionInDays;
  },
});

const resourceArn = z
  .string()
  .min(1)
  .max(1011)
  .regex(/^[\w+=/:,.@-]*$/);

export const ListTagsForResource = operation({
  readOnly: true,
  input: z.object({ resourceArn }),
  permission: ({ input }) => ({ resource: input.resourceArn }),
  run: ({ account, input }) => ({ tags: findGroup(account, logGroupNameOf(input.resourceArn)).tags }),
});

export const TagResource = operation({
  input: z.object({ resourceArn, tags }),
  permission: ({ input }) => ({ resource: input.resourceArn }),
  run: ({ account, input }) => {
    const group = findGroup(account, logGroupNameOf(input.resourceArn));
    const tooMany = () => {
      const message = `A log group can have at most ${MAXIMUM_TAGS} tags.`;
      return new ServiceError("TooManyTagsException", message, 400, { resourceName: input.resourceArn });
    };
    group.tags = mergeTags(group.tags, input.tags, tooMany);
  },
});

export const UntagResource = operation({
  input: z.object({ resourceArn, tagKeys: z.array(tagKey).max(50) }),
  permission: ({ input }) => ({ resource: input.resourceArn }),
  run: ({ account, input }) => {
    const group = findGroup(account, logGroupNameOf(input.resourceArn));
    for (const key of input.tagKeys) {
      delete group.tags[key];
    }
  },
});
