/** What lives with an account: one part of a kind, ended once, and nothing that outlives the account. */
import { Live, type LiveKind } from "../../../local-aws/account/live";

function counted() {
  const stopped: string[] = [];
  const kind = (name: string): LiveKind<{ name: string }> => ({
    make: () => ({ name }),
    stop: async (part) => {
      await new Promise(setImmediate);
      stopped.push(part.name);
    },
  });
  return { stopped, kind };
}

test("a part is made when it is first asked for, and once for each account", () => {
  const kind = counted().kind("queue");
  const [one, other] = [new Live(), new Live()];
  expect(one.part(kind)).toBe(one.part(kind));
  expect(one.part(kind)).not.toBe(other.part(kind));
});

test("stop resolves when every part has ended; a kind that nobody asked for isn't made", async () => {
  const { stopped, kind } = counted();
  const live = new Live();
  live.part(kind("pool"));
  live.part(kind("queue"));
  live.part({ make: () => new Map() });
  kind("never");
  await Promise.all([live.stop(), live.stop()]);
  expect(stopped).toEqual(["pool", "queue"]);
});

test("what is started after the end is stopped at once", async () => {
  const { stopped, kind } = counted();
  const live = new Live();
  await live.stop();
  live.part(kind("late"));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(stopped).toEqual(["late"]);
});
