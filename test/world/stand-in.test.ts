/** The stand-in listener in an embedded world: what it runs of a job's message, and how it keeps its job. */
import { describe, expect, it } from 'vitest';
import type { JobDefinition, StepDefinition } from '../../local/github/service/definition.ts';
import { mapping, scriptStep as script } from '../../local/github/service/script-step.ts';
import type { World } from '../../local/world/start-world.ts';
import { inWorld, until } from '../fixtures/world.ts';

const MINUTE_MS = 60_000;

function queue(world: World, durationSeconds: number, definition?: JobDefinition) {
  const { owner, repositories } = world.installation;
  const [id = 0] = world.github.queueRun({
    repository: `${owner.login}/${repositories[0]?.name}`,
    jobs: [{ name: 'build', labels: ['fargate'], durationSeconds, ...(definition && { definition }) }],
  });
  const job = world.github.actions.jobs.get(id);
  if (job === undefined) throw new Error('no job was queued');
  return job;
}

async function ran(steps: readonly StepDefinition[], more: Partial<JobDefinition> = {}) {
  const ended: ReturnType<typeof queue>[] = [];
  await inWorld(async (world) => {
    const job = queue(world, 0, { key: 'build', steps, ...more });
    await until('the job has ended', () => job.status === 'completed');
    ended.push(job);
  });
  const [job] = ended;
  if (job === undefined) throw new Error('no job has ended');
  return job;
}

describe.concurrent('the stand-in listener', { timeout: 600_000 }, () => {
  it('should keep a job for longer than its lease', () =>
    inWorld(async (world) => {
      const job = queue(world, 25 * 60);
      await until('the job has ended', () => job.status === 'completed');
      expect(job).toMatchObject({ conclusion: 'success', annotation: null });
      const minutes = ((job.completedAtMs ?? 0) - (job.startedAtMs ?? 0)) / MINUTE_MS;
      expect(Math.floor(minutes)).toBe(25);
      // The last of them was in the job's last minute.
      expect((job.completedAtMs ?? 0) - job.seenAtMs).toBeLessThanOrEqual(MINUTE_MS);
    }));

  it('should hear of a cancellation late in a long job', () =>
    inWorld(async (world) => {
      const job = queue(world, 100 * 60);
      await until('the job has run for 90 minutes', () => {
        const ranMs = world.clock.nowMs() - (job.startedAtMs ?? world.clock.nowMs());
        return ranMs > 90 * MINUTE_MS;
      });
      const atMs = world.clock.nowMs();
      world.github.cancelJob(job.id);
      await until('the job has ended', () => job.status === 'completed');
      expect(job.conclusion).toBe('cancelled');
      // GitHub itself would end it after five minutes.
      expect((job.completedAtMs ?? 0) - atMs).toBeLessThan(4 * MINUTE_MS);
    }));

  it('should run the scripts of a workflow as the official runner does, and tell of each step', async () => {
    const job = await ran(
      [
        script('test "$GREETING $WHO" = "hello world"', { environment: mapping({ WHO: 'world' }) }),
        script('exit 4', { name: 'Fails, and may', continueOnError: true }),
        script('false | true', { name: 'Not of a pipe' }),
        script('sleep 30\nexit 3', { name: 'Fails' }),
        script('touch never'),
        script('test ! -e never', { condition: 'always()' }),
      ],
      { environment: [mapping({ GREETING: 'hello', WHO: 'nobody' })] },
    );
    expect(job).toMatchObject({ conclusion: 'failure', annotation: 'Process completed with exit code 4.' });
    expect(job.stepResults.map(({ name, conclusion }) => [name, conclusion])).toEqual([
      ['Set up job', 'success'],
      ['Run test "$GREETING $WHO" = "hello world"', 'success'],
      ['Fails, and may', 'success'],
      ['Not of a pipe', 'success'],
      ['Fails', 'failure'],
      ['Run touch never', 'skipped'],
      ['Run test ! -e never', 'success'],
      ['Complete runner', 'success'],
      ['Complete job', 'success'],
    ]);
    // `sleep` of a step is the world's.
    const seconds = ((job.completedAtMs ?? 0) - (job.startedAtMs ?? 0)) / 1000;
    expect(seconds).toBeGreaterThanOrEqual(30);
    expect(seconds).toBeLessThan(60);
  });

  it('should fail a job that it cannot run, and say what it lacks', async () => {
    const reference = { type: 'repository', repositoryType: 'GitHub', name: 'actions/checkout' } as const;
    const job = await ran([
      script('touch never'),
      { condition: 'success()', reference: { ...reference, ref: 'v4', path: '' } },
    ]);
    expect(job).toMatchObject({
      conclusion: 'failure',
      annotation:
        'The stand-in of the runner cannot do this: a step that is an action. The official runner can.',
      stepResults: [{ name: 'Set up job', conclusion: 'failure' }],
    });
  });
});
