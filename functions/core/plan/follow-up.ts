import { ServiceError } from '../words/errors.ts';
import type { Reason } from '../words/reasons.ts';
import { type Doubt, MOST_JOBS_NAMED } from './doubt.ts';
import type { JobLook } from './job-look.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Pauses after looks that came to nothing: twice this, then doubled up to the longest. */
const FIRST_PAUSE_MS = 65 * SECOND_MS;
const LONGEST_PAUSE_MS = 15 * MINUTE_MS;
/** Looks in a row that may come to nothing: half an hour. After that the sweep's rotation is the retry. */
const MOST_FAILURES = 6;
/** GitHub fails a job that has waited for a day; a doubt has nothing left to wait for soon after it. */
const LONGEST_LIFE_MS = 25 * HOUR_MS;
/** More than one every 20 s for that long. This bound replaces Lambda's own (ADR 15). */
const MOST_SENDS = 6_000;
/** Where a job waits, or part is left to read, this is the shortest time to the next look. */
const NEXT_LOOK_MS = 45 * SECOND_MS;

/** What becomes of a doubt after a look (rule 17). */
export type FollowUp =
  | { readonly kind: 'settled' }
  /** It is put back into the queue. */
  | { readonly kind: 'again'; readonly doubt: Doubt }
  /** Given up though nothing was settled; where the repository is there again, the sweep's rotation finds it. */
  | { readonly kind: 'ended'; readonly reason: EndReason };

export type EndReason = Extract<
  Reason,
  | 'repository-not-allowed'
  | 'public-repository-not-allowed'
  | 'repository-gone'
  | 'repository-unreadable'
  | 'launches-refused'
  | 'doubt-too-old'
  | 'rerun-refused'
>;

/** A job that waits, and until when at least, epoch milliseconds. */
export interface Waiting {
  readonly jobId: number;
  readonly dueAtMs: number;
}

export interface Looked {
  readonly look: Pick<JobLook, 'isWhole' | 'resumeAfterRunId' | 'problem'>;
  readonly isNamedOnly: boolean;
  readonly waiting: readonly Waiting[];
  /** Every launch of the round was refused for a reason that no waiting cures. */
  readonly isHopeless: boolean;
  /** Whether what the look has left unread is read next. */
  readonly isContinued: boolean;
}

/** Puts a doubt back, to be looked at no sooner than `dueAtMs`; or ends it at its bounds. */
export function putBack(
  doubt: Doubt,
  dueAtMs: number,
  nowMs: number,
  changes: Partial<Doubt> = {},
  vainReason: EndReason = 'repository-unreadable',
): FollowUp {
  const next = { ...doubt, endedJob: undefined, ...changes, dueAtMs, sends: doubt.sends + 1 };
  if (next.failures > MOST_FAILURES) return { kind: 'ended', reason: vainReason };
  const isOld = nowMs - doubt.raisedAtMs > LONGEST_LIFE_MS || next.sends > MOST_SENDS;
  return isOld ? { kind: 'ended', reason: 'doubt-too-old' } : { kind: 'again', doubt: next };
}

const pauseMs = (failures: number): number =>
  failures === 0
    ? 0
    : Math.min(FIRST_PAUSE_MS * 2 ** Math.min(Math.max(0, failures - 2), 10), LONGEST_PAUSE_MS);

/** The repository could not be looked at. */
export function followFailure(doubt: Doubt, error: unknown, nowMs: number): FollowUp {
  if (isPermanent(error)) return { kind: 'ended', reason: 'repository-gone' };
  const failures = doubt.failures + 1;
  return putBack(doubt, nowMs + pauseMs(failures), nowMs, { failures });
}

/** Not there, gone, or closed by law: docs.github.com, REST API, "Troubleshooting"; 403 of a suspended installation. */
const PERMANENT = new Set([404, 410, 451]);
const isPermanent = (error: unknown): boolean =>
  error instanceof ServiceError &&
  error.facts.service === 'github' &&
  // An App that GitHub does not know says nothing of the repository.
  error.facts.fault !== 'app-id' &&
  (PERMANENT.has(error.facts.status ?? 0) || /suspended/i.test(error.message));

/** The repository was looked at, as a whole or in part. */
export function followLook(doubt: Doubt, looked: Looked, nowMs: number): FollowUp {
  const { look, waiting, isHopeless } = looked;
  if (waiting.length === 0 && isDone(doubt, looked)) return settle(doubt, looked, nowMs);
  const isVain = isHopeless || look.problem !== undefined || isHeldUp(doubt, looked);
  const failures = isVain ? doubt.failures + 1 : 0;
  const dueAtMs = Math.max(nowMs + NEXT_LOOK_MS, nowMs + pauseMs(failures), soonest(waiting, look, nowMs));
  const changes = {
    failures,
    readAtMs: hasRead(doubt, looked) ? nowMs : doubt.readAtMs,
    resumeAfterRunId: look.resumeAfterRunId,
    jobIds: look.isWhole ? [] : namesOf(doubt, waiting, isVain || nowMs < doubt.listedAtMs),
  };
  return putBack(doubt, dueAtMs, nowMs, changes, isHopeless ? 'launches-refused' : 'repository-unreadable');
}

/** What waits; and what the doubt was raised for, where the lists may not show it yet or could not be read. */
function namesOf({ jobIds }: Doubt, waiting: readonly Waiting[], isStillNamed: boolean): number[] {
  const still = isStillNamed ? jobIds : [];
  return [...new Set([...waiting.map(({ jobId }) => jobId), ...still])].slice(0, MOST_JOBS_NAMED);
}

/** Lists may have been behind: one more look, when they no longer are. This one came to something all the same. */
function settle(doubt: Doubt, { look: { resumeAfterRunId } }: Looked, nowMs: number): FollowUp {
  if (nowMs >= doubt.listedAtMs) return { kind: 'settled' };
  return putBack(doubt, doubt.listedAtMs, nowMs, { failures: 0, resumeAfterRunId, readAtMs: nowMs });
}

/** The look's time was over before it got anywhere: the next gets more. */
const isHeldUp = ({ resumeAfterRunId = 0 }: Doubt, { look, isNamedOnly }: Looked): boolean =>
  !look.isWhole && !isNamedOnly && look.resumeAfterRunId === resumeAfterRunId;

const hasRead = (doubt: Doubt, looked: Looked): boolean =>
  looked.look.problem === undefined && !isHeldUp(doubt, looked);

/** Nothing of what this doubt was raised for is left to read. */
function isDone({ endedJob }: Doubt, { look, isNamedOnly, isContinued }: Looked): boolean {
  if (look.isWhole || endedJob !== undefined) return true;
  if (look.problem !== undefined) return false;
  // With few calls left the rest is for the next doubt, which the sweep's rotation raises.
  return !isContinued || (look.resumeAfterRunId === undefined && !isNamedOnly);
}

/** When the next job may be launched; at once where something is left to read. */
function soonest(waiting: readonly Waiting[], { isWhole }: Looked['look'], nowMs: number): number {
  const times = waiting.map(({ dueAtMs }) => dueAtMs);
  return isWhole && times.length > 0 ? Math.min(...times) : nowMs;
}
