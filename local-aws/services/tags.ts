/** Tags of resources whose keys count case; IAM, which compares keys without it, has its own. */
import { type Dictionary, dictionary } from "../account/dictionary";
import type { ServiceError } from "./service-error";

/** A resource of any of these services has at most as many tags; each names the page of the AWS documentation that says so. */
export const MAXIMUM_TAGS = 50;

/**
 * A resource's tags with others added, which replace those of the same key.
 *
 * @param tooMany the service's error
 * @throws ServiceError that error
 */
export function mergeTags(
  tags: Dictionary<string>,
  added: Dictionary<string>,
  tooMany: () => ServiceError,
): Dictionary<string> {
  const merged = dictionary([...Object.entries(tags), ...Object.entries(added)]);
  if (Object.keys(merged).length > MAXIMUM_TAGS) {
    throw tooMany();
  }
  return merged;
}
