/** Where a sorted list divides. By halves: it may be long. */

/**
 * How many of the first elements are `before`.
 *
 * @param before holds for the first elements, and for none behind them
 */
export function partitionPoint<Element>(
  list: readonly Element[],
  before: (element: Element) => boolean,
): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (before(list[middle] as Element)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
