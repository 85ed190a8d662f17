/** The execution environments of each account. They are live, so they aren't part of its state; they end with it. */
import type { Account } from "../../account";
import type { LiveKind } from "../../account/live";
import { SESSIONS_IN_USE } from "../sts/session-store";
import type { InvocationLog } from "./invocation-log";
import { EnvironmentPool } from "./runtime/environment-pool";
import { filesRemoved } from "./runtime/execution-environment";

const ENVIRONMENTS: LiveKind<EnvironmentPool<InvocationLog>> = {
  make(live) {
    const pool = new EnvironmentPool<InvocationLog>();
    live.part(SESSIONS_IN_USE).add(() => pool.kept.map(({ accessKeyId }) => accessKeyId));
    return pool;
  },
  stop(pool) {
    pool.stop();
    return filesRemoved();
  },
};

export function environmentsOf(account: Account): EnvironmentPool<InvocationLog> {
  return account.live.part(ENVIRONMENTS);
}
