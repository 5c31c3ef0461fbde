import { mapWithin } from '../kit/within.ts';

/** Keeps an error for the end of the pass. */
export type Gather = (error: unknown) => void;

/** How a step of a pass is done: until its time is over, and with its faults kept for the end. */
export interface Step {
  readonly signal: AbortSignal;
  /** Resolves with the signal. */
  readonly ended: Promise<undefined>;
  readonly gather: Gather;
}

export function createStep(signal: AbortSignal, gather: Gather): Step {
  const ended = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  return { signal, ended, gather };
}

/** Requests at once of one step: GitHub takes 100 of an installation (docs.github.com, Rate limits for the REST API). */
const AT_ONCE = 10;

/** One action on its own: `undefined` when it failed, or when the step's time was over first. */
export async function attempt<T>(
  action: () => Promise<T>,
  { signal, ended, gather }: Step,
): Promise<T | undefined> {
  if (signal.aborted) return undefined;
  try {
    return await Promise.race([action(), ended]);
  } catch (error) {
    gather(error);
    return undefined;
  }
}

/** Applies each item on its own, ten at once, until the step's time is over; returns those that succeeded. */
export async function applyEach<Item>(
  items: readonly Item[],
  apply: (item: Item) => Promise<unknown>,
  step: Step,
): Promise<Item[]> {
  const done = await mapWithin(AT_ONCE, items, (item) => attempt(() => apply(item).then(() => true), step));
  return items.filter((_, index) => done[index] === true);
}
