import type { Task } from './ecs/task.ts';
import { explainedSurplus } from './faults.ts';
import { isLostToSpot } from './github/reruns.ts';
import type { Runner } from './github/types.ts';
import type { Bounds } from './options.ts';
import type { Services } from './ports.ts';
import { UNSERVABLE } from './workload.ts';
import { MINUTE, START_MS } from './world.ts';

const oursOf = ({ github }: Services) =>
  [...github.jobs.values()].filter((job) => job.isOurs && !job.isNeverGiven && job.comesTo !== 'told');
export const startedOf = (services: Services) => oursOf(services).filter((job) => job.startedAtMs !== null);
/** Tasks beyond those that our jobs ran on. */
export const surplusOf = (services: Services): number =>
  services.world.counts.tasks - startedOf(services).length;

/** How long registrations are without a task: looked at each minute, kept between looks. */
export class LeftoverWatch {
  readonly #sinceMs = new Map<Runner, number>();
  longestMs = 0;
  longest = '';

  look({ world, github, ecs }: Services): void {
    const held = new Set([...ecs.live].map(({ request }) => request.runnerId));
    const free = [...github.registrations.all.values()].filter((runner) => !held.has(runner.id));
    for (const runner of this.#sinceMs.keys()) if (!free.includes(runner)) this.#sinceMs.delete(runner);
    for (const runner of free) {
      const sinceMs = this.#sinceMs.get(runner) ?? world.nowMs;
      this.#sinceMs.set(runner, sinceMs);
      if (world.nowMs - sinceMs > this.longestMs) this.longest = runner.name;
      this.longestMs = Math.max(this.longestMs, world.nowMs - sinceMs);
    }
  }
}

/** Every queued job that is not cancelled has started by now. */
export function checkNoneLost(services: Services): void {
  const { world } = services;
  for (const { id, queuedAtMs, isCancelled, startedAtMs } of oursOf(services))
    if (!isCancelled && startedAtMs === null)
      world.violate(
        'lost',
        `job ${id}, queued ${Math.round((world.nowMs - queuedAtMs) / MINUTE)} minutes ago`,
      );
}

/** A task that fails its job, with a reason, took none that could be served (ADR 32). */
export function checkNoneRefused({ world, github, ecs }: Services): void {
  const refusals = new Set(
    ecs.tasks.flatMap(({ request, runner }) => (request.launch.rejection ? [runner] : [])),
  );
  for (const { id, labels, runner, isOurs, comesTo } of github.jobs.values())
    if (isOurs && runner && refusals.has(runner) && comesTo !== 'failed' && !UNSERVABLE.includes(labels))
      world.violate('failed in error', `job ${id} (${labels.join(' ')}) on ${runner.name}`);
}

/** Each of our jobs that asks for Docker has run on a task with it, and no other has. */
export function checkCapacity({ world, github, ecs }: Services): void {
  const onDocker = new Set(
    ecs.tasks.flatMap(({ request, runner }) => (request.launch.given.provider === 'docker' ? [runner] : [])),
  );
  for (const { id, labels, runner, isOurs } of github.jobs.values())
    if (isOurs && runner && onDocker.has(runner) !== asksForDocker(labels))
      world.violate('wrong capacity', `job ${id} (${labels.join(' ')}) on ${runner.name}`);
}

/** A later attempt is launched on demand, where runners.yml says so. */
export function checkLaterAttempts({ world, github, ecs, policy }: Services): void {
  if (policy.spot.fallback !== 'on-demand-after-interruption') return;
  for (const { request } of ecs.tasks) {
    const { jobId, given } = request.launch;
    if (given.provider === 'fargate-spot' && github.jobs.get(jobId)?.againOf !== undefined)
      world.violate('wrong capacity', `job ${jobId} of a later attempt on ${request.runnerName}`);
  }
}

const asksForDocker = (labels: readonly string[]): boolean =>
  labels.some((label) => label.split('/').includes('docker'));

const DAY = 24 * 60 * MINUTE;
/** Launches for one job that no runner gets in the three hours that it is there, at most. */
const MOST_IN_VAIN = 24;

/** The most launches of one job that a runner could have got. */
export function mostLaunches({ github, ecs }: Services): number {
  const counts = new Map<number, number>();
  for (const { request } of ecs.tasks) {
    const { jobId } = request.launch;
    if (!github.jobs.get(jobId)?.isNeverGiven) counts.set(jobId, (counts.get(jobId) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

/** None for one that GitHub has forgotten: it was queued a month ago. */
const mostInVain = ({ github }: Services, jobId: number): number | undefined =>
  (github.jobs.get(jobId)?.createdAtMs ?? START_MS) < START_MS - 30 * DAY ? 0 : undefined;

function launchesInVain({ github, ecs }: Services): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { request } of ecs.tasks) {
    const { jobId } = request.launch;
    if (github.jobs.get(jobId)?.isNeverGiven) counts.set(jobId, (counts.get(jobId) ?? 0) + 1);
  }
  return counts;
}

/** What the faults must not cost. */
export function checkBounds(services: Services, bounds: Bounds, leftovers: LeftoverWatch): void {
  const { world, github } = services;
  const { counts } = world;
  const ours = oursOf(services);
  const perJob = (count: number) => count / Math.max(1, ours.length);
  const expect = (
    kind: Parameters<typeof world.violate>[0],
    value: number,
    most: number | undefined,
    what: string,
  ) => {
    if (most !== undefined && value > most)
      world.violate(kind, `${value.toFixed(1)} ${what}, at most ${most}`);
  };
  const surplus = surplusOf(services) - explainedSurplus(world.injected);
  expect('surplus', surplus, bounds.surplus ?? 0, 'launches too many that no fault explains');
  for (const { id, labels, startedAtMs, isCancelled, ...job } of ours)
    if (!isCancelled && labels.join(' ') !== bounds.patient)
      expect(
        'slow',
        ((startedAtMs ?? Infinity) - (job.runnableAtMs ?? job.queuedAtMs)) / MINUTE,
        bounds.longestWait,
        `minutes waited job ${id}`,
      );
  for (const [id, count] of launchesInVain(services))
    expect(
      'in vain',
      count,
      mostInVain(services, id) ?? bounds.launchesInVain ?? MOST_IN_VAIN,
      `launches for job ${id}, which no runner gets`,
    );
  const lost = lostRuns(services);
  expect(
    'not run again',
    lost.length,
    bounds.notRunAgain,
    `runs lost jobs to Spot alone: ${lost.join(', ')}`,
  );
  expect('reads', github.limits.mostInAnHour, bounds.callsAnHour, 'calls in the fullest hour');
  const { longestMs, longest } = leftovers;
  expect('leftover', longestMs / MINUTE, bounds.longestLeftover, `minutes without a task was ${longest}`);
  for (const [task, minutes] of overstays(services))
    expect(
      'left running',
      minutes,
      bounds.longestAfterEnd,
      `minutes after its job ran ${task.request.runnerName}`,
    );
  expect('reads', world.readsUntilLaunched, bounds.readsUntilLaunched, 'GitHub reads until the last launch');
  expect('reads', perJob(counts.jobReads + counts.otherReads), bounds.readsPerJob, 'GitHub reads a job');
  expect('calls', perJob(counts.launchCalls), bounds.launchCallsPerJob, 'calls to launch a job');
  expect('calls', perJob(counts.deliveries), bounds.deliveriesPerJob, 'deliveries a job');
}

/** Runs of one attempt whose failed jobs Spot has taken, all of them. */
function lostRuns({ github }: Services): number[] {
  const runs = new Set([...github.jobs.values()].map(({ run }) => run));
  const lost = [...runs].filter(({ jobs }) => {
    const failed = jobs.filter(({ conclusion }) => conclusion === 'failure' || conclusion === 'cancelled');
    return failed.length > 0 && failed.every((job) => isLostToSpot(job) && job.runAttempt === undefined);
  });
  return lost.map(({ id }) => id);
}

/** When a task could be told that its job is over, whose listener stays. */
const toldAtMs = ({ deliveries }: Services, { runner, isOverlooked }: Task): number | undefined =>
  runner?.staysAfter && !isOverlooked ? deliveries.endsHeardAtMs.get(runner.staysAfter) : undefined;

/** It could not be told, and is left to its maximum age, which comes later. */
const isLeftToItsAge = (services: Services, task: Task): boolean =>
  task.runner?.staysAfter !== undefined && toldAtMs(services, task) === undefined;

/** How long tasks ran on after they could be told that their job is over, minutes. */
const overstays = (services: Services): ReadonlyArray<readonly [task: Task, minutes: number]> =>
  services.ecs.tasks.flatMap((task) => {
    const fromMs = toldAtMs(services, task);
    const untilMs = task.stoppingAtMs ?? services.world.nowMs;
    return fromMs === undefined ? [] : [[task, (untilMs - fromMs) / MINUTE] as const];
  });

/** What must not be there when all is done. */
export const leftOver = (services: Services): string[] => [
  ...[...services.ecs.live]
    .filter((task) => !isLeftToItsAge(services, task))
    .map((task) => `task ${task.request.runnerName}`),
  ...[...services.github.registrations.all.values()].map((runner) => `registration ${runner.name}`),
];

export const isAtRest = (services: Services): boolean =>
  leftOver(services).length === 0 &&
  // A doubt may still start a run again.
  (services.policy.spot.rerun === 'never' || services.queue.size === 0) &&
  [...services.github.jobs.values()].every(({ status }) => status === 'completed');
