import { type LaunchIdentity, parseRunnerName } from '../../functions/core/identity.ts';
import type { LogRecord } from './records.ts';

interface SeenLaunch {
  readonly runnerName: string;
  readonly atMs: number;
  readonly outcome: string;
  readonly detail: string | undefined;
}

/** What the logs tell of one job. Times are epoch milliseconds. */
export interface SeenJob {
  readonly jobId: number;
  readonly runId: number | undefined;
  readonly repository: string;
  /** As the workflow names it: text of whoever may write workflows. */
  readonly name: string;
  readonly labels: readonly string[];
  readonly phase: 'queued' | 'starting' | 'running' | 'done' | 'ignored';
  readonly conclusion: string | undefined;
  readonly queuedAtMs: number;
  readonly startedAtMs: number | undefined;
  readonly endedAtMs: number | undefined;
  /** Oldest first: more than one that was launched is a repair. */
  readonly launches: readonly SeenLaunch[];
  /** The runner that took it; another job's after a swap. */
  readonly runnerName: string | undefined;
  readonly isSwapped: boolean;
  /** The last reason that was given for it. */
  readonly reason: string | undefined;
}

/** Reasons for which nothing is ever started for a job. */
const NEVER = new Set([
  ...['label-missing', 'label-not-ours', 'repository-not-allowed', 'public-repository-not-allowed'],
  ...['label-not-understood', 'size-unknown', 'labels-contradict', 'size-not-available', 'size-over-limit'],
  'spot-not-allowed',
]);

/** Jobs in the order in which they were queued. Pure: neither the order of the records matters, nor one that came twice. */
export function jobsOf(records: readonly LogRecord[], stack: string): readonly SeenJob[] {
  const sorted = records.toSorted((a, b) => a.atMs - b.atMs);
  const ofJob = Map.groupBy(
    sorted.filter(({ job }) => job !== undefined),
    ({ job }) => job ?? 0,
  );
  const launches = Map.groupBy(
    sorted.flatMap((record) => launchesOf(record, stack)),
    ({ identity }) => identity.jobId,
  );
  return [...ofJob]
    .map(([jobId, own]) => jobOf(jobId, own, launches.get(jobId) ?? [], stack))
    .toSorted((a, b) => a.queuedAtMs - b.queuedAtMs || a.jobId - b.jobId);
}

interface Launched extends SeenLaunch {
  readonly identity: LaunchIdentity;
}

/** The launches that a record tells of: the webhook's one, or those of a reconcile. */
function launchesOf({ atMs, outcome, launches = [] }: LogRecord, stack: string): Launched[] {
  return [...(outcome === undefined ? [] : [outcome]), ...launches].flatMap(
    ({ kind, detail, runnerName = '' }) => {
      const identity = parseRunnerName(stack, runnerName);
      return identity === undefined ? [] : [{ identity, runnerName, atMs, outcome: kind, detail }];
    },
  );
}

function jobOf(
  jobId: number,
  own: readonly LogRecord[],
  launched: readonly Launched[],
  stack: string,
): SeenJob {
  const last = <Key extends keyof LogRecord>(key: Key) =>
    own.findLast((record) => record[key] !== undefined && record[key] !== null)?.[key];
  const with_ = (action: string) => own.findLast((record) => record.action === action);
  const [started, ended] = [with_('in_progress'), with_('completed')];
  const runnerName = last('runner');
  const taker = runnerName === undefined ? undefined : parseRunnerName(stack, runnerName);
  const reason = with_('queued')?.reason;
  const launches = distinct(launched);
  return {
    jobId,
    runId: last('run'),
    repository: last('repository') ?? 'unknown',
    name: last('jobName') ?? String(jobId),
    labels: last('labels') ?? [],
    phase: phaseOf(started !== undefined, ended !== undefined, launches, reason),
    conclusion: last('conclusion') ?? undefined,
    queuedAtMs: last('queuedAtMs') ?? own[0]?.atMs ?? 0,
    startedAtMs: last('startedAtMs') ?? started?.atMs,
    endedAtMs: ended?.atMs,
    launches,
    runnerName,
    isSwapped: taker !== undefined && taker.jobId !== jobId,
    reason: launches.length > 0 ? launches.at(-1)?.outcome : reason,
  };
}

/** A record that was read twice, or a delivery that came twice, is one launch. */
function distinct(launched: readonly Launched[]): readonly SeenLaunch[] {
  const byName = new Map(
    launched.map(({ identity: _, ...launch }) => [`${launch.runnerName} ${launch.outcome}`, launch] as const),
  );
  return [...byName.values()];
}

function phaseOf(
  isStarted: boolean,
  isEnded: boolean,
  launches: readonly SeenLaunch[],
  reason: string | undefined,
): SeenJob['phase'] {
  if (isEnded) return launches.length > 0 || isStarted ? 'done' : 'ignored';
  if (isStarted) return 'running';
  if (launches.some(({ outcome }) => outcome === 'launched')) return 'starting';
  return reason !== undefined && NEVER.has(reason) ? 'ignored' : 'queued';
}
