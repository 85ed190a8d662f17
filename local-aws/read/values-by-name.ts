/** Lists of names and values in which a name may come more than once. */

/** Every value of every name, in the order given. */
export function valuesByName(
  pairs: Iterable<readonly [name: string, value: string]>,
): Record<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    const known = values.get(name);
    if (known) {
      known.push(value);
    } else {
      values.set(name, [value]);
    }
  }
  return Object.fromEntries(values);
}

/** The parameters of a query, decoded as a form is. */
export function queryValues(query: string): Record<string, string[]> {
  return valuesByName(new URLSearchParams(query));
}
