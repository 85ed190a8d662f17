/** What a group keeps is what its retention says, and its bytes are those of what it keeps, however events come. */
import fc from "fast-check";
import { Changes } from "../../../../local-aws/account/changes";
import { reviveDictionary } from "../../../../local-aws/account/dictionary";
import { Live } from "../../../../local-aws/account/live";
import type { LogEvent, LogGroup, LogStream } from "../../../../local-aws/account/state/logs";
import { writeLogEvents } from "../../../../local-aws/services/logs/events";
import { createGroup, findGroup } from "../../../../local-aws/services/logs/groups";
import {
  bytesOf,
  keptEnds,
  keptEvents,
  removeStream,
  storedBytes,
} from "../../../../local-aws/services/logs/storage";
import { bareAccount } from "../../../support/bare-account";

const DAY = 24 * 60 * 60 * 1000;
const START = Date.parse("2026-01-01T00:00:00Z");

function newGroup(settings: Partial<LogGroup>) {
  const clock = { time: START };
  const { account } = bareAccount({
    now: () => new Date(clock.time),
    rootCredentials: { accessKeyId: "AKIAROOT", secretAccessKey: "root" },
  });
  createGroup(account, "group", settings);
  return { account, clock, group: findGroup(account, "group") };
}

test("events that come in any order expire by their own time, and are counted as they are", () => {
  const delivery = fc.record({
    stream: fc.constantFrom("a", "b"),
    /** Days. */
    later: fc.double({ min: 0, max: 0.5, noNaN: true }),
    ages: fc.array(fc.double({ min: 0, max: 1.2, noNaN: true }), { maxLength: 6 }),
  });
  fc.assert(
    fc.property(fc.array(delivery, { maxLength: 15 }), (deliveries) => {
      const { account, clock, group } = newGroup({ retentionInDays: 1 });
      const written: { stream: string; timestamp: number; message: string }[] = [];
      for (const [number, { stream, later, ages }] of deliveries.entries()) {
        clock.time += Math.round(later * DAY);
        const messages = ages
          .map((age, index) => ({
            timestamp: Math.round(clock.time - age * DAY),
            message: "é".repeat(number + index),
          }))
          .sort((a, b) => a.timestamp - b.timestamp);
        writeLogEvents(account, { group: "group", stream, messages });
        written.push(...messages.map((message) => ({ stream, ...message })));

        for (const [name, one] of Object.entries(group.streams)) {
          const kept = written
            .filter((event) => event.stream === name && event.timestamp >= clock.time - DAY)
            .sort((a, b) => a.timestamp - b.timestamp);
          const texts = keptEvents(account, group, one).map(({ timestamp, message }) => [timestamp, message]);
          expect(texts).toEqual(kept.map(({ timestamp, message }) => [timestamp, message]));
          expect(one.bytes).toBe(bytesOf(one.events));
        }
        const stored = Object.values(group.streams).flatMap((one) => keptEvents(account, group, one));
        expect(storedBytes(account, group)).toBe(
          stored.reduce((sum, { message }) => sum + Buffer.byteLength(message), 0),
        );
      }
    }),
  );
});

/** What the group may hold, and what a delivery leaves of it at least. */
const BYTES_PER_GROUP = 32 * 1024 * 1024;
const BYTES_LEFT = 0.9 * BYTES_PER_GROUP;
const HOUR = DAY / 24;

test("whatever comes, only what is expired, too old in its stream or too old in its group is dropped", () => {
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant("deliver" as const),
        stream: fc.constantFrom("a", "b", "c", "d", "e"),
        count: fc.constantFrom(1, 2, 300, 300, 6_000),
        /** Bytes of them all. */
        size: fc.constantFrom(0, 0, 10_000_000),
        /** Milliseconds between an event and the next. */
        apart: fc.constantFrom(0, 1, 3_000),
        late: fc.constantFrom(0, 0, 1, 10_000, 5 * HOUR),
      }),
    },
    fc.record({ do: fc.constant("wait" as const), hours: fc.constantFrom(0.1, 0.9, 3, 25) }),
    fc.record({ do: fc.constant("delete" as const), stream: fc.constantFrom("a", "b", "c", "d", "e") }),
    fc.record({ do: fc.constant("retain" as const), days: fc.constantFrom(1, 3, undefined) }),
    fc.record({ do: fc.constant("start again" as const), counted: fc.boolean() }),
  );
  const steps = fc.array(step, { minLength: 10, maxLength: 20 });
  fc.assert(
    fc.property(steps, fc.boolean(), (all, recorded) => {
      const { account, clock } = newGroup({});
      const record = () => {
        account.state = recorded ? new Changes(account.state).view : account.state;
      };
      record();
      const group = () => findGroup(account, "group");
      /** What was held before, by stream and in order. */
      const held = new Map<string, Written[]>();
      let number = 0;
      for (const one of all) {
        if (one.do === "deliver") {
          const { stream, count, size, apart, late } = one;

          const text = "x".repeat(size / count);
          const messages = Array.from({ length: count }, (_, index) => ({
            timestamp: clock.time - late - (count - 1 - index) * apart,
            message: `${number + index} ${text}`,
          }));
          writeLogEvents(account, { group: "group", stream, messages });
          const added = messages.map((message, index) => ({
            ...message,
            number: number + index,
            bytes: message.message.length + 26,
          }));
          held.set(stream, [...(held.get(stream) ?? []), ...added].sort(byTime));
          number += count;
          checkDropped(held, group(), oldestKept(clock.time, group()));
        } else if (one.do === "wait") {
          clock.time += one.hours * HOUR;
        } else if (one.do === "delete" && group().streams[one.stream] !== undefined) {
          removeStream(account, group(), one.stream);
          held.delete(one.stream);
        } else if (one.do === "retain") {
          group().retentionInDays = one.days;
        } else if (one.do === "start again") {
          account.state = JSON.parse(JSON.stringify(account.state), reviveDictionary);
          account.live = new Live();
          for (const stream of one.counted ? [] : Object.values(group().streams)) {
            delete stream.bytes;
          }
          record();
        }
        const oldest = oldestKept(clock.time, group());
        let texts = 0;
        for (const [name, events] of held) {
          const kept = events.filter(({ timestamp }) => timestamp >= oldest);
          const stream = group().streams[name] as LogStream;
          expect(areThose(keptEvents(account, group(), stream), kept)).toBe(true);
          const ends = keptEnds(account, group(), stream);
          expect(ends.oldest?.message === kept[0]?.message).toBe(true);
          expect(ends.newest?.message === kept.at(-1)?.message).toBe(true);
          texts += kept.reduce((sum, { bytes }) => sum + bytes - 26, 0);
        }
        expect(storedBytes(account, group())).toBe(texts);
      }
    }),
    { numRuns: 5 },
  );
});

interface Written {
  readonly timestamp: number;
  readonly message: string;
  /** In the order of arrival. */
  readonly number: number;
  readonly bytes: number;
}

const byTime = (a: Written, b: Written) => a.timestamp - b.timestamp || a.number - b.number;
/** Jest takes long to compare long lists. */
const areThose = (events: readonly LogEvent[], written: readonly Written[]) =>
  events.length === written.length &&
  events.every(({ message }, index) => message === written[index]?.message);
const sumOf = (events: readonly Written[]) => events.reduce((sum, { bytes }) => sum + bytes, 0);

const oldestKept = (now: number, { retentionInDays: days }: LogGroup) =>
  days === undefined ? 0 : now - days * DAY;

/** @param held of each stream before anything was dropped; after the call, what is held now */
function checkDropped(held: Map<string, Written[]>, group: LogGroup, oldest: number): void {
  const written = [...held.values()].flat().sort(byTime);
  expect(Object.keys(group.streams).sort()).toEqual([...held.keys()].sort());
  for (const [name, before] of held) {
    const stream = group.streams[name] as LogStream;
    const dropped = before.length - stream.events.length;
    const now = before.slice(dropped);
    expect(areThose(stream.events, now)).toBe(true);
    expect(stream.bytes ?? sumOf(now)).toBe(sumOf(now));
    expect(now.length).toBeLessThanOrEqual(11_000);
    const last = before[dropped - 1];
    if (last !== undefined && last.timestamp >= oldest && now.length < 10_000) {
      const newer = written.slice(written.indexOf(last) + 1);
      expect(sumOf(newer)).toBeGreaterThan(BYTES_LEFT - 10_000_026);
    }
    held.set(name, now);
  }
  expect(sumOf([...held.values()].flat())).toBeLessThanOrEqual(BYTES_PER_GROUP);
}

/** Delivers a line a millisecond, or as often as is said. */
function deliver(
  { account, clock }: Pick<ReturnType<typeof newGroup>, "account" | "clock">,
  count: number,
  { stream = "a", every = 1, after = () => {} } = {},
): void {
  for (let delivery = 0; delivery < count; delivery += 1) {
    clock.time += every;
    const message = `${clock.time - START}`;
    writeLogEvents(account, { group: "group", stream, messages: [{ timestamp: clock.time, message }] });
    after();
  }
}

test("a stream keeps its ten thousand newest events, and a tenth more until they are dropped at once", () => {
  const { group, ...rest } = newGroup({});
  const held = () => {
    const { events = [], bytes } = group.streams.a ?? {};
    expect(bytes).toBe(bytesOf(events));
    return [events.length, events[0]?.message, events.at(-1)?.message];
  };
  deliver(rest, 11_000);
  expect(held()).toEqual([11_000, "1", "11000"]);
  deliver(rest, 1);
  expect(held()).toEqual([10_000, "1002", "11001"]);
});

test("a delivery drops what has expired in other streams, an hour after it was looked for last", () => {
  const { group, ...rest } = newGroup({ retentionInDays: 1 });
  const held = () => group.streams.b?.events.length;
  deliver(rest, 1);
  deliver(rest, 40, { stream: "b" });
  deliver(rest, 1, { every: 2 * HOUR });
  deliver(rest, 60, { stream: "b" });
  deliver(rest, 1, { every: DAY - HOUR / 2 });
  expect(held()).toBe(60);
  deliver(rest, 1, { every: (3 * HOUR) / 4 });
  expect(held()).toBe(60);
  deliver(rest, 1, { every: HOUR / 4 });
  expect(held()).toBe(0);
});

test("a group's bound holds whatever was deleted from it, by a call or for a new stream", () => {
  const { account, clock, group } = newGroup({});
  const write = (stream: string, messages: readonly string[]) => {
    clock.time += 1;
    const events = messages.map((message) => ({ timestamp: clock.time, message }));
    writeLogEvents(account, { group: "group", stream, messages: events });
    return Object.values(group.streams).reduce((sum, { bytes = 0 }) => sum + bytes, 0);
  };
  const mebibyte = "x".repeat(1024 * 1024);
  const most = { one: 0, all: 0 };
  for (let number = 0; number < 1_100; number += 1) {
    const size = write(`first-${number}`, [mebibyte.slice(0, 20_000)]);
    most.one = Math.max(most.one, size);
  }
  for (const name of Object.keys(group.streams).slice(0, 500)) {
    removeStream(account, group, name);
  }
  for (let number = 0; number < 40; number += 1) {
    most.all = Math.max(most.all, write("last", [mebibyte]));
  }
  expect(Object.keys(group.streams)).toHaveLength(501);
  // Nothing that was kept had to go for what was deleted.
  expect(most.one).toBe(1_000 * 20_026);
  expect(most.all).toBeLessThanOrEqual(BYTES_PER_GROUP);
  expect(most.all).toBeGreaterThan(BYTES_PER_GROUP - mebibyte.length - 26);
});

test("nothing goes from a full group when what has expired in it was enough", () => {
  const { account, clock, group } = newGroup({ retentionInDays: 1 });
  const mebibyte = "x".repeat(1024 * 1024 - 26);
  const write = (stream: string, count: number, hours: number) => {
    clock.time += hours * HOUR;
    for (let number = 0; number < count; number += 1) {
      writeLogEvents(account, {
        group: "group",
        stream,
        messages: [{ timestamp: clock.time, message: mebibyte }],
      });
    }
    return Object.values(group.streams).map(({ events }) => events.length);
  };
  expect(write("old", 3, 0)).toEqual([3]);
  expect(write("new", 1, 23.5)).toEqual([3, 1]);
  expect(write("new", 28, 0.6)).toEqual([3, 29]);
  expect(write("new", 1, 0)).toEqual([0, 30]);
  // Now the live ones are too many themselves.
  expect(write("new", 2, 0)).toEqual([0, 32]);
  expect(write("new", 1, 0)).toEqual([0, 28]);
});

test("a delivery looks at no other stream", () => {
  const { group, ...rest } = newGroup({ retentionInDays: 1 });
  deliver(rest, 1);
  deliver(rest, 1, { stream: "b" });
  let looks = 0;
  group.streams = new Proxy(group.streams, {
    ownKeys(streams) {
      looks += 1;
      return Reflect.ownKeys(streams);
    },
  });
  deliver(rest, 12_000);
  expect(looks).toBe(0);
});

describe("what a delivery to a full stream writes to the account's file", () => {
  /** Bytes of a delivery's changes, at most. */
  const OF_ONE = 500;
  /** Bytes, on average: what stays is written again with each cut, a tenth of it later. */
  const ON_AVERAGE = 3_000;

  function recorded(settings: Partial<LogGroup>) {
    const { account, clock } = newGroup(settings);
    const changes = new Changes(account.state);
    account.state = changes.view;
    const bytes: number[] = [];
    const after = () => bytes.push(changes.take()?.length ?? 0);
    return { account, clock, changes, bytes, after };
  }

  test.each([
    { name: "at the bound of a stream", settings: {}, every: 1 },
    { name: "one expires with each", settings: { retentionInDays: 1 }, every: DAY / 9_000 },
  ])("$name: as much as came, but for a cut now and then", ({ settings, every }) => {
    const { bytes, after, changes, ...rest } = recorded(settings);
    deliver(rest, 10_000, { every });
    changes.take();
    deliver(rest, 5_000, { every, after });
    const cuts = bytes.filter((length) => length > OF_ONE).length;
    expect([cuts > 0, cuts <= 6]).toEqual([true, true]);
    expect(bytes.reduce((sum, length) => sum + length, 0) / bytes.length).toBeLessThan(ON_AVERAGE);
  });

  test("late by a few events: those, too", () => {
    const { account, clock, changes, ...rest } = recorded({});
    deliver({ account, clock, ...rest }, 10_000);
    changes.take();
    const messages = [{ timestamp: clock.time - 3, message: "late" }];
    writeLogEvents(account, { group: "group", stream: "a", messages });
    expect(changes.take()?.length).toBeLessThan(5 * OF_ONE);
    const { events = [] } = findGroup(account, "group").streams.a ?? {};
    expect(events.slice(-5).map(({ message }) => message)).toEqual(["9997", "late", "9998", "9999", "10000"]);
  });
});
