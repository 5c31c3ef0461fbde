/** Maps every item, with at most this many calls of `fn` at once. Results are in the order of the items. */
export async function mapWithin<Item, Result>(
  most: number,
  items: readonly Item[],
  fn: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Map<number, Result>();
  const queue = items.entries();
  // The workers share one iterator: each takes the next item when it has finished its last.
  const work = async () => {
    for (const [index, item] of queue) results.set(index, await fn(item));
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, work));
  return items.map((_, index) => results.get(index) as Result);
}
