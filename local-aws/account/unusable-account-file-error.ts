/** Why an account can't be kept in the file that was named, and what to do about it. */

/** A file that doesn't hold an account of this version, or can't be one account's; it is left as it is. */
export class UnusableAccountFileError extends Error {
  override readonly name = "UnusableAccountFileError";

  constructor(
    readonly file: string,
    reason: string,
    cure = "Name another file, or move this one away to start with an empty account.",
  ) {
    super(`${file} can't be used as the account's data: ${reason}. It was left untouched. ${cure}`);
  }
}
