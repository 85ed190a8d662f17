/** What a walk tells: events while it runs, and the report at its end, whose types come from the published schema. */
import { z } from "zod";
import { HARNESS_ERROR_KINDS } from "./run/errors";

/** The steps of the flow in their order. */
export const STEP_NAMES = ["pool", "roles", "token", "credentials", "call"] as const;
/** The steps of a client, which comes by the login endpoint. */
export const CLIENT_STEP_NAMES = ["login", "credentials", "call"] as const;
/** The steps that each user of a load run walks; those before them are walked once. */
export const LOAD_STEP_NAMES = ["token", "credentials", "call"] as const;
/** A step of the flow, as budgets and reports name it. */
export type StepName = (typeof STEP_NAMES | typeof CLIENT_STEP_NAMES)[number];

/** What can become of a step. */
export const STATUSES = ["passed", "degraded", "failed", "skipped"] as const;
/** What became of a step. */
export type Status = (typeof STATUSES)[number];

/** The kinds of callers that may or may not call a route. */
export const CALLERS = ["nobody", "guest", "signed-in", "other-user", "backend"] as const;
/** A kind of caller. */
export type Caller = (typeof CALLERS)[number];

/** What the gateway does with a call, whatever the function then answers. */
export const VERDICTS = ["allowed", "refused"] as const;
/** Whether a call passes the gateway. */
export type Verdict = (typeof VERDICTS)[number];

/** How each is shown: by a sign and a color at a terminal, by a picture in Markdown. */
export const STATUS_MARKS = {
  passed: { sign: "✓", color: "green", picture: "✅" },
  degraded: { sign: "~", color: "yellow", picture: "🐢" },
  failed: { sign: "✗", color: "red", picture: "❌" },
  skipped: { sign: "-", color: "dim", picture: "➖" },
} as const satisfies Readonly<Record<Status, object>>;

const text = z.string();
const textOrNull = text.nullable();
const texts = z.array(text);
const natural = z.int().nonnegative();

const stepResult = z
  .strictObject({
    name: text.describe(
      "A step's name, or a refusal's: lower case with hyphens, the same in every run, e.g. expired-token.",
    ),
    title: text.describe("For people: what was called or sent, e.g. GET /hello without a signature."),
    status: z
      .enum(STATUSES)
      .describe(
        "degraded: as it should be, but slower than its budget. skipped: not reached or not asked; the notes say why.",
      ),
    durationMs: natural.describe(
      "Milliseconds from the beginning to the end, waitedMs included; 0 when skipped.",
    ),
    waitedMs: natural.describe("Milliseconds spent between attempts or until a token expired."),
    budgetMs: natural
      .nullable()
      .describe(
        "Milliseconds above which it counts as degraded, waiting not counted; null without a budget.",
      ),
    attempts: natural.describe("1, and one more for every call that had to be repeated; 0 when skipped."),
    requestId: textOrNull.describe(
      "AWS's id of the last call; null when there was no answer or it named none.",
    ),
    expected: textOrNull.describe("What should be seen; null when skipped."),
    actual: textOrNull.describe("What was seen; null when skipped."),
    hint: textOrNull.describe(
      "What most likely is wrong and how to put it right; null when nothing failed or no known cause fits.",
    ),
    notes: texts.describe(
      "Worth knowing, without consequence: why skipped, what was retried, which of two answers came.",
    ),
    findings: texts.describe(
      "What --diagnose found when it looked the cause up, e.g. the policy statement that decides.",
    ),
    source: textOrNull.describe(
      "URL of the documentation of what is expected; null for the steps of the flow.",
    ),
  })
  .meta({ id: "result", description: "What became of a step, or of a call that must be refused." });

const accessCell = z
  .strictObject({
    route: text.describe("As it was declared: method and path template, e.g. GET /orders/{id}."),
    caller: z
      .enum(CALLERS)
      .describe(
        "nobody: without a signature. other-user: signed in, on another user's path. backend: the AWS credentials of the run.",
      ),
    expected: z.enum(VERDICTS).describe("As it was declared."),
    observed: z
      .enum(VERDICTS)
      .nullable()
      .describe("What the gateway did with a call; null when none was made or its answer does not tell."),
    computed: z
      .enum(VERDICTS)
      .nullable()
      .describe("What the deployed API and policies say; null when they were not read or do not tell."),
    status: z
      .enum(["passed", "failed", "skipped"])
      .describe("By what was observed alone. skipped: nothing was; the note says why."),
    note: textOrNull.describe("Worth knowing: why nothing was observed, or what answered."),
  })
  .meta({ id: "accessCell", description: "One route and one kind of caller." });

const access = z
  .strictObject({
    source: text.describe("What was declared: the name of a file, or the output access."),
    cells: z
      .array(accessCell)
      .describe("Every declared route and every kind of caller; other-user where the path has {username}."),
    undeclared: texts.describe(
      "Routes of the API that nobody declared, e.g. open to anyone: DELETE /orders/{id}. Each fails the run.",
    ),
    notes: texts.describe(
      "Without consequence: where computed and observed disagree, what could not be read, and the permission that it takes.",
    ),
  })
  .meta({ id: "access", description: "Who may call which route of the API." });

const loadStep = z
  .strictObject({
    name: z.enum(LOAD_STEP_NAMES).describe("As in the steps of the report."),
    passed: natural.describe("How often users passed it."),
    failed: natural.describe("How often users failed in it, and walked no further."),
    repeated: natural.describe(
      "Calls that were made again, as they were throttled or their connection broke.",
    ),
    p50Ms: natural.nullable().describe("Milliseconds in which half of those who passed did; null of none."),
    p95Ms: natural.nullable().describe("Milliseconds in which 95 of a hundred of them did; null of none."),
    p99Ms: natural.nullable().describe("Milliseconds in which 99 of a hundred of them did; null of none."),
    maxMs: natural.nullable().describe("Milliseconds that the slowest of them took; null of none."),
    histogram: z
      .array(
        z.strictObject({
          aboveMs: z.number().nonnegative().describe("Milliseconds; took longer than this,"),
          toMs: z.number().positive().nullable().describe("and at most this; null without a bound."),
          count: natural.describe("How many took so long."),
        }),
      )
      .describe("How long those who passed took, from the shortest to the longest."),
  })
  .meta({
    id: "loadStep",
    description: "One step, by all users. Waits between attempts are within its times.",
  });

const load = z
  .strictObject({
    users: natural.describe(
      "How many different users there were. They arrived in turn, some more than once.",
    ),
    rate: z.number().positive().describe("Arrivals a second that were asked for."),
    arrivalMs: natural.describe("Milliseconds during which they were to arrive."),
    atATime: natural.describe("How many walked at the same time at most."),
    passed: natural.describe("Walks from the token to the API's answer."),
    failed: natural.describe("Walks in which a step failed."),
    unfinished: natural.describe("Walks that had begun when the run was ended."),
    waited: natural.describe("Arrivals that waited for their turn, as so many as may were walking."),
    perSecond: z.number().nonnegative().describe("Walks that ended, a second."),
    steps: z.array(loadStep).describe("The steps of each user's, in their order."),
    errors: z
      .array(
        z.strictObject({
          step: text.describe("The name of the step that failed."),
          class: text.describe(
            "AWS's error code, e.g. TooManyRequestsException, or what kind of failure it was.",
          ),
          count: natural.describe("How many walks failed so."),
          example: text.describe("What the first of them said."),
        }),
      )
      .describe("Why walks failed, the most frequent first."),
    limits: z
      .array(
        z.strictObject({
          what: text.describe("error rate, or p95 and the step."),
          limit: text.describe("At most this, with its unit."),
          actual: text.describe("What it was, with its unit."),
          passed: z.boolean().describe("Whether it held."),
        }),
      )
      .describe("What was asked to hold. One that does not fails the run."),
  })
  .meta({ id: "load", description: "How a deployment bore many users." });

/** Strict, so that a report with a property that the schema does not describe fails the tests. */
const reportSchema = z
  .strictObject({
    schemaVersion: z.literal(1).describe("Changes when a reader of this version could be misled."),
    target: z
      .strictObject({
        region: text.describe("The AWS region, e.g. eu-central-1."),
        endpoint: textOrNull.describe("The URL of what stood in for AWS; null for AWS itself."),
        identityPoolId: text.describe("REGION:GUID, never shortened."),
        invokeUrl: text.describe("The URL of the API's stage."),
      })
      .describe("The deployment that was walked."),
    via: z
      .literal("login")
      .optional()
      .describe(
        "login: walked as a client does, from the login endpoint. Absent when walked as the backend does.",
      ),
    startedAt: z.iso.datetime().describe("ISO 8601, UTC."),
    durationMs: natural.describe("Milliseconds, clean-up included."),
    fresh: z.boolean().describe("Whether it was taken for a fresh deployment, whose answers may be late."),
    clockSkewMs: z
      .int()
      .nullable()
      .describe("Milliseconds by which AWS's clock is ahead of the harness's; null when no answer told."),
    outcome: z
      .enum(["passed", "failed", "error"])
      .describe(
        "failed: the deployment answered wrongly, or too slowly under --strict. error: the walk could not be made or was ended.",
      ),
    error: z
      .strictObject({
        kind: z
          .enum(HARNESS_ERROR_KINDS)
          .describe(
            "settings: options, outputs file or credentials cannot be used. unreachable: no answer. timeout: longer than the whole run may take. interrupted: ended by its caller.",
          ),
        message: text.describe("What is wrong and what to do about it."),
      })
      .nullable()
      .describe("What kept the walk from its end; null unless the outcome is error."),
    warnings: texts.describe("What went wrong without changing the outcome, e.g. a failing clean-up."),
    steps: z
      .array(stepResult)
      .min(CLIENT_STEP_NAMES.length)
      .max(STEP_NAMES.length)
      .describe(
        `The steps of the flow, always all, in their order: ${STEP_NAMES.join(", ")}; of a client: ${CLIENT_STEP_NAMES.join(", ")}.`,
      ),
    refusals: z
      .array(stepResult)
      .describe("The calls that must be refused, in the order of their table; empty when not asked for."),
    access: access.optional().describe("Only with --access."),
    leftBehind: z
      .strictObject({
        found: natural.describe("Identities of earlier runs with this slot that were still in the pool."),
        deleted: natural.describe("Those of them that were deleted."),
      })
      .optional()
      .describe("Only with --slot."),
    load: load
      .optional()
      .describe("Only of a load run: its steps are those of all users together, and their times medians."),
  })
  .meta({ title: "Report of a walk through the flow of developer-authenticated identities" });

/** Data that nobody changes. */
export type ReadonlyDeep<T> = T extends object ? { readonly [Key in keyof T]: ReadonlyDeep<T[Key]> } : T;

/** All that a walk has to say. It has passed `Redactor`, so its texts may be published. */
export type Report = ReadonlyDeep<z.infer<typeof reportSchema>>;
/** What became of a step, or of a call that must be refused. Its texts hold no secret, no token and no signature. */
export type StepResult = Report["steps"][number];

/** Who may call which route of the API: what was declared, what was seen, and what the policies say. */
export type AccessReport = NonNullable<Report["access"]>;
/** One route and one kind of caller. */
export type AccessCell = AccessReport["cells"][number];

/** How a deployment bore many users. */
export type LoadReport = NonNullable<Report["load"]>;

/** What happens while the walk runs; texts hold no secrets, times are in milliseconds. */
export type ProgressEvent =
  /** Before the first step: how many will be started. */
  | { readonly type: "planned"; readonly count: number }
  /** Of a step, of a call that must be refused, or of the access matrix, which has no end of its own. */
  | { readonly type: "started"; readonly name: string; readonly title: string }
  | { readonly type: "finished"; readonly result: StepResult }
  /** Before a call is repeated. */
  | { readonly type: "retry"; readonly what: string; readonly cause: string; readonly wait: number }
  /** After every attempt of a call; the error with its causes, null when there was an answer. */
  | {
      readonly type: "call";
      readonly what: string;
      readonly durationMs: number;
      readonly error: string | null;
    }
  | { readonly type: "warning"; readonly message: string };

/** Counts the results of each status, leaving out those that there are none of. */
export function countByStatus(results: readonly { readonly status: Status }[]): [Status, number][] {
  return STATUSES.map((status): [Status, number] => [
    status,
    results.filter((result) => result.status === status).length,
  ]).filter(([, count]) => count > 0);
}

/** The labels of details that are not called as their member is. */
const LABELS: Readonly<Record<string, string>> = { requestId: "request", findings: "found", notes: "note" };
type Detail = "expected" | "actual" | "hint" | "requestId" | "source" | "findings" | "notes";

/** Lists these details of a result with their labels, in that order; one that there is nothing of is left out. */
export function details(result: StepResult, asked: readonly Detail[]): [label: string, text: string][] {
  return asked.flatMap((name) =>
    [result[name] ?? []].flat().map((text): [string, string] => [LABELS[name] ?? name, text]),
  );
}

/** Writes report.json: indented, with a line break at its end. */
export function jsonReport(report: Report): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** Reads report.json. @throws Error when it is not a report of this version of the harness */
export function parseReport(json: string): Report {
  return reportSchema.parse(JSON.parse(json));
}

/** Writes the JSON Schema (2020-12) of report.json, as `harness/report.schema.json` holds it. */
export function reportJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(reportSchema), null, 2)}\n`;
}
