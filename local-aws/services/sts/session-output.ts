/** A session as the answers of STS show it. */
import type { Account } from "../../account";
import type { Session } from "../../account/state/sts";
import { sessionArn } from "../../authenticate/credentials";

export function sessionOutput(account: Account, session: Session) {
  return {
    AssumedRoleUser: {
      AssumedRoleId: `${session.roleId}:${session.sessionName}`,
      Arn: sessionArn(account, session),
    },
    Credentials: {
      AccessKeyId: session.accessKeyId,
      SecretAccessKey: session.secretAccessKey,
      SessionToken: session.sessionToken,
      Expiration: new Date(session.expiration),
    },
  };
}
