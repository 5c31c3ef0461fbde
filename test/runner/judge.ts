import { expect } from 'vitest';
import { EXIT_CODES } from '../../functions/core/task/exit-codes.ts';
import type { Case, Seen } from './play.ts';

/** Holds what was seen to what a case expects. What it does not name is not looked at, but for what is left behind. */
export function judge(seen: Seen, { expects }: Case): void {
  const endings = [expects.ending].flat();
  expectTruth(seen);
  expect(endings, seen.output).toContain(seen.ending);
  expect(EXIT_CODES[seen.code as keyof typeof EXIT_CODES]).toBe(seen.ending);
  expect({ leftover: seen.leftover, files: seen.files }, seen.output).toEqual({ leftover: [], files: [] });
  if (expects.listener !== undefined) expect(seen.listener, seen.output).toBe(expects.listener);
  if (expects.states !== undefined) expect(statesBetween(seen), seen.output).toEqual(expects.states);
  if (expects.conclusion !== undefined) expect(seen.conclusion, seen.output).toBe(expects.conclusion);
  if (expects.steps !== undefined) expect(seen.steps).toMatchObject(expects.steps);
  if (expects.annotations !== undefined) {
    const said = expects.annotations.map((each) =>
      typeof each === 'string' ? each : expect.stringMatching(each),
    );
    expect(seen.annotations).toEqual(said);
  }
  expectInOrder(seen.output.split('\n'), expects.says ?? [], (line, says) => says.test(line));
  expectInOrder(seen.calls, expects.calls ?? [], (call, name) => call === name);
  if (expects.keepsConfiguration !== undefined)
    expect(seen.keepsConfiguration).toBe(expects.keepsConfiguration);
}

/** Whatever a case expects: a job that ran is told of, and a success is one. */
function expectTruth({ ending, conclusion, output }: Seen): void {
  if (conclusion === 'success')
    expect(['ran-succeeded', 'ran-failed', 'ran-result-unknown'], output).toContain(ending);
  if (ending === 'ran-succeeded') expect(conclusion, output).toBe('success');
}

/** Whether an idle listener was seen before its job came is a matter of time. */
export const statesBetween = ({ states }: Seen): string[] =>
  states.filter((state) => !['starting', 'connecting', 'idle', 'ended'].includes(state));

function expectInOrder<T>(
  seen: readonly string[],
  wanted: readonly T[],
  isIt: (seen: string, wanted: T) => boolean,
): void {
  let from = 0;
  for (const each of wanted) {
    const at = seen.findIndex((value, index) => index >= from && isIt(value, each));
    expect(at, `${each} in its place among:\n${seen.join('\n')}`).toBeGreaterThanOrEqual(from);
    from = at + 1;
  }
}
