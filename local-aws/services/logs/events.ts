/** Log events: how they get into a stream, whoever writes them. */
import type { Account } from "../../account";
import { groupOf } from "./groups";
import type { LogEvent, LogGroup, LogStream } from "./state";

/** A stream keeps its newest events only, so that a function in a loop can't fill the memory of the account. */
const EVENTS_PER_STREAM = 10_000;

const DAY = 24 * 60 * 60 * 1000;

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
  if (group === undefined) return;
  if (!Object.hasOwn(group.streams, delivery.stream)) createStream(account, group, delivery.stream);
  appendEvents(account, group.streams[delivery.stream] as LogStream, delivery.messages);
}

export function createStream(account: Account, group: LogGroup, name: string): void {
  group.streams[name] = { createdAt: account.now().getTime(), events: [] };
}

/** Adds events to a stream, which stays in the order of time. */
export function appendEvents(account: Account, stream: LogStream, messages: readonly LogMessage[]): void {
  const ingestedAt = account.now().getTime();
  const events = messages.map(
    ({ timestamp, message }): LogEvent => ({ id: eventId(timestamp), timestamp, ingestedAt, message }),
  );
  const last = stream.events.at(-1);
  const inOrder = [...(last ? [last] : []), ...events].every(
    (event, index, all) => index === 0 || byTime(all[index - 1] as LogEvent, event) < 0,
  );
  for (const event of events) stream.events.push(event);
  if (!inOrder) stream.events.sort(byTime);
  stream.events.splice(0, stream.events.length - EVENTS_PER_STREAM);
}

/** The order of time, and of arrival among events of the same millisecond. */
export function byTime(a: LogEvent, b: LogEvent): number {
  return a.id < b.id ? -1 : 1;
}

/** A stream's events that the group's retention still keeps. */
export function keptEvents(account: Account, group: LogGroup, stream: LogStream): LogEvent[] {
  if (group.retentionInDays === undefined) return stream.events;
  const oldest = account.now().getTime() - group.retentionInDays * DAY;
  return stream.events.filter((event) => event.timestamp >= oldest);
}

let sequence = BigInt(Date.now()) << 20n;

/** Fifty-six digits, as AWS's are: first the event's time, then the order of arrival, so that sorting ids sorts events. */
function eventId(timestamp: number): string {
  sequence += 1n;
  return `${timestamp}`.padStart(17, "3") + `${sequence}`.padStart(39, "0");
}
