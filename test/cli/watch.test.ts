import { afterEach, describe, expect, it, vi } from 'vitest';
import { createOutput } from '../../cli/output.ts';
import { watch } from '../../cli/watch.ts';

afterEach(() => vi.restoreAllMocks());

/** What a watch of three looks prints where there is no terminal. */
async function printed(isJson: boolean): Promise<string[]> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  let count = 0;
  const last = await watch(createOutput(isJson), {
    look: async () => ({ count: ++count }),
    draw: ({ count }) => `seen ${count}`,
    atMs: ({ count }) => count * 1000,
    everyMs: 1,
    isOver: ({ count }) => count === 3,
  });
  expect(last).toEqual({ count: 3 });
  return log.mock.calls.map(([line]) => String(line));
}

describe('a watch without a terminal', () => {
  it('should print a block for each look, with its time', async () => {
    expect(await printed(false)).toEqual([
      '--- 1970-01-01T00:00:01.000Z\nseen 1\n',
      '--- 1970-01-01T00:00:02.000Z\nseen 2\n',
      '--- 1970-01-01T00:00:03.000Z\nseen 3\n',
    ]);
  });

  it('should print an object on each line with --json', async () => {
    expect(await printed(true)).toEqual(['{"count":1}', '{"count":2}', '{"count":3}']);
  });

  it('should end well by Ctrl-C, also in the middle of a look', async () => {
    vi.spyOn(console, 'log').mockImplementation(() => undefined);
    const before = process.listenerCount('SIGINT');
    const look = () => new Promise<never>(() => process.emit('SIGINT'));
    const ended = watch(createOutput(true), { look, draw: () => '', atMs: () => 0, everyMs: 1 });
    expect(await ended).toBeUndefined();
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});
