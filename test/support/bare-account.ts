/** An account without a listener, for what decides by itself; `logged` gets the lines of its log. */
import { type Account, emptyAccountState } from "../../local-aws/account";
import { DecisionLog } from "../../local-aws/account/decision-log";
import { Live } from "../../local-aws/account/live";

export function bareAccount(
  options: Pick<Account, "now" | "rootCredentials"> & Partial<Pick<Account, "log" | "onAccess">>,
): {
  account: Account;
  logged: string[];
} {
  const logged: string[] = [];
  const account: Account = {
    ...options,
    onAccess: options.onAccess ?? (() => {}),
    log: options.log ?? ((line) => logged.push(line)),
    id: "123456789012",
    region: "us-east-1",
    oidcKeys: {},
    endpoint: "http://127.0.0.1",
    state: emptyAccountState(),
    decisions: new DecisionLog(options.now, (line) => logged.push(line), false),
    save: async () => {},
    live: new Live(),
  };
  return { account, logged };
}
