/** What a runner tells of its job while it works: its steps, their logs, the job's log, and summaries. */
import type { BoundedLog, LogShelf } from './bounded-log.ts';

export interface ReportedStep {
  /** A GUID. */
  readonly id: string;
  /** From 1, in the order of the page. */
  readonly number: number;
  readonly name: string;
  readonly status: 'queued' | 'in_progress' | 'completed';
  readonly conclusion: 'success' | 'failure' | 'cancelled' | 'skipped' | null;
  /** ISO 8601, by the runner's clock. */
  readonly startedAt: string | null;
  readonly completedAt: string | null;
}

/** Steps, and so logs, of one job. */
const MOST_STEPS = 500;
/** docs.github.com, Workflow commands: "A maximum of 20 job summaries from steps are displayed per job." */
const MOST_SUMMARIES = 20;
/** The same: "each step is restricted to a maximum size of 1MiB". */
export const SUMMARY_BYTES = 1024 ** 2;

type BlobType = 'BlockBlob' | 'AppendBlob';

/** A log as Azure's storage holds it: written at once, or block by block until it is sealed. */
interface Blob {
  readonly type: BlobType;
  readonly log: BoundedLog;
  isSealed: boolean;
}

interface Log {
  /** By the live feed, which drops lines when there are many. */
  readonly live: BoundedLog;
  uploaded: Blob | undefined;
}

/** Why a block cannot be written, in the words of Azure's storage. */
type BlobProblem = 'BlobNotFound' | 'BlobAlreadyExists' | 'InvalidBlobType' | 'BlobIsSealed' | 'TooManyBlobs';

/** `step` of the job's own log. */
export const WHOLE_JOB = 'job';

export class JobReport {
  readonly #shelf: LogShelf;
  readonly #steps = new Map<string, ReportedStep>();
  readonly #logs = new Map<string, Log>();
  readonly #summaries = new Map<string, string>();
  #lastChange = 0;
  #droppedSteps = 0;

  constructor(shelf: LogShelf) {
    this.#shelf = shelf;
  }

  /** `changeOrder` grows with each call; what comes late and is older changes nothing. */
  updateSteps(steps: readonly ReportedStep[], changeOrder: number): void {
    if (changeOrder <= this.#lastChange) return;
    this.#lastChange = changeOrder;
    for (const step of steps) this.#steps.set(step.id, step);
    for (const { id } of this.steps().slice(0, Math.max(0, this.#steps.size - MOST_STEPS))) {
      this.#steps.delete(id);
      this.#droppedSteps++;
    }
  }

  /** By their numbers. */
  steps(): ReportedStep[] {
    return [...this.#steps.values()].sort((a, b) => a.number - b.number);
  }

  /** Steps that are not kept: the oldest, where there are more than 500. */
  get droppedSteps(): number {
    return this.#droppedSteps;
  }

  /** False where the job has too many logs. */
  appendLive(step: string, lines: readonly string[]): boolean {
    const log = this.#log(step);
    log?.live.append(lines);
    return log !== undefined;
  }

  #log(step: string): Log | undefined {
    const known = this.#logs.get(step);
    if (known !== undefined || this.#logs.size > MOST_STEPS) return known;
    const created: Log = { live: this.#shelf.create(), uploaded: undefined };
    this.#logs.set(step, created);
    return created;
  }

  /**
   * A blob begins. It takes the place of an earlier one, unless it is to be new. A block blob is whole at once.
   */
  createBlob(step: string, type: BlobType, text: string, isNew = false): BlobProblem | undefined {
    const log = this.#log(step);
    if (log === undefined) return 'TooManyBlobs';
    if (isNew && log.uploaded !== undefined) return 'BlobAlreadyExists';
    log.uploaded?.log.drop();
    log.uploaded = { type, log: this.#shelf.create(), isSealed: type === 'BlockBlob' };
    log.uploaded.log.appendText(text);
    return undefined;
  }

  appendBlock(step: string, text: string, isLast: boolean): BlobProblem | undefined {
    const blob = this.#logs.get(step)?.uploaded;
    if (blob === undefined) return 'BlobNotFound';
    if (blob.type === 'BlockBlob') return 'InvalidBlobType';
    if (blob.isSealed) return 'BlobIsSealed';
    blob.log.appendText(text);
    blob.isSealed = isLast;
    return undefined;
  }

  /** Nothing more is appended. Sealed twice, it stays sealed, as at Azure. */
  seal(step: string): BlobProblem | undefined {
    const blob = this.#logs.get(step)?.uploaded;
    if (blob === undefined) return 'BlobNotFound';
    if (blob.type === 'BlockBlob') return 'InvalidBlobType';
    blob.isSealed = true;
    return undefined;
  }

  /** Undefined where nothing was heard. Live lines until the upload is whole; only the upload has times. */
  logOf(step: string): string[] | undefined {
    const { live, uploaded } = this.#logs.get(step) ?? {};
    const isLive = uploaded === undefined || (!uploaded.isSealed && (live?.bytes ?? 0) > 0);
    return isLive ? live?.lines() : uploaded.log.lines();
  }

  /** The job's own log, or what its steps have said until now. */
  jobLog(): string[] {
    return this.logOf(WHOLE_JOB) ?? this.steps().flatMap(({ id }) => this.logOf(id) ?? []);
  }

  /** Markdown. False where the job has too many of them. */
  setSummary(step: string, markdown: string): boolean {
    if (!this.#summaries.has(step) && this.#summaries.size >= MOST_SUMMARIES) return false;
    this.#summaries.set(step, markdown);
    return true;
  }

  /** Markdown, in the order of the steps. */
  summaries(): string[] {
    const order = this.steps().map(({ id }) => id);
    const known = [...this.#summaries].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
    return known.map(([, markdown]) => markdown).filter((markdown) => markdown.trim() !== '');
  }
}
