import type { JobFact } from '../../functions/core/task/facts.ts';
import { ServiceError } from '../../functions/core/words/errors.ts';
import { SECOND, type World } from '../world.ts';
import type { Repository } from './types.ts';

/**
 * Repositories beside those that are watched, and what is wrong with them: nothing, and nothing to do; hundreds of
 * active foreign runs; reads that take long; reads that fail for good; gone.
 */
export const NEIGHBOURS = ['idle', 'heavy', 'slow', 'unreadable', 'gone'] as const;
export type NeighbourKind = (typeof NEIGHBOURS)[number];

export interface Neighbour extends Repository {
  readonly kind: NeighbourKind;
}

const ACTIVE_RUNS = 250;
const FIRST_ID = 10_000;
/** The watched repository that others' runs are in. */
const CROWDED_ID = 1;
/** Ids of the watched repositories' runs begin here: a look by ids comes to them last. */
export const WATCHED_RUNS_FROM = 1_000_000_000;

const FOREIGN: Omit<JobFact, 'jobId' | 'runId'> = {
  status: 'in_progress',
  labels: ['ubuntu-latest'],
  createdAtMs: 0,
  runnerName: 'GitHub Actions 1',
};

export const neighboursOf = (
  counts: ReadonlyArray<readonly [kind: NeighbourKind, count: number]>,
): readonly Neighbour[] =>
  counts
    .flatMap(([kind, count]) => Array.from({ length: count }, () => kind))
    .map((kind, index) => ({
      ...{ id: FIRST_ID + index, owner: 'acme', name: `${kind}-${index}`, installationId: 77, kind },
    }));

export class Neighbours {
  readonly #byId: ReadonlyMap<number, Neighbour>;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
    this.#byId = new Map(world.neighbours.map((one) => [one.id, one]));
  }

  find(repositoryId: number): Neighbour | undefined {
    return this.#byId.get(repositoryId);
  }

  /** How much longer each read of it takes. */
  slownessMs(repositoryId: number): number {
    return this.find(repositoryId)?.kind === 'slow' ? this.#world.between(10, 15) * SECOND : 0;
  }

  /** Throws what a read of it meets. */
  check(repositoryId: number): void {
    const kind = this.find(repositoryId)?.kind;
    const status = kind === 'gone' ? 404 : kind === 'unreadable' ? 502 : undefined;
    if (status !== undefined)
      throw new ServiceError({ service: 'github', operation: 'list runs', status }, 'the call failed');
  }

  /** Ids of its active runs. */
  runsOf(repositoryId: number): number[] {
    const { crowdedRuns = 0 } = this.#world.workload;
    const isHeavy = this.find(repositoryId)?.kind === 'heavy';
    const count = isHeavy ? ACTIVE_RUNS : repositoryId === CROWDED_ID ? crowdedRuns : 0;
    return Array.from({ length: count }, (_, index) => repositoryId * 1_000 + index);
  }

  isTheirs(runId: number): boolean {
    return runId < WATCHED_RUNS_FROM;
  }

  jobsOf(runId: number): JobFact[] {
    return [{ ...FOREIGN, jobId: runId * 10, runId }];
  }
}
