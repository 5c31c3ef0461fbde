/**
 * Stand-in for `Runner.Listener run`: the lines, files, marks, exit codes and signals of actions/runner 2.336, so that
 * the real entrypoint can be run without GitHub. `node listener.ts BIN run`; with a `standin.json` in the root it
 * plays that script, else it works for the service that its JIT config names.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createBrokerService } from './broker-service.ts';
import { readInput, removeConfigurationFiles, writeConfiguration } from './configuration.ts';
import { readJitConfig } from './jit-config.ts';
import { createScriptedService, pause, type StandInScript } from './scripted-service.ts';
import type { AcquiredJob, ActionsService, JobResult } from './service.ts';
import { complain, mark, say, stamp } from './terminal.ts';
import { EXIT_OF_RESULT, REFUSALS, SHUTDOWN_MESSAGE, VERSION } from './words.ts';
import { type RunningWorker, startWorker } from './worker.ts';

/** Of .NET: the process is over this long after SIGTERM, whatever its handlers do. */
const TERMINATE_SECONDS = 30;
const [bin = '.'] = process.argv.slice(2);
const root = path.resolve(bin, '..');
const scriptFile = path.join(root, 'standin.json');
const script = existsSync(scriptFile)
  ? (JSON.parse(readFileSync(scriptFile, 'utf8')) as StandInScript)
  : undefined;

/** What really happened, for tests to compare with what was told. */
function journal(fact: object): void {
  if (script?.journal) appendFileSync(script.journal, `${JSON.stringify(fact)}\n`);
}
function end(code: number): never {
  const exitCode = script?.exitCode ?? code;
  journal({ exit: script?.endsBySignal ?? exitCode });
  if (script?.endsBySignal) process.kill(process.pid, script.endsBySignal);
  process.exit(exitCode);
}

const polling = new AbortController();
let isInterrupted = false;
let worker: RunningWorker | undefined;
let lostInterrupts = script?.lostInterrupts ?? 0;
function interrupt(): void {
  isInterrupted = script?.jobAtInterrupt !== 'runs';
  if (isInterrupted) say('Exiting...');
  worker?.shutDown();
  polling.abort();
}
process.on('SIGINT', () => {
  journal({ signal: 'SIGINT' });
  // The launcher says that SIGINT was ignored when this began: .NET honours that, Node.js would not.
  if (script?.isDeaf || process.env['STANDIN_IGNORES_INT'] || lostInterrupts-- > 0) return;
  interrupt();
});
process.on('SIGTERM', () => {
  if (script?.isDeaf) return;
  if (isInterrupted) process.exit(143);
  interrupt();
  setTimeout(() => process.exit(143), (script?.terminateSeconds ?? TERMINATE_SECONDS) * 1000);
});

await main();

async function main(): Promise<void> {
  if (script?.crashesAtStart) process.abort();
  mark('RunnerProcessStarted');
  const service = createService();
  say('\n√ Connected to GitHub\n');
  await connect(service);
  mark('SessionCreated');
  journal({ session: true });
  say(`Current runner version: '${VERSION}'`);
  say(`${stamp()}: Listening for Jobs`);
  if (script?.idleExitCode !== undefined) end(script.idleExitCode);
  await listen(service);
}

function createService(): ActionsService {
  const encoded = readInput(root);
  if (encoded === undefined) {
    complain('An error occurred: Not configured. Run config.(sh/cmd) to configure the runner.');
    return end(1);
  }
  if (script) {
    writeConfiguration(root);
    return createScriptedService(script);
  }
  const config = readJitConfig(encoded);
  writeConfiguration(root, config.files);
  return createBrokerService(config);
}

async function connect(service: ActionsService): Promise<void> {
  const answer = await service.createSession();
  if (isInterrupted) end(1);
  if (answer in REFUSALS) {
    const { says, code } = REFUSALS[answer as keyof typeof REFUSALS];
    complain(says);
    end(code);
  }
  if (answer === 'unreachable') {
    complain(`${stamp()}: Runner connect error: Connection refused. Retrying until reconnected.`);
    await pause(30);
    await connect(service);
  }
}

async function listen(service: ActionsService): Promise<void> {
  for (;;) {
    const message = await service.nextMessage(polling.signal).catch(() => undefined);
    if (isInterrupted && message?.kind !== 'job') return leave(service);
    if (message?.kind === 'gone') {
      complain('The runner no longer exists on the server. Cleaning up local configuration.');
      return removeConfiguration(0);
    }
    if (message?.kind === 'job') await takeJob(service, message.jobId, message.jobName);
    // A service that does not answer is asked again, for a long time.
    if (message === undefined) await pause(0.5);
  }
}

/** Nothing is printed between the message and the worker's start. */
async function takeJob(service: ActionsService, jobId: string, name: string): Promise<void> {
  mark('MessageReceived_RunnerJobRequest');
  journal({ message: true });
  const job = await service.acquireJob(jobId).catch(() => 'lost' as const);
  if (job === 'lost') return;
  if (isInterrupted) return leave(service);
  mark('JobRequestRenewed_1');
  await pause(script?.workerAfterSeconds ?? 0);
  say(`${stamp()}: Running job: ${name}`);
  mark('StartingWorkerProcess');
  worker = startWorker(root, job, script);
  mark('SentJobToWorker_1');
  journal({ worker: true });
  dieWithJob();
  const result = await runJob(service, jobId, job, worker);
  if (!script?.isSilentAtEnd)
    say(`${stamp()}: Job ${name} completed with result: ${script?.toldResult ?? result}`);
  await pause(script?.exitAfterSeconds ?? 0);
  if (isInterrupted) return leave(service);
  const isToldByCode = ['1', 'true'].includes(
    process.env['ACTIONS_RUNNER_RETURN_JOB_RESULT_FOR_HOSTED'] ?? '',
  );
  removeConfiguration(isToldByCode ? EXIT_OF_RESULT[result] : 0);
}

function dieWithJob(): void {
  if (script?.diesAtJob) process.kill(process.pid, script.diesAtJob);
  const quit = script?.quitsDuringJob;
  if (quit === undefined) return;
  setTimeout(() => {
    journal({ exit: quit.exitCode });
    process.exit(quit.exitCode);
  }, quit.afterSeconds * 1000);
}

async function runJob(
  service: ActionsService,
  jobId: string,
  job: AcquiredJob,
  running: RunningWorker,
): Promise<JobResult> {
  const done = new AbortController();
  const cancelled = watchForCancellation(service, jobId, done.signal);
  const hasSucceeded = await running.ended;
  done.abort();
  const result = isInterrupted || (await cancelled) ? 'Canceled' : hasSucceeded ? job.result : 'Failed';
  const annotations = running.annotations();
  journal({ result, annotations });
  // At GitHub a job failed that a shutdown ended, whatever the listener says of it.
  await service
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
  service: ActionsService,
  jobId: string,
  signal: AbortSignal,
): Promise<boolean> {
  while (!signal.aborted) {
    const message = await service.nextMessage(signal).catch(() => undefined);
    if (message?.kind === 'cancel' && message.jobId === jobId) {
      mark('MessageReceived_JobCancellation');
      worker?.cancel();
      return true;
    }
    if (message === undefined && !signal.aborted) await pause(0.5);
  }
  return false;
}

/** SIGINT: the session is deleted, the registration and its files stay. */
async function leave(service: ActionsService): Promise<never> {
  await service.deleteSession().catch(() => undefined);
  return end(0);
}

/** After a job's normal end, and when the registration is gone: the key and its files are deleted (Runner.cs). */
function removeConfiguration(code: number): never {
  removeConfigurationFiles(root);
  say('√ Removed .credentials');
  say('√ Removed .runner');
  if (script?.hasOpenEnd) process.stdout.write('the end');
  return end(code);
}
