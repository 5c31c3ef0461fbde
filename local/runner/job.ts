import type { ServedContext } from './context.ts';
import { exitNow, leave, removeConfiguration } from './exits.ts';
import { pause } from './scripted-service.ts';
import type { AcquiredJob, JobResult } from './service.ts';
import { mark, say, stamp } from './terminal.ts';
import { EXIT_OF_RESULT, SHUTDOWN_MESSAGE } from './words.ts';
import { type RunningWorker, startWorker } from './worker.ts';

/** From the message to the listener's end; returns where the job was lost. Prints nothing before the worker's start. */
export async function takeJob(context: ServedContext, jobId: string, name: string): Promise<void> {
  const { service, script, journal } = context;
  journal({ message: true });
  mark('MessageReceived_RunnerJobRequest');
  const job = await service.acquireJob(jobId).catch(() => 'lost' as const);
  if (job === 'lost') return;
  if (context.isInterrupted) return leave(context);
  mark('JobRequestRenewed_1');
  await pause(script?.workerAfterSeconds ?? 0);
  if (context.isInterrupted) return leave(context);
  journal({ worker: 'starting' });
  say(`${stamp()}: Running job: ${name}`);
  mark('StartingWorkerProcess');
  const worker = startWorker(context.root, job, script);
  context.worker = worker;
  mark('SentJobToWorker_1');
  dieWithJob(context);
  const result = await runJob(context, jobId, job, worker);
  await tellAndLeave(context, name, result);
}

function dieWithJob(context: ServedContext): void {
  const { diesAtJob, quitsDuringJob: quit } = context.script ?? {};
  if (diesAtJob) process.kill(process.pid, diesAtJob);
  if (quit) setTimeout(() => exitNow(context, quit.exitCode), quit.afterSeconds * 1000);
}

async function runJob(
  context: ServedContext,
  jobId: string,
  job: AcquiredJob,
  worker: RunningWorker,
): Promise<JobResult> {
  const done = new AbortController();
  const cancelled = watchForCancellation(context, jobId, worker, done.signal);
  const hasSucceeded = await worker.ended;
  done.abort();
  const isCancelled = await cancelled;
  const { isInterrupted } = context;
  const result = isInterrupted || isCancelled ? 'Canceled' : hasSucceeded ? job.result : 'Failed';
  const annotations = worker.annotations();
  context.journal({ result, annotations });
  // At GitHub a job failed that a shutdown ended, whatever the listener says of it.
  await context.service
    .completeJob(
      jobId,
      isInterrupted ? 'Failed' : result,
      isInterrupted ? [...annotations, { message: SHUTDOWN_MESSAGE }] : annotations,
    )
    .catch(() => undefined);
  return result;
}

/** Resolves with true when GitHub cancelled the job, with false when the job ended before. */
async function watchForCancellation(
  { service }: ServedContext,
  jobId: string,
  worker: RunningWorker,
  signal: AbortSignal,
): Promise<boolean> {
  while (!signal.aborted) {
    const message = await service.nextMessage(signal).catch(() => undefined);
    if (message?.kind === 'cancel' && message.jobId === jobId) {
      mark('MessageReceived_JobCancellation');
      worker.cancel();
      return true;
    }
    if (message === undefined && !signal.aborted) await pause(0.5);
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
