import type { ServedContext } from './context.ts';
import { exitNow, leave, removeConfiguration, unlessInterrupted } from './exits.ts';
import { holdLease } from './lease.ts';
import type { AcquiredJob, JobOffer, JobResult } from './service.ts';
import { complain, mark, say, stamp } from './terminal.ts';
import { EXIT_OF_RESULT, EXIT_WITHOUT_WORKER, POLL_ENDS, SHUTDOWN_MESSAGE } from './words.ts';
import { type RunningWorker, startWorker } from './worker.ts';
import { pause } from './world-time.ts';

/** From the message to the listener's end; returns where the job was lost, of which it says nothing. */
export async function takeJob(context: ServedContext, offer: JobOffer): Promise<void> {
  const { service, script, journal } = context;
  journal({ message: true });
  mark('MessageReceived_RunnerJobRequest');
  const acquired = service.acquireJob(offer).catch(() => 'lost' as const);
  const job = await unlessInterrupted(context, acquired);
  if (job === 'lost') return;
  if (job === 'unknown') return removeConfiguration(context, 0);
  journal({ acquired: true });
  say(`${stamp()}: Running job: ${job.name}`);
  const done = new AbortController();
  const cancelled = watchForCancellation(context, job.id, done.signal);
  await renewFirst(context, cancelled);
  await pause(script?.workerAfterSeconds ?? 0);
  if (context.isInterrupted) return leave(context);
  journal({ worker: 'starting' });
  mark('StartingWorkerProcess');
  const worker = startWorker(context.root, job, script);
  context.worker = worker;
  mark('SentJobToWorker_1');
  dieWithJob(context);
  cancelled.then((isCancelled) => isCancelled && worker.cancel());
  const isLost = holdLease(service, done.signal);
  isLost.then((lost) => lost && worker.cancel());
  const end = await worker.ended;
  done.abort();
  // A dispatch that throws has the exit code of a success, and no line (LISTENER-36).
  if (end === 'absent') {
    journal({ worker: 'gone' });
    return finish(context, EXIT_OF_RESULT.Succeeded);
  }
  const outcome = { worker, isCancelled: await cancelled, isLost: await isLost };
  await tellAndLeave(context, job.name, await conclude(context, job, outcome));
}

/** Without it no worker starts: the listener ends, without a line and without a word to GitHub. */
async function renewFirst(context: ServedContext, cancelled: Promise<boolean>): Promise<void> {
  const interrupted = new Promise<'interrupted'>((resolve) =>
    context.polling.signal.addEventListener('abort', () => resolve('interrupted')),
  );
  const renewed = context.service.renewJob().catch(() => 'lost' as const);
  const outcome = await Promise.race([renewed, interrupted, cancelled.then(() => 'cancelled' as const)]);
  if (outcome === 'lost' || outcome === 'cancelled') return finish(context, EXIT_WITHOUT_WORKER[outcome]);
  if (context.isInterrupted) return leave(context);
  mark('JobRequestRenewed_1');
}

function dieWithJob(context: ServedContext): void {
  const { diesAtJob, quitsDuringJob: quit } = context.script ?? {};
  if (diesAtJob) process.kill(process.pid, diesAtJob);
  if (quit) setTimeout(() => exitNow(context, quit.exitCode), quit.afterSeconds * 1000);
}

interface Outcome {
  readonly worker: RunningWorker;
  readonly isCancelled: boolean;
  /** GitHub has taken the job back while it ran. */
  readonly isLost: boolean;
}

/** What the worker tells GitHub of the job, and what the listener then says of it. */
async function conclude(context: ServedContext, job: AcquiredJob, outcome: Outcome): Promise<JobResult> {
  const { isInterrupted, script, service } = context;
  const { worker, isCancelled, isLost } = outcome;
  const end = await worker.ended;
  const own = end === 'succeeded' ? job.result : 'Failed';
  // At GitHub a job failed that a shutdown ended.
  const conclusion = isInterrupted
    ? 'Failed'
    : isCancelled || isLost
      ? (script?.concludesAfterCancel ?? 'Canceled')
      : own;
  // Of a worker that was killed the listener tells, and knows of no step.
  const steps = end === 'killed' ? [] : worker.steps();
  const annotations = isInterrupted && !job.hidesJobAnnotations ? [{ message: SHUTDOWN_MESSAGE }] : [];
  const isTold = await service.completeJob({ conclusion, steps, annotations }).then(
    () => true,
    () => false,
  );
  // The worker has failed to end it: the listener does, with "failed" whatever the steps came to.
  if (!isTold)
    await service.completeJob({ conclusion: 'Failed', steps: [], annotations: [] }).catch(() => undefined);
  const finished = isTold ? own : 'Failed';
  const result = isInterrupted || isCancelled ? 'Canceled' : isLost ? 'Abandoned' : finished;
  const told = [...steps.flatMap((step) => step.annotations), ...annotations];
  context.journal({ result, conclusion, annotations: told });
  return result;
}

/** Resolves with true when GitHub cancelled the job, with false when the job ended before. */
async function watchForCancellation(
  context: ServedContext,
  jobId: string,
  signal: AbortSignal,
): Promise<boolean> {
  const { service } = context;
  while (!signal.aborted) {
    const message = await service.nextMessage(signal).catch(() => undefined);
    if (message?.kind === 'cancel' && message.jobId === jobId) {
      mark('MessageReceived_JobCancellation');
      return true;
    }
    if (message?.kind === 'gone') return endWithJob(context);
    if (message?.kind !== 'none' && !signal.aborted) await pause(0.5);
  }
  return false;
}

/** Its registration is gone: the job is cancelled, and the code tells nothing of it (LISTENER-60). */
function endWithJob(context: ServedContext): true {
  complain(POLL_ENDS.gone.says ?? '');
  context.isGone = true;
  return true;
}

async function tellAndLeave(context: ServedContext, name: string, result: JobResult): Promise<void> {
  const { script, journal } = context;
  if (!script?.isSilentAtEnd) {
    const told = script?.toldResult ?? result;
    journal({ told });
    say(`${stamp()}: Job ${name} completed with result: ${told}`);
  }
  await pause(script?.exitAfterSeconds ?? 0);
  if (context.isInterrupted) return leave(context);
  if (context.isGone) return removeConfiguration(context, 0);
  const isToldByCode = ['1', 'true'].includes(
    process.env['ACTIONS_RUNNER_RETURN_JOB_RESULT_FOR_HOSTED'] ?? '',
  );
  await finish(context, isToldByCode ? EXIT_OF_RESULT[result] : 0);
}

/** A job's end, or that of its assignment: the session is deleted, and what it was configured with. */
async function finish(context: ServedContext, code: number): Promise<never> {
  await context.service.deleteSession().catch(() => undefined);
  return removeConfiguration(context, code);
}
