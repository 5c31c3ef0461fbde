import { describe, expect, it } from 'vitest';
import type { Repository } from '../../functions/core/job/repository.ts';
import type { CallBudget } from '../../functions/core/plan/job-look.ts';
import {
  busyRepositories,
  dueDoubts,
  planPolls,
  pollCallsLeft,
} from '../../functions/core/plan/plan-doubts.ts';
import type { PastPoll, SweepMemory } from '../../functions/core/plan/sweep-memory.ts';
import { emptySweepMemory } from '../../functions/core/plan/sweep-memory.ts';
import { taskFixture, WEB } from '../fixtures/tasks.ts';

const MINUTE_MS = 60_000;
const NOW_MS = 10_000 * MINUTE_MS;
const ago = (minutes: number): number => NOW_MS - minutes * MINUTE_MS;

const repository = (id: number, owner = 'acme'): Repository => ({
  ...WEB,
  ...{ id, owner, name: `r${id}` },
});
const many = (count: number, owner = 'acme', firstId = 1) =>
  Array.from({ length: count }, (_, index) => repository(firstId + index, owner));
/** Half an hour is left, and this many of the hour’s calls. */
const budget = (remaining: number, limit = 5_000): CallBudget => ({ limit, remaining, resetsAtMs: ago(-30) });
const [AHEAD, BEHIND, SCARCE, SPENT] = [budget(4_000), budget(1_900), budget(1_000), budget(499)];

const polled = (...past: readonly (readonly [id: number, minutesAgo: number, count?: number])[]) =>
  new Map<number, PastPoll>(past.map(([id, minutes, count = 1]) => [id, { atMs: ago(minutes), count }]));
const plan = (memory: Partial<SweepMemory>, budgets: Readonly<Record<string, CallBudget>> = {}) =>
  planPolls({ ...emptySweepMemory(), ...memory }, ({ owner }) => budgets[owner], NOW_MS);
const idsOf = (...input: Parameters<typeof plan>) => plan(...input).map((poll) => poll.repository.id);

describe('the repositories with tasks', () => {
  it('should be those of tasks that live or stopped within a quarter of an hour, each once', () => {
    const of = (id: number) => ({ repository: repository(id) });
    const stopped = (id: number, minutes: number) =>
      taskFixture(id, { ...of(id), lastStatus: 'STOPPED', stoppedAtMs: ago(minutes) });
    const neverStarted = taskFixture(6, { ...of(6), lastStatus: 'STOPPED', createdAtMs: ago(14) });
    const tasks = [
      taskFixture(1, of(3)),
      taskFixture(2, of(3)),
      stopped(4, 14.9),
      stopped(5, 15),
      neverStarted,
    ];
    expect(busyRepositories(tasks, NOW_MS).map(({ id }) => id)).toEqual([3, 4, 6]);
  });

  it.each<[string, CallBudget | undefined, number]>([
    ['is not known', undefined, 3],
    ['is plenty', AHEAD, 3],
    ['runs out faster than it passes', BEHIND, 6],
    ['is scarce', SCARCE, 12],
  ])('should be doubted at their own pace where the hour %s', (_, known, minutes) => {
    const due = (minutesAgo: number) =>
      dueDoubts([WEB], { busyDoubts: new Map([['acme', ago(minutesAgo)]]) }, () => known, NOW_MS);
    expect([due(minutes - 0.01), due(minutes)]).toEqual([[], [WEB]]);
  });

  it('should be doubted by owner: one whose calls are scarce leaves another’s alone', () => {
    const [ours, theirs] = [repository(1), repository(2, 'widgets')];
    const busyDoubts = new Map(['acme', 'widgets'].map((owner) => [owner, ago(5)]));
    const budgetOf = ({ owner }: Repository) => (owner === 'acme' ? SCARCE : AHEAD);
    expect(dueDoubts([ours, theirs], { busyDoubts }, budgetOf, NOW_MS)).toEqual([theirs]);
    expect(dueDoubts([ours, theirs], { busyDoubts: new Map() }, budgetOf, NOW_MS)).toEqual([ours, theirs]);
  });
});

describe('polls', () => {
  it('should be of the repository that is longest unpolled first, and of each every 15 minutes', () => {
    const polls = polled([1, 20], [2, 40], [3, 14.9], [4, 15]);
    expect(idsOf({ repositories: many(5), polls })).toEqual([5, 2, 1, 4]);
  });

  it('should be 60 at most of a sweep, so that a thousand repositories take 17', () => {
    const repositories = many(1_000);
    const polls = new Map<number, PastPoll>();
    const asked = Array.from({ length: 17 }, () => {
      const ids = idsOf({ repositories, polls });
      for (const id of ids) polls.set(id, { atMs: NOW_MS, count: 1 });
      return ids.length;
    });
    expect(asked).toEqual([...Array(16).fill(60), 40]);
  });

  it.each<[string, CallBudget, number]>([
    ['runs out faster than it passes', BEHIND, 30],
    ['is scarce', SCARCE, 60],
  ])('should be slower where the hour %s', (_, known, minutes) => {
    const due = (minutesAgo: number) =>
      idsOf({ repositories: many(1), polls: polled([1, minutesAgo]) }, { acme: known });
    expect([due(minutes - 0.01), due(minutes)]).toEqual([[], [1]]);
  });

  it('should be none where the hour is nearly spent, but for other owners', () => {
    const repositories = [repository(1), repository(2, 'widgets')];
    expect(idsOf({ repositories }, { acme: SPENT, widgets: AHEAD })).toEqual([2]);
  });

  it('should be of no other owner’s calls than the repository’s own', () => {
    const repositories = [...many(5), ...many(5, 'widgets', 6)];
    const pollCalls = new Map([['acme', { calls: 2.5, atMs: NOW_MS }]]);
    expect(idsOf({ repositories, pollCalls })).toEqual([1, 2, 6, 7, 8, 9, 10]);
  });

  it('should look for old runs at every 24th of a repository, in turn for each status', () => {
    const statusAt = (count: number) =>
      plan({ repositories: many(1), polls: polled([1, 15, count]) })[0]?.status;
    expect([0, 1, 22, 24, 46].map(statusAt)).toEqual(Array(5).fill('any'));
    expect([23, 47, 71, 95, 119].map(statusAt)).toEqual([
      'queued',
      'in_progress',
      'waiting',
      'pending',
      'queued',
    ]);
    expect(plan({ repositories: many(1) })[0]?.status).toBe('any');
  });
});

describe('the calls that polls may spend', () => {
  const left = (calls: number | undefined, minutesAgo = 0, known?: CallBudget) => {
    const pollCalls = new Map(calls === undefined ? [] : [['acme', { calls, atMs: ago(minutesAgo) }]]);
    return pollCallsLeft(WEB, { pollCalls }, () => known, NOW_MS);
  };

  it('should be a quarter of the hour, of the least that GitHub gives where that is not known', () => {
    expect(left(undefined)).toBe(1_250);
    expect(left(undefined, 0, budget(15_000, 15_000))).toBe(3_750);
  });

  it('should come back within an hour, and not pile up', () => {
    expect(left(0)).toBe(0);
    expect(left(0, 30)).toBe(625);
    expect(left(1_000, 60)).toBe(1_250);
    expect(left(0, 600)).toBe(1_250);
  });
});
