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
  if (group.retentionInDays === undefined) {
    return stream.events;
  }
  const oldest = account.now().getTime() - group.retentionInDays * DAY;
  return stream.events.filter((event) => event.timestamp >= oldest);
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
  keep(stream, stream.events.slice(-EVENTS_PER_STREAM));
  const streams = Object.values(group.streams);
  for (const one of streams) {
    keep(one, keptEvents(account, group, one));
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
    const newer = stream.events.filter((event) => event.id > last);
    keep(stream, newer);
  }
}

function keep(stream: LogStream, events: LogEvent[]): void {
  if (events.length === stream.events.length) {
    return;
  }
  stream.events = events;
  delete stream.bytes;
}
