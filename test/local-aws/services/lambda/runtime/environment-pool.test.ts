/** The pool's waiters: whoever can't start must not keep the next one waiting. */
import { EnvironmentPool } from "../../../../../local-aws/services/lambda/runtime/environment-pool";

test("an initialisation that throws makes room for the next one", async () => {
  const pool = new EnvironmentPool<string>();
  const key = { functionName: "fn", revision: "1" };
  let fail = (_: Error) => {};
  const broken = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const started = Array.from({ length: 16 }, () => pool.start(key, "kept", () => broken));
  const timeout = { kind: "timeout" } as const;
  const waiting = [0, 1].map(() => pool.start(key, "kept", async () => timeout));
  fail(new Error("can't be unpacked"));
  for (const attempt of started) {
    await expect(attempt).rejects.toThrow("can't be unpacked");
  }
  expect(await Promise.all(waiting)).toEqual([timeout, timeout]);
  pool.stop();
}, 3_000);
