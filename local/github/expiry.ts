/** What GitHub does when nothing happens for too long. Looked at again and again, in world time. */
import {
  CANCELLATION_MS,
  LEASE_MS,
  NEVER_CONNECTED_MS,
  PICK_UP_MS,
  QUEUED_MS,
  SILENCE_MS,
} from '../../model/github/times.ts';
import type { ActionsWorld } from './actions-world.ts';
import type { JobRecord, RunnerRecord } from './records.ts';

/** docs.github.com: Workflow syntax, `jobs.<job_id>.timeout-minutes`. */
const TIMEOUT_MINUTES = 360;

export interface Patience {
  /** The least world time that a limit on a listener's behaviour is given. */
  readonly leastMs: number;
}

/** Applies every limit that has passed. */
export function expire(world: ActionsWorld, { leastMs }: Patience): void {
  const nowMs = world.clock.nowMs();
  const passed = (sinceMs: number, limitMs: number) => nowMs - sinceMs > Math.max(limitMs, leastMs);
  for (const runner of world.runners.all()) expireRunner(world, runner, nowMs, passed);
  for (const job of world.jobs.all()) expireJob(world, job, nowMs, passed);
}

type Passed = (sinceMs: number, limitMs: number) => boolean;

function expireRunner(world: ActionsWorld, runner: RunnerRecord, nowMs: number, passed: Passed): void {
  if (runner.polls > 0) runner.seenAtMs = nowMs;
  const silent = runner.polls === 0 && passed(runner.seenAtMs, SILENCE_MS);
  if (runner.connected && !runner.busy && silent) world.disconnect(runner);
  if (!runner.connected && runner.job === null && nowMs - runner.seenAtMs > NEVER_CONNECTED_MS) {
    world.remove(runner, 'not-connected-for-a-day');
  }
}

function expireJob(world: ActionsWorld, job: JobRecord, nowMs: number, passed: Passed): void {
  const runner = job.assigned;
  if (job.status === 'queued' && runner !== null && passed(job.assignedAtMs, PICK_UP_MS)) {
    world.unassign(runner);
  }
  if (job.status === 'queued' && !job.run.isForgotten && nowMs - job.queuedAtMs > QUEUED_MS) {
    world.finish(job, 'failure', 'The job was not picked up by a runner within 24 hours.');
  }
  if (job.status === 'in_progress' && runner !== null) expireRunning(world, job, passed);
}

function expireRunning(world: ActionsWorld, job: JobRecord, passed: Passed): void {
  if (job.definition !== undefined && job.cancelledAtMs === null) {
    const minutes = job.definition.timeoutMinutes ?? TIMEOUT_MINUTES;
    if (passed(job.startedAtMs ?? 0, minutes * 60_000)) timeOut(world, job, minutes);
  }
  if (job.cancelledAtMs !== null && passed(job.cancelledAtMs, CANCELLATION_MS)) {
    world.finish(job, 'cancelled');
  } else if (passed(job.seenAtMs, LEASE_MS)) {
    job.hasLostRunner = true;
    world.finish(job, 'failure', 'The self-hosted runner lost communication with the server.');
  }
}

/** GitHub cancels the job, as a person would (WIRE-49). */
function timeOut(world: ActionsWorld, job: JobRecord, minutes: number): void {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  const time = `${hours}h${Math.floor(rest)}m${Math.round((rest % 1) * 60)}s`;
  job.annotation = `The job has exceeded the maximum execution time of ${time}`;
  world.cancel(job);
}
