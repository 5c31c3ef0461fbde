import { describe, expect, it } from 'vitest';
import type { Account, Scope } from '../../functions/core/job/repository.ts';
import { type Doubt, raiseDoubt } from '../../functions/core/plan/doubt.ts';
import type { TaskFact } from '../../functions/core/task/facts.ts';
import { settle } from '../../functions/settle/settle.ts';
import { PREFIX, taskFixture, WEB } from '../fixtures/tasks.ts';

const NOW_MS = 1_000_000;

describe('settle', () => {
  const stopped = (ending: TaskFact['ending']) =>
    taskFixture(1, { lastStatus: 'STOPPED', desiredStatus: 'STOPPED', ending });
  const settleWith = async (task: TaskFact, failing: readonly string[] = [], isRerunOn = true) => {
    const calls: string[] = [];
    const doubts: Doubt[] = [];
    const call = async (what: string) => {
      calls.push(what);
      if (failing.includes(what)) throw new Error(`${what} failed`);
    };
    const ports = {
      removeRunner: (_account: Account, _scope: Scope, id: number) => call(`remove ${id}`),
      doubt: (doubt: Doubt) => {
        doubts.push(doubt);
        return call('doubt');
      },
    };
    const report = await settle(task, ports, { prefix: PREFIX, nowMs: NOW_MS, isRerunOn });
    return { calls, doubts, report };
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
    'docker-not-ready',
    'ran-docker-lost',
    undefined,
  ] as const)('should remove the registration of %s and doubt the repository (rule 18)', async (ending) => {
    expect((await settleWith(stopped(ending))).calls).toEqual(['remove 1', 'doubt']);
  });

  describe('of a task that Spot has taken (rule 26)', () => {
    const stop = { code: 'SpotInterruption', reason: undefined, cause: 'spot' } as const;
    const taken = { ...stopped('interrupted-during-job'), stop };
    const lostOf = ({ doubts }: { readonly doubts: readonly Doubt[] }) =>
      doubts.flatMap(({ lostJob }) => lostJob ?? []);

    it('should tell of the job that it was launched for, or that it is marked with', async () => {
      const { runnerName } = taken;
      const lost = { jobId: 1, runnerName, spotRunners: [runnerName] };
      expect(lostOf(await settleWith(taken))).toEqual([lost]);
      expect(lostOf(await settleWith({ ...taken, ending: 'unexplained' }))).toEqual([lost]);
      const marked = { ...taken, markedJobId: 9 };
      expect(lostOf(await settleWith(marked))).toEqual([{ ...lost, jobId: 9 }]);
    });

    it.each(['interrupted-before-job', 'idle', 'ran-failed'] as const)(
      'should tell of none where it ended as %s',
      async (ending) => {
        expect(lostOf(await settleWith({ ...taken, ending }))).toEqual([]);
      },
    );

    it('should tell of none where it was not Spot, or runs are not started again', async () => {
      expect(lostOf(await settleWith({ ...taken, stop: { ...stop, cause: 'host' } }))).toEqual([]);
      expect(lostOf(await settleWith(taken, [], false))).toEqual([]);
    });
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

  it('should name the job that the task was launched for, which may wait again, as news that lists may not show yet', async () => {
    const { doubts } = await settleWith(stopped('interrupted-before-job'));
    expect(doubts).toEqual([raiseDoubt(WEB, NOW_MS, { jobIds: [1], isNews: true })]);
  });

  it('should doubt nothing for a task that tells no repository, and remove nothing that it does not tell', async () => {
    const unknown = { ...stopped('unexplained'), repository: undefined, registration: undefined };
    const { calls, report } = await settleWith(unknown);
    expect(calls).toEqual([]);
    expect(report).toMatchObject({ isRemoved: false, isDoubted: false, errors: [] });
  });
});
