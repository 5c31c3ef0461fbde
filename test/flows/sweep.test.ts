import { describe, expect, it } from 'vitest';
import type { Registration, TaskFact } from '../../functions/core/plan-sweep.ts';
import type { SweepMemory, SweepPorts } from '../../functions/core/ports.ts';
import { sweep } from '../../functions/sweep/sweep.ts';
import { POLICY } from '../fixtures/policy.ts';

const NOW_MS = Date.UTC(2026, 10, 23);
const HOUR_MS = 3_600_000;
const account = { owner: 'acme', ownerType: 'Organization', installationId: 77 } as const;
const scope = 'orgs/acme';

const task = (index: number, changes: Partial<TaskFact> = {}): TaskFact => ({
  taskArn: `arn:${index}`,
  runnerName: `oneshot-dev-1-${index}-0`,
  registration: { account, scope, runnerId: index },
  lastStatus: 'RUNNING',
  desiredStatus: 'RUNNING',
  createdAtMs: NOW_MS - 120_000,
  startedAtMs: NOW_MS - 60_000,
  ending: undefined,
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
  failing: Set<string>;
}

function createWorld(start: Partial<World> = {}) {
  const world: World = { tasks: [], registrations: [], failing: new Set(), ...start };
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
  };
  const memory: SweepMemory = { looks: [], lastLookAtMs: NOW_MS, settledTaskArns: new Set() };
  return { world, calls, ports, memory, sweep: (nowMs = NOW_MS) => sweep(ports, memory, POLICY, nowMs) };
}

describe('sweep', () => {
  it('should call GitHub not at all for healthy tasks, however many', async () => {
    const { sweep, calls } = createWorld({ tasks: Array.from({ length: 500 }, (_, index) => task(index)) });
    const report = await sweep();
    expect(calls).toEqual(['listTasks']);
    expect(report).toMatchObject({ seen: { tasks: 500 }, stopped: [], removed: [], errors: [] });
    expect(report.left).toHaveLength(500);
  });

  it('should stop what is over age and remove what is left over, each though its neighbour fails', async () => {
    const { sweep, calls, world } = createWorld({
      tasks: [overAge(1), overAge(2), stopped(3), stopped(4), task(5)],
    });
    world.failing = new Set(['stop arn:1', 'remove 3']);
    const report = await sweep();
    expect(calls).toEqual(['listTasks', 'stop arn:1', 'stop arn:2', 'remove 3', 'remove 4']);
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
    expect(calls).toEqual(['listTasks', 'remove 3']);
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
});
