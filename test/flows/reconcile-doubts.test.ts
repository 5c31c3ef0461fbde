import { describe, expect, it } from 'vitest';
import { type Doubt, raiseDoubt } from '../../functions/core/plan/doubt.ts';
import type { CallBudget } from '../../functions/core/plan/job-look.ts';
import { ServiceError } from '../../functions/core/words/errors.ts';
import { DOUBT, NOW_MS, nameOf, reconcileOnce, type World } from '../fixtures/reconcile-world.ts';
import { jobFixture, PREFIX, taskFixture, WEB } from '../fixtures/tasks.ts';

const MINUTE_MS = 60_000;
const ago = (minutes: number): number => NOW_MS - minutes * MINUTE_MS;
const ENDED = raiseDoubt(WEB, NOW_MS, { endedJob: { runId: 5, atMs: NOW_MS } });
/** Two runners of a job idled, the last of them launched ten minutes ago. */
const idled = (jobId: number) =>
  [20, 10].map((minutes, generation) =>
    taskFixture(jobId, {
      ...{ generation, createdAtMs: ago(minutes), lastStatus: 'STOPPED', desiredStatus: 'STOPPED' },
      ending: 'idle',
    }),
  );
const budget = (remaining: number): CallBudget => ({
  ...{ limit: 5_000, remaining, resetsAtMs: NOW_MS + 30 * MINUTE_MS },
});
const job = (jobId: number, changes = {}) => jobFixture(jobId, { createdAtMs: jobId, ...changes });
const partial = { isWhole: false, resumeAfterRunId: 50 };

describe('a doubt that needs no look', () => {
  it.each<[string, Partial<Doubt['repository']>, string]>([
    ['of a stranger', { owner: 'evil' }, 'repository-not-allowed'],
    ['of a public repository that is not named', { isPublic: true }, 'public-repository-not-allowed'],
  ])('should end without any call where it is %s', async (_, changes, reason) => {
    const doubt = { ...DOUBT, repository: { ...WEB, ...changes } };
    const { report, calls } = await reconcileOnce({ doubt });
    expect(report).toMatchObject({ next: { kind: 'ended', reason }, longestWaitMs: 0 });
    expect(calls).toEqual([]);
  });

  it('should be put back as it is where it is not due yet, without another call', async () => {
    const doubt = { ...DOUBT, jobIds: [7], dueAtMs: NOW_MS + 1, resumeAfterRunId: 50, failures: 2 };
    const { calls, sent } = await reconcileOnce({ doubt });
    expect(calls).toEqual(['doubt']);
    expect(sent).toEqual([{ ...doubt, sends: 1 }]);
  });

  it('should be settled by one look at the tasks where a job ended and none waits for that', async () => {
    const alive = taskFixture(1, { createdAtMs: ago(1), startedAtMs: ago(1) });
    const { report, calls } = await reconcileOnce({ doubt: ENDED, tasks: [alive, ...idled(1)] });
    expect(calls).toEqual(['listTasks']);
    expect(report).toMatchObject({ next: { kind: 'settled' }, plan: undefined });
  });

  it('should read nothing of GitHub where no calls are left, and be due at the reset or in 15 minutes', async () => {
    const doubt = { ...DOUBT, jobIds: [7], raisedAtMs: ago(3) };
    const spent = await reconcileOnce({ doubt, budget: budget(50) });
    expect(spent.calls).toEqual(['doubt']);
    expect(spent.sent).toEqual([{ ...doubt, sends: 1, dueAtMs: NOW_MS + 15 * MINUTE_MS }]);
    expect(spent.report).toMatchObject({
      ...{ plan: undefined, longestWaitMs: 3 * MINUTE_MS, problem: expect.stringContaining('spent') },
    });
    const resetsAtMs = NOW_MS + 4 * MINUTE_MS;
    const soon = await reconcileOnce({ doubt, budget: { ...budget(50), resetsAtMs } });
    expect(soon.sent).toMatchObject([{ dueAtMs: resetsAtMs }]);
  });
});

describe('a doubt that a job’s end has raised', () => {
  it('should look at the jobs that starve, of this repository, and at nothing else', async () => {
    const elsewhere = { repository: { ...WEB, id: 2 } };
    const tasks = [
      ...idled(1),
      ...idled(2).slice(1),
      ...idled(3).map((task) => ({
        ...task,
        ...elsewhere,
        runnerName: task.runnerName.replace('-1-', '-2-'),
      })),
    ];
    const { looks, calls } = await reconcileOnce({
      ...{ doubt: ENDED, tasks, jobs: [job(1)], look: { isWhole: false } },
    });
    expect(looks).toMatchObject([{ jobIds: [1], isNamedOnly: true }]);
    expect(calls).toContain(`jit ${nameOf(1)} at 0`);
  });

  it('should be put back for what still waits, as a doubt that names it', async () => {
    const jobs = [job(1), job(2)];
    const { sent, report } = await reconcileOnce({
      ...{ doubt: ENDED, tasks: [...idled(1), ...idled(2)], jobs, look: { isWhole: false } },
    });
    expect(report.launches).toMatchObject([{ kind: 'launched', runnerName: nameOf(1) }]);
    expect(sent).toMatchObject([{ endedJob: undefined, jobIds: [2], sends: 1 }]);
  });
});

describe('a doubt that was raised for news', () => {
  const news = raiseDoubt(WEB, NOW_MS - 20_000, { jobIds: [7], isNews: true });

  it('should be looked at once more where all is well, when lists must show it, and name it again', async () => {
    const { report, sent } = await reconcileOnce({ doubt: news });
    expect(report).toMatchObject({ plan: { launches: [] }, look: { isWhole: true } });
    expect(sent).toEqual([{ ...news, sends: 1, readAtMs: NOW_MS, dueAtMs: NOW_MS + 40_000 }]);
  });

  it('should be looked at once more also where its job was launched', async () => {
    const { report, sent } = await reconcileOnce({ doubt: news, jobs: [job(7)] });
    expect(report.launches).toMatchObject([{ kind: 'launched' }]);
    expect(sent).toMatchObject([{ dueAtMs: NOW_MS + 40_000 }]);
  });

  it('should be settled by a look after that', async () => {
    const { report, sent } = await reconcileOnce({ doubt: { ...news, listedAtMs: NOW_MS } });
    expect(report.next).toEqual({ kind: 'settled' });
    expect(sent).toEqual([]);
  });
});

describe('a look', () => {
  it('should have the calls and the time that the doubt and the hour allow', async () => {
    const doubt = { ...DOUBT, jobIds: [7], failures: 1 };
    const { looks, timeLimits } = await reconcileOnce({ doubt, budget: budget(1_900) });
    expect(looks).toMatchObject([{ repository: WEB, jobIds: [7], mostReads: 25, isNamedOnly: false }]);
    expect(timeLimits).toEqual([40_000]);
  });

  it('should launch what it has read, though it was not whole, and be continued', async () => {
    const { report, sent } = await reconcileOnce({ jobs: [job(1)], look: partial });
    expect(report).toMatchObject({ look: { isWhole: false }, launches: [{ kind: 'launched' }] });
    expect(sent).toEqual([
      { ...DOUBT, sends: 1, readAtMs: NOW_MS + 102, resumeAfterRunId: 50, dueAtMs: NOW_MS + 102 + 45_000 },
    ]);
  });

  it('should launch what it has read, though a call failed, and tell the problem', async () => {
    const look = { ...partial, problem: 'GitHub answered 502' };
    const { report, sent } = await reconcileOnce({ jobs: [job(1)], look });
    expect(report).toMatchObject({ launches: [{ kind: 'launched' }], problem: 'GitHub answered 502' });
    expect(sent).toMatchObject([{ failures: 1, dueAtMs: NOW_MS + 102 + 65_000 }]);
  });

  it.each(['lookAtJobs', 'listTasks'])(
    'should count as a wait of the doubt’s age where %s fails, so that the alarm sees it',
    async (failing) => {
      const doubt = { ...DOUBT, raisedAtMs: ago(7) };
      const { report, sent } = await reconcileOnce({ doubt, failing: [failing] });
      expect(report).toMatchObject({ longestWaitMs: 7 * MINUTE_MS, plan: undefined });
      expect(sent).toEqual([{ ...doubt, failures: 1, sends: 1, dueAtMs: NOW_MS + 65_000 }]);
    },
  );

  it('should count as a wait since the last look that could read, however old the doubt is', async () => {
    const doubt = { ...DOUBT, raisedAtMs: ago(90), readAtMs: ago(2) };
    const { report } = await reconcileOnce({ doubt, failing: ['lookAtJobs'] });
    expect(report.longestWaitMs).toBe(2 * MINUTE_MS);
  });

  it('should end the doubt of a repository that is gone', async () => {
    const error = new ServiceError({ service: 'github', operation: 'GET runs', status: 404 }, 'Not Found');
    const { report, calls } = await reconcileOnce({ failing: ['lookAtJobs'], error });
    expect(report).toMatchObject({
      next: { kind: 'ended', reason: 'repository-gone' },
      problem: expect.stringContaining('404'),
    });
    expect(calls).toEqual(['lookAtJobs']);
  });
});

describe('the memory of where the last look ended', () => {
  const look = async (memory: Map<number, number>, world: World = {}) =>
    (await reconcileOnce({ memory, ...world })).looks[0]?.resumeAfterRunId;

  it('should be used by a new doubt, where few calls are left and nothing continues the old one', async () => {
    const memory = new Map<number, number>();
    const first = await reconcileOnce({ memory, look: partial, budget: budget(1_000) });
    expect(first.report.next).toEqual({ kind: 'settled' });
    expect(await look(memory)).toBe(50);
    // That one came to the end.
    expect(await look(memory)).toBeUndefined();
  });

  it('should be no other repository’s, and not outdo what the doubt says', async () => {
    const memory = new Map([[2, 70]]);
    expect(await look(memory)).toBeUndefined();
    memory.set(WEB.id, 60);
    expect(await look(memory, { doubt: { ...DOUBT, resumeAfterRunId: 40 } })).toBe(40);
  });

  it('should not grow without bound', async () => {
    const memory = new Map(Array.from({ length: 1_000 }, (_, index) => [index + 10, 1] as const));
    await reconcileOnce({ memory, look: partial });
    expect([...memory]).toEqual([[WEB.id, 50]]);
  });
});

describe('launches of a round', () => {
  const lasting = { kind: 'refused', refusal: 'invalid-request', detail: 'no such group' } as const;

  it('should back off where all are refused for good', async () => {
    const doubt = { ...DOUBT, failures: 1 };
    const { sent } = await reconcileOnce({ doubt, jobs: [job(1)], jit: { [nameOf(1)]: lasting } });
    expect(sent).toMatchObject([{ failures: 2, dueAtMs: NOW_MS + 102 + 65_000 }]);
  });

  it('should not back off where one of them was made, or nothing was tried', async () => {
    const jobs = [job(1, { labels: ['fargate/large'] }), job(2)];
    const one = await reconcileOnce({ jobs, jit: { [nameOf(1)]: lasting } });
    expect(one.sent).toMatchObject([{ failures: 0 }]);
    const dead = taskFixture(2, {
      lastStatus: 'STOPPED',
      ending: 'never-connected',
      createdAtMs: ago(0.25),
      runnerName: `${PREFIX}-1-2-0`,
    });
    const again = { ...dead, createdAtMs: ago(0.1), runnerName: `${PREFIX}-1-2-1` };
    const waiting = await reconcileOnce({ jobs: [job(2)], tasks: [dead, again] });
    expect(waiting.sent).toMatchObject([{ failures: 0, dueAtMs: ago(0.1) + MINUTE_MS }]);
  });
});
