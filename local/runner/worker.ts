import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readAnnotations } from './annotations.ts';
import { planOf } from './plan.ts';
import type { StandInScript } from './script.ts';
import type { AcquiredJob, JobResult, StepOutcome } from './service.ts';

export interface RunningWorker {
  /** True where no step failed. */
  readonly ended: Promise<boolean>;
  /** What became of each step, with its annotations; the set-up and the hooks are the first. */
  readonly steps: () => StepOutcome[];
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
  const plan = path.join(logs, 'plan');
  writeFileSync(plan, planOf(job.steps));
  const child = spawn(path.join(root, 'bin', 'Runner.Worker'), ['spawnclient', '110', '111'], {
    cwd: root,
    env: { ...process.env, STANDIN_LOG: log, STANDIN_PLAN: plan, ...variablesOf(job, script) },
    stdio: 'ignore',
    // A group of its own, to outlive its listener where that dies.
    detached: script.diesAtJob !== undefined || script.quitsDuringJob !== undefined,
  });
  let hasSucceeded = false;
  return {
    ended: new Promise((resolve) =>
      child.once('exit', (code) => {
        hasSucceeded = code === 0;
        resolve(hasSucceeded);
      }),
    ),
    steps: () => outcomes(job, log, hasSucceeded),
    shutDown: () => signal(child, 'SIGTERM'),
    cancel: () => signal(child, 'SIGUSR1'),
  };
}

function outcomes({ id, steps }: AcquiredJob, log: string, hasSucceeded: boolean): StepOutcome[] {
  const annotations = readAnnotations(readIfThere(log));
  const results = new Map(
    readIfThere(`${log}.results`)
      .split('\n')
      .map((line) => line.split(' ') as [string, JobResult]),
  );
  const isSound = hasSucceeded || annotations.length === 0;
  const setUp = { id, number: 1, name: 'Set up job', type: 'runner', annotations } as const;
  const told = steps.flatMap(({ id, number, name }): StepOutcome[] => {
    const result = results.get(String(number));
    const page = readIfThere(`${log}.${number}`);
    const step = { id, number: number + 1, name, type: 'run', annotations: readAnnotations(page) } as const;
    return result === undefined ? [] : [{ ...step, result }];
  });
  return [{ ...setUp, result: isSound ? 'Succeeded' : 'Failed' }, ...told];
}

const UNRESOLVED = 'Unable to resolve action nobody/nothing@v1, repository not found';

function variablesOf(job: AcquiredJob, script: StandInScript): Record<string, string> {
  const isUnresolved = script.failsAtSetUp ? UNRESOLVED : undefined;
  const variables = {
    STANDIN_CONTAINER: job.isInContainer ? '1' : undefined,
    STANDIN_REFUSES_HOOKS: job.refusesContainerHooks ? '1' : undefined,
    STANDIN_SET_UP: script.setUpSeconds?.toString(),
    STANDIN_PROBLEM: job.problem ?? isUnresolved,
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
