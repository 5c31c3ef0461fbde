import { parseRunnerName } from '../../functions/core/job/identity.ts';
import type { Policy } from '../../functions/core/job/policy.ts';
import type { Repository } from '../../functions/core/job/repository.ts';
import { fullName } from '../../functions/core/job/repository.ts';
import { decideQueued } from '../../functions/core/plan/decide-launch.ts';
import type { JobLook } from '../../functions/core/plan/job-look.ts';
import type { RegistrationScope } from '../../functions/core/ports.ts';
import type { GitHubApp } from '../../functions/github/app.ts';
import { lookAtJobs } from '../../functions/github/job-look.ts';
import { listRunners } from '../../functions/github/runners.ts';
import { MOST_AT_ONCE } from '../../functions/github/scopes.ts';
import { mapWithin } from '../../functions/kit/within.ts';
import type { SeenJob } from './facts.ts';
import type { RunnerView } from './snapshot.ts';

/** The runners of these scopes whose names are ours. Throws ServiceError unless every page could be read. */
export async function viewRunners(
  app: GitHubApp,
  scopes: readonly RegistrationScope[],
  prefix: string,
): Promise<RunnerView[]> {
  const isOurs = (name: string) => parseRunnerName(prefix, name) !== undefined;
  const lists = await mapWithin(MOST_AT_ONCE, scopes, async (where) =>
    (await listRunners(app, where, isOurs)).map(
      ({ runnerId, runnerName, isBusy, isOnline }): RunnerView => ({
        runnerId,
        name: runnerName,
        scope: where.scope,
        status: isBusy ? 'busy' : isOnline ? 'idle' : 'offline',
      }),
    ),
  );
  return lists.flat();
}

/** Reads of one look at a repository: a person waits for it. */
const MOST_READS = 100;

/** How long a person waits for it. */
const LONGEST_LOOK_MS = 60_000;

/** The jobs of a repository's active runs, as many as these reads show. Throws ServiceError where none could be read. */
export const lookAtRepository = (
  app: GitHubApp,
  repository: Repository,
  mostReads: number,
): Promise<JobLook> =>
  lookAtJobs(app, {
    repository,
    mostReads,
    jobIds: [],
    isNamedOnly: false,
    resumeAfterRunId: undefined,
    signal: AbortSignal.timeout(LONGEST_LOOK_MS),
  });

/** Jobs of the active runs of these repositories. Throws ServiceError where a repository could not be read. */
export async function listJobs(
  app: GitHubApp,
  repositories: readonly Repository[],
  policy: Policy,
  nowMs: number,
): Promise<SeenJob[]> {
  const lists = await mapWithin(MOST_AT_ONCE, repositories, async (repository) => {
    const { jobs } = await lookAtRepository(app, repository, MOST_READS);
    return jobs.map((job): SeenJob => {
      const isOurs = decideQueued({ ...job, repository }, policy).verdict === 'launch';
      return { job, repository: fullName(repository), isOurs, readAtMs: nowMs };
    });
  });
  return lists.flat();
}
