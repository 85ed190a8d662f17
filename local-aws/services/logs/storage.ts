/** What a log group keeps: its retention decides, and a bound that spares the memory of the account. */
import type { Account } from "../../account";
import type { LiveKind } from "../../account/live";
import type { LogEvent, LogGroup, LogStream } from "../../account/state/logs";
import { partitionPoint } from "../partition-point";

/** Bytes of a group's events, as CloudWatch Logs counts them; above it the oldest go, in whichever stream they are. */
const BYTES_PER_GROUP = 32 * 1024 * 1024;

/** What is left then, so that not every write has to make room; nothing goes when what has expired was enough. */
const BYTES_LEFT = 0.9 * BYTES_PER_GROUP;
const BYTES_ENOUGH = 0.95 * BYTES_PER_GROUP;

/** A stream keeps its newest events. */
const EVENTS_PER_STREAM = 10_000;

/** What a stream may hold besides, as a share of what it keeps: a cut copies all that stays, and writes it to the account's file. */
const MOST_BEYOND = 0.1;

/** A group keeps the streams that were created last: every environment of a function makes one. */
const STREAMS_PER_GROUP = 1_000;

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;

/** What an event counts beside its text, bytes, as CloudWatch Logs counts it. */
export const EVENT_OVERHEAD = 26;

/** How much events count, bytes. */
export function bytesOf(events: readonly Pick<LogEvent, "message">[]): number {
  return events.reduce((bytes, { message }) => bytes + Buffer.byteLength(message) + EVENT_OVERHEAD, 0);
}

function sizeOf(stream: LogStream): number {
  return stream.bytes ?? bytesOf(stream.events);
}

interface Size {
  bytes: number;
  /** Epoch milliseconds. */
  readonly sweptAt: number;
}

/** Of groups, from their first delivery on: another stream than the one that is written to is looked at by a sweep only. */
const SIZES: LiveKind<WeakMap<LogGroup, Size>> = { make: () => new WeakMap() };

/** The order of time, and of arrival among events of the same millisecond. */
export function byTime(a: LogEvent, b: LogEvent): number {
  return a.id < b.id ? -1 : 1;
}

/** The events of a stream that the group's retention still keeps, by the account's clock. */
export function keptEvents(account: Account, group: LogGroup, stream: LogStream): LogEvent[] {
  const expired = expiredOf(account, group, stream);
  return expired === 0 ? stream.events : stream.events.slice(expired);
}

/** The oldest and the newest of the kept events, without a copy of those between them. */
export function keptEnds(
  account: Account,
  group: LogGroup,
  stream: LogStream,
): { oldest?: LogEvent; newest?: LogEvent } {
  const { events } = stream;
  const expired = expiredOf(account, group, stream);
  return expired < events.length ? { oldest: events[expired], newest: events.at(-1) } : {};
}

/** How many of a stream's events the retention doesn't keep any more: the first ones, so that the others aren't looked at. */
function expiredOf(account: Account, group: LogGroup, { events }: LogStream): number {
  if (group.retentionInDays === undefined) {
    return 0;
  }
  const oldest = account.now().getTime() - group.retentionInDays * DAY;
  return partitionPoint(events, ({ timestamp }) => timestamp < oldest);
}

/** Bytes of the texts that a group keeps. */
export function storedBytes(account: Account, group: LogGroup): number {
  return Object.values(group.streams)
    .map((stream) => {
      const expired = stream.events.slice(0, expiredOf(account, group, stream));
      return sizeOf(stream) - bytesOf(expired) - EVENT_OVERHEAD * (stream.events.length - expired.length);
    })
    .reduce((sum, bytes) => sum + bytes, 0);
}

/** Puts events into one of the group's streams, in the order of time, and drops what the group doesn't keep any more. */
export function store(
  account: Account,
  group: LogGroup,
  stream: LogStream,
  events: readonly LogEvent[],
): void {
  const before = sizeOf(stream);
  insert(stream, events);
  stream.bytes = before + bytesOf(events);
  trim(account, group, stream, MOST_BEYOND);
  const size = account.live.part(SIZES).get(group);
  if (size !== undefined) {
    size.bytes += stream.bytes - before;
  }
  const isSwept = size !== undefined && account.now().getTime() - size.sweptAt < HOUR;
  if (!isSwept || size.bytes > BYTES_PER_GROUP) {
    sweep(account, group);
  }
}

/** Writes no more of the stream anew than what comes after the first of the events. */
function insert(stream: LogStream, events: readonly LogEvent[]): void {
  const [first] = events.toSorted(byTime);
  if (first === undefined) {
    return;
  }
  const place = partitionPoint(stream.events, (event) => byTime(event, first) < 0);
  const rest = [...stream.events.slice(place), ...events].sort(byTime);
  for (const [index, event] of rest.entries()) {
    stream.events[place + index] = event;
  }
}

/** Looks through all streams; a group that has become too large is cut. */
function sweep(account: Account, group: LogGroup): void {
  const streams = Object.values(group.streams);
  const size = () => streams.reduce((bytes, stream) => bytes + sizeOf(stream), 0);
  const isFull = size() > BYTES_PER_GROUP;
  for (const stream of streams) {
    trim(account, group, stream, isFull ? 0 : MOST_BEYOND);
  }
  if (isFull && size() > BYTES_ENOUGH) {
    dropOldest(streams, size() - BYTES_LEFT);
  }
  account.live.part(SIZES).set(group, { bytes: size(), sweptAt: account.now().getTime() });
}

/** Makes room for a stream that is to be created. */
export function makeRoomForStream(account: Account, group: LogGroup): void {
  const streams = Object.entries(group.streams);
  if (streams.length < STREAMS_PER_GROUP) {
    return;
  }
  const [oldest] = streams.reduce((first, one) => (one[1].createdAt < first[1].createdAt ? one : first));
  removeStream(account, group, oldest);
}

/** Deletes a stream, if it is there; nothing else does, or the group's size would be wrong. */
export function removeStream(account: Account, group: LogGroup, name: string): void {
  const stream = group.streams[name];
  const size = account.live.part(SIZES).get(group);
  if (stream !== undefined && size !== undefined) {
    size.bytes -= sizeOf(stream);
  }
  delete group.streams[name];
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
    dropFirst(
      stream,
      partitionPoint(stream.events, (event) => event.id <= last),
    );
  }
}

/** Drops what a stream doesn't keep any more, if that is more than a share of what it keeps. */
function trim(account: Account, group: LogGroup, stream: LogStream, most: number): void {
  const beyond = Math.max(expiredOf(account, group, stream), stream.events.length - EVENTS_PER_STREAM);
  if (beyond > most * (stream.events.length - beyond)) {
    dropFirst(stream, beyond);
  }
}

function dropFirst(stream: LogStream, count: number): void {
  if (count > 0) {
    stream.bytes = sizeOf(stream) - bytesOf(stream.events.slice(0, count));
    stream.events = stream.events.slice(count);
  }
}
