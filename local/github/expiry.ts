/** What GitHub does when nothing happens for too long. Looked at again and again, in world time. */
import type { ActionsWorld } from './actions-world.ts';
import type { JobRecord } from './job-store.ts';
import type { RunnerRecord } from './runner-registry.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** An assigned job that is not picked up is queued again (docs.github.com: self-hosted runners reference). */
const PICK_UP_MS = 60 * SECOND_MS;
/** The lease of a job whose runner is silent (actions/runner#4703). */
const LEASE_MS = 10 * MINUTE_MS;
/** A cancelled job that does not end is ended by the server (docs.github.com: cancelling a workflow). */
const CANCELLATION_MS = 5 * MINUTE_MS;
/** A listener without a poll for this long counts as offline. */
const SILENCE_MS = 60 * SECOND_MS;
/** How long a job waits for a runner, and a JIT runner for its first connection. */
const QUEUED_MS = DAY_MS;
const NEVER_CONNECTED_MS = DAY_MS;

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
  const runner = job.assignedTo === null ? undefined : world.runners.get(job.assignedTo);
  if (job.status === 'queued' && runner !== undefined && passed(job.assignedAtMs, PICK_UP_MS)) {
    world.unassign(runner);
  }
  if (job.status === 'queued' && !job.run.isForgotten && nowMs - job.queuedAtMs > QUEUED_MS) {
    world.finish(job, 'failure', 'The job was not picked up by a runner within 24 hours.');
  }
  if (job.status === 'in_progress' && runner !== undefined) expireLease(world, job, runner, passed);
}

function expireLease(world: ActionsWorld, job: JobRecord, runner: RunnerRecord, passed: Passed): void {
  if (job.cancelledAtMs !== null && passed(job.cancelledAtMs, CANCELLATION_MS)) {
    world.finish(job, 'cancelled');
  } else if (passed(Math.max(job.seenAtMs, runner.seenAtMs), LEASE_MS)) {
    world.finish(job, 'failure', 'The self-hosted runner lost communication with the server.');
  }
}
