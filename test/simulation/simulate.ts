import { setImmediate as turn } from 'node:timers/promises';
import { Deliveries } from './deliveries.ts';
import { Deployment } from './deployment.ts';
import { Ecs } from './ecs.ts';
import { GitHub, type Repository } from './github.ts';
import type { Services } from './ports.ts';
import { DoubtQueue } from './queue.ts';
import { ARRIVALS_MS, arrive } from './workload.ts';
import {
  type Bounds,
  FAULTS_LAST_MS,
  MINUTE,
  type Options,
  START_MS,
  type Violation,
  World,
} from './world.ts';

export interface Result {
  readonly options: Options;
  readonly violations: ReadonlyArray<{ readonly kind: Violation; readonly detail: string }>;
  readonly story: readonly string[];
  readonly jobs: number;
  readonly surplus: number;
  readonly faults: number;
  readonly counts: World['counts'];
  /** From queued to started, of every job of ours that started; milliseconds. */
  readonly waitsMs: readonly number[];
  /** When tasks started, in order; since the start of the run. */
  readonly launchesMs: readonly number[];
  readonly injected: ReadonlyMap<string, number>;
  /** GitHub reads, of all kinds, until the last launch. */
  readonly readsUntilLaunched: number;
  readonly endMs: number;
}

/** So long after the last fault every queued job must have started; see docs/reliability.md. */
const BOUND_MS = 60 * MINUTE;
const LAST_MS = START_MS + FAULTS_LAST_MS + BOUND_MS + 80 * MINUTE;

const REPOSITORIES: readonly Repository[] = ['web', 'api', 'tool'].map((name, index) => ({
  id: index + 1,
  name,
}));
/** Plays one seed to its end: all jobs done and nothing left, or the time in which that must be is over. */
export async function simulate(options: Options): Promise<Result> {
  const world = new World(options);
  const github = new GitHub(world);
  const ecs = new Ecs(world, github);
  const queue = new DoubtQueue(world);
  const deliveries = new Deliveries(world);
  const services = { world, github, ecs, queue, deliveries, repositories: REPOSITORIES };
  const deployment = new Deployment(services);
  github.onEvent = (job, action) => deliveries.send(job, action, options.workload?.spreadMs);
  arrive(services, options);
  await play(services, deployment, options);
  return report(services, options);
}

async function play(
  services: Services,
  deployment: Deployment,
  { faults, bounds = DEFAULT_BOUNDS }: Options,
): Promise<void> {
  const { world, github, queue } = services;
  const boundMs = START_MS + (faults.size > 0 ? FAULTS_LAST_MS : ARRIVALS_MS) + BOUND_MS;
  const earliestMs = START_MS + (faults.size > 0 ? FAULTS_LAST_MS : ARRIVALS_MS);
  let isBoundChecked = false;
  for (let nowMs = START_MS; nowMs < LAST_MS; nowMs += MINUTE) {
    await world.clock.runUntil(nowMs);
    if (!isBoundChecked && nowMs >= boundMs) {
      isBoundChecked = true;
      for (const job of github.jobs.values())
        if (job.isOurs && !job.isCancelled && job.startedAtMs === undefined)
          world.violate(
            'lost',
            `job ${job.id}, queued ${Math.round((nowMs - job.createdAtMs) / MINUTE)} minutes ago`,
          );
    }
    if (nowMs > earliestMs && isAtRest(services)) break;
  }
  checkBounds(services, bounds);
  for (const what of leftOver(services)) world.violate('left over', what);
  // The rotation goes on for ever, so it is stopped before the queue is looked at.
  deployment.isScheduled = false;
  // A late delivery may have raised one more doubt, which is read and done with; a doubt that breeds stays.
  for (let n = 0; n < 4 && (n === 0 || queue.size > 0); n++)
    await world.clock.runUntil(world.nowMs + 30 * MINUTE);
  if (queue.size > 0) world.violate('left over', `${queue.size} messages`);
  await turn();
}

/** Each fault that struck explains at most so many launches too many, whatever the faults are. */
const DEFAULT_BOUNDS: Bounds = { surplusPerFault: 1 };

function checkBounds({ world, github }: Services, bounds: Bounds): void {
  const ours = [...github.jobs.values()].filter((job) => job.isOurs);
  const started = ours.filter((job) => job.startedAtMs !== undefined);
  const faults = [...world.injected.values()].reduce((sum, count) => sum + count, 0);
  const surplus = world.counts.tasks - started.length;
  const { surplusPerFault = Infinity, longestWait = Infinity, readsPerJob = Infinity } = bounds;
  if (surplus > 0 && surplus > surplusPerFault * faults)
    world.violate('surplus', `${surplus} tasks too many`);
  for (const { id, startedAtMs = Infinity, createdAtMs, isCancelled } of ours)
    if (!isCancelled && startedAtMs - createdAtMs > longestWait * MINUTE)
      world.violate('slow', `job ${id} waited ${Math.round((startedAtMs - createdAtMs) / MINUTE)} minutes`);
  const reads = (world.counts.jobReads + world.counts.otherReads) / Math.max(1, ours.length);
  if (reads > readsPerJob) world.violate('reads', `${reads.toFixed(1)} GitHub reads a job`);
}

const isAtRest = ({ github, ecs }: Services): boolean =>
  ecs.live.size === 0 && github.runners.size === 0 && [...github.jobs.values()].every((job) => job.endedAtMs);

const leftOver = ({ github, ecs }: Services): string[] => [
  ...[...ecs.live].map((task) => `task ${task.request.runnerName}`),
  ...[...github.runners.values()].map((runner) => `registration ${runner.name}`),
];

function report({ world, github }: Services, options: Options): Result {
  const ours = [...github.jobs.values()].filter((job) => job.isOurs);
  const started = ours.filter((job) => job.startedAtMs !== undefined);
  return {
    options,
    violations: world.violations,
    story: world.story,
    jobs: ours.length,
    surplus: world.counts.tasks - started.length,
    faults: [...world.injected.values()].reduce((sum, count) => sum + count, 0),
    counts: world.counts,
    waitsMs: started.map((job) => (job.startedAtMs ?? 0) - job.createdAtMs),
    injected: world.injected,
    launchesMs: world.launchesAtMs.map((atMs) => atMs - START_MS),
    readsUntilLaunched: world.readsUntilLaunched,
    endMs: world.nowMs - START_MS,
  };
}
