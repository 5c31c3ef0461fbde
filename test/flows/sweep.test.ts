import { describe, expect, it } from 'vitest';
import type { DoubtedRepository } from '../../functions/core/doubt.ts';
import type { TaskFact } from '../../functions/core/facts.ts';
import type { Registration } from '../../functions/core/plan-sweep.ts';
import type { DeliveryFact, SweepMemory, SweepPorts } from '../../functions/core/ports.ts';
import { sweep } from '../../functions/sweep/sweep.ts';
import { POLICY } from '../fixtures/policy.ts';
import { taskFixture, WEB } from '../fixtures/tasks.ts';

const NOW_MS = Date.UTC(2026, 10, 23);
const HOUR_MS = 3_600_000;
const account = { owner: 'acme', ownerType: 'Organization', installationId: 77 } as const;
const scope = 'orgs/acme';

const task = (index: number, changes: Partial<TaskFact> = {}): TaskFact =>
  taskFixture(index, {
    taskArn: `arn:${index}`,
    createdAtMs: NOW_MS - 120_000,
    startedAtMs: NOW_MS - 60_000,
    ...changes,
  });
const overAge = (index: number) =>
  task(index, { createdAtMs: NOW_MS - 8 * HOUR_MS, startedAtMs: NOW_MS - 7 * HOUR_MS });
const stopped = (index: number) =>
  task(index, { lastStatus: 'STOPPED', desiredStatus: 'STOPPED', ending: 'idle' });
const orphan = (index: number): Registration => ({
  account,
  scope,
  runnerId: index,
  runnerName: `oneshot-dev-1-${index}-0`,
  online: false,
});

interface World {
  tasks: TaskFact[];
  registrations: Registration[];
  deliveries: DeliveryFact[];
  repositories: DoubtedRepository[];
  versionEndsAtMs: number | undefined;
  failing: Set<string>;
}

function createWorld(start: Partial<World> = {}) {
  const world: World = {
    tasks: [],
    registrations: [],
    deliveries: [],
    repositories: [],
    versionEndsAtMs: undefined,
    failing: new Set(),
    ...start,
  };
  const calls: string[] = [];
  const call = <T>(name: string, result: T): Promise<T> => {
    calls.push(name);
    return world.failing.has(name) ? Promise.reject(new Error(`${name} is down`)) : Promise.resolve(result);
  };
  const ports: SweepPorts = {
    listTasks: () => call('listTasks', world.tasks),
    stopTask: (taskArn) => call(`stop ${taskArn}`, undefined),
    listScopes: () => call('listScopes', [{ account, scope }]),
    listRegistrations: () => call('listRegistrations', world.registrations),
    removeRunner: (_account, _scope, id) => call(`remove ${id}`, undefined),
    listDeliveries: () => call('listDeliveries', world.deliveries),
    redeliver: (id) => call(`redeliver ${id}`, undefined),
    listRepositories: () => call('listRepositories', world.repositories),
    readVersionEnd: () => call('readVersionEnd', world.versionEndsAtMs),
    doubt: ({ repository }) => call(`doubt ${repository.name}`, undefined),
  };
  const memory: SweepMemory = {
    looks: [],
    lastLookAtMs: NOW_MS,
    settledTaskArns: new Set(),
    lastDoubtOfBusyAtMs: NOW_MS,
    lastDoubtOfAllAtMs: NOW_MS,
    version: { endsAtMs: undefined, readAtMs: NOW_MS },
  };
  return { world, calls, ports, memory, sweep: (nowMs = NOW_MS) => sweep(ports, memory, POLICY, nowMs) };
}

describe('sweep', () => {
  it('should look at GitHub’s deliveries and at nothing else of it for healthy tasks, however many', async () => {
    const { sweep, calls } = createWorld({ tasks: Array.from({ length: 500 }, (_, index) => task(index)) });
    const report = await sweep();
    expect(calls).toEqual(['listTasks', 'listDeliveries']);
    expect(report).toMatchObject({ seen: { tasks: 500 }, stopped: [], removed: [], errors: [] });
    expect(report.left).toHaveLength(500);
  });

  it('should stop what is over age and remove what is left over, each though its neighbour fails', async () => {
    const { sweep, calls, world } = createWorld({
      tasks: [overAge(1), overAge(2), stopped(3), stopped(4), task(5)],
    });
    world.failing = new Set(['stop arn:1', 'remove 3']);
    const report = await sweep();
    expect(calls).toEqual([
      'listTasks',
      'stop arn:1',
      'stop arn:2',
      'remove 3',
      'remove 4',
      'listDeliveries',
    ]);
    expect(report.stopped.map(({ taskArn }) => taskArn)).toEqual(['arn:2']);
    expect(report.removed.map(({ runnerId }) => runnerId)).toEqual([4]);
    expect(report.errors.map(({ message }) => message)).toEqual(['stop arn:1 is down', 'remove 3 is down']);
  });

  it('should remove a stopped task’s registration once, and try again what failed', async () => {
    const { sweep, calls, world } = createWorld({ tasks: [stopped(3), stopped(4)] });
    world.failing = new Set(['remove 3']);
    await sweep();
    world.failing.clear();
    calls.length = 0;
    await sweep();
    expect(calls).toEqual(['listTasks', 'remove 3', 'listDeliveries']);
  });

  it('should stop nothing and remove nothing when ECS cannot be read', async () => {
    const { sweep, world, calls, memory } = createWorld({ tasks: [overAge(1)], registrations: [orphan(9)] });
    memory.lastLookAtMs = 0;
    memory.looks = [{ runnerId: 9, firstSeenAtMs: 0 }];
    world.failing = new Set(['listTasks']);
    const report = await sweep();
    expect(calls.filter((name) => name.startsWith('stop') || name.startsWith('remove'))).toEqual([]);
    expect(report.errors).toHaveLength(1);
    expect(memory.looks).toEqual([{ runnerId: 9, firstSeenAtMs: 0 }]);
  });

  it('should still stop what is over age when GitHub cannot be read, and look again at the next pass', async () => {
    const { sweep, world, calls, memory } = createWorld({ tasks: [overAge(1)] });
    memory.lastLookAtMs = 0;
    world.failing = new Set(['listScopes']);
    expect((await sweep()).stopped).toHaveLength(1);
    calls.length = 0;
    await sweep();
    expect(calls).toContain('listScopes');
  });

  it('should remove an orphan at the second look, and not one that came back between them', async () => {
    const { sweep, world, calls, memory } = createWorld({ registrations: [orphan(8), orphan(9)] });
    memory.lastLookAtMs = 0;
    await sweep(NOW_MS);
    world.registrations = [{ ...orphan(8), online: true }, orphan(9)];
    const report = await sweep(NOW_MS + POLICY.timeouts.orphanGraceSeconds * 1000);
    expect(calls.filter((name) => name.startsWith('remove'))).toEqual(['remove 9']);
    expect(report.left).toMatchObject([{ reason: 'runner-online' }]);
  });

  it('should look for orphans no more than once a grace', async () => {
    const { sweep, calls, memory } = createWorld();
    memory.lastLookAtMs = 0;
    for (const minute of [0, 1, 2, 14, 15]) await sweep(NOW_MS + minute * 60_000);
    expect(calls.filter((name) => name === 'listRegistrations')).toHaveLength(2);
  });

  it('should doubt repositories with tasks every three minutes and all allowed ones every fifteen', async () => {
    const api = { ...WEB, id: 2, name: 'api' };
    const { sweep, calls, memory } = createWorld({ tasks: [task(1)], repositories: [WEB, api] });
    memory.lastDoubtOfBusyAtMs = 0;
    memory.lastDoubtOfAllAtMs = 0;
    const doubts: string[][] = [];
    for (let minute = 0; minute <= 15; minute++) {
      calls.length = 0;
      await sweep(NOW_MS + minute * 60_000);
      doubts.push(calls.filter((name) => name.startsWith('doubt')).map((name) => name.slice(6)));
    }
    const every = [
      ['web', 'api'],
      [],
      [],
      ['web'],
      [],
      [],
      ['web'],
      [],
      [],
      ['web'],
      [],
      [],
      ['web'],
      [],
      [],
      ['web', 'api'],
    ];
    expect(doubts).toEqual(every);
  });

  it('should doubt what it saw though GitHub cannot list the repositories, and list them at the next pass', async () => {
    const { sweep, calls, memory, world } = createWorld({ tasks: [task(1)] });
    memory.lastDoubtOfBusyAtMs = 0;
    memory.lastDoubtOfAllAtMs = 0;
    world.failing = new Set(['listRepositories']);
    expect((await sweep()).doubted).toEqual([WEB]);
    calls.length = 0;
    await sweep(NOW_MS + 60_000);
    expect(calls).toContain('listRepositories');
  });

  it('should have failed deliveries sent again, each on its own', async () => {
    const failed = (id: string): DeliveryFact => ({
      id,
      guid: `guid-${id}`,
      deliveredAtMs: NOW_MS - 120_000 + Number(id),
      isRedelivery: false,
      statusCode: 503,
      event: 'workflow_job',
      action: 'queued',
      repositoryId: 1,
      installationId: 7,
    });
    const { sweep, calls, world } = createWorld({ deliveries: [failed('1'), failed('2')] });
    world.failing = new Set(['redeliver 1']);
    expect((await sweep()).redelivered).toEqual(['2']);
    expect(calls.filter((name) => name.startsWith('redeliver'))).toEqual(['redeliver 1', 'redeliver 2']);
  });

  it('should keep the first look at what a later sweep could not read', async () => {
    const { world, memory, sweep, calls } = createWorld({ registrations: [orphan(1)] });
    const grace = POLICY.timeouts.orphanGraceSeconds * 1000;
    await sweep(NOW_MS + grace);
    world.failing.add('listRegistrations');
    await sweep(NOW_MS + 2 * grace);
    expect(memory.looks).toMatchObject([{ runnerId: 1 }]);
    world.failing.clear();
    await sweep(NOW_MS + 3 * grace);
    expect(calls).toContain('remove 1');
  });

  it('should ask twice a day how long GitHub takes the runner, and warn until it is replaced', async () => {
    const day = 24 * 60 * 60_000;
    const { memory, calls, sweep, world } = createWorld({ versionEndsAtMs: NOW_MS + 15 * day });
    memory.version = { endsAtMs: undefined, readAtMs: NOW_MS - day / 2 };
    expect(await sweep()).toMatchObject({ versionEndsSoon: false });
    expect(await sweep(NOW_MS + day / 2 - 1)).toMatchObject({ versionEndsSoon: false });
    expect(calls.filter((call) => call === 'readVersionEnd')).toHaveLength(1);
    expect(await sweep(NOW_MS + day)).toMatchObject({ versionEndsSoon: true });
    expect(calls.filter((call) => call === 'readVersionEnd')).toHaveLength(2);
    world.versionEndsAtMs = undefined;
    expect(await sweep(NOW_MS + 2 * day)).toMatchObject({ versionEndsSoon: false });
  });

  it('should keep what it knows of the runner when GitHub does not answer', async () => {
    const { memory, sweep } = createWorld({ failing: new Set(['readVersionEnd']) });
    memory.version = { endsAtMs: NOW_MS, readAtMs: 0 };
    expect(await sweep()).toMatchObject({ versionEndsSoon: true, errors: [{}] });
  });
});
