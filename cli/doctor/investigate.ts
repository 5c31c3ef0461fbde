import { setTimeout as pause } from 'node:timers/promises';
import { isAllowed } from '../../functions/core/job/allow.ts';
import type { Policy } from '../../functions/core/job/policy.ts';
import { fullName, type Repository } from '../../functions/core/job/repository.ts';
import type { Deployment } from '../deployment.ts';
import { CliError, EXIT } from '../errors.ts';
import type { SeenJob } from '../observe/facts.ts';
import { findRepository, readJobs } from '../observe/jobs-at-github.ts';
import { type Evidence, foldEvidence, readJobEvidence, readRunEvidence } from '../observe/look.ts';
import { createObserver } from '../observe/observer.ts';
import type { JobView, Snapshot } from '../observe/snapshot.ts';
import { createSource, freshOf } from '../observe/source.ts';
import type { RepositoryName, Which } from '../observe/which-job.ts';
import { readPolicy } from '../policy.ts';

/** All that is known of a job, or of the jobs of a run. */
export interface Investigation {
  /** Oldest first; at least one. */
  readonly jobs: readonly JobView[];
  /** With these jobs in it, and with all others of the last hour where one of them waits. */
  readonly snapshot: Snapshot;
  readonly records: Evidence['records'];
}

const HOUR_MS = 3_600_000;
/** GitHub fails a job after a day without a runner, so few stories are longer. */
const STORY_MS = 25 * HOUR_MS;
/** A follower looks every few seconds; of GitHub's 5,000 reads an hour the functions need most. */
const AT_GITHUB_EVERY_MS = 30_000;

export interface InvestigatorOptions {
  /** How far back the logs are read, where GitHub does not say that the job is older. */
  readonly windowMs?: number;
  /** Looks at all of the last hour: one of its own, unless given. */
  readonly look?: () => Promise<Snapshot>;
}

/** Looks at a job or a run, again and again; each look throws CliError where there is nothing to tell. */
export function createInvestigator(
  deployment: Deployment,
  which: Which,
  { windowMs = STORY_MS, look = lookerOf(deployment) }: InvestigatorOptions = {},
): () => Promise<Investigation> {
  const { now } = deployment;
  const readSeen = createReader(deployment, which);
  return async () => {
    const sinceMs = now() - windowMs;
    const first = await readEvidence(deployment, which, sinceMs);
    const known = foldEvidence(deployment, first, { sinceMs }).jobs.filter((job) => isAsked(job, which));
    const seen = await readSeen(known[0]);
    const createdAtMs = Math.min(sinceMs, ...seen.map(({ job }) => job.createdAtMs - 60_000));
    const evidence = createdAtMs < sinceMs ? await readEvidence(deployment, which, createdAtMs) : first;
    const policy = await readPolicy().catch(() => undefined);
    const own = foldEvidence(deployment, evidence, { sinceMs: createdAtMs, jobs: seen, policy });
    const ids = new Set(seen.map(({ job }) => job.jobId));
    // A run's other attempts have jobs of their own.
    const isListed = ({ jobId }: JobView) => which.kind === 'job' || ids.has(jobId);
    const jobs = own.jobs.filter((job) => isAsked(job, which) && isListed(job)).toReversed();
    const snapshot = jobs.some(isOpen) ? within(await look(), own, jobs) : own;
    return { jobs, snapshot, records: evidence.records };
  };
}

function lookerOf(deployment: Deployment): () => Promise<Snapshot> {
  const observer = createObserver(deployment, {
    policy: () => readPolicy(),
    windowMs: HOUR_MS,
    pause: (ms) => pause(ms),
  });
  return () => observer.look();
}

const isOpen = ({ phase }: JobView): boolean => phase === 'queued' || phase === 'starting';

const isAsked = ({ jobId, runId }: JobView, which: Which): boolean =>
  which.kind === 'job' ? jobId === which.jobId : runId === which.runId;

const readEvidence = (deployment: Deployment, which: Which, sinceMs: number): Promise<Evidence> =>
  which.kind === 'job'
    ? readJobEvidence(deployment, which.jobId, sinceMs)
    : readRunEvidence(deployment, which.runId, sinceMs);

/** These jobs among all others, which hold what they wait for. */
function within(whole: Snapshot, own: Snapshot, jobs: readonly JobView[]): Snapshot {
  const asked = new Set(jobs.map(({ jobId }) => jobId));
  const shown = new Set(whole.tasks.map(({ taskArn }) => taskArn));
  return {
    ...whole,
    jobs: [...jobs, ...whole.jobs.filter(({ jobId }) => !asked.has(jobId))],
    tasks: [...whole.tasks, ...own.tasks.filter(({ taskArn }) => !shown.has(taskArn))],
  };
}

/** What GitHub has on the jobs. Where the logs know the job, GitHub may be out of reach. */
function createReader(deployment: Deployment, which: Which) {
  let place: RepositoryName | undefined = which.repository;
  const seen = createSource<readonly SeenJob[]>(AT_GITHUB_EVERY_MS, [], () =>
    place === undefined ? Promise.reject(nowhere(which, deployment)) : readAtGitHub(deployment, which, place),
  );
  return async (known: JobView | undefined): Promise<readonly SeenJob[]> => {
    const [owner, name] = known?.repository.split('/') ?? [];
    if (owner !== undefined && name !== undefined) place ??= { owner, name };
    const held = await seen(deployment.now());
    const isNeeded = held.value.length === 0 && (known === undefined || which.kind === 'run');
    return isNeeded ? freshOf(held) : held.value;
  };
}

const nowhere = (which: Which, { stack }: Deployment): CliError =>
  new CliError(
    `the logs of ${stack} have nothing on job ${which.kind === 'job' ? which.jobId : which.runId} in the last day`,
    'give the address of its page on GitHub instead, which names the repository; the id alone may also be a run’s',
    EXIT.usage,
  );

async function readAtGitHub(
  deployment: Deployment,
  which: Which,
  place: RepositoryName,
): Promise<readonly SeenJob[]> {
  const [app, policy] = [await deployment.github(), await readPolicy()];
  const repository = await findRepository(app, policy, place);
  if (repository === undefined) throw notSeen(place, policy);
  const jobs = await readJobs(app, repository, which, { policy, nowMs: deployment.now() });
  if (jobs === undefined || jobs.length === 0) throw nothingThere(which, repository);
  return jobs;
}

function notSeen(place: RepositoryName, policy: Policy): CliError {
  const name = fullName(place);
  return isAllowed(place, policy)
    ? new CliError(
        `the App is not installed on ${name}, so no runner is started for its jobs`,
        'install the App there, from its page at GitHub; oneshot doctor shows where it is installed',
      )
    : new CliError(
        `runners.yml does not allow ${name}, so no runner is started for its jobs`,
        'name it under allow.repositories in runners.yml, and deploy',
      );
}

function nothingThere(which: Which, repository: Repository): CliError {
  const attempt = which.kind === 'run' && which.attempt !== undefined ? ` with attempt ${which.attempt}` : '';
  const what = which.kind === 'job' ? `job ${which.jobId}` : `run ${which.runId}${attempt}`;
  return new CliError(`there is no ${what} in ${fullName(repository)}`, 'check the address', EXIT.usage);
}
