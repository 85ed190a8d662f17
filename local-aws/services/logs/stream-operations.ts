/** The operations on log streams, and the way in for events. */
import { randomInt } from "node:crypto";
import { z } from "zod";
import type { Account } from "../../account";
import { ignoredMember, refusedMember } from "../input";
import { operation } from "../service";
import { ServiceError } from "../service-error";
import { appendEvents, createStream, type LogMessage } from "./events";
import {
  findGroup,
  logGroupIdentifier,
  logGroupName,
  logGroupNameOf,
  logGroupResource,
  logStreamArn,
} from "./groups";
import { page, pageToken } from "./page";
import { bytesOf, keptEnds, removeStream } from "./storage";
import { findStream, groupNameIn, logStreamName } from "./streams";

const HOUR = 60 * 60 * 1000;

const ofStream = z.object({ logGroupName, logStreamName });

export const CreateLogStream = operation({
  input: ofStream,
  permission: ({ account, input }) => ({ resource: logGroupResource(account, input.logGroupName) }),
  run: ({ account, input }) => {
    const group = findGroup(account, input.logGroupName);
    if (group.streams[input.logStreamName] !== undefined) {
      throw new ServiceError("ResourceAlreadyExistsException", "The specified log stream already exists");
    }
    createStream(account, group, input.logStreamName);
  },
});

export const DeleteLogStream = operation({
  input: ofStream,
  permission: ({ account, input }) => ({
    resource: logStreamArn(account, input.logGroupName, input.logStreamName),
  }),
  run: ({ account, input }) => {
    const group = findGroup(account, input.logGroupName);
    findStream(group, input.logStreamName);
    removeStream(account, group, input.logStreamName);
  },
});

export const DescribeLogStreams = operation({
  readOnly: true,
  input: z.object({
    logGroupName: logGroupName.optional(),
    logGroupIdentifier: logGroupIdentifier.optional(),
    logStreamNamePrefix: logStreamName.optional(),
    orderBy: z.enum(["LogStreamName", "LastEventTime"]).optional(),
    descending: z.boolean().optional(),
    limit: z.number().int().min(1).max(50).optional(),
    nextToken: pageToken.optional(),
  }),
  permission: ({ account, input }) => ({
    resource: logGroupResource(account, logGroupNameOf(input.logGroupName ?? input.logGroupIdentifier ?? "")),
  }),
  run: ({ account, input }) => {
    const groupName = groupNameIn(input);
    const group = findGroup(account, groupName);
    if (input.orderBy === "LastEventTime" && input.logStreamNamePrefix !== undefined) {
      throw new ServiceError(
        "InvalidParameterException",
        "Cannot order by LastEventTime with a logStreamNamePrefix.",
      );
    }
    const streams = Object.entries(group.streams)
      .filter(([name]) => name.startsWith(input.logStreamNamePrefix ?? ""))
      .map(([name, stream]) => ({ name, stream, ...keptEnds(account, group, stream) }));
    const lastEventTime = ({ stream, newest }: (typeof streams)[number]) =>
      newest?.timestamp ?? stream.createdAt;
    streams.sort((a, b) =>
      input.orderBy === "LastEventTime" ? lastEventTime(a) - lastEventTime(b) : a.name < b.name ? -1 : 1,
    );
    if (input.descending) {
      streams.reverse();
    }
    const byName = (name: string, last: string) => (input.descending ? name < last : name > last);
    const { items, nextToken } = page(
      streams.map(({ name }) => name),
      input,
      input.orderBy === "LastEventTime" ? undefined : byName,
    );
    return {
      logStreams: streams
        .filter(({ name }) => items.includes(name))
        .map(({ name, stream, oldest, newest }) => ({
          logStreamName: name,
          creationTime: stream.createdAt,
          firstEventTimestamp: oldest?.timestamp,
          lastEventTimestamp: newest?.timestamp,
          lastIngestionTime: newest?.ingestedAt,
          uploadSequenceToken: sequenceToken(),
          arn: logStreamArn(account, groupName, name),
          storedBytes: 0,
        })),
      nextToken,
    };
  },
});

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html for the limits */
export const PutLogEvents = operation({
  input: z.object({
    logGroupName,
    logStreamName,
    logEvents: z
      .array(z.object({ timestamp: z.number().int().min(0), message: z.string().min(1) }))
      .min(1)
      .max(10_000),
    sequenceToken: ignoredMember("AWS doesn't look at it any more", z.string().min(1).optional()),
    entity: refusedMember("there are no CloudWatch entities here; leave it out"),
  }),
  permission: ({ account, input }) => ({
    resource: logStreamArn(account, input.logGroupName, input.logStreamName),
  }),
  run: ({ account, input }) => {
    const group = findGroup(account, input.logGroupName);
    const stream = findStream(group, input.logStreamName);
    refuseOversized(input.logEvents);
    refuseDisorder(input.logEvents);
    const { accepted, rejected } = sift(account, group.retentionInDays, input.logEvents);
    appendEvents(account, group, stream, accepted);
    return { nextSequenceToken: sequenceToken(), rejectedLogEventsInfo: rejected };
  },
});

function refuseOversized(events: readonly LogMessage[]): void {
  const limit = 1_048_576;
  const size = bytesOf(events);
  if (size <= limit) {
    return;
  }
  throw new ServiceError(
    "InvalidParameterException",
    `Upload too large: ${size} bytes exceeds limit of ${limit}`,
  );
}

function refuseDisorder(events: readonly LogMessage[]): void {
  const times = events.map((event) => event.timestamp);
  const sorted = times.every((time, index) => index === 0 || time >= (times[index - 1] as number));
  const span = Math.max(...times) - Math.min(...times);
  if (!sorted) {
    throw new ServiceError(
      "InvalidParameterException",
      "Log events in a single PutLogEvents request must be in chronological order.",
    );
  }
  if (span > 24 * HOUR) {
    throw new ServiceError(
      "InvalidParameterException",
      "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
    );
  }
}

/** Leaves out what is older than 14 days or than the retention, and what lies more than two hours ahead. */
function sift(account: Account, retentionInDays: number | undefined, events: readonly LogMessage[]) {
  const now = account.now().getTime();
  const count = (test: (timestamp: number) => boolean) =>
    events.filter((event) => test(event.timestamp)).length;
  const expired =
    retentionInDays === undefined ? 0 : count((timestamp) => timestamp < now - retentionInDays * 24 * HOUR);
  const tooOld = count((timestamp) => timestamp < now - 14 * 24 * HOUR);
  const tooNew = count((timestamp) => timestamp > now + 2 * HOUR);
  const rejected = {
    tooNewLogEventStartIndex: tooNew > 0 ? events.length - tooNew : undefined,
    tooOldLogEventEndIndex: tooOld > 0 ? tooOld : undefined,
    expiredLogEventEndIndex: expired > 0 ? expired : undefined,
  };
  return {
    accepted: events.slice(Math.max(expired, tooOld), events.length - tooNew),
    rejected: expired + tooOld + tooNew > 0 ? rejected : undefined,
  };
}

/** Nobody needs it any more, but the model still has it. */
function sequenceToken(): string {
  return `${randomInt(2 ** 47)}`.padStart(56, "4");
}
