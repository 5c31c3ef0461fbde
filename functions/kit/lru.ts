/** A map that forgets what was used least recently, so that it never outgrows its process. */
export interface Lru<Key, Value> {
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): void;
  delete(key: Key): void;
  values(): Value[];
}

/** Holds values up to a total weight; one is 1 unless `weigh` says otherwise. A Map keeps the order of insertion. */
export function createLru<Key, Value>(
  mostWeight: number,
  weigh: (value: Value) => number = () => 1,
): Lru<Key, Value> {
  const entries = new Map<Key, Value>();
  let weight = 0;
  const remove = (key: Key): Value | undefined => {
    const value = entries.get(key);
    if (value === undefined) return undefined;
    entries.delete(key);
    weight -= weigh(value);
    return value;
  };
  const set = (key: Key, value: Value): void => {
    remove(key);
    entries.set(key, value);
    weight += weigh(value);
    for (const oldest of entries.keys()) {
      if (weight <= mostWeight) return;
      remove(oldest);
    }
  };
  const get = (key: Key): Value | undefined => {
    const value = remove(key);
    if (value !== undefined) set(key, value);
    return value;
  };
  return { get, set, delete: (key) => void remove(key), values: () => [...entries.values()] };
}
