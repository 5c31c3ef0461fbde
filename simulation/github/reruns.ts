import { RequestError } from '@octokit/request-error';
import type { Repository } from '../../functions/core/job/repository.ts';
import type { RerunTarget, RunOfJob } from '../../functions/core/plan/plan-rerun.ts';
import type { RerunPorts } from '../../functions/core/ports.ts';
import { ServiceError } from '../../functions/core/words/errors.ts';
import { classifyGitHubError } from '../../functions/github/errors.ts';
import { call, type Invocation } from '../invocation.ts';
import type { Services } from '../ports.ts';
import type { World } from '../world.ts';
import { requestError } from './limits.ts';
import type { Job, Run } from './types.ts';

const readFault = (status: number | undefined) =>
  new ServiceError({ service: 'github', operation: 'get run', ...(status && { status }) }, 'the call failed');
const writeFault = (status: number | undefined) =>
  new RequestError('the call failed', status ?? 500, {
    request: { method: 'POST', url: 'https://github.test', headers: {} },
  });

const isOver = ({ jobs }: Run): boolean => jobs.every(({ status }) => status === 'completed');
const attemptOf = ({ jobs }: Run): number => Math.max(...jobs.map(({ runAttempt = 1 }) => runAttempt));
const hasEnded = (run: Run, wanted: Job['conclusion']) =>
  run.jobs.some(({ conclusion }) => conclusion === wanted);

/** Starting runs again, each call with its faults. GitHub has one attempt of a run at a time (docs/facts, GH-70). */
export function createRerunPorts(services: Services, invocation: Invocation): RerunPorts {
  const { world, github } = services;
  const read = <Value>(repository: Repository, signal: AbortSignal, effect: () => Value) =>
    call(world, invocation, {
      ...({ service: 'github', fault: readFault, isList: true, signal } as const),
      effect: () => {
        if (world.isAway(repository)) throw readFault(404);
        github.limits.spend(repository.owner, 'get run');
        world.counts.otherReads += 1;
        return effect();
      },
    });
  return {
    readRunOf: (repository, jobId, signal) =>
      read(repository, signal, () => {
        const job = github.jobs.get(jobId);
        return job?.repository.id === repository.id ? runOf(job.run) : undefined;
      }),
    listDeployedTo: (repository, _run, signal) => read(repository, signal, () => []),
    async rerun(repository, target) {
      try {
        const effect = () => startAgain(services, target);
        await call(world, invocation, { service: 'github', effect, fault: writeFault, isAbortable: true });
        return { kind: 'started-again' };
      } catch (error) {
        return classifyGitHubError(`start a run of ${repository.name} again`, error, world.nowMs);
      }
    },
  };
}

function runOf(run: Run): RunOfJob {
  const isDone = isOver(run);
  const conclusion = hasEnded(run, 'failure')
    ? 'failure'
    : hasEnded(run, 'cancelled')
      ? 'cancelled'
      : 'success';
  const startedAtMs = Math.min(...run.jobs.map(({ createdAtMs }) => createdAtMs));
  const jobs = run.jobs.map(({ id: jobId, runner, completedAtMs, hasFailedStep = false, ...job }) => ({
    ...{ jobId, conclusion: job.conclusion, runnerName: runner?.name },
    ...{ completedAtMs: completedAtMs ?? undefined, hasFailedStep },
  }));
  return {
    ...{ runId: run.id, attempt: attemptOf(run), event: 'push', startedAtMs },
    status: isDone ? 'completed' : 'in_progress',
    conclusion: isDone ? conclusion : undefined,
    jobs: isDone ? jobs : undefined,
  };
}

function startAgain({ world, github }: Services, target: RerunTarget): void {
  const run = findRun(github.jobs.values(), target);
  if (run === undefined) throw requestError(404, 'Not Found');
  // cli/cli#9221: refused while it runs; community discussion 176756: and for a job of an earlier attempt.
  const jobs = 'jobId' in target ? run.jobs.filter(({ id }) => id === target.jobId) : failedOf(run);
  if (!isOver(run) || jobs.length === 0) throw requestError(403, 'This workflow run cannot be run again');
  world.tell(() => `run ${run.id} is started again: ${jobs.map(({ id }) => id).join(', ')}`);
  checkRepeated(world, run, jobs);
  github.repeat(jobs);
}

const failedOf = ({ jobs }: Run): Job[] =>
  jobs.filter(({ conclusion }) => conclusion === 'failure' || conclusion === 'cancelled');

function findRun(jobs: Iterable<Job>, target: RerunTarget): Run | undefined {
  for (const job of jobs)
    if ('jobId' in target ? job.id === target.jobId : job.runId === target.runId) return job.run;
  return undefined;
}

/** No run is started again twice, and no job but one that Spot has taken, or one that was cancelled after it. */
function checkRepeated(world: World, run: Run, jobs: readonly Job[]): void {
  const violate = (why: string) => world.violate('run twice', `run ${run.id}: ${why}`);
  if (attemptOf(run) > 1) violate('it is started again for the second time');
  const lostAtMs = jobs.filter(isLostToSpot).map(({ completedAtMs }) => completedAtMs ?? 0);
  for (const job of jobs) {
    const isSibling = job.conclusion === 'cancelled' && (job.completedAtMs ?? 0) >= Math.min(...lostAtMs);
    if (!isLostToSpot(job) && !isSibling) violate(`job ${job.id} had ended by itself`);
  }
}

/** It failed where its runner's task was taken back, and not by itself. */
export const isLostToSpot = ({ conclusion, hasFailedStep, runner }: Job): boolean =>
  conclusion === 'failure' && !hasFailedStep && runner?.isTakenBack === true;
