/** One AWS account in one region: its settings, its clock, what it holds, and what it has decided. */
import type { DecisionLog } from "./decision-log";
import type { Live } from "./live";
import type { AccessRecord, KeySet } from "./options";
import { type ApiGatewayState, emptyApiGatewayState } from "./state/apigateway";
import { type CognitoIdentityState, emptyCognitoIdentityState } from "./state/cognito-identity";
import { emptyIamState, type IamState } from "./state/iam";
import { emptyLambdaState, type LambdaState } from "./state/lambda";
import { emptyLogsState, type LogsState } from "./state/logs";
import { emptyStsState, type StsState } from "./state/sts";

/** Everything the account holds, as plain JSON (times are epoch milliseconds, bytes are base64). */
export interface AccountState {
  iam: IamState;
  sts: StsState;
  cognitoIdentity: CognitoIdentityState;
  lambda: LambdaState;
  logs: LogsState;
  apiGateway: ApiGatewayState;
}

export function emptyAccountState(): AccountState {
  return {
    iam: emptyIamState(),
    sts: emptyStsState(),
    cognitoIdentity: emptyCognitoIdentityState(),
    lambda: emptyLambdaState(),
    logs: emptyLogsState(),
    apiGateway: emptyApiGatewayState(),
  };
}

export interface Account {
  /** Twelve digits. */
  readonly id: string;
  readonly region: string;
  /** The account's clock; tests set it. */
  readonly now: () => Date;
  /** The root user's access key. */
  readonly rootCredentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Public keys of OpenID Connect issuers (`https://…`), in place of those that they publish. */
  readonly oidcKeys: Readonly<Record<string, KeySet>>;
  /** The URL of the listener, e.g. `http://127.0.0.1:4566`; functions reach the account through it. */
  endpoint: string;
  /** In an account with a file, views that note what is written (`changes.ts`). */
  state: AccountState;
  readonly decisions: DecisionLog;
  /** Receives every permission that a caller needed. */
  readonly onAccess: (access: AccessRecord) => void;
  /** Receives what the account wants to tell, such as its own faults; never a secret. */
  readonly log: (line: string) => void;
  /** Puts the account into its file, if it has one. Whatever may have changed the state calls it before it answers. */
  readonly save: () => Promise<void>;
  /** Function processes and other live things that are not state; they end with the account, and a reset replaces them. */
  live: Live;
}
