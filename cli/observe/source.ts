/** What a part of the view was read from last, and why it is not newer. */
export interface Held<Value> {
  readonly value: Value;
  /** Why the last reading failed; the value is then the one before. */
  readonly failure: { readonly error: unknown } | undefined;
}

/** When a failed reading is tried again; sooner where the source is read more often. */
const RETRY_MS = 15_000;

/** Reads at most so often: in between, and when a reading fails, what was read before stays. */
export function createSource<Value>(
  everyMs: number,
  initial: Value,
  read: () => Promise<Value>,
): (nowMs: number) => Promise<Held<Value>> {
  let held: Held<Value> = { value: initial, failure: undefined };
  let dueAtMs = Number.NEGATIVE_INFINITY;
  return async (nowMs) => {
    if (nowMs < dueAtMs) return held;
    held = await read().then(
      (value) => ({ value, failure: undefined }),
      (error: unknown) => ({ value: held.value, failure: { error } }),
    );
    dueAtMs = nowMs + (held.failure === undefined ? everyMs : Math.min(everyMs, RETRY_MS));
    return held;
  };
}

/**
 * As `createSource`, for a part that takes long to read: a look waits for the first reading, and shows what a later one
 * found at the look after it has ended.
 */
export function createSlowSource<Value>(
  everyMs: number,
  initial: Value,
  read: () => Promise<Value>,
): (nowMs: number) => Promise<Held<Value>> {
  const source = createSource(everyMs, initial, read);
  let held: Held<Value> | undefined;
  let reading: Promise<Held<Value>> | undefined;
  return async (nowMs) => {
    reading ??= source(nowMs).then((value) => {
      reading = undefined;
      held = value;
      return value;
    });
    return held ?? reading;
  };
}

/** The value, unless it is not what was read last. */
export function freshOf<Value>({ value, failure }: Held<Value>): Value {
  if (failure !== undefined) throw failure.error;
  return value;
}
