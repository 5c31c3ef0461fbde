import { DescribeTasksCommand, RunTaskCommand, type RunTaskCommandInput } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { BOOT_MS, openWorld, runTaskInput, WIND_DOWN_MS } from './aws-harness.ts';

const network = { subnets: ['subnet-0a'] };
const overrides = (changes: RunTaskCommandInput['overrides']) => ({ overrides: changes });
const invalid = 'InvalidParameterException';
const FARGATE = { capacityProvider: 'FARGATE', weight: 1 };

describe('RunTask refuses', () => {
  it.each<[string, Partial<RunTaskCommandInput>, string, RegExp]>([
    [
      'an unknown task definition',
      { taskDefinition: 'other:1' },
      'ClientException',
      /TaskDefinition not found/,
    ],
    ['an unknown cluster', { cluster: 'other' }, 'ClusterNotFoundException', /Cluster not found/],
    ['no task', { count: 0 }, invalid, /between 1 and 10/],
    ['eleven tasks', { count: 11 }, invalid, /between 1 and 10/],
    [
      'a size that Fargate does not have',
      overrides({ cpu: '1024', memory: '1024' }),
      invalid,
      /No Fargate config/,
    ],
    ['a size of words', overrides({ cpu: 'four', memory: '4096' }), 'ClientException', /Invalid 'cpu'/],
    ['20 GiB of storage', overrides({ ephemeralStorage: { sizeInGiB: 20 } }), invalid, /21 and 200/],
    ['201 GiB of storage', overrides({ ephemeralStorage: { sizeInGiB: 201 } }), invalid, /21 and 200/],
    [
      'overrides of more than 8192 characters',
      overrides({
        containerOverrides: [{ name: 'runner', environment: [{ name: 'A', value: 'x'.repeat(8192) }] }],
      }),
      invalid,
      /at most 8192/,
    ],
    [
      'an override of a container that is not there',
      overrides({ containerOverrides: [{ name: 'sidecar' }] }),
      invalid,
      /sidecar is not a container/,
    ],
    [
      'a container with more memory than its task',
      overrides({ cpu: '256', memory: '512', containerOverrides: [{ name: 'runner', memory: 513 }] }),
      invalid,
      /'memory' setting for container 'runner' is greater than for the task/,
    ],
    ['a startedBy of 129 characters', { startedBy: 'x'.repeat(129) }, invalid, /startedBy/],
    ['a startedBy with a colon', { startedBy: 'a:b' }, invalid, /startedBy/],
    ['a clientToken of 65 characters', { clientToken: 'x'.repeat(65) }, invalid, /clientToken/],
    ['a clientToken with a space', { clientToken: 'a b' }, invalid, /clientToken/],
    ['a tag with a comma', { tags: [{ key: 'labels', value: 'a,b' }] }, invalid, /invalid characters/],
    ['a tag value of 257 characters', { tags: [{ key: 'k', value: 'x'.repeat(257) }] }, invalid, /256/],
    ['a tag key of 129 characters', { tags: [{ key: 'x'.repeat(129), value: '' }] }, invalid, /128/],
    ['a tag of AWS', { tags: [{ key: 'aws:x', value: '' }] }, invalid, /reserved/],
    ['the same tag twice', { tags: [{ key: 'k' }, { key: 'k' }] }, invalid, /Duplicate/],
    [
      '51 tags',
      { tags: Array.from({ length: 51 }, (_, index) => ({ key: `k${index}`, value: '' })) },
      invalid,
      /more than 50/,
    ],
    [
      'a launch type together with a strategy',
      { launchType: 'FARGATE', capacityProviderStrategy: [FARGATE] },
      invalid,
      /both a launch type and capacity provider/,
    ],
    [
      'neither launch type nor strategy',
      { capacityProviderStrategy: undefined },
      invalid,
      /No Container Instances/,
    ],
    [
      'FARGATE_SPOT as a launch type',
      { launchType: 'FARGATE_SPOT' as 'FARGATE', capacityProviderStrategy: undefined },
      invalid,
      /Launch type should be one of/,
    ],
    [
      'an unknown provider',
      { capacityProviderStrategy: [{ capacityProvider: 'X' }] },
      invalid,
      /'X' was not found/,
    ],
    [
      'a strategy without weight',
      { capacityProviderStrategy: [{ capacityProvider: 'FARGATE' }] },
      invalid,
      /weight greater than 0/,
    ],
    ['no network', { networkConfiguration: undefined }, invalid, /Network Configuration must be provided/],
    [
      'no subnet',
      { networkConfiguration: { awsvpcConfiguration: { subnets: [] } } },
      invalid,
      /subnets can not be empty/,
    ],
    [
      'an odd public address',
      { networkConfiguration: { awsvpcConfiguration: { ...network, assignPublicIp: 'YES' as 'ENABLED' } } },
      invalid,
      /assignPublicIp/,
    ],
    ['an unknown platform', { platformVersion: '9.9' }, 'PlatformUnknownException', /platform/],
    ['tags of a service', { propagateTags: 'SERVICE' }, invalid, /propagateTags/],
    ['a reserved group', { group: 'family:x' }, invalid, /reserved/],
  ])('%s', async (_name, changes, code, message) => {
    const { aws, ecs } = await openWorld();
    const answer = ecs.send(new RunTaskCommand(runTaskInput(aws, changes)));
    await expect(answer).rejects.toMatchObject({ name: code, message: expect.stringMatching(message) });
    expect(aws.tasks()).toEqual([]);
  });

  it("a role that is not the stack's", async () => {
    const { aws, ecs } = await openWorld();
    const taskRoleArn = `arn:aws:iam::${aws.account}:role/admin`;
    const answer = ecs.send(new RunTaskCommand(runTaskInput(aws, { overrides: { taskRoleArn } })));
    await expect(answer).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('iam:PassRole'),
    });
  });
});

describe('RunTask accepts', () => {
  it('what the launcher sends, and shows it back', async () => {
    const { aws, ecs, ledger } = await openWorld();
    const { tasks, failures } = await ecs.send(new RunTaskCommand(runTaskInput(aws)));
    expect(failures).toEqual([]);
    expect(tasks).toMatchObject([
      {
        lastStatus: 'PROVISIONING',
        desiredStatus: 'RUNNING',
        capacityProviderName: 'FARGATE',
        cpu: '1024',
        memory: '4096',
        group: 'family:oneshot-test-x64',
        startedBy: 'oneshot-1-2-0',
        attributes: [{ name: 'ecs.cpu-architecture', value: 'x86_64' }],
        ephemeralStorage: { sizeInGiB: 20 },
      },
    ]);
    expect(aws.tasks()[0]?.tags).toEqual({
      'aws:ecs:clusterName': 'oneshot-test',
      'oneshot:stack': 'oneshot-test',
      'oneshot:repository': 'acme/web',
    });
    expect(ledger.counts()).toEqual({ ecs: { RunTask: 1 } });
  });

  it('an arm64 task on Spot with 200 GiB', async () => {
    const { aws, ecs } = await openWorld();
    const { tasks } = await ecs.send(
      new RunTaskCommand(
        runTaskInput(aws, {
          taskDefinition: aws.taskDefinitionArns.arm64,
          capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }],
          overrides: { cpu: '16384', memory: '122880', ephemeralStorage: { sizeInGiB: 200 } },
        }),
      ),
    );
    expect(tasks).toMatchObject([
      { capacityProviderName: 'FARGATE_SPOT', cpu: '16384', ephemeralStorage: { sizeInGiB: 200 } },
    ]);
    expect(aws.tasks()[0]?.architecture).toBe('arm64');
  });
});

describe('a clientToken', () => {
  it('gives the same task for the same request', async () => {
    const { aws, ecs } = await openWorld();
    const first = await ecs.send(new RunTaskCommand(runTaskInput(aws)));
    const second = await ecs.send(new RunTaskCommand(runTaskInput(aws)));
    expect(second.tasks?.[0]?.taskArn).toBe(first.tasks?.[0]?.taskArn);
    expect(aws.tasks()).toHaveLength(1);
  });

  it('conflicts with another request, and names the task that has it', async () => {
    const { aws, ecs } = await openWorld();
    const { tasks } = await ecs.send(new RunTaskCommand(runTaskInput(aws)));
    const other = new RunTaskCommand(runTaskInput(aws, { startedBy: 'other' }));
    await expect(ecs.send(other)).rejects.toMatchObject({
      name: 'ConflictException',
      resourceIds: [tasks?.[0]?.taskArn],
    });
    expect(aws.tasks()).toHaveLength(1);
  });

  it('is forgotten an hour after its task has stopped, and not before', async () => {
    const { aws, ecs, clock } = await openWorld();
    await ecs.send(new RunTaskCommand(runTaskInput(aws)));
    await clock.advance(BOOT_MS);
    aws.exitTask(aws.tasks()[0]?.arn ?? '', 0);
    await clock.advance(WIND_DOWN_MS + 3_500_000);
    await ecs.send(new RunTaskCommand(runTaskInput(aws)));
    expect(aws.tasks()).toHaveLength(1);
    await clock.advance(200_000);
    await ecs.send(new RunTaskCommand(runTaskInput(aws)));
    expect(aws.tasks()).toHaveLength(2);
  });

  it.each([
    [false, 1],
    [true, 0],
  ])('refused for want of capacity stays taken: %s', async (isKept, launched) => {
    const { aws, ecs, faults } = await openWorld();
    faults.setRate('ecs-refused-token-kept', isKept ? 1 : 0);
    faults.next('ecs-no-capacity');
    const { tasks, failures } = await ecs.send(new RunTaskCommand(runTaskInput(aws)));
    expect(tasks).toEqual([]);
    expect(failures).toMatchObject([
      { reason: expect.stringMatching(/^Capacity is unavailable at this time/) },
    ]);
    await ecs.send(new RunTaskCommand(runTaskInput(aws)));
    expect(aws.tasks()).toHaveLength(launched);
  });
});

describe('RunTask is throttled', () => {
  const numbered = (index: number) => ({ clientToken: `t${index}`, startedBy: `t${index}` });

  it('beyond 20 calls a second', async () => {
    const { aws, ecs, clock } = await openWorld();
    const call = (index: number) => ecs.send(new RunTaskCommand(runTaskInput(aws, numbered(index))));
    for (let index = 0; index < 20; index += 1) await call(index);
    await expect(call(20)).rejects.toMatchObject({ name: 'ThrottlingException', message: 'Rate exceeded' });
    await clock.advance(1000);
    await call(21);
    expect(aws.tasks()).toHaveLength(21);
  });

  it('beyond 100 launches, for on-demand and Spot apart', async () => {
    const { aws, ecs } = await openWorld();
    const call = (index: number, capacityProvider: string) => {
      const capacityProviderStrategy = [{ capacityProvider, weight: 1 }];
      const input = runTaskInput(aws, { ...numbered(index), count: 10, capacityProviderStrategy });
      return ecs.send(new RunTaskCommand(input));
    };
    for (let index = 0; index < 10; index += 1) await call(index, 'FARGATE');
    await expect(call(10, 'FARGATE')).rejects.toMatchObject({ name: 'ThrottlingException' });
    await call(11, 'FARGATE_SPOT');
    expect(aws.tasks()).toHaveLength(110);
  });

  it('in both disguises, one after the other', async () => {
    const { aws, ecs, faults } = await openWorld();
    faults.next('ecs-throttle', 2);
    const call = () => ecs.send(new RunTaskCommand(runTaskInput(aws)));
    await expect(call()).rejects.toMatchObject({ name: 'ThrottlingException', message: 'Rate exceeded' });
    await expect(call()).rejects.toMatchObject({
      name: invalid,
      message: expect.stringMatching(/Rate exceeded \(ErrorCode: Throttling\)/),
    });
    await call();
    expect(aws.tasks()).toHaveLength(1);
  });
});

it('gives up to 100 tasks to DescribeTasks, and says what is missing', async () => {
  const { aws, ecs } = await openWorld();
  const { tasks } = await ecs.send(new RunTaskCommand(runTaskInput(aws)));
  const arn = tasks?.[0]?.taskArn ?? '';
  const unknown = arn.replace(/[^/]+$/, '0'.repeat(32));
  const described = await ecs.send(
    new DescribeTasksCommand({ cluster: aws.clusterArn, tasks: [arn, unknown], include: ['TAGS'] }),
  );
  expect(described.tasks).toMatchObject([
    { taskArn: arn, tags: expect.arrayContaining([{ key: 'oneshot:repository', value: 'acme/web' }]) },
  ]);
  expect(described.failures).toEqual([{ arn: unknown, reason: 'MISSING' }]);
  const many = new DescribeTasksCommand({ cluster: aws.clusterArn, tasks: Array(101).fill(arn) });
  await expect(ecs.send(many)).rejects.toMatchObject({ name: invalid });
  const none = new DescribeTasksCommand({ cluster: aws.clusterArn, tasks: [] });
  await expect(ecs.send(none)).rejects.toMatchObject({ name: invalid, message: 'Tasks cannot be empty.' });
});
