import { counted } from '../../functions/core/words/count.ts';
import type { JobView, Snapshot } from '../observe/snapshot.ts';
import type { Wait, WaitKind } from '../observe/why/waits.ts';
import { createWhy } from '../observe/why/why-it-waits.ts';
import { inOneLine } from '../terminal.ts';

/** Why jobs wait: those that wait for the same kind of thing in one line, in the words of the oldest. */
export function whyLines(open: readonly JobView[], snapshot: Snapshot): string[] {
  const why = createWhy(snapshot);
  const kinds = new Map<WaitKind, { readonly wait: Wait; readonly jobs: JobView[] }>();
  for (const job of open.toReversed()) {
    const wait = why(job);
    if (wait === undefined) continue;
    const known = kinds.get(wait.kind) ?? { wait, jobs: [] };
    known.jobs.push(job);
    kinds.set(wait.kind, known);
  }
  return [...kinds.values()].map(({ wait, jobs: [oldest, ...others] }) => {
    const more = others.length === 0 ? '' : ` and ${counted(others.length, 'other')}`;
    return inOneLine(`${oldest?.name ?? `job ${oldest?.jobId}`}${more}: ${wait.text}`);
  });
}
