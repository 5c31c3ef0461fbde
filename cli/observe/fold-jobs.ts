import { parseRunnerName } from '../../functions/core/job/identity.ts';
import { isUnservable, type Reason } from '../../functions/core/words/reasons.ts';
import type { JobRecord } from '../../functions/records/launch.ts';
import type { SeenJob } from './facts.ts';
import type { LogRecord, RecordOf } from './records.ts';
import type { JobPhase, JobView, LaunchView } from './snapshot.ts';

/** Everything that is known of one job, in the order of time. */
interface Evidence {
  readonly jobId: number;
  readonly deliveries: RecordOf<'delivery'>[];
  readonly launches: RecordOf<'launch'>[];
  readonly waiting: RecordOf<'waiting'>[];
  readonly reruns: RecordOf<'rerun'>[];
  seen: SeenJob | undefined;
}

export interface FoldingJobs {
  readonly prefix: string;
  /** Where people read GitHub: `https://github.com`. */
  readonly githubUrl: string;
  readonly stoppedTaskArns: ReadonlySet<string>;
}

/** A job before its task is known. */
type UntimedJob = Omit<JobView, 'phaseSeconds'>;

/** Every job that a record or GitHub's list tells of; newest first. `records` are in the order of time. */
export function foldJobs(
  records: readonly LogRecord[],
  seen: readonly SeenJob[],
  folding: FoldingJobs,
): UntimedJob[] {
  const evidence = new Map<number, Evidence>();
  const of = (jobId: number): Evidence => {
    const known = evidence.get(jobId) ?? {
      jobId,
      deliveries: [],
      launches: [],
      waiting: [],
      reruns: [],
      seen: undefined,
    };
    evidence.set(jobId, known);
    return known;
  };
  for (const record of records) gather(record, of, folding.prefix);
  for (const one of seen) {
    const known = of(one.job.jobId);
    if (known.seen === undefined || known.seen.readAtMs < one.readAtMs) known.seen = one;
  }
  return [...evidence.values()]
    .map((known) => view(known, folding))
    .toSorted((a, b) => (b.queuedAtMs ?? 0) - (a.queuedAtMs ?? 0) || b.jobId - a.jobId);
}

function gather(record: LogRecord, of: (jobId: number) => Evidence, prefix: string): void {
  if (record.kind === 'delivery' && record.job !== undefined) of(record.job.job).deliveries.push(record);
  if (record.kind === 'waiting') of(record.jobId).waiting.push(record);
  if (record.kind === 'rerun') of(record.rerunJobId).reruns.push(record);
  if (record.kind !== 'launch') return;
  const jobId = parseRunnerName(prefix, record.outcome.runnerName)?.jobId;
  if (jobId !== undefined) of(jobId).launches.push(record);
}

function view(evidence: Evidence, folding: FoldingJobs): UntimedJob {
  const { jobId, deliveries, launches, waiting, reruns, seen } = evidence;
  const told = [...deliveries, ...launches].flatMap(({ job }) => job ?? []);
  const runId = first(told, 'run') ?? seen?.job.runId ?? reruns[0]?.runId;
  const repository =
    first(told, 'repository') ?? [...waiting, ...reruns][0]?.repository ?? seen?.repository ?? '';
  const started = deliveries.filter(({ job }) => job?.runner !== undefined);
  const runnerName = started.at(-1)?.job?.runner ?? seen?.job.runnerName;
  const takenFor = runnerName === undefined ? undefined : parseRunnerName(folding.prefix, runnerName)?.jobId;
  const queuedAtMs = first(told, 'queuedAtMs') ?? waiting[0]?.queuedAtMs ?? seen?.job.createdAtMs;
  const isOurs = isOursBy(evidence) || takenFor !== undefined;
  return {
    jobId,
    runId,
    repository,
    name: first(told, 'jobName') ?? seen?.told?.name,
    url:
      runId === undefined
        ? undefined
        : `${folding.githubUrl}/${repository}/actions/runs/${runId}/job/${jobId}`,
    labels: told.find(({ labels }) => labels.length > 0)?.labels ?? seen?.job.labels ?? [],
    phase: isOurs ? phaseOf(evidence, folding) : 'ignored',
    queuedAtMs,
    delivery: firstDelivery(deliveries),
    statusAtGitHub: seen?.job.status,
    ...lifeOf(deliveries, seen),
    launches: foldLaunches(launches, folding.prefix),
    runnerName,
    isSwapped: takenFor !== undefined && takenFor !== jobId,
    reason: lastReason(evidence, isOurs),
    rejection: deliveries.find(({ reason }) => isUnservable(reason))?.answer,
  };
}

/** From its start to its end, by deliveries, or else as GitHub has it. */
function lifeOf(
  deliveries: Evidence['deliveries'],
  seen: SeenJob | undefined,
): Pick<JobView, 'startedAtMs' | 'completedAtMs' | 'conclusion' | 'failedStep'> {
  // GitHub gives a queued job a `started_at` too: only from a runner on does it mean a start.
  const started = deliveries.flatMap(({ job }) => (job?.runner === undefined ? [] : job));
  const completed = deliveries.filter(({ job }) => job?.action === 'completed');
  const ends = completed.flatMap(({ job }) => job ?? []);
  return {
    startedAtMs: first(started, 'startedAtMs') ?? seen?.told?.startedAtMs,
    completedAtMs: completed[0]?.atMs ?? seen?.job.completedAtMs,
    conclusion: first(ends, 'conclusion') ?? seen?.told?.conclusion,
    failedStep: first(ends, 'failedStep') ?? seen?.told?.failedStep,
  };
}

function firstDelivery(deliveries: Evidence['deliveries']): JobView['delivery'] {
  const queued = deliveries.find(({ job }) => job?.action === 'queued');
  return queued && { atMs: queued.receivedAtMs ?? queued.atMs, reason: queued.reason };
}

const first = <Key extends keyof JobRecord>(
  told: readonly JobRecord[],
  key: Key,
): JobRecord[Key] | undefined => told.find((record) => record[key] !== undefined)?.[key];

/** A delivery that was taken (202) led to a launch or a doubt; reconcile and GitHub's list say it by themselves. */
const isOursBy = ({ deliveries, launches, waiting, seen }: Evidence): boolean =>
  deliveries.some(({ status }) => status === 202) ||
  launches.length + waiting.length > 0 ||
  seen?.isOurs === true;

/** GitHub queues a job again that a runner was given and did not begin within 60 s (GH-32). */
const REQUEUED_AFTER_MS = 60_000;

function phaseOf({ deliveries, launches, seen }: Evidence, { stoppedTaskArns }: FoldingJobs): JobPhase {
  const startedAtMs = Math.max(
    0,
    ...deliveries.filter(({ job }) => job?.action === 'in_progress').map(({ atMs }) => atMs),
  );
  if (deliveries.some(({ job }) => job?.action === 'completed') || seen?.job.status === 'completed')
    return 'done';
  if (seen?.job.status === 'in_progress') return 'running';
  const isQueuedAgain = seen !== undefined && seen.readAtMs > startedAtMs + REQUEUED_AFTER_MS;
  if (startedAtMs > 0 && !isQueuedAgain) return 'running';
  const isStarting = launches.some(
    ({ outcome: { kind, taskArn } }) =>
      kind === 'launched' && taskArn !== undefined && !stoppedTaskArns.has(taskArn),
  );
  return isStarting ? 'starting' : 'queued';
}

/** One for each name: what was launched stays launched when a second attempt finds the name taken. */
function foldLaunches(launches: readonly RecordOf<'launch'>[], prefix: string): LaunchView[] {
  const byName = new Map<string, LaunchView>();
  for (const { atMs, by, outcome } of launches) {
    const { kind, runnerName, refusal, fault, detail, taskArn } = outcome;
    const earlier = byName.get(runnerName);
    if (earlier !== undefined && (earlier.outcome === 'launched' || kind === 'taken')) continue;
    const generation = parseRunnerName(prefix, runnerName)?.generation ?? 0;
    const told = { refusal, fault, detail, taskArn };
    byName.set(runnerName, { generation, runnerName, atMs, by, outcome: kind, ...told });
  }
  return [...byName.values()];
}

/** Of the end of any job: says nothing of it. */
const EMPTY_REASONS: readonly (Reason | undefined)[] = ['action-not-queued'];

function lastReason({ deliveries, launches, waiting }: Evidence, isOurs: boolean): Reason | undefined {
  const given = [
    ...deliveries.map(({ atMs, reason }) => ({ atMs, reason })),
    ...waiting.map(({ atMs, reason }) => ({ atMs, reason })),
    ...launches.map(({ atMs, outcome }) => ({ atMs, reason: outcome.kind as Reason })),
  ];
  // A foreign job on a foreign runner is not worth a line.
  const says = ({ reason }: { reason: Reason | undefined }) =>
    reason !== undefined && !EMPTY_REASONS.includes(reason) && (isOurs || reason !== 'runner-unknown');
  return given
    .filter(says)
    .toSorted((a, b) => a.atMs - b.atMs)
    .at(-1)?.reason;
}
