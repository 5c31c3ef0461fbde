import type { JobLook, JobLookRequest } from '../core/plan/job-look.ts';
import { ServiceError } from '../core/words/errors.ts';
import type { GitHubApp } from './app.ts';
import { jobsPage, oneJob } from './job-records.ts';
import { endLook, isGone, type LookState, passOver, readEach, readListing, startLook } from './look-state.ts';
import { MOST_RUN_PAGES, type RunFact, type RunStatus, runsPage } from './runs.ts';

const HALF = 1 / 2;

/**
 * Looks at a repository's jobs within a budget: named jobs, then queued runs, then from where the last look ended.
 * Runs are read by their ids, the oldest first, as a run may change its status between two looks.
 * Throws ServiceError where a call failed before anything was read. `nowMs` is epoch milliseconds.
 */
export async function lookAtJobs(
  app: GitHubApp,
  request: JobLookRequest,
  nowMs: number = Date.now(),
): Promise<JobLook> {
  const look = startLook(app, request, nowMs);
  await readNamedJobs(look);
  const isListed = request.isNamedOnly ? false : await readRuns(look);
  if (look.problem !== undefined && !look.hasRead) throw look.problem;
  const order = [...look.runs.values()].toSorted(byId);
  return {
    jobs: [...look.jobs.values()],
    isWhole: isListed && order.every(({ runId }) => look.readRunIds.has(runId)),
    resumeAfterRunId: resumeAfter(look, order),
    reads: look.reads.counted(),
    malformedRecords: look.malformedRecords,
    problem: look.problem?.message,
  };
}

const byId = (a: RunFact, b: RunFact): number => a.runId - b.runId;

async function readNamedJobs(look: LookState): Promise<void> {
  const { jobIds, isNamedOnly } = look.request;
  // Names may be many, and wrong: the lists have their half.
  look.reads.share(isNamedOnly ? 1 : HALF);
  await readEach(look, [...new Set(jobIds)], async (jobId) => {
    const { items, end } = await readListing(look, 1, () => oneJob(look.repository, jobId));
    for (const job of items) look.jobs.set(job.jobId, job);
    if (end instanceof ServiceError && !isGone(end)) passOver(look, end);
  });
}

/** Lists the active runs and reads their jobs. True where every active run is known. */
async function readRuns(look: LookState): Promise<boolean> {
  const { reads, request } = look;
  reads.share(HALF, 1);
  const isQueuedListed = await listRuns(look, ['queued']);
  await readJobs(look, 0);
  // At least one call for each list: a quiet repository is seen whole with five calls.
  reads.share(HALF, OTHERS.length);
  const isRestListed = await listRuns(look, OTHERS);
  reads.share(1);
  look.isCutShort = !isRestListed && reads.left() === 0;
  await readJobs(look, request.resumeAfterRunId ?? 0);
  return isQueuedListed && isRestListed;
}

const OTHERS: readonly RunStatus[] = ['in_progress', 'waiting', 'pending'];

/** Notes the runs of these statuses. True where all of them could be listed. */
async function listRuns(look: LookState, statuses: readonly RunStatus[]): Promise<boolean> {
  let isWhole = true;
  for (const status of statuses) {
    const { items, malformedRecords, end } = await readListing(look, MOST_RUN_PAGES, (page) =>
      runsPage(look.repository, status, page),
    );
    for (const run of items) if (!look.runs.has(run.runId)) look.runs.set(run.runId, run);
    if (end instanceof ServiceError) endLook(look, end);
    isWhole &&= end === 'whole' && malformedRecords === 0;
  }
  return isWhole;
}

/** Reads the jobs of the runs that are known by now, after a run, the oldest first. */
async function readJobs(look: LookState, afterRunId: number): Promise<void> {
  const { runs, readRunIds, failedRunIds, heldRuns, nowMs } = look;
  for (const run of runs.values()) if (heldRuns.isHeld(run, nowMs)) readRunIds.add(run.runId);
  const due = [...runs.values()].filter(
    ({ runId }) => runId > afterRunId && !readRunIds.has(runId) && !failedRunIds.has(runId),
  );
  await readEach(look, due.toSorted(byId), (run) => readJobsOf(look, run));
}

async function readJobsOf(look: LookState, run: RunFact): Promise<void> {
  const { runId, updatedAtMs } = run;
  const { items, malformedRecords, end } = await readListing(look, Number.POSITIVE_INFINITY, (page) =>
    jobsPage(look.repository, runId, page),
  );
  for (const job of items) look.jobs.set(job.jobId, { ...job, runUpdatedAtMs: updatedAtMs });
  // A bad record is a job of which nothing is known: the look is not whole, and does not wait for that run either.
  if (end === 'whole' && malformedRecords > 0) look.failedRunIds.add(runId);
  else if (end === 'whole') {
    look.heldRuns.note(run, items, look.nowMs);
    look.readRunIds.add(runId);
  }
  // A run that was deleted between the two reads has no jobs.
  else if (end instanceof ServiceError && isGone(end)) look.readRunIds.add(runId);
  else if (end instanceof ServiceError) {
    look.failedRunIds.add(runId);
    passOver(look, end);
  }
}

/**
 * The run after which the next look continues; 0 where it begins at the first, `undefined` where the end was reached.
 * A run that GitHub fails to list is not waited for.
 */
function resumeAfter(look: LookState, order: readonly RunFact[]): number | undefined {
  const { request, readRunIds, failedRunIds, isCutShort } = look;
  const start = request.resumeAfterRunId;
  if (request.isNamedOnly) return start;
  if (isCutShort) return start ?? 0;
  const due = order.filter(({ runId }) => runId > (start ?? 0));
  const firstUnread = due.findIndex(({ runId }) => !readRunIds.has(runId) && !failedRunIds.has(runId));
  return firstUnread === -1 ? undefined : (due[firstUnread - 1]?.runId ?? start ?? 0);
}
