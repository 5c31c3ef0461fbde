import { percentile } from '../units.ts';
import type { LogRecord } from './records.ts';
import {
  type JobView,
  PHASES,
  type Phase,
  type PhaseSeconds,
  type PhaseSpread,
  type TaskView,
} from './snapshot.ts';
import { taskIdOf } from './supervisor-state.ts';

type Started = Pick<JobView, 'jobId' | 'queuedAtMs' | 'startedAtMs' | 'launches' | 'runnerName'>;
/** When each state of a supervisor began, by its name. */
type States = ReadonlyMap<string, number>;

/** What a job's phases are measured on. A swapped job was launched as one task and ran in another. */
interface Evidence {
  readonly receivedAtMs: number | undefined;
  readonly launched: TaskView | undefined;
  readonly ran: TaskView | undefined;
  readonly states: States;
}

/** Folds the records of jobs, and the tasks of their launches, into the phases of each. Pure. */
export function foldPhases(records: readonly LogRecord[], tasks: readonly TaskView[]) {
  const byRunner = new Map(tasks.map((task) => [task.runnerName, task]));
  const received = new Map<number, number>();
  const states = new Map<string, Map<string, number>>();
  for (const record of records) {
    if (record.kind === 'delivery' && record.job?.action === 'queued' && record.receivedAtMs !== undefined)
      keepFirst(received, record.job.job, record.receivedAtMs);
    if (record.kind !== 'state') continue;
    const source = `${record.taskId} ${record.runnerName}`;
    const own = states.get(source) ?? new Map<string, number>();
    states.set(source, own);
    // A job can write into its own task's log, once it runs: the first counts, and only in the runner's own stream.
    keepFirst(own, record.state, record.atMs);
  }
  return (job: Started): PhaseSeconds => {
    const { jobId, runnerName = '' } = job;
    const launched = byRunner.get(firstLaunch(job)?.runnerName ?? '');
    const ran = byRunner.get(runnerName);
    const own = states.get(`${taskIdOf(ran?.taskArn ?? '')} ${runnerName}`) ?? new Map();
    return phasesOf(job, { receivedAtMs: received.get(jobId), launched, ran, states: own });
  };
}

const firstLaunch = ({ launches }: Started) => launches.find(({ outcome }) => outcome === 'launched');

function keepFirst<Key>(times: Map<Key, number>, key: Key, atMs: number): void {
  times.set(key, Math.min(atMs, times.get(key) ?? Number.POSITIVE_INFINITY));
}

function phasesOf(job: Started, { receivedAtMs, launched, ran, states }: Evidence): PhaseSeconds {
  const { queuedAtMs, startedAtMs } = job;
  const { network, pull, start } = ran?.phases ?? {};
  const by = firstLaunch(job)?.by;
  const launchedIn = between(receivedAtMs ?? queuedAtMs, launched?.createdAtMs);
  // A listener can be given a job within the moment in which its session begins.
  const [busyAtMs, idleAtMs = busyAtMs] = [states.get('busy'), states.get('idle') ?? states.get('assigned')];
  return defined({
    delivery: between(queuedAtMs, receivedAtMs),
    launch: by === 'webhook' && receivedAtMs !== undefined ? launchedIn : undefined,
    repair: by === 'reconcile' ? launchedIn : undefined,
    network,
    pull,
    start,
    connect: between(ran?.startedAtMs, idleAtMs),
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
