import { accountOf, type Repository } from '../core/job/repository.ts';
import { raiseDoubt } from '../core/plan/doubt.ts';
import {
  busyRepositories,
  dueDoubts,
  type PlannedPoll,
  POLL_EVERY_MS,
  planPolls,
  pollCallsLeft,
} from '../core/plan/plan-doubts.ts';
import type { TaskFact } from '../core/task/facts.ts';
import { applyEach, attempt } from './attempt.ts';
import { type Pass, stepOf } from './pass.ts';

/** Which repositories there are is asked this often. */
const LIST_EVERY_MS = 15 * 60_000;

const doubt = ({ ports, nowMs }: Pass, repository: Repository) => ports.doubt(raiseDoubt(repository, nowMs));

/** Repositories with tasks are doubted every three minutes (rule 21). */
export async function doubtBusy(tasks: readonly TaskFact[], pass: Pass): Promise<readonly Repository[]> {
  const { ports, memory, nowMs } = pass;
  const budgetOf = (repository: Repository) => ports.budgetOf(accountOf(repository));
  const due = dueDoubts(busyRepositories(tasks, nowMs), memory, budgetOf, nowMs);
  const doubted = await applyEach(due, (repository) => doubt(pass, repository), stepOf(pass, 'doubts'));
  for (const { owner } of doubted) memory.busyDoubts.set(owner, nowMs);
  return doubted;
}

/** All allowed repositories are polled in turn; one that has active runs is doubted (rule 21). */
export async function pollInTurn(pass: Pass): Promise<readonly Repository[]> {
  const { ports, memory, nowMs } = pass;
  await listRepositories(pass);
  const step = stepOf(pass, 'polls');
  const budgetOf = (repository: Repository) => ports.budgetOf(accountOf(repository));
  const doubted: Repository[] = [];
  await applyEach(
    planPolls(memory, budgetOf, nowMs),
    async ({ repository, status }: PlannedPoll) => {
      spendPoll(repository, pass);
      const { hasActiveRuns, isCounted } = await ports.pollRepository(repository, status, step.signal);
      notePoll(repository, pass);
      if (!isCounted) giveBack(repository, pass);
      if (!hasActiveRuns) return;
      await doubt(pass, repository);
      doubted.push(repository);
    },
    step,
  );
  return doubted;
}

/** Where some could not be listed, those that were known stay. */
async function listRepositories(pass: Pass): Promise<void> {
  const { ports, memory, nowMs, gather } = pass;
  if (nowMs - memory.repositoriesReadAtMs < LIST_EVERY_MS) return;
  const listing = await attempt(() => ports.listRepositories(), stepOf(pass, 'repositories'));
  if (listing === undefined) return;
  listing.errors.forEach(gather);
  // Where nothing could be read, it is asked again at the next pass.
  if (listing.items.length === 0 && listing.errors.length > 0) return;
  const known = listing.errors.length > 0 ? memory.repositories : [];
  const byId = new Map([...known, ...listing.items].map((one) => [one.id, one]));
  memory.repositories = [...byId.values()];
  memory.repositoriesReadAtMs = nowMs;
  for (const id of memory.polls.keys()) if (!byId.has(id)) memory.polls.delete(id);
}

/** A poll that fails is made again after this, and others have their turn meanwhile. */
const RETRY_POLL_MS = 3 * 60_000;

/** Counted before it is made, as one that fails. */
function spendPoll(repository: Repository, { ports, memory, nowMs }: Pass): void {
  const { polls, pollCalls } = memory;
  const count = polls.get(repository.id)?.count ?? 0;
  polls.set(repository.id, { atMs: nowMs - POLL_EVERY_MS + RETRY_POLL_MS, count });
  const budgetOf = () => ports.budgetOf(accountOf(repository));
  const calls = pollCallsLeft(repository, memory, budgetOf, nowMs) - 1;
  pollCalls.set(repository.owner, { calls, atMs: nowMs });
}

function notePoll({ id }: Repository, { memory: { polls }, nowMs }: Pass): void {
  polls.set(id, { atMs: nowMs, count: (polls.get(id)?.count ?? 0) + 1 });
}

/** It was free. */
function giveBack({ owner }: Repository, { memory: { pollCalls } }: Pass): void {
  const held = pollCalls.get(owner);
  if (held !== undefined) pollCalls.set(owner, { ...held, calls: held.calls + 1 });
}
