/** All rows of the bench, in the order in which they are measured and shown. */
import type { Row } from "./row";
import { DATA_ROWS } from "./rows/data";
import { E2E_ROWS } from "./rows/e2e";
import { HARNESS_ROWS } from "./rows/harness";
import { LOCAL_AWS_ROWS } from "./rows/local-aws";
import { ROUTES_ROWS } from "./rows/routes";
import { SCALE_ROWS } from "./rows/scale";
import { SYNTH_ROWS } from "./rows/synth";

export const ROWS: readonly Row[] = [
  ...SYNTH_ROWS,
  ...HARNESS_ROWS,
  ...LOCAL_AWS_ROWS,
  ...SCALE_ROWS,
  ...DATA_ROWS,
  ...ROUTES_ROWS,
  ...E2E_ROWS,
];

/**
 * Picks rows by name, or by a first part that ends before a hyphen.
 *
 * @throws RangeError naming what there is
 */
export function chooseRows(names: readonly string[], rows: readonly Row[] = ROWS): readonly Row[] {
  const isMeant = (row: Row, name: string) => row.name === name || row.name.startsWith(`${name}-`);
  const unknown = names.filter((name) => !rows.some((row) => isMeant(row, name)));
  if (unknown.length > 0) {
    throw new RangeError(
      `No row ${unknown.join(", ")}. There are: ${rows.map((row) => row.name).join(", ")}.`,
    );
  }
  return rows.filter((row) => names.some((name) => isMeant(row, name)));
}
