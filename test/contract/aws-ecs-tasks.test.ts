import {
  DescribeTasksCommand,
  ListTasksCommand,
  type ListTasksCommandInput,
  RunTaskCommand,
  StopTaskCommand,
  TagResourceCommand,
} from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { BOOT_MS, openWorld, runTaskInput, type TestWorld, WIND_DOWN_MS } from './aws-harness.ts';

const invalid = 'InvalidParameterException';

async function launch({ aws, ecs }: TestWorld, name = 'oneshot-1-2-0', count = 1): Promise<string> {
  const input = runTaskInput(aws, { startedBy: name, clientToken: name, count });
  const { tasks } = await ecs.send(new RunTaskCommand(input));
  return tasks?.[0]?.taskArn ?? '';
}

async function list({ aws, ecs }: TestWorld, filter: ListTasksCommandInput = {}): Promise<string[]> {
  const { taskArns } = await ecs.send(new ListTasksCommand({ cluster: aws.clusterArn, ...filter }));
  return taskArns ?? [];
}

describe('ListTasks', () => {
  it('lists what is meant to run, and the rest by desiredStatus', async () => {
    const world = await openWorld();
    const [running, stopped] = [await launch(world, 'a'), await launch(world, 'b')];
    await world.ecs.send(new StopTaskCommand({ cluster: world.aws.clusterArn, task: stopped }));
    expect(await list(world)).toEqual([running]);
    expect(await list(world, { desiredStatus: 'STOPPED' })).toEqual([stopped]);
    expect(await list(world, { desiredStatus: 'PENDING' })).toEqual([]);
  });

  it('filters by startedBy and by family', async () => {
    const world = await openWorld();
    const [a] = [await launch(world, 'a'), await launch(world, 'b')];
    expect(await list(world, { startedBy: 'a' })).toEqual([a]);
    expect(await list(world, { family: 'oneshot-test-x64' })).toHaveLength(2);
    expect(await list(world, { family: 'oneshot-test-arm64' })).toEqual([]);
  });

  it.each<[string, ListTasksCommandInput]>([
    ['desiredStatus', { desiredStatus: 'STOPPED' }],
    ['family', { family: 'oneshot-test-x64' }],
    ['launchType', { launchType: 'FARGATE' }],
  ])('refuses startedBy together with %s', async (_name, filter) => {
    const world = await openWorld();
    await expect(list(world, { startedBy: 'a', ...filter })).rejects.toMatchObject({
      name: invalid,
      message: 'cannot specify startedBy with other arguments',
    });
  });

  it('gives pages of 100', async () => {
    const world = await openWorld();
    for (let index = 0; index < 10; index += 1) await launch(world, `t${index}`, 10);
    await world.clock.advance(1000);
    await launch(world, 'last');
    const first = await world.ecs.send(new ListTasksCommand({ cluster: world.aws.clusterArn }));
    expect(first.taskArns).toHaveLength(100);
    const { nextToken = '' } = first;
    const second = await world.ecs.send(new ListTasksCommand({ cluster: world.aws.clusterArn, nextToken }));
    expect(second.nextToken).toBeUndefined();
    expect(new Set([...(first.taskArns ?? []), ...(second.taskArns ?? [])]).size).toBe(101);
    await expect(list(world, { maxResults: 101 })).rejects.toMatchObject({ name: invalid });
    await expect(list(world, { nextToken: 'x' })).rejects.toMatchObject({ name: invalid });
  });
});

describe('a stopped task', () => {
  async function stopped(world: TestWorld): Promise<string> {
    const arn = await launch(world);
    await world.clock.advance(BOOT_MS);
    world.aws.exitTask(arn, 0);
    await world.clock.advance(WIND_DOWN_MS);
    return arn;
  }

  it('is shown for an hour, then missing', async () => {
    const world = await openWorld();
    const { ecs, aws, clock } = world;
    const arn = await stopped(world);
    const describeIt = new DescribeTasksCommand({ cluster: aws.clusterArn, tasks: [arn] });
    await clock.advance(3_560_000);
    expect((await ecs.send(describeIt)).tasks).toMatchObject([{ lastStatus: 'STOPPED' }]);
    await clock.advance(60_000);
    expect((await ecs.send(describeIt)).failures).toMatchObject([{ reason: 'MISSING' }]);
    expect(await list(world, { desiredStatus: 'STOPPED' })).toEqual([]);
  });

  it('has lost its tags and takes no new ones', async () => {
    const world = await openWorld();
    const arn = await stopped(world);
    const { tasks } = await world.ecs.send(
      new DescribeTasksCommand({ cluster: world.aws.clusterArn, tasks: [arn], include: ['TAGS'] }),
    );
    expect(tasks?.[0]?.tags).toEqual([]);
    const tag = new TagResourceCommand({ resourceArn: arn, tags: [{ key: 'k', value: 'v' }] });
    await expect(world.ecs.send(tag)).rejects.toMatchObject({
      name: invalid,
      message: expect.stringMatching(/task is stopped/),
    });
  });

  it('may be stopped again', async () => {
    const world = await openWorld();
    const arn = await stopped(world);
    const stop = new StopTaskCommand({ cluster: world.aws.clusterArn, task: arn, reason: 'too old' });
    expect((await world.ecs.send(stop)).task).toMatchObject({ stopCode: 'EssentialContainerExited' });
  });
});

describe('TagResource', () => {
  it('adds to a live task and replaces by key', async () => {
    const world = await openWorld();
    const resourceArn = await launch(world);
    const tag = (value: string) =>
      world.ecs.send(new TagResourceCommand({ resourceArn, tags: [{ key: 'oneshot:marked', value }] }));
    await tag('1');
    await tag('2');
    expect(world.aws.tasks()[0]?.tags).toMatchObject({
      'oneshot:repository': 'acme/web',
      'oneshot:marked': '2',
    });
  });

  it('refuses an unknown task, a bad tag and the fifty-first', async () => {
    const world = await openWorld();
    const arn = await launch(world);
    const tag = (resourceArn: string, keys: string[]) =>
      world.ecs.send(new TagResourceCommand({ resourceArn, tags: keys.map((key) => ({ key, value: 'v' })) }));
    const unknown = arn.replace(/[^/]+$/, '0'.repeat(32));
    await expect(tag(unknown, ['k'])).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(tag(arn, ['a,b'])).rejects.toMatchObject({
      name: invalid,
      message: expect.stringMatching(/invalid characters/),
    });
    const fortyEight = Array.from({ length: 48 }, (_, index) => `k${index}`);
    await expect(tag(arn, fortyEight)).rejects.toMatchObject({
      name: invalid,
      message: expect.stringMatching(/more than 50/),
    });
    await tag(arn, fortyEight.slice(1));
  });
});

it('refuses to stop a task that is not there', async () => {
  const { ecs, aws } = await openWorld();
  const stop = new StopTaskCommand({ cluster: aws.clusterArn, task: '0'.repeat(32) });
  await expect(ecs.send(stop)).rejects.toMatchObject({
    name: invalid,
    message: 'The referenced task was not found.',
  });
});
