import { percentile } from '../units.ts';
import type { LogRecord } from './records.ts';
import type { JobView, TaskView } from './snapshot.ts';

/**
 * Where the time goes from queued to started, in order; docs/performance.md says what each is. `launch` is the webhook's,
 * `repair` what a job waited instead for reconcile to launch it; `total` is GitHub's own queue to start.
 */
export const PHASES = [
  'delivery',
  'launch',
  'repair',
  'network',
  'pull',
  'start',
  'connect',
  'assign',
  'total',
] as const;
export type Phase = (typeof PHASES)[number];

/** Seconds by phase; a phase that was not seen is left out. */
export type PhaseSeconds = Readonly<Partial<Record<Phase, number>>>;

/** Of the jobs that have the phase. Seconds. */
export interface PhaseSpread {
  readonly phase: Phase;
  readonly p50: number;
  readonly p95: number;
  readonly count: number;
}

type Started = Pick<
  JobView,
  'jobId' | 'queuedAtMs' | 'startedAtMs' | 'launches' | 'runnerName' | 'isSwapped'
>;
/** When each state of a supervisor began, by its name. */
type States = ReadonlyMap<string, number>;

/** Folds the records of jobs, and the tasks that ran them, into the phases of each. Pure. */
export function foldPhases(records: readonly LogRecord[], tasks: readonly TaskView[]) {
  const taskByRunner = new Map(tasks.map((task) => [task.runnerName, task]));
  const received = new Map<number, number>();
  const states = new Map<string, Map<string, number>>();
  for (const record of records) {
    if (record.kind === 'delivery' && record.job?.action === 'queued' && record.receivedAtMs !== undefined)
      keepFirst(received, record.job.job, record.receivedAtMs);
    if (record.kind !== 'state') continue;
    const own = states.get(record.runnerName) ?? new Map<string, number>();
    states.set(record.runnerName, own);
    // The first counts: a job can write into the log too, but only once it runs.
    keepFirst(own, record.state, record.atMs);
  }
  return (job: Started): PhaseSeconds => {
    const runner = job.isSwapped ? '' : (job.runnerName ?? '');
    const task = taskByRunner.get(runner);
    return phasesOf(job, received.get(job.jobId), task, states.get(runner) ?? new Map());
  };
}

function keepFirst<Key>(times: Map<Key, number>, key: Key, atMs: number): void {
  times.set(key, Math.min(atMs, times.get(key) ?? Number.POSITIVE_INFINITY));
}

/** A swapped job had another job's runner: only what came before the launch is its own. */
function phasesOf(
  { queuedAtMs, startedAtMs, launches, runnerName }: Started,
  receivedAtMs: number | undefined,
  task: TaskView | undefined,
  states: States,
): PhaseSeconds {
  const { network, pull, start } = task?.phases ?? {};
  const launch = launches.find((one) => one.runnerName === runnerName);
  const launchedIn = between(receivedAtMs ?? queuedAtMs, task?.createdAtMs);
  const isByWebhook = launch?.by === 'webhook' && receivedAtMs !== undefined;
  // A listener can be given a job within the moment in which its session begins.
  const [busyAtMs, idleAtMs = busyAtMs] = [states.get('busy'), states.get('idle') ?? states.get('assigned')];
  return defined({
    delivery: between(queuedAtMs, receivedAtMs),
    launch: isByWebhook ? launchedIn : undefined,
    repair: launch?.by === 'reconcile' ? launchedIn : undefined,
    ...{ network, pull, start },
    connect: between(task?.startedAtMs, idleAtMs),
    assign: between(idleAtMs, busyAtMs),
    total: between(queuedAtMs, startedAtMs),
  });
}

/** GitHub tells whole seconds, and the clocks of several machines differ a little: never less than nothing. */
const between = (fromMs: number | undefined, toMs: number | undefined): number | undefined =>
  fromMs === undefined || toMs === undefined ? undefined : Math.max(0, toMs - fromMs) / 1000;

function defined(seconds: Readonly<Record<Phase, number | undefined>>): PhaseSeconds {
  return Object.fromEntries(Object.entries(seconds).filter(([, value]) => value !== undefined));
}

/** The middle and the twentieth worst of each phase that any job has, in order. */
export function spreadPhases(jobs: readonly { readonly phaseSeconds: PhaseSeconds }[]): PhaseSpread[] {
  return PHASES.flatMap((phase) => {
    const seconds = jobs.flatMap(({ phaseSeconds }) => phaseSeconds[phase] ?? []);
    const [p50, p95] = [percentile(seconds, 0.5), percentile(seconds, 0.95)];
    return p50 === undefined || p95 === undefined ? [] : [{ phase, p50, p95, count: seconds.length }];
  });
}
