import { groupIdOf, raiseDoubt, writeDoubt } from '../functions/core/plan/doubt.ts';
import { WATCHED_RUNS_FROM } from './github/neighbours.ts';
import type { NewJob, Repository } from './github/types.ts';
import type { Options } from './options.ts';
import { doubtedRepository, type Services } from './ports.ts';
import { ruledJobsOf } from './rules.ts';
import { FAULTS_LAST_MS, MINUTE, SECOND, START_MS } from './world.ts';

/** By default jobs come in runs of one to twelve over this time, in three repositories, for 10 s to 20 minutes each. */
export const ARRIVALS_MS = 40 * MINUTE;
const SHORTEST_JOB_MS = 10 * SECOND;
const LONGEST_JOB_MS = 20 * MINUTE;
const LABELS = [
  ['fargate'],
  ['self-hosted', 'fargate'],
  ['fargate/large'],
  ['fargate/spot'],
  ['self-hosted', 'linux', 'fargate'],
];
/** Labels with our prefix that no runners.yml serves. */
export const UNSERVABLE: ReadonlyArray<readonly string[]> = [['fargate/cpu=64'], ['fargate/cpu=4x']];
const CLOSED: Repository = { id: 9, owner: 'acme', name: 'closed', installationId: 77 };
const DAY = 24 * 60 * MINUTE;
/** Then somebody cancels what no runner gets. */
const NEVER_GIVEN_UNTIL_MS = START_MS + FAULTS_LAST_MS + 30 * MINUTE;

type Creating = Pick<Services, 'world' | 'github'>;

/** Lets all jobs of a run come, each at its time. */
export function arrive({ world, github, repositories }: Services, { jobs }: Options): void {
  const {
    burstOf,
    isAcross,
    isSingle,
    isMarked,
    labels = LABELS,
    longestJobMs = LONGEST_JOB_MS,
  } = world.workload;
  const isBurst = burstOf !== undefined;
  const drawSize = () => (isSingle ? 1 : 1 + Math.floor(world.random() ** 2 * 12));
  let nextId = 1000;
  for (let left = jobs, runId = WATCHED_RUNS_FROM; left > 0; runId++) {
    const size = Math.min(left, burstOf ?? drawSize());
    left -= size;
    const atMs = START_MS + 1 + (isBurst ? 0 : world.random() * ARRIVALS_MS);
    const isOne = isBurst && !isAcross;
    // A burst is bounded by the limits of one installation.
    const choices = isBurst ? repositories.filter(({ owner }) => owner === 'acme') : repositories;
    const repository = isOne ? (repositories[0] as Repository) : world.pick(choices);
    const isHeldBack = size > 1 && size <= 4 && world.strikes('held-back');
    const ruled = world.workload.isRuled ? world.pick(ruledJobsOf(repository)) : undefined;
    const drawn = ruled?.labels ?? world.pick(labels);
    const run = {
      runId,
      repository,
      labels: isMarked ? mark(drawn, runId) : drawn,
      ...(isHeldBack && { maxParallel: 1 }),
      ...(ruled && { comesTo: ruled.comesTo }),
    };
    for (let n = 0; n < size; n++) {
      const id = nextId++;
      world.clock.at(atMs, () => createOne({ world, github }, { id, ...run }, longestJobMs));
    }
  }
}

/** As `runs-on: fargate/run=${{ github.run_id }}` does. */
const mark = (labels: readonly string[], runId: number): readonly string[] =>
  labels.map((label) => (label.startsWith('fargate') ? `${label}/run=${runId}` : label));

function createOne(
  { world, github }: Creating,
  job: Pick<NewJob, 'id' | 'runId' | 'repository' | 'labels' | 'maxParallel' | 'comesTo'>,
  longestJobMs: number,
): void {
  const durationMs = SHORTEST_JOB_MS * (longestJobMs / SHORTEST_JOB_MS) ** world.random();
  // An approval may come days after the job.
  const createdAtMs = world.nowMs - (world.strikes('approved-after-days') ? 3 * DAY : 0);
  const queuedAtMs = world.nowMs + (world.strikes('awaits-approval') ? world.between(1, 60) * MINUTE : 0);
  const asked = { ...job, isOurs: true, createdAtMs, queuedAtMs, durationMs };
  const made = github.create(asked);
  // Somebody sees in the end that it waits in vain.
  if (job.comesTo === 'told') world.clock.at(NEVER_GIVEN_UNTIL_MS, () => github.cancel(made));
  if (world.strikes('never-given')) createNeverGiven({ world, github }, asked);
  if (world.strikes('job-cancelled'))
    world.clock.after(world.between(0, 4) * MINUTE, () => github.cancel(made));
  if (world.strikes('foreign-taker')) createForeign({ world, github }, asked);
}

/** One that is not ours but fits our runners: of a closed repository, or with common labels only. */
function createForeign({ world, github }: Creating, job: NewJob): void {
  const isClosed = world.random() < 0.5 || !job.labels.includes('self-hosted');
  const foreign = {
    id: job.id + 100_000,
    runId: job.runId + 100_000,
    repository: isClosed ? CLOSED : job.repository,
    labels: isClosed ? job.labels : ['self-hosted'],
    isOurs: false,
    // Some hold a runner for longer than one of our jobs may wait for it.
    durationMs: world.random() < 0.2 ? 180 * MINUTE : job.durationMs,
  };
  world.clock.after(world.between(0, 60) * SECOND, () => {
    const queued = github.create({ ...foreign, createdAtMs: world.nowMs, queuedAtMs: world.nowMs });
    // Another's runner takes it, unless one of our runners has.
    world.clock.after(5 * MINUTE, () => {
      if (queued.startedAtMs === null) github.cancel(queued);
    });
  });
}

/** One that no runner gets: its group leaves the repository out, or GitHub has forgotten it, 34 days ago. */
function createNeverGiven({ world, github }: Creating, job: NewJob): void {
  const isForgotten = world.random() < 0.5;
  const createdAtMs = world.nowMs - (isForgotten ? 34 * DAY : 0);
  const ids = { id: job.id + 200_000, runId: job.runId + 1_000 * job.id };
  const { maxParallel: _, ...alike } = job;
  const asked = { ...alike, ...ids, createdAtMs, queuedAtMs: createdAtMs, isNeverGiven: true };
  const queued = isForgotten ? github.forget(asked) : github.create(asked);
  world.clock.at(NEVER_GIVEN_UNTIL_MS, () => github.cancel(queued));
}

/** Each repository that is in trouble was doubted once, as by a launch that was refused. */
export function troubleNeighbours({ world, queue }: Pick<Services, 'world' | 'queue'>): void {
  for (const { kind, ...repository } of world.neighbours) {
    if (kind === 'idle') continue;
    const doubt = raiseDoubt(doubtedRepository(repository), START_MS);
    world.clock.at(START_MS + world.random() * ARRIVALS_MS, () =>
      queue.send(writeDoubt(doubt), groupIdOf(doubt), `trouble-${repository.id}`),
    );
  }
}
