import { describe, expect, it } from 'vitest';
import { readStoppedTasks } from '../../cli/observe/look.ts';
import { openWorld } from '../contract/aws-harness.ts';
import { LINES } from '../records/lines.ts';

const GROUP = '/aws/lambda/oneshot-test-settle';
const HOUR_MS = 3_600_000;

/** A world with a line for each task: when it stopped, and how much later its line was written. */
async function openWith(stops: readonly { readonly atMs: number; readonly lateMs: number }[]) {
  const world = await openWorld({ credentials: 'operator' });
  const { aws, logs, clock } = world;
  aws.logs.createGroup(GROUP);
  const startMs = clock.nowMs();
  const [line] = LINES.settled;
  for (const [index, { atMs, lateMs }] of stops.entries()) {
    await clock.advance(startMs + atMs + lateMs - clock.nowMs());
    const told = { ...line, taskArn: `arn:${index}`, stoppedAtMs: startMs + atMs };
    aws.logs.put(GROUP, 's', JSON.stringify(told));
  }
  await clock.advance(48 * HOUR_MS);
  const deployment = { ...world, logs, logGroupOf: () => GROUP, now: () => clock.nowMs() };
  return async (fromMs: number, toMs?: number) => {
    const tasks = await readStoppedTasks(
      deployment as unknown as Parameters<typeof readStoppedTasks>[0],
      startMs + fromMs,
      toMs === undefined ? undefined : startMs + toMs,
    );
    return tasks.map(({ taskArn }) => taskArn);
  };
}

describe('the tasks that stopped in a time', () => {
  it('should be those by when they stopped, not by when that was written', async () => {
    const read = await openWith([
      { atMs: HOUR_MS - 1, lateMs: 10 },
      { atMs: HOUR_MS, lateMs: 10 },
      { atMs: 2 * HOUR_MS - 1, lateMs: HOUR_MS },
      { atMs: 4 * HOUR_MS, lateMs: 10 },
      { atMs: 40 * HOUR_MS, lateMs: 10 },
    ]);
    expect(await read(HOUR_MS, 2 * HOUR_MS)).toEqual(['arn:1', 'arn:2']);
    expect(await read(HOUR_MS)).toEqual(['arn:1', 'arn:2', 'arn:3', 'arn:4']);
  });
});
