/** What every open page is told of. */
export type Told<Seen> =
  /** `atMs` is when the look began, by this process's own clock (`performance.now`): what it saw is that old. */
  | { readonly kind: 'seen'; readonly seen: Seen; readonly atMs: number }
  | { readonly kind: 'problem'; readonly message: string };

export interface Feed<Seen> {
  /** Tells the last look at once, where there is one, and every one that follows. Returns how to leave. */
  join(listener: (told: Told<Seen>) => void): () => void;
  /** Looks again now: something was done. */
  nudge(): void;
}

/** A page that has changed its address comes back at once, and is told the last look; one that comes later waits. */
const KEPT_MS = 10_000;

/**
 * One poller for all that look: it starts with the first and ends with the last of them, as each look costs calls. A look
 * that fails is told, and followed by the next.
 */
export function createFeed<Seen>(look: () => Promise<Seen>, everyMs: number): Feed<Seen> {
  const listeners = new Set<(told: Told<Seen>) => void>();
  let last: Told<Seen> | undefined;
  let isLooking = false;
  let timer: NodeJS.Timeout | undefined;

  const turn = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    clearTimeout(timer);
    const atMs = performance.now();
    last = await look().then(
      (seen): Told<Seen> => ({ kind: 'seen', seen, atMs }),
      (error: unknown): Told<Seen> => ({ kind: 'problem', message: messageOf(error) }),
    );
    isLooking = false;
    for (const listener of listeners) listener(last);
    if (listeners.size > 0) timer = setTimeout(turn, everyMs);
  };
  return {
    join(listener) {
      listeners.add(listener);
      if (last?.kind === 'seen' && performance.now() - last.atMs > KEPT_MS && listeners.size === 1)
        last = undefined;
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

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
