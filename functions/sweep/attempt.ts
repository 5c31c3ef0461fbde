/** Keeps an error for the end of the pass. */
export type Gather = (error: unknown) => void;

/** One step on its own: `undefined` when it failed. */
export async function attempt<T>(action: () => Promise<T>, gather: Gather): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    gather(error);
    return undefined;
  }
}

/** Applies each item on its own; returns those that succeeded. */
export async function applyEach<Item>(
  items: readonly Item[],
  apply: (item: Item) => Promise<void>,
  gather: Gather,
): Promise<Item[]> {
  const done: Item[] = [];
  for (const item of items) {
    const isDone = await attempt(() => apply(item).then(() => true), gather);
    if (isDone) done.push(item);
  }
  return done;
}
