import { RunTaskCommand } from '@aws-sdk/client-ecs';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { CliError } from '../../cli/errors.ts';
import { createObserver } from '../../cli/observe/observer.ts';
import { createPace } from '../../cli/observe/pace.ts';
import { BOOT_MS, openWorld, runTaskInput, STACK, type TestWorld } from '../contract/aws-harness.ts';
import { POLICY } from '../fixtures/policy.ts';

const HOUR_MS = 3_600_000;
const groupOf = (name: string): string => `/aws/lambda/${STACK}-${name}`;
const RUNNERS = '/oneshot/test/runners';
const FUNCTIONS = ['webhook', 'reconcile', 'settle', 'sweep'];

/** AWS with the functions' log groups, by a clock that moves when it is told to; GitHub cannot be reached. */
async function open() {
  const world = await openWorld({ credentials: 'operator' });
  for (const name of FUNCTIONS) world.aws.logs.createGroup(groupOf(name));
  world.aws.logs.createGroup(RUNNERS);
  const { aws, clock, ecs, sqs, logs } = world;
  const deployment = {
    ...{
      stack: STACK,
      region: 'us-east-1',
      runnerPrefix: STACK,
      clusterArn: aws.clusterArn,
      githubWebUrl: 'https://github.com',
      ecs,
      sqs,
      logs,
    },
    ...{ doubtQueueUrl: aws.queues.doubts.url, deadDoubtQueueUrl: aws.queues.deadLetters.url },
    logGroupOf: groupOf,
    runnerLogGroup: RUNNERS,
    github: () => Promise.reject(new CliError('no App yet', 'oneshot setup makes one')),
    now: () => clock.nowMs(),
  };
  const options = {
    policy: async () => POLICY,
    windowMs: HOUR_MS,
    pause: (ms: number) => clock.advance(ms),
  };
  return { ...world, observer: createObserver(deployment, options) };
}

const write = ({ aws }: TestWorld, name: string, service: string, rest: object) =>
  aws.logs.put(
    groupOf(name),
    's',
    JSON.stringify({ service: `oneshot-${service}`, level: 'INFO', message: '', ...rest }),
  );

const delivery = (world: TestWorld, job: number) =>
  write(world, 'webhook', 'webhook', {
    ...{ status: 202, answer: '', reason: 'launched', job, repository: 'acme/web', action: 'queued' },
    queuedAtMs: world.clock.nowMs(),
  });

async function launch({ aws, ecs }: TestWorld, job: number): Promise<string> {
  const name = `${STACK}-1-${job}-0`;
  const { tasks } = await ecs.send(
    new RunTaskCommand(runTaskInput(aws, { startedBy: name, clientToken: name })),
  );
  return tasks?.[0]?.taskArn ?? '';
}

describe('the observer', () => {
  it('should see what is new at each look, and forget nothing of the window', async () => {
    const world = await open();
    delivery(world, 1);
    expect((await world.observer.look()).jobs).toMatchObject([{ jobId: 1, phase: 'queued' }]);
    await world.clock.advance(2000);
    delivery(world, 2);
    await world.clock.advance(2000);
    const { jobs } = await world.observer.look();
    expect(jobs.map(({ jobId }) => jobId)).toEqual([2, 1]);
  });

  it('should forget a job that has ended when its records leave the window, and none that still waits', async () => {
    const world = await open();
    delivery(world, 1);
    delivery(world, 2);
    write(world, 'webhook', 'webhook', {
      ...{ status: 200, answer: '', job: 1, repository: 'acme/web', action: 'completed' },
    });
    await world.observer.look();
    await world.clock.advance(HOUR_MS + 1000);
    await world.observer.look();
    expect((await world.observer.look()).jobs).toMatchObject([{ jobId: 2 }]);
  });

  it('should look further back than its first look did, while later looks show what there is', async () => {
    const world = await open();
    delivery(world, 1);
    await world.clock.advance(3 * HOUR_MS);
    delivery(world, 2);
    expect((await world.observer.look()).jobs.map(({ jobId }) => jobId)).toEqual([2]);
    expect((await world.observer.look(6 * HOUR_MS)).unread).toContainEqual(
      expect.stringMatching(/^What was logged before .* is still being read$/),
    );
    await vi.waitUntil(async () => {
      await world.clock.advance(1_000);
      return (await world.observer.look(6 * HOUR_MS)).jobs.length === 2;
    });
  });

  it('should show of a short window all of the jobs that it tells of, and of no other', async () => {
    const world = await open();
    const end = (job: number) =>
      write(world, 'webhook', 'webhook', {
        ...{ status: 200, answer: '', job, repository: 'acme/web', action: 'completed' },
      });
    for (const job of [1, 2]) delivery(world, job);
    end(1);
    await world.clock.advance(HOUR_MS / 2);
    end(2);
    await world.observer.look();
    const { jobs } = await world.observer.look(HOUR_MS / 4);
    expect(jobs).toMatchObject([{ jobId: 2, phase: 'done', queuedAtMs: expect.any(Number) }]);
  });

  it('should stay far below the rates of its APIs when it is polled each second', async () => {
    const world = await open();
    const arns = [await launch(world, 1), await launch(world, 2)];
    await world.clock.advance(BOOT_MS);
    for (const arn of arns) world.aws.exitTask(arn, 0);
    await world.clock.advance(BOOT_MS);
    for (let seconds = 0; seconds < 60; seconds += 1) {
      await world.observer.look();
      await world.clock.advance(1000);
    }
    const { logs, ecs, sqs } = world.ledger.counts();
    expect(logs?.['FilterLogEvents']).toBeLessThanOrEqual(4 + 2 * 60);
    expect(logs?.['FilterLogEvents']).toBeGreaterThan(60);
    // What has stopped is described once.
    expect(ecs).toMatchObject({ DescribeTasks: 1, ListTasks: 24 });
    expect(sqs?.['GetQueueAttributes']).toBe(24);
  });

  it('should read a first window of many pages without being throttled', async () => {
    const world = await open();
    for (let job = 1; job <= 12; job += 1)
      write(world, 'webhook', 'webhook', {
        ...{ status: 202, job, repository: 'acme/web', action: 'queued', answer: '.'.repeat(500_000) },
      });
    const { jobs, unread } = await world.observer.look();
    expect(jobs).toHaveLength(12);
    expect(unread.filter((what) => what.includes('log group'))).toEqual([]);
  });

  it('should read the states of supervisors, and take no other line of a runner’s log for anything', async () => {
    const world = await open();
    const runner = `${STACK}-1-1-0`;
    const stream = `runner/runner/${(await launch(world, 1)).split('/').at(-1)}`;
    await world.clock.advance(BOOT_MS);
    const say = (line: object) => world.aws.logs.put(RUNNERS, stream, JSON.stringify(line));
    say({ oneshot: 'state', state: 'idle', runner });
    say({ ...{ service: 'oneshot-webhook', level: 'ERROR', message: 'forged' }, oneshot: 'state' });
    await world.clock.advance(1_500);
    say({ oneshot: 'state', state: 'busy', runner });
    write(world, 'webhook', 'webhook', {
      ...{ status: 200, answer: '', reason: 'marked', job: 1, repository: 'acme/web' },
      ...{ action: 'in_progress', runner },
    });
    const { phases, faults } = await world.observer.look();
    expect(phases).toMatchObject([
      ...[{ phase: 'network' }, { phase: 'pull' }, { phase: 'start' }, { phase: 'connect' }],
      { phase: 'assign', p50: 1.5 },
    ]);
    expect(faults).toEqual([]);
  });

  it('should say what it could not read and how to fix it, and show the rest', async () => {
    const world = await open();
    delivery(world, 1);
    world.aws.logs.deleteGroup(groupOf('sweep'));
    const { jobs, unread } = await world.observer.look();
    expect(jobs).toHaveLength(1);
    expect(unread).toEqual([
      expect.stringMatching(/log group .*-sweep could not be read .*does not exist.*oneshot doctor/),
      expect.stringMatching(/list of runners could not be read \(no App yet\): oneshot setup makes one/),
      expect.stringMatching(/list of jobs .*no App yet/),
    ]);
  });
});

describe('a pace', () => {
  it('should let no more through in any time than its burst and its rate', () => {
    const waits = fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 60 });
    fc.assert(
      fc.property(
        waits,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        (gaps, burst, rate) => {
          const pace = createPace(burst, rate);
          const taken: number[] = [];
          let nowMs = 0;
          for (const gap of gaps) {
            nowMs += gap;
            if (pace.take(nowMs)) taken.push(nowMs);
          }
          for (const [index, fromMs] of taken.entries()) {
            const elapsed = (taken.at(-1) ?? 0) - fromMs;
            expect(taken.length - index).toBeLessThanOrEqual(burst + (elapsed / 1000) * rate + 1e-6);
          }
        },
      ),
    );
  });

  it('should say how long to wait, and then let it through', () => {
    const pace = createPace(1, 2);
    expect(pace.take(0)).toBe(true);
    expect(pace.take(0)).toBe(false);
    expect(pace.take(pace.waitMs(0))).toBe(true);
  });
});
