import type { Told } from './feed.ts';
import type { View } from './view.ts';

/** What one open page is told. `ageMs`: how old that is when it is sent, in this machine's time and not in the world's. */
export type Update =
  | { readonly kind: 'view'; readonly view: View; readonly ageMs: number }
  /** Nothing has changed but the time. */
  | { readonly kind: 'same'; readonly takenAtMs: number; readonly ageMs: number }
  | { readonly kind: 'problem'; readonly message: string };

/** The updates of one page: a view that differs from the one before by its time alone is not sent again. */
export function createUpdates<Seen>(viewOf: (seen: Seen) => View): (told: Told<Seen>) => Update {
  let before: string | undefined;
  return (told) => {
    if (told.kind === 'problem') return told;
    const view = viewOf(told.seen);
    const { takenAtMs } = view;
    const ageMs = Math.round(performance.now() - told.atMs);
    const now = JSON.stringify({ ...view, takenAtMs: 0 });
    if (now === before) return { kind: 'same', takenAtMs, ageMs };
    before = now;
    return { kind: 'view', view, ageMs };
  };
}
