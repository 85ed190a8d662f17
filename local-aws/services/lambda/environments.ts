/** The execution environments of each account. They are live, so they aren't part of its state; they end with it. */
import type { Account } from "../../account";
import { keepSessionsInUse } from "../sts/session-store";
import type { InvocationLog } from "./invocation-log";
import { EnvironmentPool } from "./runtime/environment-pool";
import { filesRemoved } from "./runtime/execution-environment";

const pools = new WeakMap<Account, EnvironmentPool<InvocationLog>>();

export function environmentsOf(account: Account): EnvironmentPool<InvocationLog> {
  const existing = pools.get(account);
  if (existing !== undefined) {
    return existing;
  }
  const pool = new EnvironmentPool<InvocationLog>();
  pools.set(account, pool);
  const letGo = keepSessionsInUse(account, () => pool.kept.map(({ accessKeyId }) => accessKeyId));
  account.stoppables.add(() => {
    pool.stop();
    letGo();
    pools.delete(account);
    return filesRemoved();
  });
  return pool;
}
