/** A call that must be refused, as data: what is sent, and with what AWS may answer. */
import { type ApiAnswer, type ApiCall, callApi, refusalOf } from "../calls/api";
import { AssertionFailure, OTHER_WORDS, type Refusal, showRefusal } from "../calls/assert";
import type { CallLog } from "../calls/call-log";
import { refusalIn } from "../calls/retryable";
import { HarnessError } from "../run/errors";
import type { Deployment } from "../run/outputs";
import { NotApplicable, type Step, type Walk } from "../steps/step";
import type { RefusalSession } from "./session";

/** One way in which AWS may refuse. */
export interface Refusing {
  readonly status: number;
  /** Null where AWS's error class is not documented: any will do, and the report notes which came. */
  readonly code: string | null;
  /** Where AWS's words are not certain, no more of them than is. */
  readonly message: RegExp;
}

/** An entry of the table of refusals; `refusedCall` makes a step of it. */
export interface RefusedCall {
  readonly name: string;
  /** What is sent. */
  readonly title: string;
  /** More than one where AWS's answer is not documented for certain: each will do, and the report notes which came. */
  readonly answers: readonly Refusing[];
  /** Why it must be refused, or where the answer is told: a URL. */
  readonly source: string;
  /** What it means when it is not refused so. */
  readonly hint: string;
  /** Why this deployment need not refuse it; null when it must. @default it must */
  readonly notApplicable?: (deployment: Deployment) => string | null;
  /**
   * Sends the call once.
   *
   * @returns the refusal; what else came, when it was not refused
   */
  send(walk: Walk, calls: CallLog, session: RefusalSession): Promise<Refusal | "not refused">;
}

/** The step that sends the call and judges the answer. */
export function refusedCall(call: RefusedCall): Step<RefusalSession, void> {
  const classes = call.answers.map(({ status, code }) => `${status} ${code ?? "any class"}`);
  const expected = [...new Set(classes)].join(" or ");
  return {
    name: call.name,
    title: call.title,
    source: call.source,
    hint: call.hint,
    expected: () => `refused: ${expected}`,
    async run(walk, calls, session) {
      const notApplicable = call.notApplicable?.(walk.deployment) ?? null;
      if (notApplicable !== null) {
        throw new NotApplicable(notApplicable);
      }
      const refusal = await walk.patience.call(calls, call.title, async () => {
        const answer = await call.send(walk, calls, session);
        if (answer === "not refused") {
          throw new AssertionFailure("answer", `refused: ${expected}`, answer);
        }
        if (!call.answers.some((refusing) => isSuch(answer, refusing))) {
          const subject = call.answers.some((refusing) => isSuchInOtherWords(answer, refusing))
            ? OTHER_WORDS
            : "answer";
          throw new AssertionFailure(subject, `refused: ${expected}`, showRefusal(answer), answer);
        }
        return answer;
      });
      if (call.answers.length > 1 || call.answers.some(({ code }) => code === null)) {
        calls.notes.push(`AWS's answer is not documented for certain; this came: ${showRefusal(refusal)}`);
      }
      return { actual: showRefusal(refusal), result: undefined };
    },
  };
}

function isSuch(answer: Refusal, { status, code, message }: Refusing): boolean {
  return answer.status === status && (code === null || answer.code === code) && message.test(answer.message);
}

/** API Gateway's error classes come with its words: whatever answers in its place has others, or none. */
function isSuchInOtherWords(answer: Refusal, { status, code }: Refusing): boolean {
  return answer.status === status && (answer.service === "execute-api" || answer.code === code);
}

/** Sends a call to the API; any status below 400 is no refusal. */
export async function apiRefusal(
  walk: Walk,
  calls: CallLog,
  call: ApiCall,
): Promise<Refusal | "not refused"> {
  const answer: ApiAnswer = await callApi(walk, calls, call);
  return answer.status < 400 ? "not refused" : refusalOf(answer);
}

/** Reads Cognito's exception as the refusal that it is. */
export async function cognitoRefusal(call: Promise<unknown>): Promise<Refusal | "not refused"> {
  try {
    await call;
    return "not refused";
  } catch (error) {
    const refusal = error instanceof HarnessError ? null : refusalIn(error);
    if (refusal === null || error instanceof AssertionFailure) {
      throw error;
    }
    return refusal;
  }
}
