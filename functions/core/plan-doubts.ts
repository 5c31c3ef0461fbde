import type { DoubtedRepository } from './doubt.ts';
import type { TaskFact } from './facts.ts';

const MINUTE_MS = 60_000;
/** Repositories with tasks are doubted so often, all allowed ones so often (rule 21). */
export const DOUBT_BUSY_EVERY_MS = 3 * MINUTE_MS;
export const DOUBT_ALL_EVERY_MS = 15 * MINUTE_MS;
/** A task that stopped longer ago no longer makes its repository busy (rule 21). */
const RECENTLY_STOPPED_MS = 15 * MINUTE_MS;

/** Repositories whose supply may have changed: with a task that lives, or stopped a short while ago (rule 21). */
export function busyRepositories(tasks: readonly TaskFact[], nowMs: number): DoubtedRepository[] {
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
