import type { Job, Repository } from './github/types.ts';
import type { Options } from './options.ts';
import type { Services } from './ports.ts';
import { MINUTE, SECOND, START_MS } from './world.ts';

/** By default jobs come in runs of one to twelve over so long, in three repositories, for 10 s to 20 minutes each. */
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
/** Labels of ours that no runners.yml serves. */
export const UNSERVABLE: ReadonlyArray<readonly string[]> = [['fargate/cpu=64'], ['fargate/cpu=4x']];
const CLOSED: Repository = { id: 9, name: 'closed' };

type Creating = Pick<Services, 'world' | 'github'>;

/** Lets all jobs of a run come, each at its time. */
export function arrive({ world, github, repositories }: Services, { jobs }: Options): void {
  const { burstOf, isAcross, isSingle, labels = LABELS, longestJobMs = LONGEST_JOB_MS } = world.workload;
  const isBurst = burstOf !== undefined;
  const drawSize = () => (isSingle ? 1 : 1 + Math.floor(world.random() ** 2 * 12));
  let nextId = 1000;
  for (let left = jobs, runId = 1; left > 0; runId++) {
    const size = Math.min(left, burstOf ?? drawSize());
    left -= size;
    const atMs = START_MS + 1 + (isBurst ? 0 : world.random() * ARRIVALS_MS);
    const isOne = isBurst && !isAcross;
    const repository = isOne ? (repositories[0] as Repository) : world.pick(repositories);
    const run = { runId, repository, labels: world.pick(labels) };
    for (let n = 0; n < size; n++) {
      const id = nextId++;
      world.clock.at(atMs, () => createOne({ world, github }, { id, ...run }, longestJobMs));
    }
  }
}

function createOne(
  { world, github }: Creating,
  job: Pick<Job, 'id' | 'runId' | 'repository' | 'labels'>,
  longestJobMs: number,
): void {
  const durationMs = SHORTEST_JOB_MS * (longestJobMs / SHORTEST_JOB_MS) ** world.random();
  const createdAtMs = world.nowMs;
  const queuedAtMs = createdAtMs + (world.strikes('awaitsApproval') ? world.between(1, 60) * MINUTE : 0);
  const made: Job = { ...job, isOurs: true, createdAtMs, queuedAtMs, durationMs };
  github.create(made);
  if (world.strikes('cancelled')) world.clock.after(world.between(0, 4) * MINUTE, () => github.cancel(made));
  if (world.strikes('foreignTaker')) createForeign({ world, github }, made);
}

/** One that is not ours but fits our runners: of a closed repository, or with common labels only. */
function createForeign({ world, github }: Creating, job: Job): void {
  const isClosed = world.random() < 0.5 || !job.labels.includes('self-hosted');
  const foreign = {
    id: job.id + 100_000,
    runId: job.runId + 100_000,
    repository: isClosed ? CLOSED : job.repository,
    labels: isClosed ? job.labels : ['self-hosted'],
    isOurs: false,
    // Some hold a runner for longer than a job of ours may wait for it.
    durationMs: world.random() < 0.2 ? 180 * MINUTE : job.durationMs,
  };
  world.clock.after(world.between(0, 60) * SECOND, () => {
    const queued: Job = { ...foreign, createdAtMs: world.nowMs, queuedAtMs: world.nowMs };
    github.create(queued);
    // Another's runner takes it, if none of ours has.
    world.clock.after(5 * MINUTE, () => {
      if (queued.startedAtMs === undefined) github.cancel(queued);
    });
  });
}
