import type { Policy } from '../../functions/core/job/policy.ts';
import type { Repository } from '../../functions/core/job/repository.ts';
import { fullName } from '../../functions/core/job/repository.ts';
import { listRepositories, listScopes } from '../../functions/github/scopes.ts';
import { wholeOf } from '../../functions/kit/partial-listing.ts';
import type { Deployment } from '../deployment.ts';
import { listJobs, viewRunners } from './github-reader.ts';
import { countDoubts } from './queue-reader.ts';
import type { Snapshot } from './snapshot.ts';
import { createSlowSource, createSource, freshOf } from './source.ts';
import { createTaskReader } from './task-reader.ts';

/** What is looked at of a deployment. */
export type ObservedDeployment = Pick<
  Deployment,
  | (
      | 'stack'
      | 'region'
      | 'runnerPrefix'
      | 'clusterArn'
      | 'doubtQueueUrl'
      | 'deadDoubtQueueUrl'
      | 'githubWebUrl'
    )
  | ('logGroupOf' | 'runnerLogGroup' | 'ecs' | 'sqs' | 'logs' | 'github' | 'now')
>;

const SECOND_MS = 1_000;
/** Describing a thousand tasks takes ten of the twenty calls a second that ECS gives to all (ECS, Request throttling). */
const TASKS_EVERY_MS = 5 * SECOND_MS;
const DOUBTS_EVERY_MS = 5 * SECOND_MS;
/** Of GitHub's 5,000 reads an hour, which the functions need, a look may take a few hundred. */
const RUNNERS_EVERY_MS = 30 * SECOND_MS;
const JOBS_EVERY_MS = 60 * SECOND_MS;
const SCOPES_EVERY_MS = 600 * SECOND_MS;
/** Repositories whose jobs are read in one look. */
const MOST_REPOSITORIES = 5;

/** What a caller needs for each part, and what it is called. */
export const PARTS = {
  tasks: ['The tasks', 'ecs:ListTasks and ecs:DescribeTasks on the cluster'],
  doubts: ['The queue', 'sqs:GetQueueAttributes on the doubt queues'],
  runners: ['GitHub’s list of runners', 'what docs/deploy.md lists for the App'],
  jobs: ['GitHub’s list of jobs', 'what docs/deploy.md lists for the App'],
} as const;

/** The parts of a view besides the logs, each read as often as its API, and the functions that need it too, can bear. */
export function createSources(deployment: ObservedDeployment, policy: () => Promise<Policy>) {
  const { runnerPrefix, ecs, clusterArn, now } = deployment;
  const inGitHub = async () => [await deployment.github(), await policy()] as const;
  const scopes = createSource(SCOPES_EVERY_MS, [], async () =>
    wholeOf(await listScopes(...(await inGitHub()))),
  );
  const repositories = createSource(SCOPES_EVERY_MS, [], async () =>
    wholeOf(await listRepositories(...(await inGitHub()))),
  );
  let last: () => Snapshot | undefined = () => undefined;
  const jobs = createSlowSource(JOBS_EVERY_MS, [], async () => {
    const busy = busyOf(freshOf(await repositories(now())), last());
    return listJobs(await deployment.github(), busy, await policy(), now());
  });
  return {
    tasks: createSource(TASKS_EVERY_MS, [], createTaskReader(ecs, clusterArn, runnerPrefix)),
    doubts: createSource(DOUBTS_EVERY_MS, undefined, () => countDoubts(deployment.sqs, deployment)),
    runners: createSlowSource(RUNNERS_EVERY_MS, [], async () =>
      viewRunners(await deployment.github(), freshOf(await scopes(now())), runnerPrefix),
    ),
    /** Of the repositories in which, by this snapshot, something is going on; it is folded where they are read. */
    jobs(nowMs: number, snapshot: () => Snapshot) {
      last = snapshot;
      return jobs(nowMs);
    },
  };
}

/** Those with open jobs or live tasks first: where nothing was heard of, a webhook may have been lost. */
function busyOf(repositories: readonly Repository[], snapshot: Snapshot | undefined): Repository[] {
  const { jobs = [], tasks = [] } = snapshot ?? {};
  const open = jobs.filter(({ phase }) => phase !== 'done' && phase !== 'ignored');
  const live = tasks.filter(({ status }) => status !== 'STOPPED');
  const busy = new Set([...open, ...live].map(({ repository }) => repository?.toLowerCase()));
  const isBusy = (one: Repository) => busy.has(fullName(one).toLowerCase());
  return repositories.toSorted((a, b) => Number(isBusy(b)) - Number(isBusy(a))).slice(0, MOST_REPOSITORIES);
}
