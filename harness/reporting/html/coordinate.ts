/** Numbers of a drawing. */

/** A coordinate to a tenth of a unit: what is finer nobody sees, and everybody loads. */
export function coordinate(value: number): number {
  return Math.round(value * 10) / 10;
}
