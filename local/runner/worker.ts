import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { guidOf } from '../github/service/guid.ts';
import { readAnnotations } from './annotations.ts';
import { planOf } from './plan.ts';
import type { StandInScript } from './script.ts';
import type { AcquiredJob, JobResult, StepOutcome } from './service.ts';

export interface RunningWorker {
  /** `succeeded` where no step failed; `killed`: it told nobody anything; `absent`: it could not be started. */
  readonly ended: Promise<'succeeded' | 'failed' | 'killed' | 'absent'>;
  /** What became of each step, with its annotations, the worker's own among them. */
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
  const program = path.join(root, 'bin', script.lacksWorker ? 'nowhere' : 'Runner.Worker');
  const child = spawn(program, ['spawnclient', '110', '111'], {
    cwd: root,
    env: { ...process.env, STANDIN_LOG: log, STANDIN_PLAN: plan, ...variablesOf(job, script) },
    stdio: 'ignore',
    // A group of its own, to outlive its listener where that dies.
    detached: script.diesAtJob !== undefined || script.quitsDuringJob !== undefined,
  });
  return {
    ended: new Promise((resolve) => {
      child.once('error', () => resolve('absent'));
      child.once('exit', (code) => resolve(code === null ? 'killed' : code === 0 ? 'succeeded' : 'failed'));
    }),
    steps: () => outcomes(job, log),
    shutDown: () => tell(child, log, 'SIGTERM'),
    cancel: () => tell(child, log, 'SIGUSR1'),
  };
}

/** What the worker does beside the steps of the workflow, by its words for them. */
const OWN_STEPS: Readonly<Record<string, string>> = {
  'set-up': 'Set up job',
  started: 'Set up runner',
  containers: 'Initialize containers',
  'containers-end': 'Stop containers',
  completed: 'Complete runner',
  end: 'Complete job',
};

function outcomes({ id, steps }: AcquiredJob, log: string): StepOutcome[] {
  const lines = readIfThere(`${log}.results`).split('\n').filter(Boolean);
  return lines.map((line, index): StepOutcome => {
    const [key, result] = line.split(' ') as [string, JobResult];
    const own = OWN_STEPS[key];
    const step = steps.find(({ number }) => String(number) === key);
    const annotations = readAnnotations(readIfThere(key === 'set-up' ? log : `${log}.${key}`));
    return {
      id: step?.id ?? guidOf(id, key),
      number: index + 1,
      name: own ?? step?.name ?? key,
      type: own === undefined ? 'run' : 'runner',
      result,
      annotations,
    };
  });
}

const UNRESOLVED = 'Unable to resolve action nobody/nothing@v1, repository not found';

function variablesOf(job: AcquiredJob, script: StandInScript): Record<string, string> {
  const isUnresolved = script.failsAtSetUp ? UNRESOLVED : undefined;
  const variables = {
    STANDIN_CONTAINER: job.containers,
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

/** Its log is there when it can hear. */
function tell(child: ChildProcess, log: string, name: NodeJS.Signals): void {
  if (existsSync(log)) child.kill(name);
  else if (child.exitCode === null && child.signalCode === null) setTimeout(() => tell(child, log, name), 10);
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
