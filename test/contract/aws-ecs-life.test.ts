import { readFileSync } from 'node:fs';
import { DescribeTasksCommand, RunTaskCommand, StopTaskCommand } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import type { AwsOptions, TaskStateChangeEvent } from '../../local/aws/index.ts';
import { createClock } from '../../local/world/clock.ts';
import { BOOT_MS, openWorld, runTaskInput, type TestWorld, WIND_DOWN_MS } from './aws-harness.ts';

const bash = (script: string): Partial<AwsOptions> => ({
  clock: createClock(200),
  taskCommand: () => ({ command: 'bash', args: ['-c', script] }),
});

function gather({ aws }: TestWorld): TaskStateChangeEvent[] {
  const events: TaskStateChangeEvent[] = [];
  aws.on('task-state-change', (event) => void events.push(event));
  return events;
}

async function launch({ aws, ecs }: TestWorld): Promise<string> {
  const { tasks } = await ecs.send(new RunTaskCommand(runTaskInput(aws)));
  return tasks?.[0]?.taskArn ?? '';
}

function reached({ aws }: TestWorld, status: string): Promise<TaskStateChangeEvent> {
  return new Promise((resolve) => {
    aws.on('task-state-change', (event) => {
      if (event.detail.lastStatus === status) resolve(event);
    });
  });
}

/** Resolves when a task has written this line. */
function wrote({ aws }: TestWorld, wanted: string): Promise<void> {
  return new Promise((resolve) => {
    aws.on('task-log', ({ line }) => {
      if (line === wanted) resolve();
    });
  });
}

const statuses = ({ aws }: TestWorld) => aws.tasks()[0]?.lifecycle.map(({ status }) => status);

describe('the life of a task', () => {
  it('takes 20 to 40 seconds to RUNNING and passes through every state, with an event for each', async () => {
    const world = await openWorld();
    const events = gather(world);
    const arn = await launch(world);
    await world.clock.advance(20_000);
    expect(statuses(world)).not.toContain('RUNNING');
    await world.clock.advance(20_000);
    expect(statuses(world)).toEqual(['PROVISIONING', 'PENDING', 'ACTIVATING', 'RUNNING']);
    world.aws.exitTask(arn, 20);
    await world.clock.advance(WIND_DOWN_MS);
    expect(events.map(({ detail }) => detail.lastStatus)).toEqual([
      ...['PROVISIONING', 'PENDING', 'ACTIVATING', 'RUNNING'],
      ...['DEACTIVATING', 'STOPPING', 'DEPROVISIONING', 'STOPPED'],
    ]);
    expect(events.map(({ detail }) => detail.version)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('ends with an event that says how, and when each stage was, in world time', async () => {
    const world = await openWorld();
    const events = gather(world);
    const arn = await launch(world);
    await world.clock.advance(BOOT_MS);
    world.aws.exitTask(arn, 20);
    await world.clock.advance(WIND_DOWN_MS);
    const last = events.at(-1);
    expect(last).toMatchObject({
      version: '0',
      'detail-type': 'ECS Task State Change',
      source: 'aws.ecs',
      account: '123456789012',
      region: 'us-east-1',
      resources: [arn],
      detail: {
        taskArn: arn,
        clusterArn: world.aws.clusterArn,
        startedBy: 'oneshot-1-2-0',
        lastStatus: 'STOPPED',
        desiredStatus: 'STOPPED',
        stopCode: 'EssentialContainerExited',
        stoppedReason: 'Essential container in task exited',
        containers: [{ name: 'runner', exitCode: 20, lastStatus: 'STOPPED' }],
        overrides: { cpu: '1024', containerOverrides: [{ name: 'runner' }] },
      },
    });
    const detail = last?.detail;
    const times = [
      ...[detail?.createdAt, detail?.connectivityAt, detail?.pullStartedAt, detail?.pullStoppedAt],
      ...[detail?.startedAt, detail?.executionStoppedAt, detail?.stoppingAt, detail?.stoppedAt],
    ].map((text) => Date.parse(text ?? ''));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times[0]).toBe(world.clock.epochMs);
    expect(detail).not.toHaveProperty('tags');
    expect(JSON.stringify(detail)).not.toContain('clientToken');
  });

  it('that was stopped before it ran ends without an exit code', async () => {
    const world = await openWorld();
    const task = await launch(world);
    await world.clock.advance(5_000);
    await world.ecs.send(new StopTaskCommand({ cluster: world.aws.clusterArn, task, reason: 'boot limit' }));
    await world.clock.advance(WIND_DOWN_MS);
    expect(statuses(world)).toEqual(['PROVISIONING', 'DEPROVISIONING', 'STOPPED']);
    expect(world.aws.tasks()).toMatchObject([
      { stopCode: 'UserInitiated', stoppedReason: 'boot limit', exitCode: undefined },
    ]);
  });

  it('that fails to start says so', async () => {
    const world = await openWorld({ random: () => 0 });
    world.faults.next('task-fails-to-start');
    await launch(world);
    await world.clock.advance(BOOT_MS + WIND_DOWN_MS);
    const [task] = world.aws.tasks();
    expect(task).toMatchObject({ stopCode: 'TaskFailedToStart', exitCode: undefined });
    expect(statuses(world)).toEqual(['PROVISIONING', 'PENDING', 'DEPROVISIONING', 'STOPPED']);
    expect(task?.stoppedReason).toMatch(/^CannotPullContainerError: .* ghcr.io/);
  });

  it.each([
    [0.5, 'Capacity is unavailable at this time'],
    [0.7, 'Timeout waiting for network interface provisioning'],
    [0.9, "in subnet 'subnet-0a': InsufficientFreeAddressesInSubnet"],
  ])('that gets no network or no capacity never comes to PENDING (%d)', async (drawn, words) => {
    const world = await openWorld({ random: () => drawn });
    world.faults.next('task-fails-to-start');
    await launch(world);
    await world.clock.advance(BOOT_MS + WIND_DOWN_MS);
    expect(statuses(world)).toEqual(['PROVISIONING', 'DEPROVISIONING', 'STOPPED']);
    expect(world.aws.tasks()[0]?.stoppedReason).toContain(words);
  });

  it('that runs out of memory is killed, and its container says why', async () => {
    const world = await openWorld();
    const events = gather(world);
    world.faults.next('task-out-of-memory');
    await launch(world);
    await world.clock.advance(BOOT_MS + WIND_DOWN_MS);
    expect(events.at(-1)?.detail).toMatchObject({
      lastStatus: 'STOPPED',
      stopCode: 'EssentialContainerExited',
      containers: [{ exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' }],
    });
  });

  it('that is stuck stays PENDING until it is stopped', async () => {
    const world = await openWorld();
    world.faults.next('task-stuck');
    const task = await launch(world);
    await world.clock.advance(3_600_000);
    expect(statuses(world)).toEqual(['PROVISIONING', 'PENDING']);
    await world.ecs.send(new StopTaskCommand({ cluster: world.aws.clusterArn, task }));
    await world.clock.advance(WIND_DOWN_MS);
    expect(world.aws.tasks()).toMatchObject([{ lastStatus: 'STOPPED', stopCode: 'UserInitiated' }]);
  });

  it('on Spot can be interrupted', async () => {
    const world = await openWorld();
    const arn = await launch(world);
    await world.clock.advance(BOOT_MS);
    world.aws.interruptTask(arn);
    await world.clock.advance(WIND_DOWN_MS);
    expect(world.aws.tasks()).toMatchObject([{ lastStatus: 'STOPPED', stopCode: 'SpotInterruption' }]);
  });
});

describe('the process of a task', () => {
  it('gets the environment of task definition and override and nothing of this machine', async () => {
    const world = await openWorld(bash('env; exit 10'));
    const stopped = reached(world, 'STOPPED');
    await launch(world);
    await stopped;
    const [task] = world.aws.tasks();
    const names = task?.lines.map(({ line }) => line.split('=')[0]).sort();
    expect(names).toEqual(
      [
        ...[
          'AWS_CONTAINER_CREDENTIALS_FULL_URI',
          'AWS_DEFAULT_REGION',
          'AWS_ENDPOINT_URL',
          'AWS_EXECUTION_ENV',
        ],
        ...['AWS_REGION', 'ECS_CONTAINER_METADATA_URI_V4', 'ONESHOT_RUNNER_NAME', 'ONESHOT_STACK', 'PATH'],
        ...['PWD', 'SHLVL', '_'],
      ].sort(),
    );
    expect(task).toMatchObject({ exitCode: 10, stopCode: 'EssentialContainerExited' });
  });

  it('is asked to end by SIGTERM and says with what code it did', async () => {
    const world = await openWorld(
      bash('trap "echo asked; exit 30" TERM; echo ready; while :; do sleep 0.05; done'),
    );
    const [ready, stopped] = [wrote(world, 'ready'), reached(world, 'STOPPED')];
    const task = await launch(world);
    await ready;
    await world.ecs.send(new StopTaskCommand({ cluster: world.aws.clusterArn, task, reason: 'maximum age' }));
    const { detail } = await stopped;
    expect(detail).toMatchObject({
      stopCode: 'UserInitiated',
      stoppedReason: 'maximum age',
      containers: [{ exitCode: 30 }],
    });
    expect(world.aws.tasks()[0]?.lines.map(({ line }) => line)).toEqual(['ready', 'asked']);
  });

  it('that does not end is killed after its stopTimeout', async () => {
    const world = await openWorld({
      ...bash('trap "" TERM; echo ready; while :; do sleep 0.05; done'),
      taskDefinition: { stopTimeoutSeconds: 30 },
    });
    const [ready, stopped] = [wrote(world, 'ready'), reached(world, 'STOPPED')];
    const task = await launch(world);
    await ready;
    await world.ecs.send(new StopTaskCommand({ cluster: world.aws.clusterArn, task }));
    expect((await stopped).detail.containers).toMatchObject([{ exitCode: 137 }]);
    const { executionStoppedAt, stoppingAt } = world.aws.tasks()[0]?.task ?? {};
    expect(Number(executionStoppedAt) - Number(stoppingAt)).toBeGreaterThanOrEqual(30_000);
  });

  it('takes what it started with it when it ends', async () => {
    const world = await openWorld(bash('sleep 60 & echo "$!"; exit 0'));
    const stopped = reached(world, 'STOPPED');
    await launch(world);
    await stopped;
    const pid = Number(world.aws.tasks()[0]?.lines[0]?.line);
    expect(isRunning(pid)).toBe(false);
  });

  it('is gone when the world has closed, whatever it makes of SIGTERM', async () => {
    // By the hand clock no stopTimeout passes.
    const world = await openWorld({
      taskCommand: () => ({ command: 'bash', args: ['-c', 'trap "" TERM; echo "$$"; sleep 60 & wait'] }),
    });
    const started = new Promise<number>((resolve) => {
      world.aws.on('task-log', ({ line }) => resolve(Number(line)));
    });
    await launch(world);
    await world.clock.advance(BOOT_MS);
    const pid = await started;
    await world.aws.close();
    expect(isRunning(pid)).toBe(false);
  });

  it('that cannot be started is a task that failed to start', async () => {
    const world = await openWorld({
      clock: createClock(200),
      taskCommand: () => ({ command: '/nowhere/entrypoint.sh', args: [] }),
    });
    const stopped = reached(world, 'STOPPED');
    await launch(world);
    expect((await stopped).detail).toMatchObject({
      stopCode: 'TaskFailedToStart',
      stoppedReason: expect.stringMatching(/^CannotStartContainerError/),
    });
  });

  it('waits for its turn to start, while as many as may are starting', async () => {
    const order: string[] = [];
    const world = await openWorld({
      clock: createClock(200),
      maximumProcesses: 1,
      taskCommand: () => {
        order.push('start');
        return { command: 'bash', args: ['-c', 'echo started'] };
      },
    });
    world.aws.on('task-log', ({ line }) => void order.push(line));
    const stopped = Promise.withResolvers<void>();
    world.aws.on('task-state-change', () => {
      if (world.aws.tasks().every(({ lastStatus }) => lastStatus === 'STOPPED')) stopped.resolve();
    });
    await world.ecs.send(new RunTaskCommand(runTaskInput(world.aws, { count: 4 })));
    await stopped.promise;
    expect(order).toEqual(Array(4).fill(['start', 'started']).flat());
  });
});

it('shows in DescribeTasks what the event says', async () => {
  const world = await openWorld();
  const events = gather(world);
  const arn = await launch(world);
  await world.clock.advance(BOOT_MS);
  world.aws.exitTask(arn, 0);
  await world.clock.advance(WIND_DOWN_MS);
  const { tasks } = await world.ecs.send(
    new DescribeTasksCommand({ cluster: world.aws.clusterArn, tasks: [arn] }),
  );
  const { tags: _, ...described } = JSON.parse(JSON.stringify(tasks?.[0]));
  const { updatedAt: _at, ...detail } = events.at(-1)?.detail ?? { updatedAt: '' };
  expect(described).toEqual(detail);
});

/** A killed process may be a zombie of this one for a moment: that is not running. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !isZombie(pid);
}

function isZombie(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}
