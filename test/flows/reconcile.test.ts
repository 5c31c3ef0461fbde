import { describe, expect, it } from 'vitest';
import type { JobFact, TaskFact } from '../../functions/core/facts.ts';
import type { JitConfigOutcome } from '../../functions/core/outcomes.ts';
import type { ReconcilePorts } from '../../functions/core/ports.ts';
import { reconcile } from '../../functions/reconcile/reconcile.ts';
import { settle } from '../../functions/task-stopped/settle.ts';
import { createLaunchPorts } from '../fixtures/launch-ports.ts';
import { POLICY } from '../fixtures/policy.ts';
import { jobFixture, PREFIX, taskFixture, WEB } from '../fixtures/tasks.ts';

interface World {
  readonly jobs?: readonly JobFact[];
  readonly tasks?: readonly TaskFact[];
  /** Answers to JIT config calls by runner name; a new runner otherwise. */
  readonly jit?: Readonly<Record<string, JitConfigOutcome>>;
  readonly failing?: readonly string[];
  /** What ECS shows from the second look on. */
  readonly laterTasks?: readonly TaskFact[];
}

async function reconcileOnce({ jobs = [], tasks = [], jit = {}, failing = [], laterTasks = tasks }: World) {
  let looks = 0;
  const calls: string[] = [];
  let nowMs = 100 * 60_000;
  const call = <T>(name: string, result: T): Promise<T> => {
    calls.push(name);
    return failing.includes(name) ? Promise.reject(new Error(`${name} is down`)) : Promise.resolve(result);
  };
  const ports: ReconcilePorts = {
    ...createLaunchPorts().ports,
    createJitConfig: async ({ runnerName }) => {
      calls.push(`jit ${runnerName} at ${nowMs - 6_000_000}`);
      return jit[runnerName] ?? { kind: 'created', runnerId: 4711, encodedJitConfig: 'ZW5jb2RlZA==' };
    },
    listActiveJobs: () => call('listActiveJobs', jobs),
    listTasks: () => call('listTasks', looks++ === 0 ? tasks : laterTasks),
    doubt: () => call('doubt', undefined),
    pause: async (milliseconds) => {
      // Time for the answers of the calls that are under way.
      await new Promise((resolve) => setImmediate(resolve));
      nowMs += milliseconds;
    },
    now: () => nowMs,
  };
  const reconciling = {
    policy: POLICY,
    prefix: PREFIX,
    signal: new AbortController().signal,
  };
  const report = await reconcile({ repository: WEB }, ports, reconciling);
  return { report, calls };
}

/** The clock stands at 100 minutes, and jobs were queued a few milliseconds after 0. */
const name = (jobId: number) => `${PREFIX}-${WEB.id}-${jobId}-99`;

describe('reconcile', () => {
  it('should launch what is missing, the first alone and the rest spaced, and be settled', async () => {
    const { report, calls } = await reconcileOnce({
      jobs: [1, 2, 3].map((jobId) => jobFixture(jobId, { createdAtMs: jobId })),
    });
    expect(calls).toEqual([
      'listActiveJobs',
      'listTasks',
      `jit ${name(1)} at 0`,
      `jit ${name(2)} at 110`,
      `jit ${name(3)} at 220`,
    ]);
    expect(report).toMatchObject({
      doubtedAgain: false,
      longestWaitMs: 0,
      launches: [{ kind: 'launched' }, { kind: 'launched' }, { kind: 'launched' }],
    });
  });

  it('should do nothing for a repository in which all is well', async () => {
    const { calls } = await reconcileOnce({ jobs: [jobFixture(1, { status: 'completed' })] });
    expect(calls).toEqual(['listActiveJobs', 'listTasks']);
  });

  it.each(['listActiveJobs', 'listTasks'])(
    'should judge nothing and doubt again when %s fails (rule 13)',
    async (failing) => {
      const { report, calls } = await reconcileOnce({ jobs: [jobFixture(1)], failing: [failing] });
      expect(report).toMatchObject({
        plan: undefined,
        doubtedAgain: true,
        problem: expect.stringContaining(failing),
      });
      expect(calls.at(-1)).toBe('doubt');
    },
  );

  it('should fail when what it could not read could not be put back either', async () => {
    await expect(reconcileOnce({ failing: ['listTasks', 'doubt'] })).rejects.toThrow('doubt is down');
  });

  it('should end the round at a refusal and doubt again (rule 17)', async () => {
    const refusal: JitConfigOutcome = {
      kind: 'refused',
      refusal: 'secondary-limit',
      detail: 'wait',
      retryAfterSeconds: 60,
    };
    const jobs = [1, 2, 3, 4].map((jobId) => jobFixture(jobId, { createdAtMs: jobId }));
    const { report, calls } = await reconcileOnce({ jobs, jit: { [name(2)]: refusal } });
    expect(report).toMatchObject({
      doubtedAgain: true,
      launches: [{ kind: 'launched' }, { kind: 'refused' }],
      // Of the job that was refused, queued at 2 ms; the clock stood at 100 minutes and two spaces.
      longestWaitMs: 6_000_000 + 220 - 2,
    });
    expect(calls.filter((call) => call.startsWith('jit'))).toHaveLength(2);
    expect(calls.at(-1)).toBe('doubt');
  });

  it('should launch what can be served though a refusal is older, and GitHub takes none of it', async () => {
    const jobs = [
      jobFixture(1, { createdAtMs: 1, labels: ['fargate/cpu=64'] }),
      jobFixture(2, { createdAtMs: 2 }),
      jobFixture(3, { createdAtMs: 3 }),
    ];
    const jit: JitConfigOutcome = { kind: 'refused', refusal: 'rejected', detail: 'no such label' };
    const { report } = await reconcileOnce({ jobs, jit: { [name(1)]: jit } });
    expect(report.launches.map(({ kind, runnerName }) => [kind, runnerName])).toEqual([
      ['launched', name(2)],
      ['refused', name(1)],
      ['launched', name(3)],
    ]);
  });

  it('should find out with one launch that there is none for a label set, and go on with the others', async () => {
    const noCapacity: JitConfigOutcome = { kind: 'refused', refusal: 'no-capacity', detail: 'none' };
    const jobs = Array.from({ length: 40 }, (_, index) =>
      jobFixture(index + 1, { createdAtMs: index + 1, labels: [index < 30 ? 'fargate/large' : 'fargate'] }),
    );
    const jit = Object.fromEntries(jobs.slice(0, 30).map(({ jobId }) => [name(jobId), noCapacity]));
    const { report } = await reconcileOnce({ jobs, jit });
    expect(report).toMatchObject({ doubtedAgain: true });
    expect(report.launches.filter(({ kind }) => kind === 'refused')).toHaveLength(1);
    expect(report.launches.filter(({ kind }) => kind === 'launched')).toHaveLength(10);
  });

  it('should try no more of a label set once its capacity has run out', async () => {
    const noCapacity: JitConfigOutcome = { kind: 'refused', refusal: 'no-capacity', detail: 'none' };
    const jobs = [1, 2, 3, 4].map((jobId) => jobFixture(jobId, { createdAtMs: jobId }));
    const { report } = await reconcileOnce({ jobs, jit: { [name(2)]: noCapacity } });
    expect(report.launches.map(({ kind }) => kind)).toEqual(['launched', 'refused']);
  });

  it('should doubt nothing for refusals over the limit of an hour', async () => {
    const jobs = [jobFixture(1, { labels: ['fargate/cpu=64'] })];
    const tasks = Array.from({ length: POLICY.refusals.maximumPerHour }, (_, index) =>
      taskFixture(index + 2, { isRefusal: true, lastStatus: 'STOPPED', createdAtMs: 90 * 60_000 }),
    );
    const { report, calls } = await reconcileOnce({ jobs, tasks });
    expect(report).toMatchObject({ doubtedAgain: false, launches: [], plan: { leftAlone: [{ jobId: 1 }] } });
    expect(calls).not.toContain('doubt');
  });

  it('should leave the minute what others have launched in it', async () => {
    const jobs = Array.from({ length: 100 }, (_, index) => jobFixture(index + 1, { createdAtMs: index }));
    const others = Array.from({ length: 87 }, (_, index) =>
      taskFixture(1_000 + index, { createdAtMs: 100 * 60_000 }),
    );
    const { calls, report } = await reconcileOnce({ jobs, laterTasks: others });
    const times = calls
      .filter((call) => call.startsWith('jit'))
      .map((call) => Number(call.split(' ').at(-1)));
    expect(report.launches).toHaveLength(100);
    // One, and its share of the minute's room; the rest is gone by then.
    expect(times.filter((atMs) => atMs < 60_000)).toHaveLength(89);
    expect(calls.filter((call) => call === 'listTasks').length).toBeGreaterThan(1);
  });

  it('should end the round when it can no longer see what others launch', async () => {
    const jobs = Array.from({ length: 100 }, (_, index) => jobFixture(index + 1, { createdAtMs: index }));
    let looks = 0;
    const failing = { includes: (name: string) => name === 'listTasks' && looks++ > 0 };
    const { report } = await reconcileOnce({ jobs, failing: failing as unknown as string[] });
    expect(report).toMatchObject({ doubtedAgain: true });
    expect(report.launches).toHaveLength(89);
  });

  it('should doubt again for a name that is taken, and go on with the next job', async () => {
    const jobs = [1, 2].map((jobId) => jobFixture(jobId, { createdAtMs: jobId }));
    const { report, calls } = await reconcileOnce({ jobs, jit: { [name(1)]: { kind: 'taken' } } });
    expect(report).toMatchObject({
      doubtedAgain: true,
      launches: [{ kind: 'taken' }, { kind: 'launched', runnerName: name(2) }],
    });
    expect(calls.filter((call) => call.startsWith('jit'))).toHaveLength(2);
  });

  it('should doubt again for a job that backs off', async () => {
    const dead = taskFixture(1, {
      lastStatus: 'STOPPED',
      desiredStatus: 'STOPPED',
      createdAtMs: 99 * 60_000,
    });
    expect((await reconcileOnce({ jobs: [jobFixture(1)], tasks: [dead] })).report).toMatchObject({
      doubtedAgain: true,
      launches: [],
    });
  });
});

describe('settle', () => {
  const stopped = (ending: TaskFact['ending']) =>
    taskFixture(1, { lastStatus: 'STOPPED', desiredStatus: 'STOPPED', ending });
  const settleWith = async (task: TaskFact, failing: readonly string[] = []) => {
    const calls: string[] = [];
    const call = async (what: string) => {
      calls.push(what);
      if (failing.includes(what)) throw new Error(`${what} failed`);
    };
    const report = await settle(task, {
      removeRunner: (_account, _scope, id) => call(`remove ${id}`),
      doubt: () => call('doubt'),
    });
    return { calls, report };
  };

  it.each(['ran-succeeded', 'ran-failed', 'ran-cancelled'] as const)(
    'should leave %s to GitHub',
    async (ending) => {
      expect((await settleWith(stopped(ending))).calls).toEqual([]);
    },
  );

  it.each([
    'idle',
    'unexplained',
    'ran-result-unknown',
    'ran-abandoned',
    'interrupted-during-job',
    'config-not-unsealed',
    undefined,
  ] as const)('should remove the registration of %s and doubt the repository (rule 18)', async (ending) => {
    expect((await settleWith(stopped(ending))).calls).toEqual(['remove 1', 'doubt']);
  });

  it('should doubt though the registration could not be removed, and tell', async () => {
    const { calls, report } = await settleWith(stopped('idle'), ['remove 1']);
    expect(calls).toEqual(['remove 1', 'doubt']);
    expect(report).toMatchObject({
      isRemoved: false,
      isDoubted: true,
      errors: [{ message: 'remove 1 failed' }],
    });
  });
});
