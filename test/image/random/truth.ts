import type { TaskEnding } from '../../../functions/core/task/exit-codes.ts';
import type { Dated } from '../../../local/runner/journal.ts';
import type { JobResult } from '../../../local/runner/service.ts';
import { EXIT_OF_RESULT } from '../../../local/runner/words.ts';
import type { Behaviour } from './behaviour.ts';
import { read } from './facts.ts';

/** What happened in a run, seen from outside of the supervisor. Times in milliseconds since 1970. */
export interface Happenings {
  readonly behaviour: Behaviour;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** When SIGTERM was sent. */
  readonly termAtMs: number | undefined;
  readonly journal: readonly Dated[];
}

/** Something after which a task may end, and what its end is then called. */
export interface Cause {
  readonly atMs: number;
  readonly ending: TaskEnding;
  /** The supervisor may interrupt the listener for it. */
  readonly isLimit: boolean;
  /** It did, but a job message came in that instant: the listener continues. */
  readonly isCalledOff?: true;
}

/** LISTENER-31 to 40, and image/entrypoint.sh's promise for SIGTERM: 75 of 120 s are the job's. */
const PATIENCE = 75 / 120;
const ENDING_OF_RESULT: Readonly<Record<JobResult, TaskEnding>> = {
  Succeeded: 'ran-succeeded',
  Skipped: 'ran-succeeded',
  Failed: 'ran-failed',
  Canceled: 'ran-cancelled',
  Abandoned: 'ran-abandoned',
};
/** Two things that happen closer to each other than this may be seen in either order: the machine is busy. */
const BLUR_MS = 2_000;

/** The endings of which each would be true: one, unless several things happened at about the same time. */
export function trueEndings(happenings: Happenings): Set<TaskEnding> {
  const normal = normalEnd(happenings);
  if (normal !== undefined) return new Set([normal]);
  const causes = causesOf(happenings).filter(
    ({ atMs, isCalledOff }) => !isCalledOff && atMs <= happenings.endedAtMs,
  );
  const firstMs = Math.min(...causes.map(({ atMs }) => atMs));
  return new Set(causes.filter(({ atMs }) => atMs <= firstMs + BLUR_MS).map(({ ending }) => ending));
}

/** Whatever was asked of a listener: one whose code and last line agree on the job's result has told the truth. */
function normalEnd({ journal }: Happenings): TaskEnding | undefined {
  const { result, told, exit } = read(journal);
  if (result === undefined || told?.told !== result.result) return undefined;
  return exit?.exit === EXIT_OF_RESULT[result.result] ? ENDING_OF_RESULT[result.result] : undefined;
}

/** Everything after which this task may end. */
export function causesOf(happenings: Happenings): Cause[] {
  const facts = read(happenings.journal);
  return facts.worker === undefined ? causesWithoutJob(happenings) : causesWithJob(happenings);
}

const limit = (atMs: number | undefined, ending: TaskEnding): Cause[] =>
  atMs === undefined ? [] : [{ atMs, ending, isLimit: true }];
const after = (ms: number | undefined, seconds: number | undefined): number | undefined =>
  ms === undefined || seconds === undefined ? undefined : ms + 1000 * seconds;
const event = (atMs: number | undefined, ending: TaskEnding): Cause[] =>
  atMs === undefined ? [] : [{ atMs, ending, isLimit: false }];

function causesWithoutJob(happenings: Happenings): Cause[] {
  const { limits } = happenings.behaviour;
  const { session, message } = read(happenings.journal);
  const sealedMs = sealedAtMs(happenings);
  // Without a config there is nothing that could connect. With one a listener may be too slow to write a word.
  const sealedForGoodMs = isSealedForGood(happenings.behaviour) ? sealedMs : undefined;
  const connectedByMs = Math.max(
    happenings.startedAtMs + 1000 * limits.CONNECT_TIMEOUT,
    sealedForGoodMs ?? 0,
  );
  const idleUntilMs = after(session?.atMs, limits.IDLE_TIMEOUT);
  return [
    ...overAge(happenings),
    ...termWithoutJob(happenings),
    ...overtakable(happenings, connectedByMs, session, 'never-connected'),
    ...overtakable(happenings, idleUntilMs, message, 'idle'),
    ...assignmentLimits(happenings).flatMap((atMs) => limit(atMs, 'assignment-lost')),
    ...event(sealedMs, 'config-not-unsealed'),
    ...termWhileSealed(happenings, sealedMs),
    ...ownEndWithoutJob(happenings),
  ];
}

/**
 * An acquired job, which "Running job" tells of, has GitHub's lease to find its worker. Where that was told shortly before
 * the limit of a mere message, or after it, the interrupt says whether it was seen in time.
 */
export function assignmentLimits({ behaviour, journal }: Happenings): number[] {
  const { message, acquired, signal } = read(journal);
  if (message === undefined) return [];
  const withoutMs = message.atMs + 1000 * behaviour.limits.ASSIGNMENT_TIMEOUT;
  const withMs = message.atMs + 1000 * behaviour.limits.LEASE;
  if (acquired === undefined || acquired.atMs > withoutMs + BLUR_MS) return [withoutMs];
  const isInterrupted = signal && signal.atMs >= withoutMs - 200 && signal.atMs < withoutMs + BLUR_MS;
  return isInterrupted && acquired.atMs > withoutMs - 1_000 ? [withoutMs, withMs] : [withMs];
}

const sealedAtMs = ({ startedAtMs, behaviour, journal }: Happenings): number | undefined =>
  read(journal).started ? undefined : after(startedAtMs, behaviour.sealedAfterSeconds);

const isSealedForGood = ({ kms, sealedAfterSeconds }: Behaviour): boolean =>
  sealedAfterSeconds === 0 || kms.length > 10;

/** The longest pause between two tries, and a slow one: so late the end of unsealing may be noticed, and SIGTERM first. */
const UNSEALING_MS = 6_000;
const termWhileSealed = ({ termAtMs }: Happenings, sealedMs: number | undefined): Cause[] =>
  termAtMs !== undefined && sealedMs !== undefined && termAtMs < sealedMs + UNSEALING_MS
    ? event(sealedMs, 'interrupted-before-job')
    : [];

/** A limit on the time before this fact. Where it came all the same, the interrupt tells whether it came too late. */
function overtakable(
  { journal }: Happenings,
  limitMs: number | undefined,
  fact: Dated | undefined,
  ending: TaskEnding,
): Cause[] {
  const { signal, message } = read(journal);
  if (limitMs === undefined || fact === undefined) return limit(limitMs, ending);
  const isInterrupted = signal && signal.atMs >= limitMs && signal.atMs < limitMs + BLUR_MS;
  if (!isInterrupted) return [];
  return message ? calledOff(limit(limitMs, ending)) : limit(limitMs, ending);
}

const calledOff = (causes: readonly Cause[]): Cause[] =>
  causes.map((cause) => ({ ...cause, isCalledOff: true }));

/** A listener that waits for its assignment may have a job in a moment: it has the same patience as one with a job. */
function termWithoutJob({ behaviour, termAtMs, journal }: Happenings): Cause[] {
  const atOnce = limit(termAtMs, 'interrupted-before-job');
  if (read(journal).message === undefined) return atOnce;
  return [
    ...calledOff(atOnce),
    ...limit(termAtMs && termAtMs + patienceMs(behaviour), 'interrupted-before-job'),
  ];
}

function ownEndWithoutJob({ behaviour, journal, termAtMs }: Happenings): Cause[] {
  const { session, message, gone, exit, signal } = read(journal);
  const isInDoubt = message && signal && signal.atMs < message.atMs + BLUR_MS;
  const atMs = ownEndMs(behaviour, journal, isInDoubt);
  if (message) return lostAt(atMs, isInDoubt && termAtMs !== undefined);
  if (exit?.exit === 7) return event(atMs, 'version-deprecated');
  if (gone || behaviour.listener.session === 'refused') return event(atMs, 'registration-gone');
  return event(atMs, session ? 'listener-failed' : 'never-connected');
}

const lostAt = (atMs: number | undefined, isByTerm = false): Cause[] => [
  ...event(atMs, 'assignment-lost'),
  ...(isByTerm ? event(atMs, 'interrupted-before-job') : []),
];

function causesWithJob(happenings: Happenings): Cause[] {
  const { worker } = read(happenings.journal);
  const startedAtMs = worker?.atMs ?? 0;
  const causes = [...limitsWithJob(happenings), ...oddEndWithJob(happenings)];
  // What was over before the job began could end it only then.
  return causes.map((cause) => ({ ...cause, atMs: Math.max(cause.atMs, startedAtMs) }));
}

function limitsWithJob(happenings: Happenings): Cause[] {
  const { behaviour, journal, termAtMs } = happenings;
  const { hook, stepsOver, workerGone } = read(journal);
  const jobOverMs = [stepsOver?.atMs, workerGone?.atMs, ownEndMs(behaviour, journal)];
  return [
    ...overAge(happenings),
    ...limit(termAtMs && termAtMs + patienceMs(behaviour), 'interrupted-during-job'),
    ...(behaviour.refusal === undefined ? [] : limit(hook?.atMs, 'ran-rejected')),
    ...jobOverMs.flatMap((ms) => limit(after(ms, behaviour.limits.LEASE), 'ran-result-unknown')),
  ];
}

function oddEndWithJob(happenings: Happenings): Cause[] {
  const { behaviour, journal, termAtMs } = happenings;
  const { workerGone, result } = read(journal);
  const isOvertaken = hasOvertaken(happenings);
  const ownMs = ownEndMs(behaviour, journal, isOvertaken);
  // A worker that its listener left is followed to its end.
  const atMs = result === undefined && ownMs !== undefined ? workerGone?.atMs : ownMs;
  return [
    ...event(atMs, 'ran-result-unknown'),
    ...(isOvertaken && termAtMs !== undefined ? event(atMs, 'interrupted-during-job') : []),
  ];
}

/** The job began as the listener was being interrupted for having none. */
export function hasOvertaken(happenings: Happenings): boolean {
  const { signal, worker } = read(happenings.journal);
  return (
    signal !== undefined &&
    worker !== undefined &&
    signal.atMs < worker.atMs + BLUR_MS &&
    causesWithoutJob(happenings).some(({ isLimit, atMs }) => isLimit && atMs < worker.atMs + BLUR_MS)
  );
}

const patienceMs = ({ limits }: Behaviour): number => 1000 * limits.STOP_TIMEOUT * PATIENCE;

const overAge = ({ startedAtMs, behaviour }: Happenings): Cause[] =>
  limit(startedAtMs + 1000 * behaviour.limits.MAXIMUM_AGE, 'over-maximum-age');

/** When the listener ended by itself: not killed by the supervisor and, unless that is in doubt, not interrupted. */
function ownEndMs({ listener }: Behaviour, journal: readonly Dated[], isInDoubt = false): number | undefined {
  const { started, worker, killed, exit, signal } = read(journal);
  if (listener.crashesAtStart) return started?.atMs;
  if (listener.diesAtJob && worker) return worker.atMs;
  if (killed) return killed.atMs;
  return !isInDoubt && signal && exit && signal.atMs <= exit.atMs ? undefined : exit?.atMs;
}
