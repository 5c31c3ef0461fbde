import type { Output } from '../output.ts';
import type { Pause } from '../pause.ts';
import { PAINT, toTerminal } from '../terminal.ts';
import type { Finding } from './link.ts';

/** Findings that stand otherwise than at the look before. Counts in a link that is well are no change. Pure. */
export function changesSince(before: readonly Finding[], now: readonly Finding[]): readonly Finding[] {
  const known = new Map(before.map((finding) => [finding.id, standOf(finding)]));
  return now.filter((finding) => known.get(finding.id) !== standOf(finding));
}

function standOf({ verdict }: Finding): string {
  if (verdict.kind === 'warn' || verdict.kind === 'fail') return `${verdict.kind} ${verdict.seen}`;
  return verdict.kind;
}

export interface Watching {
  readonly look: () => Promise<readonly Finding[]>;
  readonly draw: (finding: Finding, all: readonly Finding[]) => string;
  readonly output: Output;
  readonly now: () => number;
  readonly everyMs: number;
  readonly pause: Pause;
  readonly signal: AbortSignal;
}

/** Shows all links once, and from then on those that changed, until the signal. */
export async function watchChain(watching: Watching): Promise<void> {
  const { look, draw, output, now, everyMs, pause, signal } = watching;
  let before: readonly Finding[] | undefined;
  for (; !signal.aborted; await pause(everyMs)) {
    const findings = await look();
    if (signal.aborted) return;
    const changed = before === undefined ? findings : changesSince(before, findings);
    if (changed.length > 0) {
      const at = new Date(now()).toISOString();
      const lines = changed.map((finding) => draw(finding, findings)).join('\n');
      const words = before === undefined ? lines : `${PAINT.dim(at)}\n${lines}`;
      console.log(toTerminal(output.isJson ? JSON.stringify({ at, findings: changed }) : words));
    }
    if (before === undefined)
      output.tell(`looks again every ${everyMs / 1000} s and shows what changed, until Ctrl-C`);
    before = findings;
  }
}
