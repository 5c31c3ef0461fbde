import { EC2Client } from '@aws-sdk/client-ec2';
import { DescribeClustersCommand, ECSClient, RunTaskCommand } from '@aws-sdk/client-ecs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLUSTER_PROVIDERS } from '../../functions/core/job/providers.ts';
import { type DockerCapacity, missingDockerCapacity } from '../../infra/docker-capacity.ts';
import { clearVpc, connectVpc } from '../../infra/guardduty.ts';
import { drain, type LiveTask, reopen, type StackPort } from '../../infra/removal.ts';
import { connectStack } from '../../infra/stack.ts';
import { openWorld, runTaskInput, STACK } from '../contract/aws-harness.ts';
import { packageService } from './package-service.ts';
import { properties } from './template.ts';

const FUNCTIONS = ['oneshot-dev-webhook', 'oneshot-dev-reconcile'];

/** A stack in a time of its own. Invocations under way launch at `launchesMs`; a task takes `stopMs` to stop. */
function createStack(
  launchesMs: readonly number[],
  stopMs: number,
  { closes = true, docker = 'none' as DockerCapacity, dockerGoneMs = 20_000 } = {},
) {
  let nowMs = 0;
  let capacity: DockerCapacity = docker;
  let deletedMs = Infinity;
  let isClusterClosed = false;
  const closed = new Set<string>();
  const tasks = new Map<string, { stoppedAtMs: number | undefined }>();
  const refused: number[] = [];
  const pending = [...launchesMs].sort((a, b) => a - b);
  const catchUp = () => {
    while (pending.length > 0 && (pending[0] ?? 0) <= nowMs) {
      const atMs = pending.shift() ?? 0;
      // The cluster's list has no say in what is launched with Docker.
      const isRefused = docker === 'none' ? isClusterClosed : atMs >= deletedMs;
      if (isRefused) refused.push(atMs);
      else tasks.set(`task-${atMs}-${tasks.size}`, { stoppedAtMs: undefined });
    }
  };
  const live = (): LiveTask[] => {
    catchUp();
    return [...tasks]
      .filter(([, { stoppedAtMs = Infinity }]) => stoppedAtMs > nowMs)
      .map(([arn, { stoppedAtMs }]) => ({ arn, isStopping: stoppedAtMs !== undefined }));
  };
  const port: StackPort = {
    isFunctionClosed: async (name) => closed.has(name),
    closeFunction: async (name) => {
      if (!closes) return false;
      closed.add(name);
      return true;
    },
    openFunction: async (name) => void closed.delete(name),
    async liveTasks() {
      const seen = live();
      nowMs += 1; // a launch may come between the look and what follows from it
      return seen;
    },
    async stopTask(arn) {
      tasks.set(arn, { stoppedAtMs: nowMs + stopMs });
    },
    isClusterClosed: async () => isClusterClosed,
    async closeCluster() {
      isClusterClosed = live().length === 0;
      return isClusterClosed;
    },
    openCluster: async () => {
      isClusterClosed = false;
    },
    async dockerCapacity() {
      const isGone = nowMs >= deletedMs + dockerGoneMs && live().length === 0;
      if (capacity === 'going' && isGone) capacity = 'none';
      return capacity;
    },
    async deleteDockerCapacity() {
      live();
      capacity = 'going';
      deletedMs = nowMs;
    },
  };
  const lines: string[] = [];
  const options = {
    functionNames: FUNCTIONS,
    nowMs: () => nowMs,
    wait: async (ms: number) => {
      nowMs += ms;
    },
    tell: (line: string) => void lines.push(line),
  };
  const finish = () => {
    nowMs = Number.MAX_SAFE_INTEGER;
    return live();
  };
  return { port, options, closed, refused, lines, finish };
}

describe('a removal', () => {
  it('should leave no task, whenever the invocations under way launch theirs', async () => {
    const launches = fc.array(fc.integer({ min: 0, max: 120_000 }), { maxLength: 12 });
    const stops = fc.integer({ min: 0, max: 150_000 });
    const property = fc.asyncProperty(launches, stops, async (launchesMs, stopMs) => {
      const { port, options, closed, finish } = createStack(launchesMs, stopMs);
      await drain(port, options);
      expect([...closed]).toEqual(FUNCTIONS);
      expect(finish()).toEqual([]);
    });
    await fc.assert(property, { numRuns: 300 });
  });

  it('should leave no task with Docker and no capacity for one, though the cluster’s list keeps none away', async () => {
    const launches = fc.array(fc.integer({ min: 0, max: 120_000 }), { maxLength: 12 });
    const times = fc.integer({ min: 0, max: 150_000 });
    const property = fc.asyncProperty(launches, times, times, async (launchesMs, stopMs, dockerGoneMs) => {
      const { port, options, finish } = createStack(launchesMs, stopMs, { docker: 'there', dockerGoneMs });
      await drain(port, options);
      expect(await port.dockerCapacity()).toBe('none');
      expect(finish()).toEqual([]);
    });
    await fc.assert(property, { numRuns: 300 });
  });

  it('should say that it waits for the capacity of jobs with Docker', async () => {
    const { port, options, lines } = createStack([], 0, { docker: 'there', dockerGoneMs: 12_000 });
    await drain(port, options);
    expect(new Set(lines)).toEqual(new Set(['Waiting for the capacity of jobs with Docker to go']));
  });

  it('should give up after ten minutes where that capacity does not go', async () => {
    const { port, options } = createStack([], 0, { docker: 'there', dockerGoneMs: Infinity });
    await expect(drain(port, options)).rejects.toThrow(
      /10 minutes the cluster still has the capacity .*again/,
    );
  });

  it('should be over at once where there is nothing', async () => {
    const { port, options, lines } = createStack([], 0);
    await drain(port, options);
    expect(options.nowMs()).toBeLessThan(1000);
    expect(lines).toEqual([]);
  });

  it('should say what it waits for', async () => {
    const { port, options, lines } = createStack([0, 0], 12_000);
    await drain(port, options);
    expect(lines).toEqual(Array(3).fill('Waiting for 2 tasks to stop'));
  });

  it('should say what Lambda would not close, and stop the tasks and close the cluster all the same', async () => {
    const { port, options, lines, finish } = createStack([0, 30_000], 12_000, { closes: false });
    await drain(port, options);
    expect(lines[0]).toMatch(/close oneshot-dev-webhook, oneshot-dev-reconcile: clear "Active"/);
    expect(finish()).toEqual([]);
    expect(await port.isClusterClosed()).toBe(true);
  });

  it('should give up after ten minutes, and name the tasks that do not stop', async () => {
    const { port, options } = createStack([0], Infinity);
    await expect(drain(port, options)).rejects.toThrow(/10 minutes.*one task.*task-0-0.*same command again/);
  });

  it('should be undone by a deployment that follows it, and a deployment without one do nothing', async () => {
    const { port, options, closed } = createStack([], 0);
    expect(await reopen(port, FUNCTIONS)).toEqual([]);
    await drain(port, options);
    expect(await reopen(port, FUNCTIONS)).toEqual([...FUNCTIONS, 'the cluster']);
    expect([...closed]).toEqual([]);
    expect(await port.isClusterClosed()).toBe(false);
  });
});

describe('a removal where Lambda reserves nothing', () => {
  it('should be told so of a function in a new account, and close it in another', async () => {
    const { aws } = await openWorld();
    aws.accountState.functions.set('webhook', {
      ...{ name: 'webhook', role: '', environment: {}, state: 'Active', lastUpdate: 'Successful' },
      ...{ reservedConcurrency: undefined, eventSource: undefined },
    });
    const config = { endpoint: aws.url, region: aws.region, credentials: aws.operatorCredentials };
    const stack = connectStack(new LambdaClient({ ...config, maxAttempts: 1 }), new ECSClient(config), STACK);
    aws.accountState.concurrency = 10;
    expect([await stack.closeFunction('webhook'), aws.accountState.isOpen('webhook')]).toEqual([false, true]);
    aws.accountState.concurrency = 1000;
    expect([await stack.closeFunction('webhook'), aws.accountState.isOpen('webhook')]).toEqual([true, false]);
  });
});

describe('a VPC that GuardDuty watches', () => {
  async function openVpc() {
    const { aws } = await openWorld();
    const { guardDuty, network } = aws.accountState;
    aws.accountState.network = { ...network, vpcId: 'vpc-1', groupIds: ['sg-ours'] };
    const config = { endpoint: aws.url, region: aws.region, credentials: aws.operatorCredentials };
    const lines: string[] = [];
    const clock = {
      nowMs: () => lines.length,
      wait: () => new Promise<void>((resolve) => setTimeout(resolve, 30)),
      tell: (line: string) => void lines.push(line),
    };
    return { guardDuty, lines, clock, vpc: connectVpc(new EC2Client(config), 'vpc-1') };
  }

  it('should be rid of the endpoint, then of its security group, and keep ours', async () => {
    const { guardDuty, lines, clock, vpc } = await openVpc();
    guardDuty.endpoints.set('vpce-1', 'available');
    guardDuty.groups.add('sg-9');
    await clearVpc(vpc, clock);
    expect([guardDuty.endpoints.size, guardDuty.groups.size]).toEqual([0, 0]);
    expect(lines).toEqual(['Deleting what GuardDuty put into the network: vpce-1, sg-9']);
  });

  it('should be left alone where it put nothing', async () => {
    const { lines, clock, vpc } = await openVpc();
    await clearVpc(vpc, clock);
    expect(lines).toEqual([]);
  });

  it('should be named with what stays, and the way out, where it may not be deleted', async () => {
    const { clock, vpc } = await openVpc();
    const refused = {
      leftovers: async () => ({ endpoints: ['vpce-1'], groups: ['sg-9'] }),
      deleteEndpoints: () => Promise.reject(new Error('UnauthorizedOperation')),
    };
    await expect(clearVpc({ ...vpc, ...refused }, clock)).rejects.toThrow(
      /vpce-1 and sg-9 could not be deleted. Delete them .*same command again/,
    );
  });

  it('should be given up after ten minutes where it does not go', async () => {
    const { vpc } = await openVpc();
    let nowMs = 0;
    const stuck = {
      leftovers: async () => ({ endpoints: [], groups: ['sg-9'] }),
      deleteGroup: async () => {},
    };
    const wait = async (ms: number) => {
      nowMs += ms;
    };
    const clock = { nowMs: () => nowMs, wait, tell: () => {} };
    await expect(clearVpc({ ...vpc, ...stuck }, clock)).rejects.toThrow(/sg-9 could not be deleted/);
  });
});

describe('a removal on ECS', () => {
  /** Nothing of Lambda is called here. */
  const lambda = new LambdaClient({ region: 'us-east-1' });
  const providersOf = async (ecs: ECSClient) => {
    const { clusters } = await ecs.send(new DescribeClustersCommand({ clusters: [STACK] }));
    return clusters?.[0]?.capacityProviders;
  };

  it('should stop the tasks, and let nothing launch once there is none', async () => {
    const { aws, ecs, clock } = await openWorld({ credentials: 'operator' });
    const stack = connectStack(lambda, ecs, STACK);
    for (const token of ['a', 'b', 'c'])
      await ecs.send(new RunTaskCommand(runTaskInput(aws, { clientToken: token })));
    await clock.advance(120_000);
    const lines: string[] = [];
    const tell = (line: string) => void lines.push(line);
    await drain(stack, { functionNames: [], nowMs: clock.nowMs, wait: clock.advance, tell });
    // Those that have been told to stop are waited for, too.
    expect(new Set(lines)).toEqual(new Set(['Waiting for 3 tasks to stop']));
    expect(aws.tasks().map(({ lastStatus }) => lastStatus)).toEqual(['STOPPED', 'STOPPED', 'STOPPED']);
    expect(await providersOf(ecs)).toEqual([]);
    await expect(ecs.send(new RunTaskCommand(runTaskInput(aws, { clientToken: 'd' })))).rejects.toThrow(
      /capacity provider 'FARGATE' was not found/,
    );
  });

  it('should delete the provider of Docker before the cluster is closed, and let nothing launch on it', async () => {
    const { aws, ecs, clock } = await openWorld({ credentials: 'operator' });
    const provider = `${STACK}-docker`;
    aws.accountState.managedProviders.set(provider, 'ACTIVE');
    const withDocker = { capacityProviderStrategy: [{ capacityProvider: provider, weight: 1 }] };
    const stack = connectStack(lambda, ecs, STACK);
    expect(await stack.dockerCapacity()).toBe('there');
    expect(await missingDockerCapacity(stack, 'enabled')).toBeUndefined();
    await drain(stack, { functionNames: [], nowMs: clock.nowMs, wait: clock.advance, tell: () => undefined });
    expect(await stack.dockerCapacity()).toBe('none');
    expect(await providersOf(ecs)).toEqual([]);
    await expect(ecs.send(new RunTaskCommand(runTaskInput(aws, withDocker)))).rejects.toThrow(
      /capacity provider 'oneshot-test-docker' was not found/,
    );
  });

  it('should say what a removal that was broken off has deleted for good', async () => {
    const { aws, ecs } = await openWorld({ credentials: 'operator' });
    aws.accountState.managedProviders.set(`${STACK}-docker`, 'ACTIVE');
    const stack = connectStack(lambda, ecs, STACK);
    await stack.deleteDockerCapacity();
    expect(await missingDockerCapacity(stack, 'enabled')).toMatch(
      /docker=disabled, and then .*docker=enabled/,
    );
    expect(await missingDockerCapacity(stack, 'disabled')).toBeUndefined();
  });

  it('should find no capacity of Docker where an older policy does not let it look', async () => {
    const { aws } = await openWorld();
    aws.accountState.managedProviders.set(`${STACK}-docker`, 'ACTIVE');
    aws.accountState.deployerPolicy = [{ Effect: 'Allow', Action: 'ecs:ListTasks', Resource: '*' }];
    const config = { region: aws.region, endpoint: aws.url, credentials: aws.deployerCredentials };
    expect(await connectStack(lambda, new ECSClient(config), STACK).dockerCapacity()).toBe('none');
  });

  it('should not close a cluster in which a task runs', async () => {
    const { aws, ecs } = await openWorld({ credentials: 'operator' });
    await ecs.send(new RunTaskCommand(runTaskInput(aws, {})));
    expect(await connectStack(lambda, ecs, STACK).closeCluster()).toBe(false);
    expect(await providersOf(ecs)).toEqual(CLUSTER_PROVIDERS);
  });

  it('should open it again with the capacity providers of the template', async () => {
    const { ecs } = await openWorld({ credentials: 'operator' });
    const stack = connectStack(lambda, ecs, STACK);
    expect(await stack.isClusterClosed()).toBe(false);
    expect(await stack.closeCluster()).toBe(true);
    expect(await reopen(stack, [])).toEqual(['the cluster']);
    const { resolved } = await packageService();
    expect(await providersOf(ecs)).toEqual(properties(resolved, 'Cluster')['CapacityProviders']);
  }, 300_000);

  it('should have nothing to do where the cluster is gone already', async () => {
    const { ecs } = await openWorld({ credentials: 'operator' });
    const stack = connectStack(lambda, ecs, 'another');
    expect(await stack.liveTasks()).toEqual([]);
    expect(await stack.closeCluster()).toBe(true);
    expect(await stack.isClusterClosed()).toBe(false);
  });
});
