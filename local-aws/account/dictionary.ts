/**
 * Records whose keys a client chooses. A plain object answers `record["constructor"]` with a function and changes its prototype
 * on `record["__proto__"] = …`; a dictionary has no prototype, so every text is a key like any other.
 */

declare const withoutPrototype: unique symbol;

/** Only `dictionary` makes one: the brand keeps plain objects (`{}`, spreads, `Object.fromEntries`) from being stored as one. */
export type Dictionary<Value> = Record<string, Value> & { readonly [withoutPrototype]: true };

/** A dictionary of the given entries; a later entry replaces an earlier one of the same key. */
export function dictionary<Value>(
  entries: Iterable<readonly [key: string, value: Value]> = [],
): Dictionary<Value> {
  const empty: Record<string, Value> = Object.create(null);
  for (const [key, value] of entries) {
    empty[key] = value;
  }
  return empty as Dictionary<Value>;
}

/**
 * Puts a value into a record and returns it as it is there: what was given may be frozen from then on (see `changes.ts`), so who
 * goes on to change it uses this.
 */
export function stored<Value>(record: Record<string, Value>, key: string, value: Value): Value {
  record[key] = value;
  return record[key];
}

/** A reviver for `JSON.parse`: every object of the text becomes a dictionary. */
export function reviveDictionary(_key: string, value: unknown): unknown {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? dictionary(Object.entries(value))
    : value;
}
