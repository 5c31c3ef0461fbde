import { accountOf, type Repository } from '../core/job/repository.ts';
import type { RunOfJob } from '../core/plan/plan-rerun.ts';
import { isId, isText, type Json, timeOf } from '../kit/json.ts';
import type { GitHubApp } from './app.ts';
import { conditionalGet, pathOf, type Resource } from './conditional.ts';
import { PAGE_SIZE, type Page, readRecords } from './records.ts';

interface Deployment {
  readonly id: number;
  readonly environment: string;
  readonly createdAtMs: number;
}

/** Deployments of the time of a run that are asked which run they are of. */
const MOST_ASKED = 10;

/**
 * The environments, in lower case, that a run has deployed to; `undefined` where that cannot be told: too many deployments
 * since the run began, or one that cannot be read. GitHub makes a deployment for each job with an `environment`, and its
 * statuses lead to the run; one that leads nowhere is taken for this run's. One call, and one for each deployment since.
 * Source: docs.github.com, REST API, deployments and deployment statuses. Throws ServiceError.
 */
export async function listDeployedTo(
  app: GitHubApp,
  repository: Repository,
  { runId, startedAtMs }: Pick<RunOfJob, 'runId' | 'startedAtMs'>,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const read = async <Value>(resource: Resource<Value>) =>
    (await conditionalGet(app, accountOf(repository), resource, signal)).value;
  const newest = await read(newestDeployments(repository));
  const since = newest.items.filter(({ createdAtMs }) => createdAtMs >= startedAtMs);
  const isCut = !newest.isLast && since.length === newest.items.length;
  if (isCut || newest.malformedRecords > 0 || since.length > MOST_ASKED) return undefined;
  const environments: string[] = [];
  for (const { id, environment } of since) {
    const runs = await read(runsOf(repository, id));
    if (runs.items.length === 0 || runs.items.includes(runId)) environments.push(environment.toLowerCase());
  }
  return environments;
}

function newestDeployments(repository: Repository): Resource<Page<Deployment>> {
  const parameters = { ...pathOf(repository), per_page: PAGE_SIZE };
  return {
    operation: 'list deployments',
    parameters,
    // By its path: the bundle leaves out the group of these methods (scripts/trim-sdk.ts).
    ask: (octokit, options) =>
      octokit.request('GET /repos/{owner}/{repo}/deployments', { ...parameters, ...options }),
    read: (body) => (Array.isArray(body) ? readRecords(body, readDeployment) : undefined),
    sizeOf: ({ items }) => items.length,
  };
}

function readDeployment({ id, environment, created_at }: Json): Deployment | undefined {
  const createdAtMs = timeOf(created_at);
  if (!isId(id) || !isText(environment) || createdAtMs === undefined) return undefined;
  return { id, environment, createdAtMs };
}

/** The runs that a deployment's statuses lead to. */
function runsOf(repository: Repository, deploymentId: number): Resource<Page<number>> {
  const parameters = { ...pathOf(repository), deployment_id: deploymentId, per_page: PAGE_SIZE };
  return {
    operation: 'list deployment statuses',
    parameters,
    ask: (octokit, options) =>
      octokit.request('GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses', {
        ...parameters,
        ...options,
      }),
    read: (body) => (Array.isArray(body) ? readRecords(body, readRunId) : undefined),
    sizeOf: ({ items }) => items.length,
  };
}

const RUN_IN_URL = /\/actions\/runs\/(\d+)/;

function readRunId(status: Json): number | undefined {
  const urls = [status['log_url'], status['target_url']].filter((url) => isText(url));
  const id = Number(RUN_IN_URL.exec(urls.join(' '))?.[1]);
  return isId(id) ? id : undefined;
}
