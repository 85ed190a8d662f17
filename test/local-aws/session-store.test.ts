/** What the account remembers of sessions: not all of them, and not for ever. */
import { type Dictionary, dictionary } from "../../local-aws/dictionary";
import { storeSession } from "../../local-aws/services/sts/session-store";
import type { Session } from "../../local-aws/services/sts/sessions";

const HOUR = 3_600_000;

const session = (accessKeyId: string, expiration: number): Session => ({
  accessKeyId,
  secretAccessKey: "secret",
  sessionToken: "token",
  expiration,
  roleName: "demo",
  roleId: "AROADEMO",
  sessionName: "s",
  context: {},
  sessionPolicies: [],
  tags: dictionary(),
  transitiveTagKeys: [],
});

function issue(sessions: Dictionary<Session>, count: number, now: number, prefix: string): void {
  for (let number = 0; number < count; number++) {
    storeSession(sessions, session(`${prefix}${number}`, now + HOUR), now);
  }
}

test("ended sessions are known for an hour, and forgotten some time later", () => {
  const sessions = dictionary<Session>();
  issue(sessions, 10, 0, "OLD");
  issue(sessions, 1000, HOUR * 1.9, "NEW");
  expect(Object.keys(sessions)).toHaveLength(1010);
  issue(sessions, 1000, HOUR * 2.1, "NEWER");
  expect(Object.keys(sessions).filter((key) => key.startsWith("OLD"))).toEqual([]);
  expect(Object.keys(sessions)).toHaveLength(2000);
});

test("sessions that come from a file are looked through with the first new one", () => {
  const sessions = dictionary([["ENDED", session("ENDED", 0)]]);
  issue(sessions, 1, HOUR * 2, "NEW");
  expect(Object.keys(sessions)).toEqual(["NEW0"]);
});

test("however many are issued, the newest twenty thousand are kept", () => {
  const sessions = dictionary<Session>();
  issue(sessions, 25_000, 0, "S");
  const kept = Object.keys(sessions);
  expect(kept.length).toBeGreaterThanOrEqual(20_000);
  expect(kept.length).toBeLessThan(20_500);
  expect(kept.at(-1)).toBe("S24999");
});
