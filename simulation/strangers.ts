import { parseRunnerName } from '../functions/core/job/identity.ts';
import type { GitHub } from './github/github.ts';
import type { Repository } from './github/types.ts';
import { payloadOf } from './payload.ts';
import { PREFIX, type World } from './world.ts';

/** Repositories that no runners.yml here names: of another owner, and of our own owner. */
export const STRANGERS: readonly Repository[] = [
  { id: 666, owner: 'mallory', name: 'trap', installationId: 99 },
  { id: 667, owner: 'acme', name: 'unlisted', installationId: 77 },
];

/**
 * A delivery that is genuine and signed by GitHub, of a stranger's repository. Anyone who registers a self-hosted
 * runner chooses its name, so it can be that of one of our runners.
 */
export function strangersDelivery(world: World, { registrations }: GitHub): string {
  const repository = world.pick(STRANGERS);
  const live = [...registrations.all.values()].map(({ name }) => name);
  const own = `${PREFIX}-${repository.id}-2-0`;
  const name = live.length > 0 && world.random() < 0.7 ? world.pick(live) : own;
  const action = world.pick(['in_progress', 'in_progress', 'completed', 'completed', 'queued']);
  const createdAtMs = world.nowMs;
  const runner = action === 'queued' ? undefined : { id: 900_000 + Math.floor(world.random() * 1_000), name };
  const jobId = world.random() < 0.5 ? (parseRunnerName(PREFIX, name)?.jobId ?? 1) : 1;
  return payloadOf({
    ...{ action, repository, runner, createdAtMs, id: jobId, runId: 1, labels: ['fargate'] },
    status: action,
    startedAtMs: runner && createdAtMs,
    hasBegun: runner !== undefined,
  });
}

/**
 * A delivery of another owner, or repository, that is allowed, about a runner with the name and the id of one of our
 * busy runners: each owner's ids are its own. It says that a job began there, or is over.
 */
export function namesakesDelivery(
  world: World,
  { registrations }: GitHub,
  repositories: readonly Repository[],
): string | undefined {
  const runner = world.pick([...registrations.all.values()].filter(({ busy }) => busy));
  const others = repositories.filter(
    ({ owner, name }) => runner && ![`orgs/${owner}`, `repos/${owner}/${name}`].includes(runner.scope),
  );
  if (!runner?.job || others.length === 0) return undefined;
  const action = world.pick(['in_progress', 'completed']);
  return payloadOf({
    ...{ action, status: action, runner, createdAtMs: world.nowMs, startedAtMs: world.nowMs, hasBegun: true },
    ...{ repository: world.pick(others), id: runner.job.id, runId: 1, labels: ['fargate'] },
  });
}
