/** Outputs as services write them. */

/** The map, or undefined for one without members. */
export function nonEmpty<Map extends object>(map: Map | undefined): Map | undefined {
  return map && Object.keys(map).length > 0 ? map : undefined;
}
