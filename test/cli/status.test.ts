import { afterEach, describe, expect, it, vi } from 'vitest';
import { foldSnapshot } from '../../cli/observe/fold.ts';
import { drawStatus } from '../../cli/status/draw-status.ts';
import { toTerminal } from '../../cli/terminal.ts';
import { POLICY } from '../fixtures/policy.ts';
import { PREFIX } from '../fixtures/tasks.ts';
import { delivery, launch, NO_FACTS, runnerOf, seenTask, stopped } from './records.ts';

const HOUR_MS = 3_600_000;
const queued = (jobId: number, jobName: string) =>
  delivery(2_000, jobId, 'queued', { queuedAtMs: 1_000, receivedAtMs: 2_000, jobName });
const began = (jobId: number, on: number) =>
  delivery(41_000, jobId, 'in_progress', { runner: runnerOf(on), startedAtMs: 41_000, reason: 'marked' });

/** What is printed of these jobs a minute and a half after the first was queued. */
function status(doubts = { waiting: 1, dead: 0 }) {
  const records = [
    ...[queued(7, 'test with a name that is longer than thirty characters'), launch(2_500, 7), began(7, 8)],
    ...[queued(8, 'lint'), launch(2_500, 8)],
    ...[queued(9, 'docs'), launch(2_500, 9), queued(10, 'site'), launch(2_500, 10)],
    ...[queued(6, 'done'), launch(2_500, 6), began(6, 6), stopped(60_000, 6)],
    delivery(60_000, 6, 'completed', { runner: runnerOf(6), conclusion: 'success' }),
    { kind: 'swept', id: 's', atMs: 86_000 } as const,
  ];
  const tasks = [7, 8, 9, 10].map((jobId) => seenTask(jobId, { createdAtMs: 3_000, startedAtMs: 30_000 }));
  const snapshot = foldSnapshot(
    { ...NO_FACTS, records, tasks, doubts, policy: POLICY },
    {
      stack: 'oneshot-dev',
      region: 'us-east-1',
      prefix: PREFIX,
      githubUrl: 'https://github.com',
      sinceMs: 91_000 - 2 * HOUR_MS,
      nowMs: 91_000,
    },
  );
  return toTerminal(drawStatus(snapshot));
}

afterEach(() => vi.unstubAllEnvs());

describe('oneshot status', () => {
  it('should say what its numbers are of', () => {
    expect(status()).toMatch(
      /^4 jobs open, 4 tasks live; in the last 2 hours 1 job ended, and tasks cost \$/,
    );
  });

  it('should stop counting the wait of a job that runs, and count how long it runs', () => {
    const [row = ''] = /^7 .*$/m.exec(status()) ?? [];
    expect(row).toMatch(/fargate {2}runs, on another job’s runner {2,}40 s {2,}50 s$/);
    expect(status()).toMatch(/^8 .*runner starts {2,}1:30 min$/m);
  });

  it('should show names and labels whole, where there is room', () => {
    expect(status()).toContain('test with a name that is longer than thirty characters  acme/web    fargate');
  });

  it('should lose nothing at 80 columns, nor be wider', () => {
    vi.stubEnv('COLUMNS', '80');
    const drawn = status();
    const [, jobs = ''] = drawn.split('\n\n');
    expect(Math.max(...jobs.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
    for (const word of ['thirty', 'characters', 'fargate', 'Waited', 'Runs for'])
      expect(jobs).toContain(word);
  });

  it('should say once for jobs that wait for the same why they do', () => {
    expect(status()).toMatch(/^docs and 1 other: Its runner connects to GitHub: 1:01 min until now/m);
    expect(status().match(/connects to GitHub/g)).toHaveLength(1);
  });

  it('should say in everyday words what waits in the queue', () => {
    expect(status()).toContain('1 repository to look at, which reconcile does by itself\nlast sweep 5 s ago');
    expect(status({ waiting: 2, dead: 1 })).toContain(
      '2 repositories to look at, which reconcile does by itself; 1 that it gave up: oneshot dlq list',
    );
    expect(status()).not.toMatch(/doubt|swap|marked|dead letter/);
  });
});
