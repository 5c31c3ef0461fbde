import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { readAnnotations } from './annotations.ts';
import type { StandInScript } from './script.ts';
import type { AcquiredJob, Annotation } from './service.ts';

export interface RunningWorker {
  /** True where no step failed. */
  readonly ended: Promise<boolean>;
  readonly annotations: () => Annotation[];
  /** The runner is shut down: no further step, whatever its condition. */
  readonly shutDown: () => void;
  /** The job was cancelled at GitHub: steps with `always()` still run. */
  readonly cancel: () => void;
}

/** Starts `Runner.Worker`, a real child that inherits the listener's environment (see `worker.sh`). */
export function startWorker(root: string, job: AcquiredJob, script: StandInScript = {}): RunningWorker {
  const logs = path.join(root, '_diag', 'pages');
  mkdirSync(logs, { recursive: true });
  const log = path.join(logs, 'job.log');
  const child = spawn(path.join(root, 'bin', 'Runner.Worker'), ['spawnclient', '110', '111'], {
    cwd: root,
    env: { ...process.env, STANDIN_LOG: log, ...variablesOf(job, script) },
    stdio: 'ignore',
    // A group of its own, to outlive its listener where that dies.
    detached: script.diesAtJob !== undefined || script.quitsDuringJob !== undefined,
  });
  return {
    ended: new Promise((resolve) => child.once('exit', (code) => resolve(code === 0))),
    annotations: () => readAnnotations(readIfThere(log)),
    shutDown: () => signal(child, 'SIGTERM'),
    cancel: () => signal(child, 'SIGUSR1'),
  };
}

function variablesOf(job: AcquiredJob, script: StandInScript): Record<string, string> {
  const variables = {
    STANDIN_SECONDS: String(job.durationSeconds),
    STANDIN_SCRIPT: job.script,
    STANDIN_ALWAYS: job.alwaysScript,
    STANDIN_CONTAINER: job.container,
    STANDIN_REFUSES_HOOKS: job.refusesContainerHooks ? '1' : undefined,
    STANDIN_SET_UP: script.setUpSeconds?.toString(),
    STANDIN_FAILS_AT_SET_UP: script.failsAtSetUp ? '1' : undefined,
    STANDIN_STAYS: script.workerStaysSeconds?.toString(),
    STANDIN_IS_DEAF: script.isWorkerDeaf ? '1' : undefined,
    STANDIN_JOURNAL: script.journal,
  };
  return Object.fromEntries(Object.entries(variables).filter((pair) => pair[1] !== undefined)) as Record<
    string,
    string
  >;
}

const signal = (child: ChildProcess, name: NodeJS.Signals): void => void child.kill(name);

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
