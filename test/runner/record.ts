import { appendFileSync } from 'node:fs';
import { statesBetween } from './judge.ts';
import type { Seen } from './play.ts';

/** Appends what was seen to the file that `--record` names, a line of JSON for each case. */
export function record(title: string, seen: Seen): void {
  const file = process.env['ONESHOT_TEST_RECORD'];
  if (file === undefined) return;
  const { code, listener, ending, conclusion, steps, annotations, seconds, keepsConfiguration, calls } = seen;
  const states = statesBetween(seen);
  const says = seen.output.split('\n').filter((line) => /^\| ./.test(line));
  const line = {
    title,
    code,
    listener,
    ending,
    states,
    conclusion,
    steps,
    annotations,
    keepsConfiguration,
    seconds,
    says,
    calls,
  };
  appendFileSync(file, `${JSON.stringify(line)}\n`);
}
