import { setImmediate as turn } from 'node:timers/promises';
import { TokenBucket } from '../model/token-bucket.ts';
import { Deliveries } from './deliveries.ts';
import { Deployment } from './deployment.ts';
import { Ecs } from './ecs/ecs.ts';
import type { Fault } from './faults.ts';
import { GitHub } from './github/github.ts';
import type { Repository } from './github/types.ts';
import type { Options, Violation } from './options.ts';
import type { Services } from './ports.ts';
import { DoubtQueue } from './queue.ts';
import {
  checkBounds,
  checkCapacity,
  checkLaterAttempts,
  checkNoneLost,
  checkNoneRefused,
  isAtRest,
  LeftoverWatch,
  leftOver,
  mostLaunches,
  startedOf,
  surplusOf,
} from './verdict.ts';
import { ARRIVALS_MS, arrive, troubleNeighbours } from './workload.ts';
import { FAULTS_LAST_MS, MINUTE, PREFIX, START_MS, World } from './world.ts';

export interface Result {
  readonly options: Options;
  readonly violations: ReadonlyArray<{ readonly kind: Violation; readonly detail: string }>;
  readonly story: readonly string[];
  readonly jobs: number;
  readonly surplus: number;
  readonly injected: ReadonlyMap<Fault, number>;
  readonly counts: World['counts'];
  /** From queued to started, for each of our jobs that started; milliseconds. */
  readonly waitsMs: readonly number[];
  /** The longest time that a registration was without a task. */
  readonly longestLeftoverMs: number;
  /** When tasks started, in order; since the start of the run. */
  readonly launchesMs: readonly number[];
  /** GitHub reads, of all kinds, until the last launch. */
  readonly readsUntilLaunched: number;
  /** The most launches that any of our jobs had. */
  readonly mostLaunches: number;
  readonly mostAtOnce: number;
}

/** How long after the last fault every queued job must have started; see docs/reliability.md. */
const BOUND_MS = 60 * MINUTE;
const LAST_MS = START_MS + FAULTS_LAST_MS + BOUND_MS + 80 * MINUTE;

/** Three of one owner and one of another: each owner has an installation, and its own limits. */
const REPOSITORIES: readonly Repository[] = ['acme/web', 'acme/api', 'acme/tool', 'beta/app'].map(
  (fullName, index) => {
    const [owner = '', name = ''] = fullName.split('/');
    return { id: index + 1, owner, name, installationId: owner === 'acme' ? 77 : 88 };
  },
);

export interface Running {
  readonly services: Services;
  readonly deployment: Deployment;
}

/** The models and the functions on them, at the beginning of a run. */
export function start(options: Options): Running {
  const world = new World(options);
  const github = new GitHub(world);
  const running = deploy(world, github, { prefix: PREFIX, policy: world.policy });
  github.onEvent = (job, action, status) => running.services.deliveries.send(job, action, status);
  return running;
}

/** One deployment, in a region and an account of its own. */
export function deploy(
  world: World,
  github: GitHub,
  { prefix, policy }: Pick<Services, 'prefix' | 'policy'>,
): Running {
  const services: Services = {
    ...{ world, github, prefix, policy },
    ...{ ecs: new Ecs(world, github), queue: new DoubtQueue(world) },
    deliveries: new Deliveries(world, github, REPOSITORIES),
    // docs.aws.amazon.com: Parameter Store gives 40 reads a second to an account.
    ssm: new TokenBucket(40, 40),
    ...{ polls: new Map(), repositories: REPOSITORIES, registered: new Set() },
  };
  return { services, deployment: new Deployment(services) };
}

/** Plays one seed to its end: all jobs done and nothing left, or the time in which that must be is over. */
export async function simulate(options: Options): Promise<Result> {
  const { stackTraceLimit } = Error;
  // Nobody reads the stacks of the thousands of refusals of a seed, and they take half of its time.
  if (!options.keepsStory) Error.stackTraceLimit = 0;
  try {
    return await playSeed(options);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

async function playSeed(options: Options): Promise<Result> {
  const { services, deployment } = start(options);
  arrive(services, options);
  troubleNeighbours(services);
  const leftovers = new LeftoverWatch();
  await play(services, options, leftovers);
  checkNoneRefused(services);
  checkCapacity(services);
  checkLaterAttempts(services);
  checkBounds(services, options.bounds ?? {}, leftovers);
  for (const what of leftOver(services)) services.world.violate('left over', what);
  await windDown(services, deployment);
  return report(services, options, leftovers);
}

async function play(services: Services, { faults }: Options, leftovers: LeftoverWatch): Promise<void> {
  const { clock } = services.world;
  const earliestMs = START_MS + (faults.size > 0 ? FAULTS_LAST_MS : ARRIVALS_MS);
  const boundMs = earliestMs + BOUND_MS;
  for (let nowMs = START_MS; nowMs < LAST_MS; nowMs += MINUTE) {
    await clock.runUntil(nowMs);
    leftovers.look(services);
    if (nowMs > earliestMs && isAtRest(services)) return;
    if (nowMs === boundMs) checkNoneLost(services);
  }
}

/** No message stays either. The rotation would never end, so it is stopped first. */
async function windDown({ world, queue }: Services, deployment: Deployment): Promise<void> {
  deployment.isScheduled = false;
  // A late delivery may have raised one more doubt, which is read and done with; a doubt that breeds stays.
  for (let n = 0; n < 4 && (n === 0 || queue.size > 0); n++)
    await world.clock.runUntil(world.nowMs + 30 * MINUTE);
  if (queue.size > 0) world.violate('left over', `${queue.size} messages`);
  await turn();
}

function report(services: Services, options: Options, { longestMs }: LeftoverWatch): Result {
  const { world, github } = services;
  return {
    options,
    violations: world.violations,
    story: world.story,
    jobs: [...github.jobs.values()].filter((job) => job.isOurs).length,
    surplus: surplusOf(services),
    injected: world.injected,
    counts: world.counts,
    waitsMs: startedOf(services).map((job) => (job.startedAtMs ?? 0) - job.queuedAtMs),
    longestLeftoverMs: longestMs,
    launchesMs: world.launchesAtMs.map((atMs) => atMs - START_MS),
    readsUntilLaunched: world.readsUntilLaunched,
    mostLaunches: mostLaunches(services),
    mostAtOnce: world.mostAtOnce,
  };
}
