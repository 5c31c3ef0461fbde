import { setTimeout as pause } from 'node:timers/promises';
import { createLogUpdate } from 'log-update';
import wrapAnsi from 'wrap-ansi';
import { untilInterrupted } from './interrupt.ts';
import type { Output } from './output.ts';
import { toTerminal } from './terminal.ts';

/** What is looked at again and again. */
export interface Watched<Seen> {
  readonly look: () => Promise<Seen>;
  readonly draw: (seen: Seen) => string;
  /** When it was seen. */
  readonly atMs: (seen: Seen) => number;
  readonly everyMs: number;
  /** Whether this is the end: otherwise Ctrl-C is. */
  readonly isOver?: (seen: Seen) => boolean;
}

/**
 * Shows what is seen until Ctrl-C or its end: on a terminal in one place, in a pipe or a file one block below the other,
 * each with its time, and with `--json` an object on each line. Resolves with what was seen last.
 */
export async function watch<Seen>(output: Output, watched: Watched<Seen>): Promise<Seen | undefined> {
  const screen = createScreen(output, watched);
  let last: Seen | undefined;
  try {
    await untilInterrupted(async (signal) => {
      const ended = new Promise<undefined>((resolve) =>
        signal.addEventListener('abort', () => resolve(undefined)),
      );
      while (!signal.aborted) {
        const seen = await Promise.race([watched.look(), ended]);
        if (seen === undefined || signal.aborted) return;
        last = seen;
        screen.show(seen);
        if (watched.isOver?.(seen)) return;
        await pause(watched.everyMs, undefined, { signal }).catch(() => undefined);
      }
    });
  } finally {
    screen.close();
  }
  return last;
}

interface Screen<Seen> {
  show(seen: Seen): void;
  close(): void;
}

function createScreen<Seen>({ isJson }: Output, { draw, atMs }: Watched<Seen>): Screen<Seen> {
  const close = () => undefined;
  if (isJson) return { show: (seen) => console.log(toTerminal(JSON.stringify(seen))), close };
  if (process.stdout.isTTY) return createLiveScreen(draw);
  return {
    show: (seen) => console.log(toTerminal(`--- ${new Date(atMs(seen)).toISOString()}\n${draw(seen)}\n`)),
    close,
  };
}

function createLiveScreen<Seen>(draw: (seen: Seen) => string): Screen<Seen> {
  const update = createLogUpdate(process.stdout);
  return { show: (seen) => update(firstLines(toTerminal(draw(seen)), process.stdout)), close: update.done };
}

/** As many lines as the screen has, from the top: log-update would show the last ones. */
function firstLines(
  text: string,
  { columns = 80, rows = 24 }: { readonly columns?: number; readonly rows?: number },
) {
  const lines = wrapAnsi(text, columns, { hard: true, trim: false }).split('\n');
  if (lines.length < rows) return text;
  const shown = lines.slice(0, Math.max(1, rows - 2));
  return [
    ...shown,
    `… ${lines.length - shown.length} more lines in a higher window, or without --watch`,
  ].join('\n');
}
