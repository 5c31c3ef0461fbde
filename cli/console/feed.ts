import type { View } from './view.ts';

/** What every open page is told. */
export type Update =
  | { readonly kind: 'view'; readonly view: View }
  | { readonly kind: 'problem'; readonly message: string };

export interface Feed {
  /** Tells the last update at once, where there is one, and every one that follows. Returns how to leave. */
  join(listener: (update: Update) => void): () => void;
  /** Looks again now: something was done. */
  nudge(): void;
}

/**
 * One poller for all that look: it starts with the first and ends with the last of them, as each look costs calls. A look
 * that fails is told, and followed by the next.
 */
export function createFeed(look: () => Promise<View>, everyMs: number): Feed {
  const listeners = new Set<(update: Update) => void>();
  let last: Update | undefined;
  let told: Update | undefined;
  let isLooking = false;
  let timer: NodeJS.Timeout | undefined;

  const turn = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    clearTimeout(timer);
    last = await look().then(
      (view): Update => ({ kind: 'view', view }),
      (error: unknown): Update => ({ kind: 'problem', message: messageOf(error) }),
    );
    isLooking = false;
    if (!isSame(last, told)) {
      told = last;
      for (const listener of listeners) listener(last);
    }
    if (listeners.size > 0) timer = setTimeout(turn, everyMs);
  };
  return {
    join(listener) {
      listeners.add(listener);
      if (last !== undefined) listener(last);
      if (listeners.size === 1) void turn();
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) clearTimeout(timer);
      };
    },
    nudge: () => void (listeners.size > 0 && turn()),
  };
}

/** But for the time of the look itself, and what is counted from it: an idle page is left alone for a while. */
const RENEW_MS = 10_000;

function isSame(update: Update, before: Update | undefined): boolean {
  if (update.kind === 'problem' || before?.kind !== 'view')
    return JSON.stringify(update) === JSON.stringify(before);
  const { takenAtMs } = before.view;
  const isRecent = update.view.takenAtMs - takenAtMs < RENEW_MS;
  return isRecent && JSON.stringify({ ...update.view, takenAtMs }) === JSON.stringify(before.view);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
