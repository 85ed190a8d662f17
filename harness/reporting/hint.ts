/** Finds the known cause behind a failure. */
import { CAUSES, type Cause, type Facts, type Symptom } from "./causes";

/** The hint for a failed step; null when no known cause matches. */
export function hintFor(symptom: Symptom, facts: Facts): string | null {
  const hint = causeOf(symptom, facts)?.hint ?? null;
  return typeof hint === "function" ? hint(facts) : hint;
}

/** Whether a signature was refused for the clock's sake. */
export function isClockSkew(symptom: Symptom, facts: Facts): boolean {
  return causeOf(symptom, facts)?.name === "clock-skew";
}

function causeOf(symptom: Symptom, facts: Facts): Cause | undefined {
  return CAUSES.find((cause) => matches(cause, symptom, facts));
}

function matches(cause: Cause, symptom: Symptom, facts: Facts): boolean {
  const { refusal } = symptom;
  return (
    (cause.steps === undefined || cause.steps.includes(symptom.step)) &&
    fits(cause.subject, symptom.subject) &&
    fits(cause.actual, symptom.actual) &&
    (cause.service === undefined || cause.service === refusal?.service) &&
    (cause.status === undefined || cause.status === refusal?.status) &&
    fits(cause.code, refusal?.code) &&
    fits(cause.message, refusal?.message) &&
    (cause.facts === undefined || cause.facts(facts, symptom))
  );
}

function fits(wanted: string | RegExp | undefined, found: string | null | undefined): boolean {
  if (wanted === undefined) {
    return true;
  }
  return typeof wanted === "string" ? wanted === found : wanted.test(found ?? "");
}
