import { accountOf, type Repository } from '../core/job/repository.ts';
import type { JobLookRequest } from '../core/plan/job-look.ts';
import type { JobFact } from '../core/task/facts.ts';
import type { ServiceError } from '../core/words/errors.ts';
import type { GitHubApp } from './app.ts';
import type { Resource } from './conditional.ts';
import { type HeldRuns, heldRunsOf } from './held-runs.ts';
import { createReads, type Reads } from './reads.ts';
import type { Page } from './records.ts';
import type { RunFact } from './runs.ts';

/** One look while it is under way. */
export interface LookState {
  readonly request: JobLookRequest;
  readonly repository: Repository;
  readonly nowMs: number;
  readonly reads: Reads;
  readonly heldRuns: HeldRuns;
  readonly jobs: Map<number, JobFact>;
  readonly runs: Map<number, RunFact>;
  /** Runs whose jobs are known, and those whose jobs could not be read. */
  readonly readRunIds: Set<number>;
  readonly failedRunIds: Set<number>;
  /** True until the lists of runs have been read: before, nobody knows which runs are next. */
  isCutShort: boolean;
  malformedRecords: number;
  hasRead: boolean;
  /** The first call that failed. */
  problem: ServiceError | undefined;
  failures: number;
}

export function startLook(app: GitHubApp, request: JobLookRequest, nowMs: number): LookState {
  const { repository } = request;
  return {
    request,
    nowMs,
    repository,
    reads: createReads(app, accountOf(repository), request),
    heldRuns: heldRunsOf(app),
    jobs: new Map(),
    runs: new Map(),
    readRunIds: new Set(),
    failedRunIds: new Set(),
    malformedRecords: 0,
    hasRead: false,
    isCutShort: true,
    problem: undefined,
    failures: 0,
  };
}

/** What came of a listing. Only `whole` has all its records. */
type ListingEnd = 'whole' | 'too-long' | 'over' | ServiceError;

export interface Listing<Item> {
  readonly items: readonly Item[];
  readonly malformedRecords: number;
  readonly end: ListingEnd;
}

/** Reads a listing page by page, as far as it goes. */
export async function readListing<Item>(
  look: LookState,
  mostPages: number,
  pageAt: (page: number) => Resource<Page<Item>>,
): Promise<Listing<Item>> {
  const items: Item[] = [];
  let malformedRecords = 0;
  for (let page = 1; page <= mostPages; page++) {
    const read = await look.reads.get(pageAt(page));
    if (read.kind !== 'read')
      return { items, malformedRecords, end: read.kind === 'over' ? 'over' : read.error };
    look.hasRead = true;
    items.push(...read.value.items);
    malformedRecords += read.value.malformedRecords;
    look.malformedRecords += read.value.malformedRecords;
    if (read.value.isLast) return { items, malformedRecords, end: 'whole' };
  }
  return { items, malformedRecords, end: 'too-long' };
}

/** Ends the look: what was read by now is its result. */
export function endLook(look: LookState, error: ServiceError): void {
  look.problem ??= error;
  look.reads.end();
}

/** More failures than this are GitHub's state, and not one run's. */
const MOST_FAILURES = 2;

/** Passes over what GitHub fails to tell: one run that it cannot list must not end every look there. */
export function passOver(look: LookState, error: ServiceError): void {
  const { status = 500 } = error.facts;
  // A 4xx is a refusal that the next call would meet too; 200 is an answer that is not of the documented form.
  const isOneOfMany = status >= 500 || status === 200;
  look.problem ??= error;
  if (!isOneOfMany || ++look.failures > MOST_FAILURES) look.reads.end();
}

export const isGone = ({ facts }: ServiceError): boolean => facts.status === 404 || facts.status === 410;

const AT_ONCE = 5;

/** Reads these in their order, a few at once, for as long as the budget lasts. */
export async function readEach<Item>(
  { reads }: LookState,
  items: readonly Item[],
  read: (item: Item) => Promise<void>,
): Promise<void> {
  for (let next = 0; next < items.length; ) {
    const count = Math.min(AT_ONCE, reads.left());
    if (count === 0) return;
    await Promise.all(items.slice(next, next + count).map(read));
    next += count;
  }
}
