/** How far AWS's clock is from this machine's: beyond five minutes AWS refuses signatures, whatever else is right. */

/** Milliseconds. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html */
export const SIGNATURE_TOLERANCE = 5 * 60_000;

/** Milliseconds above which the skew is worth a warning: sessions and tokens end at other times than this machine believes. */
const NOTABLE_SKEW = 60_000;

/** AWS's clock as seen from here; learns from the `Date` of every answer. */
export class Clock {
  private best?: { readonly skew: number; readonly roundTrip: number };

  /**
   * Learns from an answer's `Date` header. The header tells whole seconds, and the answer was dated some time between
   * request and answer, so the quickest answer counts most.
   *
   * @param sentAt epoch milliseconds, and so is `receivedAt`
   */
  note(date: string | undefined, sentAt: number, receivedAt: number): void {
    const told = date === undefined ? Number.NaN : Date.parse(date);
    const roundTrip = receivedAt - sentAt;
    if (!Number.isNaN(told) && (this.best === undefined || roundTrip < this.best.roundTrip)) {
      this.best = { skew: told + 500 - (sentAt + roundTrip / 2), roundTrip };
    }
  }

  /** Milliseconds that AWS's clock is ahead of this machine's, to a second; undefined when no answer told. */
  get skew(): number | undefined {
    // Adding 0 turns a negative zero into a plain one.
    return this.best && Math.round(this.best.skew / 1000) * 1000 + 0;
  }

  /** Tells AWS's time, epoch milliseconds. */
  now(): number {
    return Date.now() + (this.skew ?? 0);
  }

  /** Writes a sentence about a skew that is worth a warning; undefined when the clocks agree. */
  warning(): string | undefined {
    const { skew } = this;
    return skew === undefined || Math.abs(skew) < NOTABLE_SKEW
      ? undefined
      : `This machine's clock is ${describeSkew(skew)} AWS's. Set it by NTP: at five minutes AWS refuses every signature.`;
  }
}

/** Describes a skew in milliseconds, e.g. `10 min behind`. */
export function describeSkew(skew: number): string {
  const seconds = Math.round(Math.abs(skew) / 1000);
  const amount = seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  return `${amount} ${skew > 0 ? "behind" : "ahead of"}`;
}
