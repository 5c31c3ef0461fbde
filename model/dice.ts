/** A seeded generator of numbers from 0 (inclusive) to 1 (exclusive): mulberry32, enough for a scenario. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A number from `least` (inclusive) to `most` (exclusive). */
export const between = (random: () => number, least: number, most: number): number =>
  least + random() * (most - least);

/** One of the items, each as likely as the others. There must be one. */
export const pick = <Item>(random: () => number, items: readonly Item[]): Item =>
  items[Math.floor(random() * items.length)] as Item;
