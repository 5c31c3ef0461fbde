import type { Policy } from '../../functions/core/job/policy.ts';
import { fullName, type Repository } from '../../functions/core/job/repository.ts';
import { decideQueued } from '../../functions/core/plan/decide-launch.ts';
import type { GitHubApp } from '../../functions/github/app.ts';
import { hasStatus } from '../../functions/github/errors.ts';
import { listRepositories } from '../../functions/github/scopes.ts';
import { isId, isObject, isText, isTexts, type Json, timeOf } from '../../functions/kit/json.ts';
import type { SeenJob } from './facts.ts';
import type { RepositoryName, Which } from './which-job.ts';

/** A repository that the App sees and the policy allows; `undefined` for any other. Throws ServiceError. */
export async function findRepository(
  app: GitHubApp,
  policy: Policy,
  asked: RepositoryName,
): Promise<Repository | undefined> {
  const { items, errors } = await listRepositories(app, policy);
  const wanted = fullName(asked).toLowerCase();
  const found = items.find((one) => fullName(one).toLowerCase() === wanted);
  if (found === undefined && errors[0] !== undefined) throw errors[0];
  return found;
}

export interface ReadAt {
  readonly policy: Policy;
  readonly nowMs: number;
}

/** A job, or the jobs of a run's attempt, as GitHub has them; `undefined` where it has none. Throws what the call threw. */
export async function readJobs(
  app: GitHubApp,
  repository: Repository,
  which: Which,
  at: ReadAt,
): Promise<SeenJob[] | undefined> {
  const bodies = which.kind === 'job' ? [await ask(app, repository, jobPath(repository, which.jobId))] : [];
  const records = which.kind === 'job' ? bodies : await jobsOfRun(app, repository, which);
  if (records === undefined || records.includes(undefined)) return undefined;
  return records.flatMap((record) => (isObject(record) ? (seenJob(record, repository, at) ?? []) : []));
}

const actionsOf = ({ owner, name }: Repository) => `GET /repos/${owner}/${name}/actions`;
const jobPath = (repository: Repository, jobId: number) => `${actionsOf(repository)}/jobs/${jobId}`;

const PAGE_SIZE = 100;
/** A run has few jobs more than a matrix may have, 256 (docs.github.com, Usage limits). */
const MOST_PAGES = 20;

async function jobsOfRun(
  app: GitHubApp,
  repository: Repository,
  { runId, attempt }: Extract<Which, { kind: 'run' }>,
): Promise<unknown[] | undefined> {
  const filter = attempt === undefined ? 'latest' : 'all';
  const path = `${actionsOf(repository)}/runs/${runId}/jobs?filter=${filter}&per_page=${PAGE_SIZE}`;
  const jobs: Json[] = [];
  for (let page = 1; page <= MOST_PAGES; page++) {
    const body = await ask(app, repository, `${path}&page=${page}`);
    if (!isObject(body) || !Array.isArray(body['jobs'])) return undefined;
    jobs.push(...body['jobs'].filter(isObject));
    if (body['jobs'].length < PAGE_SIZE) break;
  }
  return attempt === undefined ? jobs : jobs.filter((job) => job['run_attempt'] === attempt);
}

/** `undefined` for what is not there. */
const ask = (app: GitHubApp, repository: Repository, route: string): Promise<unknown> =>
  app
    .asInstallation(repository, (octokit) => octokit.request(route))
    .then(({ data }) => data as unknown)
    .catch((error: unknown) => (hasStatus(error, 404) ? undefined : Promise.reject(error)));

function seenJob(record: Json, repository: Repository, { policy, nowMs }: ReadAt): SeenJob | undefined {
  const { id, run_id: runId, status, labels, conclusion, name, steps } = record;
  if (!isId(id) || !isId(runId) || !isText(status) || !isTexts(labels)) return undefined;
  const runnerName = textOf(record['runner_name']);
  const job = {
    ...{ jobId: id, runId, status, labels, runnerName },
    createdAtMs: timeOf(record['created_at']) ?? nowMs,
    completedAtMs: timeOf(record['completed_at']),
  };
  const failed = Array.isArray(steps)
    ? steps.find((step) => isObject(step) && step['conclusion'] === 'failure')
    : undefined;
  return {
    job,
    repository: fullName(repository),
    isOurs: decideQueued({ ...job, repository }, policy).verdict === 'launch',
    readAtMs: nowMs,
    told: {
      name: textOf(name),
      conclusion: textOf(conclusion),
      failedStep: textOf(Object(failed).name),
      // GitHub gives a queued job a `started_at` too.
      startedAtMs: runnerName === undefined ? undefined : timeOf(record['started_at']),
    },
  };
}

const textOf = (value: unknown): string | undefined => (isText(value) && value !== '' ? value : undefined);
