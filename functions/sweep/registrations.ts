import type { Scope } from '../core/job/repository.ts';
import { isNearlySpent } from '../core/plan/plan-look.ts';
import type { OrphanLook, Registration } from '../core/plan/plan-sweep.ts';
import type { RegistrationScope } from '../core/ports.ts';
import type { TaskFact } from '../core/task/facts.ts';
import { applyEach, attempt, type Step } from './attempt.ts';
import { type Pass, stepOf } from './pass.ts';
import { type Reaped, reap } from './reap.ts';

/** Scopes of one look; an organisation is one, and without it each repository is. */
const MOST_SCOPES = 60;
/** GitHub itself removes a runner that never connected after a day. */
const LONGEST_LOOK_MS = 24 * 3_600_000;

const isLookDue = ({ memory, policy, nowMs }: Pass): boolean =>
  nowMs - memory.lastLookAtMs >= policy.timeouts.orphanGraceSeconds * 1000;

/**
 * Looks for registrations that have no task and removes what is orphaned (rule 22). The registrations are listed first:
 * a launch between the two reads has its registration before its task. `undefined` where it is not time for it.
 */
export async function removeOrphans(
  known: readonly TaskFact[],
  pass: Pass,
): Promise<(Reaped & { readonly registrations: number }) | undefined> {
  if (!isLookDue(pass)) return undefined;
  const { memory, ports, nowMs } = pass;
  const seen = await look(known, pass, stepOf(pass, 'registrations'));
  if (seen === undefined) return undefined;
  // In a time of its own: one scope that never answers must not keep the others from being judged.
  const tasks = await attempt(() => ports.listTasks(), stepOf(pass, 'tasks'));
  if (tasks === undefined) return undefined;
  const earlier = memory.looks;
  const reaped = await reap(tasks, seen.registrations, pass);
  memory.lastLookAtMs = nowMs;
  // What was not read may still be there: its first look stands.
  if (!seen.isWhole) memory.looks = [...memory.looks, ...unseen(earlier, seen.registrations, nowMs)];
  return { ...reaped, registrations: seen.registrations.length };
}

/** What a look at GitHub has seen; not whole where a scope was not read. Only what is seen is judged. */
interface Look {
  readonly registrations: readonly Registration[];
  readonly isWhole: boolean;
}

async function look(tasks: readonly TaskFact[], pass: Pass, step: Step): Promise<Look | undefined> {
  const { ports, memory, nowMs } = pass;
  const listing = await attempt(() => ports.listScopes(), step);
  if (listing === undefined) return undefined;
  listing.errors.forEach(pass.gather);
  const registrations: Registration[] = [];
  const affordable = listing.items.filter(({ account }) => !isNearlySpent(ports.budgetOf(account), nowMs));
  const turn = inTurn(affordable, tasks, memory.scopeLooks).slice(0, MOST_SCOPES);
  const read = await applyEach(
    turn,
    async (scope) => {
      registrations.push(...(await ports.listRegistrations(scope)));
      memory.scopeLooks.set(scope.scope, nowMs);
    },
    step,
  );
  const isWhole = listing.errors.length === 0 && read.length === listing.items.length;
  return { registrations, isWhole };
}

/** Scopes with tasks first, then those that were looked at longest ago. */
function inTurn(
  scopes: readonly RegistrationScope[],
  tasks: readonly TaskFact[],
  looks: ReadonlyMap<Scope, number>,
): readonly RegistrationScope[] {
  const withTasks = new Set(tasks.flatMap(({ registration }) => registration?.scope ?? []));
  const rank = ({ scope }: RegistrationScope) => (withTasks.has(scope) ? 0 : 1 + (looks.get(scope) ?? 0));
  return scopes.toSorted((a, b) => rank(a) - rank(b));
}

const unseen = (looks: readonly OrphanLook[], registrations: readonly Registration[], nowMs: number) =>
  looks.filter(
    ({ runnerId, firstSeenAtMs }) =>
      nowMs - firstSeenAtMs < LONGEST_LOOK_MS && !registrations.some((seen) => seen.runnerId === runnerId),
  );
