import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startControl } from '../../local/world/control.ts';
import type { World } from '../../local/world/start-world.ts';
import { startTestWorld, until } from '../fixtures/world.ts';
import { oneshot as run } from './oneshot.ts';

let world: World;
let control: Awaited<ReturnType<typeof startControl>>;

beforeAll(async () => {
  world = await startTestWorld({ pace: 30 });
  control = await startControl(world);
  await world.github.ping();
}, 300_000);
afterAll(async () => {
  control.close();
  await world.close();
});

const oneshot = (...args: string[]) => run(control.url, ...args);

interface Asked {
  readonly name: string;
  readonly labels?: string[];
  readonly result?: 'failure';
}

/** Queues a run; the addresses of its page and of its jobs. */
function queue(...jobs: Asked[]) {
  const repository = `${world.installation.owner.login}/web`;
  const ids = world.github.queueRun({
    repository,
    jobs: jobs.map((job) => ({ labels: ['fargate'], durationSeconds: 5, ...job })),
  });
  const runId = world.github.jobs().find(({ id }) => id === ids[0])?.runId ?? 0;
  const page = `https://github.com/${repository}/actions/runs/${runId}`;
  return { page, ids, pages: ids.map((id) => `${page}/job/${id}?pr=7`) };
}

describe('following, on the embedded world', () => {
  it('should show what a job’s task writes, from before there is a task until it has stopped', async () => {
    const { pages } = queue({ name: 'build' });
    const { code, stdout, stderr } = await oneshot('logs', pages[0] ?? '', '--follow');
    const states = [...stdout.matchAll(/^\S+Z \{"oneshot":"state","state":"(\w+)"/gm)].map(
      ([, state]) => state,
    );
    expect(states[0]).toBe('starting');
    expect(states.at(-1)).toBe('ended');
    expect(new Set(states).size).toBe(states.length);
    expect(stdout).toMatch(/^== oneshot-local-/);
    expect(stderr).toMatch(/^build: .*\n.*build: It ended well\.$/s);
    expect(code).toBe(0);
  }, 300_000);

  it('should tell a run’s jobs line by line until they have ended, and whose fault a failure was', async () => {
    const { page } = queue({ name: 'unit', result: 'failure' }, { name: 'docs' });
    const { code, stdout } = await oneshot('doctor', '--job', `${page}/attempts/1`, '--watch', '1');
    for (const words of [
      /^\S+Z unit: queued at GitHub$/m,
      /^\S+Z docs: task of .* runs, its image pulled in/m,
      /^\S+Z unit: The job itself failed \(its step “Run unit” failed; its task ended as ran-failed\)\.$/m,
      /^\S+Z docs: It ended well\.$/m,
    ])
      expect(stdout).toMatch(words);
    const lines = stdout.split('\n');
    expect(new Set(lines).size).toBe(lines.length);
    expect(code).toBe(0);
  }, 300_000);

  it('should tell a run in a line for each job, with the story of the one that failed', async () => {
    const { page, ids } = queue(
      { name: 'lint' },
      { name: 'test', result: 'failure' },
      { name: 'gpu', labels: ['fargate', 'gpu'] },
    );
    const isOver = (id: number | undefined) =>
      world.github.jobs().find((job) => job.id === id)?.status === 'completed';
    await until('two have ended', () => isOver(ids[0]) && isOver(ids[1]));
    await until('both were settled', () =>
      ids
        .slice(0, 2)
        .every((id) =>
          world.logs.some((line) => line.includes('"task stopped"') && line.includes(`-${id}-`)),
        ),
    );
    const { code, stdout } = await oneshot('doctor', '--job', page);
    expect(stdout).toMatch(
      /^acme\/web: run \d+\n. lint: It ended well\.\n. test: The job itself failed \(its step “Run test” failed/,
    );
    expect(stdout).toMatch(
      /\n. gpu: It asks for other runners \(fargate, gpu\).*\n\nacme\/web: test \(fargate\)\n/,
    );
    expect(code).toBe(0);
    const told = JSON.parse((await oneshot('--json', 'doctor', '--job', page)).stdout);
    expect(told.jobs.map(({ end }: { end?: { kind: string } }) => end?.kind)).toEqual([
      'succeeded',
      'step-failed',
      undefined,
    ]);
    expect(told.story.job.jobId).toBe(ids[1]);
    const { stdout: lines } = await oneshot('logs', page);
    // One more where a job took the runner of another.
    expect(lines.match(/^== /gm)?.length).toBeGreaterThanOrEqual(2);
    const later = await oneshot('doctor', '--job', `${page}/attempts/2`);
    expect(later).toMatchObject({ code: 2, stderr: expect.stringContaining('with attempt 2') });
  }, 300_000);

  it('should show what the functions wrote, in the order of time, from a level on', async () => {
    const { stdout } = await oneshot('logs', '--since', '2h', '--function', 'webhook');
    expect(stdout).toMatch(/^\S+Z webhook INFO a task was started for the job repository=acme\/web job=\d+/m);
    expect(stdout).not.toMatch(/ settle | START |CloudWatchMetrics/);
    const times = stdout.split('\n').map((line) => line.slice(0, 24));
    expect(times).toEqual(times.toSorted());
    expect(JSON.parse((await oneshot('--json', 'logs', '--level', 'error')).stdout)).toEqual([]);
  });
});
