import { isName } from '../job/names.ts';
import type { Repository } from '../job/repository.ts';

/** One of our jobs that has ended: jobs of its run that have no runner may be given one now. */
export interface EndedJob {
  readonly runId: number;
  /** Epoch milliseconds. */
  readonly atMs: number;
}

/** A job that may have been lost to a Spot interruption, for which its run is looked at until it is over (rule 26). */
export interface LostJob {
  readonly jobId: number;
  /** The runner that it is said to have run on. */
  readonly runnerName: string;
  /** Runners that Spot is known to have taken: ECS shows a stopped task for an hour only, and runs take longer. */
  readonly spotRunners: readonly string[];
}

/**
 * DOUBT(repository): its supply may not match its demand. What else it says saves reads and bounds how often it is put
 * back; losing one costs time only. Times are epoch milliseconds.
 */
export interface Doubt {
  readonly repository: Repository;
  /** Jobs that are known to wait, or to have lost a task: they are read first. */
  readonly jobIds: readonly number[];
  /** Raised for the end of a job: then only jobs that wait for such an end are of interest. */
  readonly endedJob: EndedJob | undefined;
  /** Raised for a lost job: then only whether its run is started again is of interest. */
  readonly lostJob: LostJob | undefined;
  readonly raisedAtMs: number;
  /** Not looked at before. */
  readonly dueAtMs: number;
  /** A look before this proves nothing: lists may be behind, and one more is made. */
  readonly listedAtMs: number;
  /** The run after which the last look ended. */
  readonly resumeAfterRunId: number | undefined;
  /** How often it was put back. */
  readonly sends: number;
  /** Looks in a row that came to nothing. */
  readonly failures: number;
  /** When its jobs were last read without a problem; `undefined`: not since it was raised. */
  readonly readAtMs: number | undefined;
}

/** Doubts of one repository and kind within this are one message. Shorter than the queue's delay (infra/queue.yml). */
const SAME_WITHIN_MS = 15_000;
/** How long the lists of GitHub and ECS may be behind. */
const LISTED_AFTER_MS = 60_000;
/** Each is a read of its own; more are found by the list of runs. */
export const MOST_JOBS_NAMED = 10;

interface Occasion {
  readonly jobIds?: readonly number[];
  /** Something has happened just now, which lists may not show yet. */
  readonly isNews?: boolean;
  readonly endedJob?: EndedJob;
  readonly lostJob?: LostJob;
}

/** A new doubt, due as soon as the queue delivers it. */
export const raiseDoubt = (
  repository: Repository,
  nowMs: number,
  { jobIds = [], endedJob, lostJob, isNews = false }: Occasion = {},
): Doubt => ({
  repository,
  jobIds: jobIds.slice(0, MOST_JOBS_NAMED),
  endedJob,
  lostJob,
  raisedAtMs: nowMs,
  dueAtMs: nowMs,
  listedAtMs: isNews ? nowMs + LISTED_AFTER_MS : nowMs,
  resumeAfterRunId: undefined,
  sends: 0,
  failures: 0,
  readAtMs: undefined,
});

/** One group a repository: its doubts are reconciled one after another, and never hold up another's (rule 12). */
export const groupIdOf = ({ repository }: Doubt): string => String(repository.id);

/**
 * Repository and 15 seconds (rule 12): a burst is one message. The queue's delay is longer, so that a message is
 * received only when nothing can be deduplicated against it any more. A doubt that names jobs is not dropped for one
 * that names none, nor news for what is none, nor a new one for one that is not due yet.
 */
export function deduplicationIdOf(doubt: Doubt, nowMs: number): string {
  return `${doubt.repository.id}-${Math.floor(nowMs / SAME_WITHIN_MS)}-${kindOf(doubt)}`;
}

function kindOf({ sends, raisedAtMs, dueAtMs, listedAtMs, endedJob, lostJob, jobIds }: Doubt): string {
  // Each has what it has gathered: none stands for another.
  if (lostJob !== undefined) return `lost-${lostJob.jobId}-${raisedAtMs}-${sends}`;
  if (sends > 0) return `due-${Math.floor(dueAtMs / LISTED_AFTER_MS)}`;
  if (endedJob !== undefined) return 'ended';
  const isNews = listedAtMs > raisedAtMs;
  return `${isNews ? 'news' : 'new'}${jobIds.length > 0 ? '-named' : ''}`;
}

export const writeDoubt = (doubt: Doubt): string => JSON.stringify(doubt);

type Fields = { readonly [Key in keyof Doubt]?: unknown };

/**
 * Reads a queue message's body. Total: a malformed one is `undefined`, and goes to the dead-letter queue. What is missing
 * beside the repository has its default, so that messages of an older version are read too.
 */
export function readDoubt(body: string, nowMs: number): Doubt | undefined {
  try {
    const fields = Object(JSON.parse(body)) as Fields;
    const repository = readRepository(Object(fields.repository));
    if (repository === undefined) return undefined;
    const raisedAtMs = timeOr(fields.raisedAtMs, nowMs);
    return {
      repository,
      jobIds: readIds(fields.jobIds).slice(0, MOST_JOBS_NAMED),
      endedJob: readEndedJob(Object(fields.endedJob)),
      lostJob: readLostJob(Object(fields.lostJob)),
      raisedAtMs,
      dueAtMs: timeOr(fields.dueAtMs, raisedAtMs),
      listedAtMs: timeOr(fields.listedAtMs, raisedAtMs),
      resumeAfterRunId: isId(fields.resumeAfterRunId) ? fields.resumeAfterRunId : undefined,
      sends: countOf(fields.sends),
      failures: countOf(fields.failures),
      readAtMs: fields.readAtMs === undefined ? undefined : timeOr(fields.readAtMs, raisedAtMs),
    };
  } catch {
    return undefined;
  }
}

const isId = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0;
const countOf = (value: unknown): number =>
  Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : 0;
/** A time, which may have a fraction. */
const timeOr = (value: unknown, otherwise: number): number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : otherwise;
const readIds = (value: unknown): number[] => (Array.isArray(value) ? value.filter(isId) : []);

function readEndedJob({ runId, atMs }: { runId?: unknown; atMs?: unknown }): EndedJob | undefined {
  return isId(runId) ? { runId, atMs: timeOr(atMs, 0) } : undefined;
}

type LostFields = { readonly [Key in keyof LostJob]?: unknown };

function readLostJob({ jobId, runnerName, spotRunners }: LostFields): LostJob | undefined {
  if (!isId(jobId) || typeof runnerName !== 'string') return undefined;
  const names = Array.isArray(spotRunners) ? spotRunners : [];
  return { jobId, runnerName, spotRunners: names.filter((name) => typeof name === 'string') };
}

function readRepository(fields: Partial<Repository>): Repository | undefined {
  const { id, owner, name, ownerType, isPublic, installationId } = fields;
  if (!isId(id) || !isName(owner) || !isName(name)) return undefined;
  if (ownerType !== 'Organization' && ownerType !== 'User') return undefined;
  return {
    id,
    owner,
    name,
    ownerType,
    isPublic: isPublic !== false,
    installationId: Number.isSafeInteger(installationId) ? installationId : undefined,
  };
}
