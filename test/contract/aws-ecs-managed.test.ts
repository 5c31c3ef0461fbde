import {
  DescribeCapacityProvidersCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  RunTaskCommand,
  type RunTaskCommandInput,
  StopTaskCommand,
} from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { readDockerCapacity } from '../../local/world/docker-deployment.ts';
import { BOOT_MS, openWorld, runTaskInput, STACK, type TestWorld, WIND_DOWN_MS } from './aws-harness.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const INSTANCE_MS = 61_000;
const PROVIDER = { capacityProvider: `${STACK}-docker`, weight: 1 };
const invalid = 'InvalidParameterException';

const openDocker = (options: Parameters<typeof openWorld>[0] = {}) =>
  openWorld({ docker: readDockerCapacity(), ...options });

/** RunTask as the launcher sends it for a job with Docker. */
function dockerInput(
  { aws }: Pick<TestWorld, 'aws'>,
  changes: Partial<RunTaskCommandInput> = {},
): RunTaskCommandInput {
  const { platformVersion: _, ...input } = runTaskInput(aws);
  return {
    ...input,
    taskDefinition: aws.dockerTaskDefinitionArns.x64,
    capacityProviderStrategy: [PROVIDER],
    group: 'docker',
    placementConstraints: [{ type: 'distinctInstance' }],
    networkConfiguration: {
      awsvpcConfiguration: { subnets: ['subnet-0a'], securityGroups: ['sg-0b'], assignPublicIp: 'DISABLED' },
    },
    ...changes,
  };
}

let launches = 0;
async function launch(world: TestWorld, changes: Partial<RunTaskCommandInput> = {}): Promise<string> {
  const clientToken = `launch-${launches++}`;
  const { tasks } = await world.ecs.send(new RunTaskCommand(dockerInput(world, { clientToken, ...changes })));
  return tasks?.[0]?.taskArn ?? '';
}

const taskOf = ({ aws }: TestWorld, arn: string) => {
  const task = aws.tasks().find((one) => one.arn === arn);
  if (task === undefined) throw new Error(`no task ${arn}`);
  return task;
};
const instanceOf = (world: TestWorld, arn: string) => taskOf(world, arn).task.containerInstanceArn;

/** Milliseconds in which the task's images were pulled. */
const pullMs = (world: TestWorld, arn: string) => {
  const { pullStartedAt, pullStoppedAt } = taskOf(world, arn).task;
  return Number(pullStoppedAt) - Number(pullStartedAt);
};

/** Two tasks need room for each other: half of the smallest instance. */
const SHARED: Partial<RunTaskCommandInput> = { placementConstraints: [] };

describe('RunTask on managed instances refuses', () => {
  it.each<[string, Partial<RunTaskCommandInput>, RegExp]>([
    ['a platform version', { platformVersion: 'LATEST' }, /platform version must be null/],
    [
      'storage of its own',
      { overrides: { ephemeralStorage: { sizeInGiB: 30 } } },
      /Ephemeral storage is not supported/,
    ],
    [
      'a public address',
      {
        networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-0a'], assignPublicIp: 'ENABLED' } },
      },
      /public IP is not supported/,
    ],
    [
      'a strategy that mixes kinds',
      { capacityProviderStrategy: [PROVIDER, { capacityProvider: 'FARGATE', weight: 1 }] },
      /mix of capacity providers/,
    ],
    [
      'a provider of another stack',
      { capacityProviderStrategy: [{ capacityProvider: 'other-docker', weight: 1 }] },
      /other-docker' was not found/,
    ],
    [
      'a launch type instead of a provider',
      { capacityProviderStrategy: undefined, launchType: 'MANAGED_INSTANCES' },
      /by a capacity provider strategy/,
    ],
    [
      'a launch type beside the provider',
      { launchType: 'MANAGED_INSTANCES' },
      /both a launch type and capacity provider/,
    ],
    [
      'a constraint that there is not',
      { placementConstraints: [{ type: 'spread' as 'memberOf', expression: 'a' }] },
      /distinctInstance/,
    ],
    [
      'an expression where none belongs',
      { placementConstraints: [{ type: 'distinctInstance', expression: 'a' }] },
      /An expression cannot be specified/,
    ],
    ['a constraint without its expression', { placementConstraints: [{ type: 'memberOf' }] }, /expression/],
    [
      'a placement strategy',
      { placementStrategy: [{ type: 'random' }] },
      /Placement strategies are not supported/,
    ],
    [
      'more memory for a container than for its task',
      { overrides: { memory: '1024', containerOverrides: [{ name: 'runner', memory: 1025 }] } },
      /is greater than for the task/,
    ],
  ])('%s', async (_, changes, words) => {
    const world = await openDocker();
    const answer = world.ecs.send(new RunTaskCommand(dockerInput(world, changes)));
    await expect(answer).rejects.toMatchObject({ name: invalid, message: expect.stringMatching(words) });
    expect(world.aws.tasks()).toEqual([]);
  });

  it('a definition for Fargate, as Fargate refuses one for instances', async () => {
    const world = await openDocker();
    const onInstance = dockerInput(world, { taskDefinition: world.aws.taskDefinitionArns.x64 });
    await expect(world.ecs.send(new RunTaskCommand(onInstance))).rejects.toMatchObject({
      name: invalid,
      message: 'Task definition does not support launch_type MANAGED_INSTANCES.',
    });
    const onFargate = runTaskInput(world.aws, { taskDefinition: world.aws.dockerTaskDefinitionArns.x64 });
    await expect(world.ecs.send(new RunTaskCommand(onFargate))).rejects.toMatchObject({
      name: invalid,
      message: 'Task definition does not support launch_type FARGATE.',
    });
  });

  it('constraints on Fargate', async () => {
    const world = await openDocker();
    const constrained = runTaskInput(world.aws, { placementConstraints: [{ type: 'distinctInstance' }] });
    await expect(world.ecs.send(new RunTaskCommand(constrained))).rejects.toMatchObject({ name: invalid });
  });

  it('a launch while too many tasks wait (docker-waiting-full): ClientException', async () => {
    const world = await openDocker();
    world.faults.next('docker-waiting-full', 1);
    await world.ecs.send(new RunTaskCommand(runTaskInput(world.aws)));
    const clientToken = 'another';
    const onInstance = new RunTaskCommand(dockerInput(world, { clientToken }));
    await expect(world.ecs.send(onInstance)).rejects.toMatchObject({
      name: 'ClientException',
      message: expect.stringContaining('quota of tasks in the PROVISIONING per cluster'),
    });
    expect(world.aws.tasks()).toHaveLength(1);
  });
});

describe('RunTask on managed instances takes', () => {
  it.each(['memberOf', 'distinctInstance'] as const)('the constraint %s', async (type) => {
    const world = await openDocker();
    const expression = type === 'memberOf' ? { expression: 'attribute:ecs.instance-type =~ c6*' } : {};
    expect(await launch(world, { placementConstraints: [{ type, ...expression }] })).toMatch(/^arn:/);
  });

  it('a size that Fargate does not have', async () => {
    const world = await openDocker();
    await launch(world, { overrides: { cpu: '3072', memory: '5120' } });
    expect(world.aws.tasks()[0]?.task).toMatchObject({ cpu: '3072', memory: '5120' });
  });

  it('a launch for which there is no capacity: it is told by nothing but time', async () => {
    const world = await openDocker();
    world.faults.next('ecs-no-capacity');
    world.faults.next('docker-capacity-never');
    const arn = await launch(world);
    await world.clock.advance(DAY_MS);
    expect(taskOf(world, arn)).toMatchObject({ lastStatus: 'PROVISIONING', desiredStatus: 'RUNNING' });
    await world.ecs.send(new StopTaskCommand({ cluster: world.aws.clusterArn, task: arn }));
    await world.clock.advance(WIND_DOWN_MS);
    expect(taskOf(world, arn)).toMatchObject({ lastStatus: 'STOPPED', stopCode: 'UserInitiated' });
  });
});

describe('a task on a managed instance', () => {
  it('waits in PROVISIONING for an instance that boots in 30 to 60 seconds, then boots as on Fargate', async () => {
    const world = await openDocker();
    const arn = await launch(world);
    await world.clock.advance(29_000);
    expect(taskOf(world, arn).lastStatus).toBe('PROVISIONING');
    expect(instanceOf(world, arn)).toBeUndefined();
    await world.clock.advance(INSTANCE_MS - 29_000 + BOOT_MS);
    expect(taskOf(world, arn).lifecycle.map(({ status }) => status)).toEqual([
      ...['PROVISIONING', 'PENDING', 'ACTIVATING', 'RUNNING'],
    ]);
  });

  it('waits for minutes where capacity is late (docker-capacity-late)', async () => {
    const world = await openDocker();
    world.faults.next('docker-capacity-late');
    const arn = await launch(world);
    await world.clock.advance(2 * MINUTE_MS);
    expect(taskOf(world, arn).lastStatus).toBe('PROVISIONING');
    await world.clock.advance(18 * MINUTE_MS);
    expect(taskOf(world, arn).lastStatus).toBe('RUNNING');
  });

  it('can be stopped while it waits', async () => {
    const world = await openDocker();
    const arn = await launch(world);
    await world.clock.advance(1_000);
    await world.ecs.send(new StopTaskCommand({ cluster: world.aws.clusterArn, task: arn }));
    await world.clock.advance(WIND_DOWN_MS);
    expect(taskOf(world, arn).lifecycle.map(({ status }) => status)).toEqual([
      ...['PROVISIONING', 'DEPROVISIONING', 'STOPPED'],
    ]);
  });

  it('shows its provider from the start, and its instance once it has one', async () => {
    const world = await openDocker();
    const arn = await launch(world);
    const described = async () => {
      const { tasks } = await world.ecs.send(
        new DescribeTasksCommand({ cluster: world.aws.clusterArn, tasks: [arn] }),
      );
      return tasks?.[0];
    };
    const seen = {
      launchType: 'MANAGED_INSTANCES',
      capacityProviderName: `${STACK}-docker`,
      group: 'docker',
    };
    expect(await described()).toMatchObject(seen);
    await world.clock.advance(INSTANCE_MS + BOOT_MS);
    const containerInstanceArn = expect.stringMatching(
      new RegExp(`^arn:aws:ecs:us-east-1:123456789012:container-instance/${STACK}/[0-9a-f]{32}$`),
    );
    const task = await described();
    expect(task).toMatchObject({ ...seen, containerInstanceArn });
    for (const member of ['platformVersion', 'ephemeralStorage', 'fargateEphemeralStorage'])
      expect(task).not.toHaveProperty(member);
  });

  it('has the three containers of its definition, of which the first has ended', async () => {
    const world = await openDocker();
    const arn = await launch(world);
    await world.clock.advance(INSTANCE_MS + BOOT_MS);
    const containers = () =>
      taskOf(world, arn).task.containers?.map(({ name, lastStatus, exitCode }) => ({
        name,
        lastStatus,
        exitCode,
      }));
    expect(containers()).toEqual([
      { name: 'externals', lastStatus: 'STOPPED', exitCode: 0 },
      { name: 'dockerd', lastStatus: 'RUNNING', exitCode: undefined },
      { name: 'runner', lastStatus: 'RUNNING', exitCode: undefined },
    ]);
    world.aws.exitTask(arn, 10);
    await world.clock.advance(WIND_DOWN_MS);
    expect(containers()).toEqual([
      { name: 'externals', lastStatus: 'STOPPED', exitCode: 0 },
      { name: 'dockerd', lastStatus: 'STOPPED', exitCode: 0 },
      { name: 'runner', lastStatus: 'STOPPED', exitCode: 10 },
    ]);
    expect(taskOf(world, arn).exitCode).toBe(10);
  });

  it('is found by its launch type and by its instance', async () => {
    const world = await openDocker();
    const { ecs, aws } = world;
    const arn = await launch(world);
    await ecs.send(new RunTaskCommand(runTaskInput(aws)));
    await world.clock.advance(INSTANCE_MS);
    const containerInstance = instanceOf(world, arn);
    for (const filter of [{ launchType: 'MANAGED_INSTANCES' as const }, { containerInstance }]) {
      const { taskArns } = await ecs.send(new ListTasksCommand({ cluster: aws.clusterArn, ...filter }));
      expect(taskArns, JSON.stringify(filter)).toEqual([arn]);
    }
  });
});

describe('an instance', () => {
  const bothOn = async (world: TestWorld, changes: Partial<RunTaskCommandInput>) => {
    const arns = [await launch(world, changes), await launch(world, changes)];
    await world.clock.advance(INSTANCE_MS + BOOT_MS);
    return arns.map((arn) => instanceOf(world, arn));
  };

  it('has one task of a group where each asks for it, and two that do not', async () => {
    const [one, other] = await bothOn(await openDocker(), {});
    expect(one).not.toBe(other);
    const [shared, too] = await bothOn(await openDocker(), SHARED);
    expect(shared).toBe(too);
  });

  it('is shared with a task of another group, whatever it asks for', async () => {
    const world = await openDocker();
    const mine = await launch(world);
    const theirs = await launch(world, { group: 'other' });
    await world.clock.advance(INSTANCE_MS + BOOT_MS);
    expect(instanceOf(world, mine)).toBe(instanceOf(world, theirs));
  });

  it('has tasks of its own architecture, and no more than fit', async () => {
    const world = await openDocker();
    const first = await launch(world, SHARED);
    const arm = await launch(world, { ...SHARED, taskDefinition: world.aws.dockerTaskDefinitionArns.arm64 });
    const large = await launch(world, { ...SHARED, overrides: { cpu: '2048', memory: '4096' } });
    await world.clock.advance(INSTANCE_MS + BOOT_MS);
    expect(new Set([first, arm, large].map((arn) => instanceOf(world, arn))).size).toBe(3);
  });

  it('is gone with its task, by the template’s ScaleInAfter', async () => {
    const world = await openDocker();
    const runOnce = async () => {
      const arn = await launch(world);
      await world.clock.advance(INSTANCE_MS + BOOT_MS);
      world.aws.exitTask(arn, 10);
      await world.clock.advance(WIND_DOWN_MS);
      return arn;
    };
    const [first, second] = [await runOnce(), await runOnce()];
    expect(instanceOf(world, first)).not.toBe(instanceOf(world, second));
    expect(pullMs(world, second)).toBeGreaterThan(0);
  });

  it('that stays has the images of its last task for 15 minutes', async () => {
    const world = await openDocker({ docker: { ...readDockerCapacity(), scaleInAfterSeconds: 3600 } });
    const runAfter = async (waitMs: number) => {
      await world.clock.advance(waitMs);
      const arn = await launch(world);
      await world.clock.advance(INSTANCE_MS + BOOT_MS);
      world.aws.exitTask(arn, 10);
      await world.clock.advance(WIND_DOWN_MS);
      return arn;
    };
    const arns = [await runAfter(0), await runAfter(10 * MINUTE_MS), await runAfter(16 * MINUTE_MS)];
    expect(new Set(arns.map((arn) => instanceOf(world, arn))).size).toBe(1);
    const [cold = 0, warm = 0, coldAgain = 0] = arns.map((arn) => pullMs(world, arn));
    expect([cold > 0, warm > 0, coldAgain > 0]).toEqual([true, false, true]);
  });

  it('takes no task from day 14 on, and ends what it has on day 21', async () => {
    const world = await openDocker();
    const old = await launch(world, SHARED);
    await world.clock.advance(13 * DAY_MS);
    const shared = await launch(world, SHARED);
    await world.clock.advance(DAY_MS);
    world.aws.exitTask(shared, 10);
    await world.clock.advance(WIND_DOWN_MS);
    const apart = await launch(world, SHARED);
    await world.clock.advance(INSTANCE_MS + BOOT_MS);
    expect(instanceOf(world, shared)).toBe(instanceOf(world, old));
    expect(instanceOf(world, apart)).not.toBe(instanceOf(world, old));
    expect(taskOf(world, old).lastStatus).toBe('RUNNING');
    await world.clock.advance(7 * DAY_MS);
    expect(taskOf(world, old)).toMatchObject({
      lastStatus: 'STOPPED',
      stopCode: 'TerminationNotice',
      stoppedReason: 'Task stopped during instance draining',
    });
  });
});

describe('a deployment', () => {
  it('has the provider and its definitions where Docker is enabled', async () => {
    const { ecs, aws } = await openDocker({ credentials: 'operator' });
    const name = `${STACK}-docker`;
    const { capacityProviders } = await ecs.send(
      new DescribeCapacityProvidersCommand({ cluster: aws.clusterArn, capacityProviders: [name] }),
    );
    expect(capacityProviders).toMatchObject([{ name, status: 'ACTIVE' }]);
    for (const [architecture, arn] of Object.entries(aws.dockerTaskDefinitionArns)) {
      const { taskDefinition } = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: arn }));
      expect(taskDefinition).toMatchObject({
        family: `${STACK}-docker-${architecture}`,
        networkMode: 'awsvpc',
        requiresCompatibilities: ['MANAGED_INSTANCES'],
        containerDefinitions: [
          { name: 'externals', essential: false, privileged: false },
          {
            name: 'dockerd',
            essential: false,
            privileged: true,
            image: expect.stringContaining('docker@sha256:'),
          },
          { name: 'runner', essential: true },
        ],
      });
      const { environment } = taskDefinition?.containerDefinitions?.at(-1) ?? {};
      expect(environment).toContainEqual({ name: 'ONESHOT_DOCKER_TIMEOUT_SECONDS', value: '120' });
      expect(environment).toContainEqual({ name: 'ACTIONS_RUNNER_CONTAINER_HOOKS', value: '' });
    }
  });

  it('has neither where it is disabled', async () => {
    const { ecs, aws } = await openWorld({ credentials: 'operator' });
    expect(aws.dockerTaskDefinitionArns).toEqual({});
    const input = runTaskInput(aws, { capacityProviderStrategy: [PROVIDER] });
    await expect(ecs.send(new RunTaskCommand(input))).rejects.toMatchObject({ name: invalid });
    const { failures } = await ecs.send(
      new DescribeCapacityProvidersCommand({
        cluster: aws.clusterArn,
        capacityProviders: [`${STACK}-docker`],
      }),
    );
    expect(failures).toMatchObject([{ reason: 'MISSING' }]);
  });
});
