/** The ways out for events: a stream from either end, and a search over a whole group. */
import { z } from "zod";
import { ignoredMember, refusedMember } from "../input";
import { operation } from "../service";
import { ServiceError } from "../service-error";
import { parseFilterPattern } from "./filter-pattern";
import {
  findGroup,
  logGroupIdentifier,
  logGroupName,
  logGroupNameOf,
  logGroupResource,
  logStreamArn,
} from "./groups";
import { pageToken } from "./page";
import { byTime, keptEvents } from "./storage";
import { findStream, groupNameIn, logStreamName } from "./streams";

const timestamp = z.number().int().min(0);

const ofGroup = {
  logGroupName: logGroupName.optional(),
  logGroupIdentifier: logGroupIdentifier.optional(),
  startTime: timestamp.optional(),
  endTime: timestamp.optional(),
  limit: z.number().int().min(1).max(10_000).optional(),
  nextToken: pageToken.optional(),
  unmask: refusedMember("there is no data protection here, so nothing is masked; leave it out", false),
};

const groupNameOrNone = (input: { logGroupName?: string; logGroupIdentifier?: string }) =>
  logGroupNameOf(input.logGroupName ?? input.logGroupIdentifier ?? "");

/**
 * A token says from which event to read on, and in which direction: `f/ID/s` towards the end, `b/ID/s` towards the head.
 * A reader at the end gets the token back that it came with.
 */
export const GetLogEvents = operation({
  readOnly: true,
  input: z.object({ ...ofGroup, logStreamName, startFromHead: z.boolean().optional() }),
  permission: ({ account, input }) => ({
    resource: logStreamArn(account, groupNameOrNone(input), input.logStreamName),
  }),
  run: ({ account, input }) => {
    const group = findGroup(account, groupNameIn(input));
    const stream = findStream(group, input.logStreamName);
    const { startTime = 0, endTime = Number.POSITIVE_INFINITY, limit = 10_000 } = input;
    const events = keptEvents(account, group, stream).filter(
      (event) => event.timestamp >= startTime && event.timestamp < endTime,
    );
    const token = input.nextToken === undefined ? undefined : readToken(input.nextToken);
    const at = token ? events.findIndex((event) => event.id === token.id) : -1;
    const forward = token ? token.direction === "f" : input.startFromHead === true;
    const end = token ? Math.max(at, 0) : events.length;
    const start = forward ? at + 1 : Math.max(0, end - limit);
    const found = events.slice(start, forward ? start + limit : end);
    return {
      events: found.map((event) => ({
        timestamp: event.timestamp,
        message: event.message,
        ingestionTime: event.ingestedAt,
      })),
      nextForwardToken: `f/${found.at(-1)?.id ?? token?.id ?? NO_EVENT}/s`,
      nextBackwardToken: `b/${found[0]?.id ?? token?.id ?? NO_EVENT}/s`,
    };
  },
});

const NO_EVENT = "0".repeat(56);

function readToken(token: string): { direction: "f" | "b"; id: string } {
  const match = /^([fb])\/(\d{56})\/s$/.exec(token);
  if (!match) {
    throw new ServiceError("InvalidParameterException", "The specified nextToken is invalid.");
  }
  return { direction: match[1] as "f" | "b", id: match[2] as string };
}

export const FilterLogEvents = operation({
  readOnly: true,
  input: z.object({
    ...ofGroup,
    logStreamNames: z.array(logStreamName).min(1).max(100).optional(),
    logStreamNamePrefix: logStreamName.optional(),
    filterPattern: z.string().max(1024).optional(),
    interleaved: ignoredMember(
      "events are always sorted over all streams, as on AWS",
      z.boolean().optional(),
    ),
    startFromHead: refusedMember("events come oldest first here; leave it out", true),
  }),
  permission: ({ account, input }) => ({ resource: logGroupResource(account, groupNameOrNone(input)) }),
  run: ({ account, input }) => {
    const group = findGroup(account, groupNameIn(input));
    const { logStreamNames: names, logStreamNamePrefix: prefix } = input;
    if (names !== undefined && prefix !== undefined) {
      throw new ServiceError(
        "InvalidParameterException",
        "LogStreamNamePrefix and LogStreamNames are mutually exclusive parameters.",
      );
    }
    for (const name of names ?? []) {
      findStream(group, name);
    }
    const matches = parseFilterPattern(input.filterPattern ?? "");
    const { startTime = 0, endTime = Number.POSITIVE_INFINITY, limit = 10_000 } = input;
    const after = input.nextToken === undefined ? "" : readFilterToken(input.nextToken);
    const found = Object.entries(group.streams)
      .filter(([name]) => names?.includes(name) ?? name.startsWith(prefix ?? ""))
      .flatMap(([logStreamName, stream]) =>
        keptEvents(account, group, stream)
          .filter(({ id, timestamp }) => timestamp >= startTime && timestamp <= endTime && id > after)
          .filter(({ message }) => matches(message))
          .map((event) => ({ ...event, logStreamName })),
      )
      .sort(byTime);
    return {
      events: found.slice(0, limit).map((event) => ({
        logStreamName: event.logStreamName,
        timestamp: event.timestamp,
        message: event.message,
        ingestionTime: event.ingestedAt,
        eventId: event.id,
      })),
      searchedLogStreams: [],
      nextToken: found.length > limit ? found[limit - 1]?.id : undefined,
    };
  },
});

/** The token is the id of the last event given; ids rise with time. */
function readFilterToken(token: string): string {
  if (!/^\d{56}$/.test(token)) {
    throw new ServiceError("InvalidParameterException", "The specified nextToken is invalid.");
  }
  return token;
}
