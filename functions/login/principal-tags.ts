// Claims as principal tags: what policies later find as `aws:PrincipalTag/KEY`, and what a path may be granted by.
import type { AuthenticatedUser } from "./authenticator";
import { UnusableClaimError } from "./login-error";

/** A claim of the session and the tag that it becomes. */
export interface TagMapping {
  readonly claim: string;
  readonly tag: string;
}

/**
 * What AWS takes as a session tag's value, without `/`: a policy such as `…/GET/users/${aws:PrincipalTag/username}` must
 * never reach a second segment. `*` and `?` are none of AWS's characters anyway. Nor is a value a dot segment, which
 * clients and proxies resolve.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
 */
const TAG_VALUE = /^(?!\.{1,2}$)[\p{L}\p{Z}\p{N}_.:=+@-]{1,256}$/u;

/**
 * Takes the tags from a user's claims: every one that is mapped, or none is signed in. A tag that is missing could open
 * what a policy denies to those who have it.
 *
 * @throws UnusableClaimError when a claim is missing, not a text, or can't be a tag
 */
export function principalTags(
  mappings: readonly TagMapping[],
  { claims }: AuthenticatedUser,
): Record<string, string> {
  const own = new Map(Object.entries(claims));
  const tags = mappings.map(({ claim, tag }) => {
    const value = own.get(claim);
    if (typeof value !== "string") {
      throw new UnusableClaimError(claim, value === undefined ? "is missing" : "is not a text");
    }
    if (!TAG_VALUE.test(value)) {
      throw new UnusableClaimError(
        claim,
        "can't be a principal tag, which has 1 to 256 letters, digits, spaces and _.:=+-@",
      );
    }
    return [tag, value] as const;
  });
  return Object.fromEntries(tags);
}
