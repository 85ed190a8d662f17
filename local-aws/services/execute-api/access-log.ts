/** Access logs: one line a request, in the format of the stage, to the log group of the stage, as the account's role may. */
import { createHash } from "node:crypto";
import type { Account } from "../../account";
import type { LiveKind } from "../../account/live";
import type { Session } from "../../account/state/sts";
import { sessionPrincipal } from "../../authenticate/credentials";
import { authorize } from "../../authorize/authorize";
import type { HttpResponse } from "../../respond/http-response";
import { writeLogEvents } from "../logs/events";
import { groupOf, logStreamArn } from "../logs/groups";
import { findRole, openServiceSession } from "../sts/sessions";
import type { ApiCall } from "./api-call";
import { substituteContext } from "./request-context";

/**
 * Writes the line for a request; what the context has nothing for is a hyphen. A line that can't be delivered is lost, and the
 * decision log says why.
 *
 * @param latency milliseconds
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
 */
export function writeAccessLog(
  { account, context, stage }: ApiCall,
  response: HttpResponse,
  latency: number,
): void {
  const { destinationArn, format } = stage.accessLogSettings ?? {};
  if (destinationArn === undefined || format === undefined) {
    return;
  }
  const group = destinationArn.split(":").slice(6).join(":");
  const stream = createHash("sha256").update(`${context.apiId}/${context.stage}`).digest("hex").slice(0, 32);
  const obstacle = obstacleTo(account, group, stream);
  if (obstacle !== undefined) {
    account.decisions.note({
      kind: "access-log",
      outcome: "refused",
      subject: `API Gateway → the access log of stage ${context.stage} of API ${context.apiId} in ${destinationArn}`,
      detail: [obstacle],
    });
    return;
  }
  const outcome = {
    status: response.status,
    responseLength: Buffer.byteLength(response.body),
    responseLatency: latency,
  };
  const message = substituteContext(format, { ...context, ...outcome }, "-");
  writeLogEvents(account, { group, stream, messages: [{ timestamp: context.requestTimeEpoch, message }] });
}

/** Why a line can't be delivered; undefined when it can. */
function obstacleTo(account: Account, group: string, stream: string): string | undefined {
  const roleArn = account.state.apiGateway.cloudwatchRoleArn;
  if (roleArn === undefined) {
    return "the account's settings name no cloudwatchRoleArn";
  }
  if (groupOf(account, group) === undefined) {
    return `there is no log group ${group}`;
  }
  const session = loggingSession(account, roleArn);
  if (session === undefined) {
    return `API Gateway can't assume ${roleArn}`;
  }
  const caller = sessionPrincipal(account, session);
  const resource = logStreamArn(account, group, stream);
  const denied = ["logs:CreateLogStream", "logs:PutLogEvents"].find(
    (action) => !authorize(account, { caller, action, resource }).allowed,
  );
  return denied && `${roleArn} may not ${denied}`;
}

/** The session in which API Gateway writes logs: one serves many requests. */
const LOGGING_SESSION: LiveKind<{ session?: Session }> = { make: () => ({}) };

function loggingSession(account: Account, roleArn: string): Session | undefined {
  const own = account.live.part(LOGGING_SESSION);
  const { session } = own;
  const current = session !== undefined && session.expiration > account.now().getTime();
  if (!current || findRole(account, roleArn)?.id !== session.roleId) {
    own.session = openServiceSession(account, {
      roleArn,
      service: "apigateway.amazonaws.com",
      sessionName: "BackplaneAssumeRoleSession",
    });
  }
  return own.session;
}
