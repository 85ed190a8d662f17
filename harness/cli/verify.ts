/** The command that verifies apart from its process: arguments in, text and reports out, an exit code at the end. */
import { inspect } from "node:util";
import { API_ACTION, ROLE_ACTIONS } from "../access/deployed-api";
import { readAccess } from "../access/file";
import { walkFlow } from "../flow";
import { jsonReport, type ProgressEvent, type Report } from "../report";
import { apiLocation } from "../run/api-location";
import type { WalkOptions } from "../run/context";
import { ENDINGS, HarnessError } from "../run/errors";
import { type Deployment, readOutputs } from "../run/outputs";
import { Redactor } from "../run/redact";
import { Console } from "./console";
import { help, parseCommandLine, type VerifyOptions } from "./options";
import type { CommandProcess } from "./process";
import { Screen } from "./screen";
import { sessionsOf } from "./sessions";

/** What a process gives its command. */
export interface VerifyProcess extends CommandProcess {
  /** How it was called, for the help. @default the package's command */
  readonly command?: string;
}

/** Runs the command to its end and returns its exit code; it never throws. */
export async function verify(args: readonly string[], given: VerifyProcess): Promise<number> {
  let screen = new Screen({ ...given, redactor: new Redactor(), json: false });
  try {
    const commandLine = parseCommandLine(args);
    if (commandLine.help) {
      screen.result(help(given.command).trimEnd());
      return ENDINGS.passed.code;
    }
    const redactor = new Redactor({ showIdentities: commandLine.showIdentities });
    screen = new Screen({ ...given, redactor, json: commandLine.json });
    const deployment = readOutputs(commandLine.outputs);
    redactor.neverShorten(deployment.identityPoolId);
    if (commandLine.printPolicy) {
      screen.result(JSON.stringify(requiredPolicy(deployment, commandLine), null, 2));
      return ENDINGS.passed.code;
    }
    const sessions = commandLine.via && sessionsOf(commandLine, deployment, given.environment);
    const own = { deployment, redactor, sessions, access: accessOf(commandLine), signal: given.signal };
    const report = await walk(commandLine, own, screen);
    return ENDINGS[report.error?.kind ?? (report.outcome === "passed" ? "passed" : "failed")].code;
  } catch (error) {
    if (error instanceof HarnessError) {
      screen.printError(error.message);
      return ENDINGS[error.kind].code;
    }
    screen.printError(inspect(error));
    return ENDINGS.failed.code;
  }
}

function accessOf({ access }: VerifyOptions): WalkOptions["access"] {
  return typeof access === "string" ? readAccess(access) : access || undefined;
}

async function walk(options: VerifyOptions, own: WalkOptions, screen: Screen): Promise<Report> {
  const { reportDir, history, json } = options;
  // Only now: the help and a wrong option are told without them.
  const { explainer } = await import("../reporting/explain");
  const { makeReportDirectory, writeReports } = await import("../reporting/write");
  if (reportDir !== undefined) {
    makeReportDirectory(reportDir);
  }
  const { identityPoolId, invokeUrl } = own.deployment;
  screen.lines([`Walking the flow of ${identityPoolId} to ${invokeUrl}`, ""]);
  const console = new Console({ ...options, colorize: screen.colorize });
  const onProgress = (event: ProgressEvent) => {
    screen.lines(console.lines(event));
    const busy = console.busy(event);
    if (busy !== undefined) {
      screen.busy(busy);
    }
  };
  const report = await walkFlow({ ...options, ...own, access: own.access, onProgress }, explainer);
  screen.lines(console.summary(report));
  if (report.error !== null) {
    screen.printError(report.error.message);
  }
  if (reportDir !== undefined) {
    const { files, warnings } = writeReports(report, reportDir, { history });
    const [page = ""] = files.slice(-1);
    screen.lines([`Report: ${screen.link(page)}`, ...warnings.map((warning) => `! ${warning}`)]);
  }
  if (json) {
    screen.result(jsonReport(report).trimEnd());
  }
  return report;
}

/**
 * Writes the policy under which a walk passes, with one statement a purpose: without one of them the step of that name fails, without
 * the last ones of the first five identities stay behind, and without those of the access matrix it says what it could not see.
 *
 * `DeleteIdentities` has no resource type: it is allowed on everything, on the condition that the identities are of the pool.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncognitoidentity.html
 */
function requiredPolicy(deployment: Deployment, { access }: Pick<VerifyOptions, "access">) {
  const { region, identityPoolId, authenticatedRoleArn, unauthenticatedRoleArn } = deployment;
  const [, partition, , , account] = authenticatedRoleArn.split(":");
  const pool = `arn:${partition}:cognito-identity:${region}:${account}:identitypool/${identityPoolId}`;
  const allow = (Sid: string, Action: string | readonly string[], Resource: string | readonly string[]) => ({
    Sid,
    Effect: "Allow",
    Action,
    Resource,
  });
  const settings = apiLocation(deployment)?.settingsArn;
  return {
    Version: "2012-10-17",
    Statement: [
      allow("Pool", "cognito-identity:DescribeIdentityPool", pool),
      allow("Roles", "cognito-identity:GetIdentityPoolRoles", pool),
      allow("Token", "cognito-identity:GetOpenIdTokenForDeveloperIdentity", pool),
      allow("CleanUpUnknown", "cognito-identity:LookupDeveloperIdentity", pool),
      {
        ...allow("CleanUp", "cognito-identity:DeleteIdentities", "*"),
        Condition: { ArnEquals: { "cognito-identity:IdentityPoolArn": pool } },
      },
      ...(access && settings !== undefined
        ? [
            allow("Routes", API_ACTION, `${settings}/resources`),
            allow("ResourcePolicy", API_ACTION, settings),
            allow(
              "Grants",
              ROLE_ACTIONS,
              unauthenticatedRoleArn === undefined
                ? authenticatedRoleArn
                : [authenticatedRoleArn, unauthenticatedRoleArn],
            ),
          ]
        : []),
    ],
  };
}
