/** Why a function's zip is refused. */

/** The package is no zip that Lambda would take; the message is in Lambda's words, or names the entry that is in the way. */
export class UnusablePackageError extends Error {
  override readonly name = "UnusablePackageError";
}
