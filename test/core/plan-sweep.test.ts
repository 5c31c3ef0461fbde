import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  planSweep,
  type Registration,
  type Snapshot,
  type SweepPlan,
} from '../../functions/core/plan/plan-sweep.ts';
import type { TaskFact } from '../../functions/core/task/facts.ts';
import { POLICY } from '../fixtures/policy.ts';
import { taskFixture } from '../fixtures/tasks.ts';

const NOW_MS = Date.UTC(2026, 10, 23);
const account = { owner: 'acme', ownerType: 'Organization', installationId: 77 } as const;
const scope = 'orgs/acme';
const { maximumAgeSeconds, bootSeconds, orphanGraceSeconds } = POLICY.timeouts;

const agesMs = fc.oneof(
  fc.integer({ min: 0, max: 3 * maximumAgeSeconds * 1000 }),
  fc.constantFrom(
    bootSeconds * 1000,
    bootSeconds * 1000 + 1,
    maximumAgeSeconds * 1000,
    maximumAgeSeconds * 1000 + 1,
  ),
);
const name = (index: number) => `oneshot-dev-1-${index}-0`;

const taskAt = (index: number): fc.Arbitrary<TaskFact> =>
  fc
    .record({
      lastStatus: fc.constantFrom(
        'PROVISIONING',
        'PENDING',
        'ACTIVATING',
        'RUNNING',
        'DEACTIVATING',
        'STOPPING',
        'STOPPED',
      ),
      desiredStatus: fc.constantFrom('RUNNING', 'STOPPED'),
      createdAgeMs: agesMs,
      runningShare: fc.double({ min: 0, max: 1, noNaN: true }),
      hasRegistration: fc.boolean(),
      jobOverAgeMs: fc.option(agesMs, { nil: undefined }),
      ending: fc.constantFrom('ran-succeeded', 'idle', 'unexplained', 'interrupted-during-job'),
    })
    .map(({ createdAgeMs, runningShare, hasRegistration, ending, jobOverAgeMs, ...statuses }) =>
      taskFixture(index, {
        registration: hasRegistration ? { account, scope, runnerId: 1000 + index } : undefined,
        ...statuses,
        jobOverAtMs: jobOverAgeMs === undefined ? undefined : NOW_MS - jobOverAgeMs,
        createdAtMs: NOW_MS - createdAgeMs,
        startedAtMs: statuses.lastStatus === 'RUNNING' ? NOW_MS - createdAgeMs * runningShare : undefined,
        ending: statuses.lastStatus === 'STOPPED' ? (ending as NonNullable<TaskFact['ending']>) : undefined,
      }),
    );

const registrationAt = (index: number): fc.Arbitrary<Registration> =>
  fc.boolean().map((online) => ({ account, scope, runnerId: 1000 + index, runnerName: name(index), online }));

const snapshots: fc.Arbitrary<Snapshot> = fc
  .record({
    tasks: fc
      .uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 20 })
      .chain((ids) => fc.tuple(...ids.map(taskAt))),
    registrations: fc.option(
      fc
        .uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 20 })
        .chain((ids) => fc.tuple(...ids.map(registrationAt))),
      { nil: undefined },
    ),
    looked: fc.array(
      fc.record({
        id: fc.integer({ min: 0, max: 30 }),
        ageMs: fc.integer({ min: 0, max: 2 * orphanGraceSeconds * 1000 }),
      }),
    ),
  })
  .map(({ tasks, registrations, looked }) => ({
    tasks,
    registrations,
    settledTaskArns: new Set<string>(),
    looks: [
      ...new Map(
        looked.map(({ id, ageMs }) => [id, { runnerId: 1000 + id, firstSeenAtMs: NOW_MS - ageMs }]),
      ).values(),
    ],
  }));

const plan = (snapshot: Snapshot) => planSweep(snapshot, POLICY, NOW_MS);

/** The world after everything in the plan was done. */
function applied(snapshot: Snapshot, { stop, remove, looks }: SweepPlan): Snapshot {
  const stopped = new Set(stop.map(({ taskArn }) => taskArn));
  const removed = new Set(remove.map(({ runnerId }) => runnerId));
  return {
    tasks: snapshot.tasks.map((task) =>
      stopped.has(task.taskArn) ? { ...task, desiredStatus: 'STOPPED' } : task,
    ),
    registrations: snapshot.registrations?.filter(({ runnerId }) => !removed.has(runnerId)),
    settledTaskArns: new Set([
      ...snapshot.settledTaskArns,
      ...remove.flatMap(({ taskArn }) => taskArn ?? []),
    ]),
    looks,
  };
}

describe('planSweep', () => {
  it('should never stop a running task below the maximum age, unless its job is over', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const tasks = new Map(snapshot.tasks.map((task) => [task.taskArn, task]));
        for (const { taskArn, reason } of plan(snapshot).stop) {
          const task = tasks.get(taskArn);
          if (reason === 'outlived-its-job') {
            expect(task?.lastStatus).toBe('RUNNING');
            expect(NOW_MS - (task?.jobOverAtMs ?? NOW_MS)).toBeGreaterThan(600_000);
          } else if (task?.lastStatus === 'RUNNING')
            expect(NOW_MS - (task.startedAtMs ?? NOW_MS)).toBeGreaterThan(maximumAgeSeconds * 1000);
          else {
            expect(reason).toBe('over-boot-limit');
            expect(NOW_MS - (task?.createdAtMs ?? NOW_MS)).toBeGreaterThan(bootSeconds * 1000);
          }
        }
      }),
    );
  });

  it.each([
    ['ten minutes ago', { jobOverAtMs: NOW_MS - 600_000 }, []],
    ['longer ago', { jobOverAtMs: NOW_MS - 600_001 }, ['outlived-its-job']],
    ['longer ago, and it boots', { jobOverAtMs: NOW_MS - 600_001, lastStatus: 'ACTIVATING' }, []],
    ['longer ago, and it stops', { jobOverAtMs: NOW_MS - 600_001, desiredStatus: 'STOPPED' }, []],
    ['longer ago, to fail a job', { jobOverAtMs: NOW_MS - 600_001, isRejection: true }, ['outlived-its-job']],
    ['never', {}, []],
  ])('should stop a running task whose job was heard to be over %s', (_, changes, reasons) => {
    const task = taskFixture(1, { createdAtMs: NOW_MS - 700_000, startedAtMs: NOW_MS - 650_000, ...changes });
    const tasks = [task];
    const planned = plan({ tasks, settledTaskArns: new Set(), registrations: undefined, looks: [] });
    expect(planned.stop.map(({ reason }) => reason)).toEqual(reasons);
  });

  it.each([
    ['fargate', 1_800_001, ['over-boot-limit']],
    ['docker', 1_800_001, []],
    ['docker', 3_600_000, []],
    ['docker', 3_600_001, ['over-boot-limit']],
  ] as const)('should wait for the capacity of %s: %i ms', (provider, bootedForMs, reasons) => {
    const task = taskFixture(1, {
      provider,
      lastStatus: 'PROVISIONING',
      createdAtMs: NOW_MS - bootedForMs,
      startedAtMs: undefined,
    });
    const planned = plan({ tasks: [task], settledTaskArns: new Set(), registrations: undefined, looks: [] });
    expect(planned.stop.map(({ reason }) => reason)).toEqual(reasons);
  });

  it('should never remove a registration that has a live task or is connected', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const live = new Set(
          snapshot.tasks
            .filter(({ lastStatus }) => lastStatus !== 'STOPPED')
            .map(({ runnerName }) => runnerName),
        );
        const online = new Set(
          snapshot.registrations?.filter((runner) => runner.online).map(({ runnerName }) => runnerName),
        );
        for (const { runnerName, reason } of plan(snapshot).remove) {
          expect(live).not.toContain(runnerName);
          if (reason === 'orphaned') expect(online).not.toContain(runnerName);
        }
      }),
    );
  });

  it('should have nothing to do after what it planned was done', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const next = plan(applied(snapshot, plan(snapshot)));
        expect([...next.stop, ...next.remove]).toEqual([]);
      }),
    );
  });

  it('should not depend on the order of what it was given', () => {
    const shuffled = snapshots.chain((snapshot) =>
      fc
        .record({
          tasks: fc.shuffledSubarray([...snapshot.tasks], { minLength: snapshot.tasks.length }),
          registrations: snapshot.registrations
            ? fc.shuffledSubarray([...snapshot.registrations], { minLength: snapshot.registrations.length })
            : fc.constant(undefined),
        })
        .map((order) => [snapshot, { ...snapshot, ...order }] as const),
    );
    fc.assert(
      fc.property(shuffled, ([snapshot, other]) => {
        expect(plan(other)).toEqual(plan(snapshot));
      }),
    );
  });

  it('should remove an orphan only at the second look, a grace after the first', () => {
    const orphan: Registration = { account, scope, runnerId: 9, runnerName: name(99), online: false };
    const at = (ageSeconds: number | undefined) =>
      plan({
        tasks: [],
        settledTaskArns: new Set(),
        registrations: [orphan],
        looks: ageSeconds === undefined ? [] : [{ runnerId: 9, firstSeenAtMs: NOW_MS - ageSeconds * 1000 }],
      });
    expect(at(undefined)).toMatchObject({ remove: [], looks: [{ runnerId: 9, firstSeenAtMs: NOW_MS }] });
    expect(at(orphanGraceSeconds - 1).remove).toEqual([]);
    expect(at(orphanGraceSeconds).remove).toMatchObject([{ runnerId: 9, reason: 'orphaned' }]);
  });

  it.each(['RUNNING', 'STOPPED'])(
    'should take a registration for an orphan that has the name of a task that is %s, and another id',
    (lastStatus) => {
      const task = taskFixture(99, { lastStatus, registration: { account, scope, runnerId: 8 } });
      const again: Registration = {
        ...{ account, scope, runnerId: 9 },
        runnerName: task.runnerName,
        online: false,
      };
      const at = (ageSeconds: number) =>
        plan({
          tasks: [task],
          settledTaskArns: new Set([task.taskArn]),
          registrations: [{ ...again, runnerId: 8 }, again],
          looks: [8, 9].map((runnerId) => ({ runnerId, firstSeenAtMs: NOW_MS - ageSeconds * 1000 })),
        }).remove;
      expect(at(orphanGraceSeconds - 1)).toEqual([]);
      expect(at(orphanGraceSeconds)).toMatchObject([{ runnerId: 9, reason: 'orphaned' }]);
    },
  );

  it('should remove the registration of a stopped task at once, unless its job ran to an end', () => {
    const stopped = (ending: TaskFact['ending']) =>
      taskFixture(1, {
        lastStatus: 'STOPPED',
        desiredStatus: 'STOPPED',
        createdAtMs: NOW_MS - 60_000,
        ending,
      });
    const removed = (ending: TaskFact['ending']) =>
      plan({ tasks: [stopped(ending)], settledTaskArns: new Set(), registrations: undefined, looks: [] })
        .remove.length;
    expect([removed('idle'), removed('unexplained'), removed('interrupted-during-job')]).toEqual([1, 1, 1]);
    expect([removed('ran-succeeded'), removed('ran-failed'), removed('ran-cancelled')]).toEqual([0, 0, 0]);
  });
});
