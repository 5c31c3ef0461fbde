import type { Job, Repository } from './github.ts';
import type { Services } from './ports.ts';
import { MINUTE, type Options, SECOND, START_MS } from './world.ts';

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
const CLOSED: Repository = { id: 9, name: 'closed' };

type Queueing = Pick<Services, 'world' | 'github'>;

/** Lets all jobs of a run come, each at its time. */
export function arrive({ world, github, repositories }: Services, { jobs, workload = {} }: Options): void {
  const { runSize, labels = LABELS, longestJobMs = LONGEST_JOB_MS } = workload;
  // A workload with runs of one size is a burst: all at once, in one repository.
  const isBurst = runSize !== undefined;
  let nextId = 1000;
  for (let left = jobs, runId = 1; left > 0; runId++) {
    const size = Math.min(left, runSize ?? 1 + Math.floor(world.random() ** 2 * 12));
    left -= size;
    const atMs = START_MS + 1 + (isBurst ? 0 : world.random() * ARRIVALS_MS);
    const repository = isBurst ? (repositories[0] as Repository) : world.pick(repositories);
    const run = { runId, repository, labels: world.pick(labels) };
    for (let n = 0; n < size; n++) {
      const id = nextId++;
      world.clock.at(atMs, () => queueOne({ world, github }, { id, ...run }, longestJobMs));
    }
  }
}

function queueOne(
  { world, github }: Queueing,
  job: Pick<Job, 'id' | 'runId' | 'repository' | 'labels'>,
  longestJobMs: number,
): void {
  const durationMs = SHORTEST_JOB_MS * (longestJobMs / SHORTEST_JOB_MS) ** world.random();
  const made: Job = { ...job, isOurs: true, createdAtMs: world.nowMs, durationMs };
  github.queue(made);
  if (world.strikes('cancelled')) world.clock.after(world.between(0, 4) * MINUTE, () => github.cancel(made));
  if (world.strikes('foreignTaker')) queueForeign({ world, github }, made);
}

/** One that is not ours but fits our runners: of a closed repository, or with common labels only. */
function queueForeign({ world, github }: Queueing, job: Job): void {
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
    const queued: Job = { ...foreign, createdAtMs: world.nowMs };
    github.queue(queued);
    // Another's runner takes it, if none of ours has.
    world.clock.after(5 * MINUTE, () => {
      if (queued.startedAtMs === undefined) github.cancel(queued);
    });
  });
}
