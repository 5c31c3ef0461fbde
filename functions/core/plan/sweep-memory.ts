import type { Repository, Scope } from '../job/repository.ts';
import type { OrphanLook } from './plan-sweep.ts';

/** What a warm sweep remembers. Losing it costs time only: a look or a removal is made again. Times are epoch milliseconds. */
export interface SweepMemory {
  looks: readonly OrphanLook[];
  lastLookAtMs: number;
  /** When each scope's registrations were listed last. */
  readonly scopeLooks: Map<Scope, number>;
  settledTaskArns: ReadonlySet<string>;
  /** When the repositories with tasks of each owner were doubted last (rule 21). */
  readonly busyDoubts: Map<string, number>;
  /** All allowed repositories, as listed last. */
  repositories: readonly Repository[];
  repositoriesReadAtMs: number;
  readonly polls: Map<number, PastPoll>;
  /** Calls that each owner's installation may still spend on polls. */
  readonly pollCalls: Map<string, CallsLeft>;
  /** When each delivery was sent again, by its GUID: GitHub's list is behind. */
  readonly redeliveries: Map<string, number>;
  /** What GitHub said last of the image's runner, and when. */
  version: { readonly endsAtMs: number | undefined; readonly readAtMs: number };
}

export interface PastPoll {
  readonly atMs: number;
  readonly count: number;
}

interface CallsLeft {
  readonly calls: number;
  readonly atMs: number;
}

export const emptySweepMemory = (): SweepMemory => ({
  looks: [],
  lastLookAtMs: 0,
  scopeLooks: new Map(),
  settledTaskArns: new Set(),
  busyDoubts: new Map(),
  repositories: [],
  repositoriesReadAtMs: 0,
  polls: new Map(),
  pollCalls: new Map(),
  redeliveries: new Map(),
  version: { endsAtMs: undefined, readAtMs: 0 },
});
