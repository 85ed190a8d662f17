/** Log events: how they get into a stream, whoever writes them. */
import type { Account } from "../../account";
import { stored } from "../../account/dictionary";
import type { LogEvent, LogGroup, LogStream } from "../../account/state/logs";
import { groupOf } from "./groups";
import { makeRoomForStream, store } from "./storage";

export interface LogMessage {
  /** Epoch milliseconds. */
  readonly timestamp: number;
  readonly message: string;
}

/**
 * Writes events as an AWS service delivers its logs: the stream is made when it's missing, and when the group is missing the
 * events are dropped without a word.
 */
export function writeLogEvents(
  account: Account,
  delivery: { group: string; stream: string; messages: readonly LogMessage[] },
): void {
  const group = groupOf(account, delivery.group);
  if (group === undefined) {
    return;
  }
  const stream = group.streams[delivery.stream] ?? createStream(account, group, delivery.stream);
  appendEvents(account, group, stream, delivery.messages);
}

export function createStream(account: Account, group: LogGroup, name: string): LogStream {
  makeRoomForStream(account, group);
  return stored(group.streams, name, { createdAt: account.now().getTime(), events: [] });
}

/** Adds events to a stream, which stays in the order of time. */
export function appendEvents(
  account: Account,
  group: LogGroup,
  stream: LogStream,
  messages: readonly LogMessage[],
): void {
  const ingestedAt = account.now().getTime();
  const events = messages.map(
    ({ timestamp, message }): LogEvent => ({ id: eventId(timestamp), timestamp, ingestedAt, message }),
  );
  store(account, group, stream, events);
}

let sequence = BigInt(Date.now()) << 20n;

/**
 * Fifty-six digits, as AWS's are: first the event's time, then the order of arrival, so that sorting ids sorts events. Joined, they are
 * one piece of memory; added up, they would be three.
 */
function eventId(timestamp: number): string {
  sequence += 1n;
  return [`${timestamp}`.padStart(17, "3"), `${sequence}`.padStart(39, "0")].join("");
}
