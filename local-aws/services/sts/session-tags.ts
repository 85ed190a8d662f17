/** Session tags: passed with a request, or inherited from the session that makes it. */
import { dictionary } from "../../account/dictionary";
import type { Session } from "../../account/state/sts";
import { repeatsKey, type Tag } from "../iam/tags";
import { ServiceError } from "../service-error";

type SessionTags = Pick<Session, "tags" | "transitiveTagKeys">;

/**
 * The tags of a session that the caller's session asks for: those passed, and the caller's transitive ones.
 *
 * @throws ServiceError for tags that contradict themselves or the caller's
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
 */
export function sessionTags(
  passed: readonly Tag[],
  transitiveKeys: readonly string[],
  caller: SessionTags | undefined,
): SessionTags {
  const invalid = (message: string) => new ServiceError("InvalidParameterValue", message);
  const keys = passed.map(({ Key }) => Key);
  if (repeatsKey(keys)) {
    throw invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
  }
  if (transitiveKeys.some((key) => !includesKey(keys, key))) {
    throw invalid("The specified transitive tag key must be included in the requested tags.");
  }
  const inheritedKeys = caller?.transitiveTagKeys ?? [];
  if (keys.some((key) => includesKey(inheritedKeys, key))) {
    throw invalid(
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    );
  }
  const inherited = Object.entries(caller?.tags ?? {}).filter(([key]) => includesKey(inheritedKeys, key));
  return {
    tags: dictionary([...inherited, ...passed.map(({ Key, Value }) => [Key, Value] as const)]),
    transitiveTagKeys: [...inheritedKeys, ...transitiveKeys],
  };
}

function includesKey(keys: readonly string[], wanted: string): boolean {
  return keys.some((key) => key.toLowerCase() === wanted.toLowerCase());
}
