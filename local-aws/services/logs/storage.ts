/** What a log group keeps: its retention decides, and a bound that spares the memory of the account. */
import type { Account } from "../../account";
import type { LogEvent, LogGroup, LogStream } from "../../account/state/logs";

/** Bytes of a group's events, as CloudWatch Logs counts them; above it the oldest go, in whichever stream they are. */
const BYTES_PER_GROUP = 32 * 1024 * 1024;

/** What is left then, so that not every write has to make room. */
const BYTES_LEFT = 0.9 * BYTES_PER_GROUP;

/** A stream keeps its newest events only. */
const EVENTS_PER_STREAM = 10_000;

/** A group keeps the streams that were created last: every environment of a function makes one. */
const STREAMS_PER_GROUP = 1_000;

const DAY = 24 * 60 * 60 * 1000;

/** What an event counts beside its text, bytes, as CloudWatch Logs counts it. */
export const EVENT_OVERHEAD = 26;

/** How much events count, bytes. */
export function bytesOf(events: readonly Pick<LogEvent, "message">[]): number {
  return events.reduce((bytes, { message }) => bytes + Buffer.byteLength(message) + EVENT_OVERHEAD, 0);
}

function sizeOf(stream: LogStream): number {
  stream.bytes ??= bytesOf(stream.events);
  return stream.bytes;
}

/** The order of time, and of arrival among events of the same millisecond. */
export function byTime(a: LogEvent, b: LogEvent): number {
  return a.id < b.id ? -1 : 1;
}

/** The events of a stream that the group's retention still keeps, by the account's clock. */
export function keptEvents(account: Account, group: LogGroup, stream: LogStream): LogEvent[] {
  const expired = expiredOf(account, group, stream);
  return expired === 0 ? stream.events : stream.events.slice(expired);
}

/** How many of a stream's events the retention doesn't keep any more: the first ones, so that the others aren't looked at. */
function expiredOf(account: Account, group: LogGroup, { events }: LogStream): number {
  if (group.retentionInDays === undefined) {
    return 0;
  }
  const oldest = account.now().getTime() - group.retentionInDays * DAY;
  const first = events.findIndex(({ timestamp }) => timestamp >= oldest);
  return first < 0 ? events.length : first;
}

/** Bytes of the texts that a group keeps. */
export function storedBytes(account: Account, group: LogGroup): number {
  return Object.values(group.streams)
    .map((stream) => {
      const kept = keptEvents(account, group, stream);
      const counted = kept === stream.events ? stream.bytes : undefined;
      return (counted ?? bytesOf(kept)) - EVENT_OVERHEAD * kept.length;
    })
    .reduce((sum, bytes) => sum + bytes, 0);
}

/** Puts events, in the order of time, into one of the group's streams, and drops what the group doesn't keep any more. */
export function store(
  account: Account,
  group: LogGroup,
  stream: LogStream,
  events: readonly LogEvent[],
): void {
  const last = stream.events.at(-1);
  const inOrder = [...(last ? [last] : []), ...events].every(
    (event, index, all) => index === 0 || byTime(all[index - 1] as LogEvent, event) < 0,
  );
  stream.bytes = sizeOf(stream) + bytesOf(events);
  for (const event of events) {
    stream.events.push(event);
  }
  if (!inOrder) {
    stream.events.sort(byTime);
  }
  dropFirst(stream, stream.events.length - EVENTS_PER_STREAM);
  const streams = Object.values(group.streams);
  for (const one of streams) {
    dropFirst(one, expiredOf(account, group, one));
  }
  const size = streams.reduce((bytes, one) => bytes + sizeOf(one), 0);
  if (size > BYTES_PER_GROUP) {
    dropOldest(streams, size - BYTES_LEFT);
  }
}

/** Makes room for a stream that is to be created. */
export function makeRoomForStream(group: LogGroup): void {
  const streams = Object.entries(group.streams);
  if (streams.length < STREAMS_PER_GROUP) {
    return;
  }
  const [oldest] = streams.reduce((first, one) => (one[1].createdAt < first[1].createdAt ? one : first));
  delete group.streams[oldest];
}

function dropOldest(streams: readonly LogStream[], bytes: number): void {
  let freed = 0;
  let last = "";
  for (const event of streams.flatMap((stream) => stream.events).sort(byTime)) {
    if (freed >= bytes) {
      break;
    }
    freed += bytesOf([event]);
    last = event.id;
  }
  for (const stream of streams) {
    const kept = stream.events.findIndex((event) => event.id > last);
    dropFirst(stream, kept < 0 ? stream.events.length : kept);
  }
}

function dropFirst(stream: LogStream, count: number): void {
  if (count > 0) {
    stream.bytes = sizeOf(stream) - bytesOf(stream.events.slice(0, count));
    stream.events = stream.events.slice(count);
  }
}
