/**
 * Stand-in for `Runner.Listener run`: the lines, files, marks, exit codes and signals of actions/runner 2.336, so that
 * the real entrypoint can be run without GitHub. `node listener.ts BIN run`; with a `standin.json` in the root it
 * plays that script, else it works for the service that its JIT config names.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createBrokerService } from './broker-service.ts';
import { readJitConfig } from './jit-config.ts';
import { createScriptedService, type StandInScript } from './scripted-service.ts';
import type { ActionsService, JobResult } from './service.ts';

const VERSION = '2.336.0';
const CONFIG_FILES = ['.runner', '.credentials', '.credentials_rsaparams'];
const EXIT_OF_RESULT: Readonly<Record<JobResult, number>> = {
  Succeeded: 100,
  Failed: 102,
  Canceled: 103,
  Skipped: 104,
  Abandoned: 105,
};
/** SIGINT: the worker's step gets INT, 7.5 s, TERM, 2.5 s, KILL. A stand-in's job obeys at once. */
const [bin = '.'] = process.argv.slice(2);
const root = path.resolve(bin, '..');
const scriptFile = path.join(root, 'standin.json');
const script = existsSync(scriptFile)
  ? (JSON.parse(readFileSync(scriptFile, 'utf8')) as StandInScript)
  : undefined;

const stamp = (): string => `${new Date().toISOString().slice(0, 19).replace('T', ' ')}Z`;
/** The official image sets the variable, and the listener then writes every line twice. */
const isDoubled = process.env['ACTIONS_RUNNER_PRINT_LOG_TO_STDOUT'] === '1';
function say(line: string): void {
  if (isDoubled) process.stdout.write(`[RUNNER ${stamp()} INFO Terminal] WRITE LINE: ${line}\n`);
  process.stdout.write(`${line}\n`);
}
const mark = (counter: string): void => {
  const directory = process.env['RUNNER_PERFLOG'];
  if (directory)
    appendFileSync(path.join(directory, 'Runner.perf'), `${counter}:${new Date().toISOString()}\n`);
};
function end(code: number): never {
  if (script?.endsBySignal) process.kill(process.pid, script.endsBySignal);
  process.exit(script?.exitCode ?? code);
}

const polling = new AbortController();
let isInterrupted = false;
let worker: ChildProcess | undefined;
let lostInterrupts = script?.lostInterrupts ?? 0;
process.on('SIGINT', () => {
  // The launcher says that SIGINT was ignored when this began: .NET honours that, Node.js would not.
  if (script?.isDeaf || process.env['STANDIN_IGNORES_INT'] || lostInterrupts-- > 0) return;
  isInterrupted = script?.jobAtInterrupt !== 'runs';
  if (isInterrupted) say('Exiting...');
  worker?.kill('SIGTERM');
  polling.abort();
});

await main();

async function main(): Promise<void> {
  if (script?.crashesAtStart) process.abort();
  mark('RunnerProcessStarted');
  const service = createService();
  say('\n√ Connected to GitHub\n');
  await connect(service);
  mark('SessionCreated');
  say(`Current runner version: '${VERSION}'`);
  say(`${stamp()}: Listening for Jobs`);
  if (script?.crashesAtIdle) end(2);
  await listen(service);
}

function createService(): ActionsService {
  const encoded = readInput();
  if (encoded === undefined) {
    process.stderr.write('An error occurred: Not configured. Run config.(sh/cmd) to configure the runner.\n');
    return end(1);
  }
  if (script) {
    for (const name of CONFIG_FILES) writeFileSync(path.join(root, name), '{}');
    return createScriptedService(script);
  }
  const config = readJitConfig(encoded);
  for (const [name, content] of Object.entries(config.files)) writeFileSync(path.join(root, name), content);
  return createBrokerService(config);
}

/** `.env` is read first and wins over the environment; `ACTIONS_RUNNER_INPUT_*` are taken out of what children see. */
function readInput(): string | undefined {
  const file = path.join(root, '.env');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  for (const line of lines) {
    const at = line.indexOf('=');
    if (at > 0) process.env[line.slice(0, at)] = line.slice(at + 1);
  }
  const input = process.env['ACTIONS_RUNNER_INPUT_JITCONFIG'];
  for (const name of Object.keys(process.env))
    if (name.startsWith('ACTIONS_RUNNER_INPUT_')) delete process.env[name];
  return input;
}

async function connect(service: ActionsService): Promise<void> {
  const answer = await service.createSession();
  if (isInterrupted) end(1);
  if (answer === 'conflict') {
    process.stderr.write('A session for this runner already exists.\n');
    end(5);
  }
  if (answer === 'refused') {
    process.stderr.write(
      'Failed to create a session. The runner registration has been deleted from the server, please re-configure.\n',
    );
    end(1);
  }
  if (answer === 'deprecated') {
    process.stderr.write(
      `An error occurred: Runner version v${VERSION} is deprecated and cannot receive messages.\n`,
    );
    end(process.env['ACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE'] ? 7 : 1);
  }
  if (answer === 'unreachable') {
    process.stderr.write(
      `${stamp()}: Runner connect error: Connection refused. Retrying until reconnected.\n`,
    );
    await new Promise((resolve) => setTimeout(resolve, 30_000));
    await connect(service);
  }
}

async function listen(service: ActionsService): Promise<void> {
  for (;;) {
    const message = await service.nextMessage(polling.signal).catch(() => undefined);
    if (isInterrupted && message?.kind !== 'job') return leave(service, 0);
    if (message?.kind === 'gone')
      return removeConfiguration(
        'The runner no longer exists on the server. Cleaning up local configuration.',
      );
    if (message?.kind === 'job') await takeJob(service, message.jobId, message.jobName);
    // A service that does not answer is asked again, for a long time.
    if (message === undefined) await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** Nothing is printed between the message and the worker's start. */
async function takeJob(service: ActionsService, jobId: string, name: string): Promise<void> {
  mark('MessageReceived_RunnerJobRequest');
  const job = await service.acquireJob(jobId).catch(() => 'lost' as const);
  if (job === 'lost') return;
  if (isInterrupted) return leave(service, 0);
  say(`${stamp()}: Running job: ${name}`);
  mark('StartingWorkerProcess');
  worker = spawn(path.join(bin, 'Runner.Worker'), ['spawnclient', '110', '111'], {
    cwd: root,
    env: {
      ...process.env,
      STANDIN_SECONDS: String(job.durationSeconds),
      ...(job.script && { STANDIN_SCRIPT: job.script }),
    },
    stdio: 'ignore',
    detached: script?.diesAtJob === true,
  });
  if (script?.diesAtJob) process.kill(process.pid, 'SIGKILL');
  const exited = new Promise<number | null>((resolve) => worker?.once('exit', resolve));
  const done = new AbortController();
  const cancelled = watchForCancellation(service, jobId, done.signal);
  const code = await exited;
  done.abort();
  const result = (await cancelled) || isInterrupted ? 'Canceled' : code === 0 ? job.result : 'Failed';
  await service.completeJob(jobId, result).catch(() => undefined);
  if (!script?.isSilentAtEnd)
    say(`${stamp()}: Job ${name} completed with result: ${script?.toldResult ?? result}`);
  if (script?.hangsAtEnd) await new Promise((resolve) => setTimeout(resolve, 86_400_000));
  if (isInterrupted) return leave(service, 0);
  const isToldByCode = ['1', 'true'].includes(
    process.env['ACTIONS_RUNNER_RETURN_JOB_RESULT_FOR_HOSTED'] ?? '',
  );
  removeConfiguration(undefined, isToldByCode ? EXIT_OF_RESULT[result] : 0);
}

/** Resolves with true when GitHub cancelled the job, with false when the job ended before. */
async function watchForCancellation(
  service: ActionsService,
  jobId: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (script) return false;
  while (!signal.aborted) {
    const message = await service.nextMessage(signal).catch(() => undefined);
    if (message?.kind === 'cancel' && message.jobId === jobId) {
      mark('MessageReceived_JobCancellation');
      worker?.kill('SIGTERM');
      return true;
    }
    if (message === undefined && !signal.aborted) await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return false;
}

async function leave(service: ActionsService, code: number): Promise<never> {
  await service.deleteSession().catch(() => undefined);
  return end(code);
}

/** After a job's normal end, and when the registration is gone: the key and its files are deleted (Runner.cs). */
function removeConfiguration(message: string | undefined, code = 0): never {
  if (message) process.stderr.write(`${message}\n`);
  for (const name of CONFIG_FILES) rmSync(path.join(root, name), { force: true });
  say('√ Removed .credentials');
  say('√ Removed .runner');
  if (script?.hasOpenEnd) process.stdout.write('the end');
  return end(code);
}
