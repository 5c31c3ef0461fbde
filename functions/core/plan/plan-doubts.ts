import type { Repository } from '../job/repository.ts';
import type { PollStatus } from '../ports.ts';
import type { TaskFact } from '../task/facts.ts';
import type { CallBudget } from './job-look.ts';
import { isNearlySpent, LEAST_CALLS_AN_HOUR, plentyOf } from './plan-look.ts';
import type { PastPoll, SweepMemory } from './sweep-memory.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** How often repositories with tasks are doubted, and how often all allowed ones are polled (rule 21). */
const DOUBT_BUSY_EVERY_MS = 3 * MINUTE_MS;
export const POLL_EVERY_MS = 15 * MINUTE_MS;
/** How many times slower where the installation uses its calls faster than its hour passes, or has few left. */
const SLOWER = { ahead: 1, behind: 2, scarce: 4 } as const;
/** A task that stopped longer ago no longer makes its repository busy (rule 21). */
const RECENTLY_STOPPED_MS = 15 * MINUTE_MS;
/** Polls of one sweep: a thousand repositories take 17 minutes. */
const MOST_POLLS = 60;
/** Of an installation's hour, what polls may spend. A poll that finds nothing new is free. */
const POLL_SHARE = 1 / 4;

type BudgetOf = (repository: Repository) => CallBudget | undefined;

/** Repositories whose supply may have changed: with a task that lives, or stopped a short while ago (rule 21). */
export function busyRepositories(tasks: readonly TaskFact[], nowMs: number): Repository[] {
  const busy = tasks.filter(
    (task) => task.lastStatus !== 'STOPPED' || nowMs - stoppedAtMs(task) < RECENTLY_STOPPED_MS,
  );
  const byId = new Map(
    busy.flatMap(({ repository }) => (repository ? [[repository.id, repository] as const] : [])),
  );
  return [...byId.values()].toSorted((a, b) => a.id - b.id);
}

/** A task that never started has no stop time in every listing: its creation stands in. */
const stoppedAtMs = (task: TaskFact): number => task.stoppedAtMs ?? task.createdAtMs;

/** Those of the busy repositories whose owner's turn it is. */
export function dueDoubts(
  busy: readonly Repository[],
  { busyDoubts }: Pick<SweepMemory, 'busyDoubts'>,
  budgetOf: BudgetOf,
  nowMs: number,
): readonly Repository[] {
  return busy.filter((repository) => {
    const everyMs = DOUBT_BUSY_EVERY_MS * SLOWER[plentyOf(budgetOf(repository), nowMs)];
    return nowMs - (busyDoubts.get(repository.owner) ?? 0) >= everyMs;
  });
}

export interface PlannedPoll {
  readonly repository: Repository;
  readonly status: PollStatus;
}

/** Which repositories are polled now, the longest unpolled first, within the calls that their installations have for it. */
export function planPolls(
  memory: Pick<SweepMemory, 'repositories' | 'polls' | 'pollCalls'>,
  budgetOf: BudgetOf,
  nowMs: number,
): readonly PlannedPoll[] {
  const { repositories, polls } = memory;
  const lastMs = ({ id }: Repository) => polls.get(id)?.atMs ?? 0;
  const left = new Map<string, number>();
  const due = repositories
    .filter((one) => !isNearlySpent(budgetOf(one), nowMs))
    .filter((one) => nowMs - lastMs(one) >= POLL_EVERY_MS * SLOWER[plentyOf(budgetOf(one), nowMs)])
    .toSorted((a, b) => lastMs(a) - lastMs(b) || a.id - b.id);
  const affordable = due.filter((repository) => {
    const { owner } = repository;
    const calls = left.get(owner) ?? pollCallsLeft(repository, memory, budgetOf, nowMs);
    left.set(owner, calls - 1);
    return calls >= 1;
  });
  return affordable
    .slice(0, MOST_POLLS)
    .map((repository) => ({ repository, status: statusOf(polls.get(repository.id)) }));
}

/** A bucket that holds an hour's share and fills up within an hour. */
export function pollCallsLeft(
  repository: Repository,
  { pollCalls }: Pick<SweepMemory, 'pollCalls'>,
  budgetOf: BudgetOf,
  nowMs: number,
): number {
  const most = (budgetOf(repository)?.limit ?? LEAST_CALLS_AN_HOUR) * POLL_SHARE;
  const held = pollCalls.get(repository.owner);
  if (held === undefined) return most;
  return Math.min(most, held.calls + ((nowMs - held.atMs) / HOUR_MS) * most);
}

/** One poll in this many asks for one status, each status in turn: it finds an old run that was started again. */
const DEEP_EVERY = 24;
const DEEP = ['queued', 'in_progress', 'waiting', 'pending'] as const;

function statusOf(past: PastPoll | undefined): PollStatus {
  const count = past?.count ?? 0;
  return count % DEEP_EVERY === DEEP_EVERY - 1
    ? (DEEP[Math.floor(count / DEEP_EVERY) % DEEP.length] ?? 'any')
    : 'any';
}
