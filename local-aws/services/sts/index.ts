/** AWS Security Token Service: who am I, and sessions of roles. */
import { z } from "zod";
import { requestKeys } from "../../authenticate";
import { ServiceError } from "../../errors";
import { operation, type Service } from "../../service";
import { InvalidToken, verifyToken } from "../cognito-identity/token";
import { findRole, type Session, sessionArn } from "./sessions";
import { assumeRoleWithWebIdentity, COGNITO_PROVIDER } from "./web-identity";

const sessionName = z
  .string()
  .min(2)
  .max(64)
  .regex(/^[\w+=,.@-]*$/);

export const sts: Service = {
  name: "sts",
  protocol: "query",
  version: "2011-06-15",
  xmlNamespace: "https://sts.amazonaws.com/doc/2011-06-15/",
  validationErrorCode: "ValidationError",
  operations: {
    GetCallerIdentity: operation({
      input: z.object({}),
      // IAM never refuses this one: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
      permission: () => [],
      run: ({ caller }) => ({ Arn: caller.arn, UserId: caller.userId, Account: caller.accountId }),
    }),

    AssumeRoleWithWebIdentity: operation({
      input: z.object({
        RoleArn: z.string().min(20).max(2048),
        RoleSessionName: sessionName,
        WebIdentityToken: z.string().min(4).max(20000),
        DurationSeconds: z.coerce.number().int().min(900).max(43200).default(3600),
      }),
      permission: "unsigned",
      async run({ account, input, request }) {
        const claims = await verifyToken(account, input.WebIdentityToken).catch((error: unknown) => {
          throw error instanceof InvalidToken ? tokenError(error, account.now()) : error;
        });
        const role = findRole(account, input.RoleArn);
        const refused = new ServiceError(
          "AccessDenied",
          "Not authorized to perform sts:AssumeRoleWithWebIdentity",
          403,
        );
        if (role === undefined) throw refused;
        if (input.DurationSeconds > role.maxSessionDuration) {
          throw new ServiceError(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
          );
        }
        const session = assumeRoleWithWebIdentity(account, role, claims, {
          sessionName: input.RoleSessionName,
          duration: input.DurationSeconds,
          request: requestKeys(request),
        });
        if (session === undefined) throw refused;
        return {
          SubjectFromWebIdentityToken: claims.sub,
          Audience: claims.aud,
          Provider: COGNITO_PROVIDER,
          AssumedRoleUser: {
            AssumedRoleId: `${session.roleId}:${session.sessionName}`,
            Arn: sessionArn(account, session),
          },
          Credentials: credentialsOutput(session),
        };
      },
    }),
  },
};

function credentialsOutput(session: Session) {
  return {
    AccessKeyId: session.accessKeyId,
    SecretAccessKey: session.secretAccessKey,
    SessionToken: session.sessionToken,
    Expiration: new Date(session.expiration),
  };
}

function tokenError(error: InvalidToken, now: Date): ServiceError {
  if (error.reason === "expired") {
    return new ServiceError(
      "ExpiredTokenException",
      `Token expired: current date/time ${Math.floor(now.getTime() / 1000)} must be before the expiration date/time ${error.expiration}`,
    );
  }
  if (error.reason === "not-a-token") {
    return new ServiceError(
      "InvalidIdentityToken",
      "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
    );
  }
  return new ServiceError(
    "InvalidIdentityToken",
    "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
  );
}
