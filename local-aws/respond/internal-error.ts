/** A fault of local AWS itself, as its log may show it: where it happened and what it was, but nothing that the client sent. */

/** Access keys have 20 characters, secrets 40, signatures 64, tokens hundreds. */
const OPAQUE = /[A-Za-z0-9+/=_.%-]{16,}/g;

/** @param doing what was being done, e.g. `cognito-identity:GetId` */
export function describeFault(doing: string, error: unknown): string {
  if (!(error instanceof Error)) {
    return `internal error in ${doing}: ${typeof error} was thrown`;
  }
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  const message = error.message.replace(OPAQUE, "…");
  return [`internal error in ${doing}: ${error.name}: ${message}`, ...frames].join("\n");
}
