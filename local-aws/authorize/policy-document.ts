/** Policies by their text: reading one takes longer than deciding by it, and the same few decide call after call. */
import { type PolicyDocument, parsePolicy } from "../../iam-policy/document";

/** Policies that are kept, and characters of all their texts; the oldest go when there are more. */
const MAXIMUM_KNOWN = 1_000;
const MAXIMUM_CHARACTERS = 4_000_000;

const known = new Map<string, PolicyDocument>();
let characters = 0;

/**
 * Reads a policy document, or has read it before; it must not be changed.
 *
 * @throws MalformedPolicyError
 */
export function policyDocument(json: string): PolicyDocument {
  const held = known.get(json);
  if (held !== undefined) {
    return held;
  }
  const document = parsePolicy(json);
  known.set(json, document);
  characters += json.length;
  for (const oldest of known.keys()) {
    if (known.size <= MAXIMUM_KNOWN && characters <= MAXIMUM_CHARACTERS) {
      break;
    }
    known.delete(oldest);
    characters -= oldest.length;
  }
  return document;
}
