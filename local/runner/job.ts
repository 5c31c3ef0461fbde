import type { ServedContext } from './context.ts';
import { exitNow, leave, removeConfiguration } from './exits.ts';
import type { AcquiredJob, JobResult } from './service.ts';
import { mark, say, stamp } from './terminal.ts';
import { EXIT_OF_RESULT, EXIT_WITHOUT_WORKER, SHUTDOWN_MESSAGE } from './words.ts';
import { type RunningWorker, startWorker } from './worker.ts';
import { pause } from './world-time.ts';

/** From the message to the listener's end; returns where the job was lost, of which it says nothing. */
export async function takeJob(context: ServedContext, jobId: string, name: string): Promise<void> {
  const { service, script, journal } = context;
  journal({ message: true });
  mark('MessageReceived_RunnerJobRequest');
  const job = await service.acquireJob(jobId).catch(() => 'lost' as const);
  if (job === 'lost') return;
  if (context.isInterrupted) return leave(context);
  journal({ acquired: true });
  say(`${stamp()}: Running job: ${name}`);
  const done = new AbortController();
  const cancelled = watchForCancellation(context, jobId, done.signal);
  await renewFirst(context, jobId, cancelled);
  await pause(script?.workerAfterSeconds ?? 0);
  if (context.isInterrupted) return leave(context);
  journal({ worker: 'starting' });
  mark('StartingWorkerProcess');
  const worker = startWorker(context.root, job, script);
  context.worker = worker;
  mark('SentJobToWorker_1');
  dieWithJob(context);
  cancelled.then((isCancelled) => isCancelled && worker.cancel());
  await worker.ended;
  done.abort();
  const result = await conclude(context, jobId, job, { worker, isCancelled: await cancelled });
  await tellAndLeave(context, name, result);
}

/** Without it no worker starts: the listener ends, without a line and without a word to GitHub. */
async function renewFirst(context: ServedContext, jobId: string, cancelled: Promise<boolean>): Promise<void> {
  const interrupted = new Promise<'interrupted'>((resolve) =>
    context.polling.signal.addEventListener('abort', () => resolve('interrupted')),
  );
  const renewed = context.service.renewJob(jobId).catch(() => 'lost' as const);
  const outcome = await Promise.race([renewed, interrupted, cancelled.then(() => 'cancelled' as const)]);
  if (outcome === 'lost' || outcome === 'cancelled')
    return removeConfiguration(context, EXIT_WITHOUT_WORKER[outcome]);
  if (context.isInterrupted) return leave(context);
  mark('JobRequestRenewed_1');
}

function dieWithJob(context: ServedContext): void {
  const { diesAtJob, quitsDuringJob: quit } = context.script ?? {};
  if (diesAtJob) process.kill(process.pid, diesAtJob);
  if (quit) setTimeout(() => exitNow(context, quit.exitCode), quit.afterSeconds * 1000);
}

/** What the worker tells GitHub of the job, and what the listener then says of it. */
async function conclude(
  context: ServedContext,
  jobId: string,
  job: AcquiredJob,
  { worker, isCancelled }: { readonly worker: RunningWorker; readonly isCancelled: boolean },
): Promise<JobResult> {
  const { isInterrupted, script, service } = context;
  const own = (await worker.ended) ? job.result : 'Failed';
  // At GitHub a job failed that a shutdown ended.
  const conclusion = isInterrupted
    ? 'Failed'
    : isCancelled
      ? (script?.concludesAfterCancel ?? 'Canceled')
      : own;
  const annotations = [
    ...worker.annotations(),
    ...(isInterrupted && !job.hidesJobAnnotations ? [{ message: SHUTDOWN_MESSAGE }] : []),
  ];
  const isTold = await service.completeJob(jobId, conclusion, annotations).then(
    () => true,
    () => false,
  );
  // The worker has failed to end it: the listener does, with "failed" whatever the steps came to.
  if (!isTold) await service.completeJob(jobId, 'Failed', []).catch(() => undefined);
  const result = isInterrupted || isCancelled ? 'Canceled' : isTold ? own : 'Failed';
  context.journal({ result, conclusion, annotations });
  return result;
}

/** Resolves with true when GitHub cancelled the job, with false when the job ended before. */
async function watchForCancellation(
  { service }: ServedContext,
  jobId: string,
  signal: AbortSignal,
): Promise<boolean> {
  while (!signal.aborted) {
    const message = await service.nextMessage(signal).catch(() => undefined);
    if (message?.kind === 'cancel' && message.jobId === jobId) {
      mark('MessageReceived_JobCancellation');
      return true;
    }
    if (message?.kind !== 'none' && !signal.aborted) await pause(0.5);
  }
  return false;
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
  const isToldByCode = ['1', 'true'].includes(
    process.env['ACTIONS_RUNNER_RETURN_JOB_RESULT_FOR_HOSTED'] ?? '',
  );
  removeConfiguration(context, isToldByCode ? EXIT_OF_RESULT[result] : 0);
}
