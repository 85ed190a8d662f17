/** What a group keeps is what its retention says, and its bytes are those of what it keeps, however events come. */
import fc from "fast-check";
import type { LogGroup } from "../../../../local-aws/account/state/logs";
import { writeLogEvents } from "../../../../local-aws/services/logs/events";
import { createGroup, findGroup } from "../../../../local-aws/services/logs/groups";
import { bytesOf, keptEvents, storedBytes } from "../../../../local-aws/services/logs/storage";
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

test("a stream keeps its ten thousand newest events", () => {
  const { account, clock, group } = newGroup({});
  const write = (count: number) => {
    for (let delivery = 0; delivery < count; delivery += 1) {
      clock.time += 1;
      const message = `${clock.time - START}`;
      writeLogEvents(account, {
        group: "group",
        stream: "a",
        messages: [{ timestamp: clock.time, message }],
      });
    }
  };
  write(10_003);
  const { events = [], bytes } = group.streams.a ?? {};
  expect([events.length, events[0]?.message, events.at(-1)?.message]).toEqual([10_000, "4", "10003"]);
  expect(bytes).toBe(bytesOf(events));
});
