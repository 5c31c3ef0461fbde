import type { Update } from '../update.ts';

export interface Hears {
  /** The console answers. */
  open(): void;
  update(update: Update): void;
  /** It does not; it is asked again then, by `performance.now`. */
  lost(againAtMs: number): void;
}

/** A person who has just started the console again waits no longer than this. */
const LONGEST_PAUSE_MS = 15_000;
const FIRST_PAUSE_MS = 500;
/** Typing a word makes one question of it. */
const GATHER_MS = 120;

/**
 * Hears what the console tells of a query, and of the next one that it is asked. It comes back by itself, ever more
 * slowly, and at once when somebody looks at the page again.
 */
export function connect(first: string, hears: Hears): { ask(query: string): void } {
  let query = first;
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;

  const open = (): void => {
    clearTimeout(timer);
    source?.close();
    const own = new EventSource(`events?${query}`);
    source = own;
    own.addEventListener('open', () => {
      failures = 0;
      hears.open();
    });
    own.addEventListener('update', ({ data }) => own === source && hears.update(JSON.parse(data)));
    own.addEventListener('error', () => own === source && retry(own));
  };
  const retry = (own: EventSource): void => {
    own.close();
    source = undefined;
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
    failures += 1;
    timer = setTimeout(open, pauseMs);
    hears.lost(performance.now() + pauseMs);
  };
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible' && source === undefined) open();
  });
  open();
  return {
    ask(next) {
      if (next === query) return;
      query = next;
      clearTimeout(timer);
      timer = setTimeout(open, GATHER_MS);
    },
  };
}
