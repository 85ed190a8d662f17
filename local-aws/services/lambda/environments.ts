/** The execution environments of each account. They are live, so they aren't part of its state; they end with it. */
import type { Account } from "../../account";
import type { LiveKind } from "../../account/live";
import type { InvocationLog } from "./invocation-log";
import { EnvironmentPool } from "./runtime/environment-pool";
import { filesRemoved } from "./runtime/execution-environment";

const ENVIRONMENTS: LiveKind<EnvironmentPool<InvocationLog>> = {
  make: () => new EnvironmentPool(),
  stop(pool) {
    pool.stop();
    return filesRemoved();
  },
};

export function environmentsOf(account: Account): EnvironmentPool<InvocationLog> {
  return account.live.part(ENVIRONMENTS);
}
