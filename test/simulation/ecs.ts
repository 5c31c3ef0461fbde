import { accountOf } from '../../functions/core/account.ts';
import { ServiceError } from '../../functions/core/errors.ts';
import { type TaskEnding, taskEnding } from '../../functions/core/exit-codes.ts';
import type { TaskFact } from '../../functions/core/facts.ts';
import type { RunTaskRequest } from '../../functions/core/ports.ts';
import type { GitHub, Runner } from './github.ts';
import { TokenBucket } from './token-bucket.ts';
import { MINUTE, SECOND, type World } from './world.ts';

/** A task; what ECS showed of it at any time follows from its times. */
export interface Task {
  readonly arn: string;
  readonly request: RunTaskRequest;
  readonly createdAtMs: number;
  startedAtMs?: number;
  stoppingAtMs?: number;
  stoppedAtMs?: number;
  ending?: TaskEnding;
  mark?: { readonly jobId: number; readonly atMs: number };
  runner?: Runner;
  idleAtMs?: number;
}

/** An AWS SDK exception, as far as the real classification reads it. */
const failure = (name: string, message: string, attempts = 1, httpStatusCode = 400): Error =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode, attempts, requestId: 'r' } });

const VISIBLE_AFTER_STOP_MS = 60 * MINUTE;

/** ECS as far as a deployment meets it: rates, client tokens, the life of a task, listings that lag. */
export class Ecs {
  readonly tasks: Task[] = [];
  readonly live = new Set<Task>();
  readonly #byToken = new Map<string, Task>();
  readonly #refusedTokens = new Set<string>();
  readonly #liveNames = new Set<string>();
  readonly #calls: TokenBucket;
  readonly #launches: TokenBucket;
  readonly #world: World;
  readonly #github: GitHub;
  onStopped: (fact: TaskFact) => void = () => undefined;

  constructor(world: World, github: GitHub) {
    this.#world = world;
    this.#github = github;
    // docs.aws.amazon.com: RunTask 20 calls a second; launches a bucket of 100, refilled with 20 a second.
    this.#calls = new TokenBucket(20, 20);
    this.#launches = new TokenBucket(100, 20);
  }

  /** `{ taskArn }`, `{ failure }`, or throws as the SDK does. */
  runTask(request: RunTaskRequest): { readonly taskArn: string } | { readonly failure: { reason: string } } {
    const world = this.#world;
    world.counts.launchCalls += 1;
    if (this.#refusedTokens.has(request.runnerName))
      throw failure('ConflictException', 'clientToken was used with other parameters');
    const known = this.#byToken.get(request.runnerName);
    if (known !== undefined && (known.stoppedAtMs ?? Infinity) + VISIBLE_AFTER_STOP_MS > world.nowMs) {
      if (known.request.sealedConfig === request.sealedConfig) return { taskArn: known.arn };
      throw failure('ConflictException', 'clientToken was used with other parameters');
    }
    if (!this.#calls.take(world.nowMs) || !this.#launches.take(world.nowMs) || world.strikes('throttled')) {
      world.counts.refused += 1;
      throw world.random() < 0.5
        ? failure('ThrottlingException', 'Rate exceeded')
        : failure('InvalidParameterException', 'Too many concurrent attempts to create a new task');
    }
    const isSpot = request.launch.given.spot;
    const isFull =
      (isSpot && world.isDuring('noSpot')) ||
      world.isDuring('noCapacity25') ||
      world.isDuring('noCapacity70');
    if (isFull || (isSpot && world.strikes('spotComesAndGoes')))
      return this.#fail(request, 'Capacity is unavailable at this time. Please try again later');
    if (world.strikes('runTaskFailure')) return this.#fail(request, world.pick(['RESOURCE:ENI', 'MISSING']));
    const task = this.#create(request);
    if (world.strikes('retriedThrottle')) throw failure('ThrottlingException', 'Rate exceeded', 2);
    return { taskArn: task.arn };
  }

  /** Whether ECS keeps the token of a call that it refused, nobody has written down. */
  #fail({ runnerName }: RunTaskRequest, reason: string): { readonly failure: { reason: string } } {
    if (this.#world.strikes('refusedTokenKept')) this.#refusedTokens.add(runnerName);
    return { failure: { reason } };
  }

  /** All that ECS shows, each task as it was up to a minute ago. */
  list(isDesired = (_: Task): boolean => true): TaskFact[] {
    const { nowMs } = this.#world;
    return this.tasks.flatMap((task) => {
      if ((task.stoppedAtMs ?? Infinity) + VISIBLE_AFTER_STOP_MS < nowMs || !isDesired(task)) return [];
      return factAt(task, nowMs - this.#world.lag('ecsLag', MINUTE)) ?? [];
    });
  }

  find(runnerName: string): TaskFact | undefined {
    return this.list((task) => task.request.runnerName === runnerName && task.stoppingAtMs === undefined)[0];
  }

  mark(arn: string, jobId: number): void {
    const task = this.tasks.find((one) => one.arn === arn);
    if (task === undefined || task.stoppedAtMs !== undefined)
      throw new ServiceError({ service: 'ecs', operation: 'TagResource', status: 400 }, 'task is stopped');
    task.mark = { jobId, atMs: this.#world.nowMs };
  }

  stop(arn: string, reason: string): void {
    const task = this.tasks.find((one) => one.arn === arn);
    if (task === undefined || task.stoppingAtMs !== undefined) return;
    const { nowMs, policy } = this.#world;
    const ageMs = nowMs - (task.startedAtMs ?? nowMs);
    if (task.runner?.job !== undefined && ageMs <= policy.timeouts.maximumAgeSeconds * SECOND)
      this.#world.violate('busy stopped', `${task.request.runnerName} (${reason})`);
    this.end(task, 'over-maximum-age');
  }

  /** The supervisor ends, or the host ends it. */
  end(task: Task, ending: TaskEnding): void {
    if (task.stoppingAtMs !== undefined) return;
    task.stoppingAtMs = this.#world.nowMs;
    task.ending = ending;
    this.#world.tell(() => `task ${task.request.runnerName} ends: ${ending}`);
    if (task.runner !== undefined) this.#github.disconnect(task.runner);
    this.#world.clock.after(this.#world.between(2, 20) * SECOND, () => this.#stopped(task));
  }

  #stopped(task: Task): void {
    const world = this.#world;
    task.stoppedAtMs = world.nowMs;
    this.live.delete(task);
    this.#liveNames.delete(task.request.runnerName);
    const fact = factAt(task, world.nowMs);
    if (fact === undefined || world.strikes('eventLost')) return;
    const times = world.strikes('eventTwice') ? 2 : 1;
    for (let n = 0; n < times; n++)
      world.clock.after(world.between(0.2, 3) * SECOND, () => this.onStopped(fact));
  }

  #create(request: RunTaskRequest): Task {
    const world = this.#world;
    const { runnerName } = request;
    const task: Task = { arn: `arn:${this.tasks.length}`, request, createdAtMs: world.nowMs };
    if (this.#liveNames.has(runnerName)) world.violate('live twice', runnerName);
    this.#liveNames.add(runnerName);
    this.#byToken.set(runnerName, task);
    this.tasks.push(task);
    this.live.add(task);
    world.counts.tasks += 1;
    world.launchesAtMs.push(world.nowMs);
    world.readsUntilLaunched = world.counts.jobReads + world.counts.otherReads;
    world.tell(() => `task ${runnerName} created (${request.launch.labels.join(' ')})`);
    if (world.strikes('failsToStart'))
      world.clock.after(world.between(5, 60) * SECOND, () => this.end(task, taskEnding(undefined)));
    else if (!world.strikes('neverBoots')) {
      world.clock.after(bootMs(world), () => this.#running(task));
    }
    return task;
  }

  #running(task: Task): void {
    if (task.stoppingAtMs !== undefined) return;
    const world = this.#world;
    task.startedAtMs = world.nowMs;
    world.clock.after(world.between(2, 8) * SECOND, () => this.#connect(task));
    if (task.request.launch.given.spot && world.strikes('spotInterrupted'))
      world.clock.after(world.between(0, 8) * MINUTE, () =>
        this.end(task, task.runner?.job ? 'interrupted-during-job' : 'interrupted-before-job'),
      );
    if (world.strikes('hostKilled'))
      world.clock.after(world.between(0, 8) * MINUTE, () => this.end(task, 'unexplained'));
  }

  #connect(task: Task): void {
    if (task.stoppingAtMs !== undefined) return;
    const runner = this.#github.connect(task.request.runnerId);
    if (runner === undefined) {
      this.end(task, 'registration-gone');
      return;
    }
    task.runner = runner;
    runner.end = (ending) => this.end(task, ending);
    this.#github.offer(runner);
    const idleMs = this.#world.policy.timeouts.idleSeconds * SECOND;
    this.#world.clock.after(idleMs, () => this.#endIdle(task));
    if (this.#world.strikes('idleRemoved'))
      this.#world.clock.after(this.#world.between(0, idleMs), () => this.#github.removeIdle(runner));
  }

  /** Idle is the supervisor's to judge: with a job message on its way it waits. */
  #endIdle(task: Task): void {
    const { runner } = task;
    if (task.stoppingAtMs !== undefined || runner?.job !== undefined) return;
    if (runner?.assigned === undefined) this.end(task, 'idle');
    else this.#world.clock.after(10 * SECOND, () => this.#endIdle(task));
  }
}

/** The usual, late but still supply, and so slow that it may no longer be. */
function bootMs(world: World): number {
  if (world.strikes('slowBoot')) return world.between(2, 15) * MINUTE;
  if (world.strikes('lateBoot')) return world.between(1, 5) * MINUTE;
  return world.between(15, 40) * SECOND;
}

/** The task as ECS showed it at a time; `undefined` before it was created. */
function factAt(task: Task, atMs: number): TaskFact | undefined {
  if (task.createdAtMs > atMs) return undefined;
  const { launch, runnerId, runnerName } = task.request;
  const repository = { ...launch.repository, installationId: launch.installationId };
  const was = (timeMs: number | undefined) => timeMs !== undefined && timeMs <= atMs;
  const isStopped = was(task.stoppedAtMs);
  const isStopping = was(task.stoppingAtMs);
  const isRunning = was(task.startedAtMs);
  return {
    taskArn: task.arn,
    runnerName,
    registration: { account: accountOf(repository), scope: launch.scope, runnerId },
    repository,
    labels: launch.labels,
    isRefusal: launch.refusal !== undefined,
    size: launch.given,
    // Tags are gone once a task has stopped.
    markedJobId: !isStopped && was(task.mark?.atMs) ? task.mark?.jobId : undefined,
    lastStatus: isStopped ? 'STOPPED' : isStopping ? 'DEPROVISIONING' : isRunning ? 'RUNNING' : 'PENDING',
    desiredStatus: isStopping ? 'STOPPED' : 'RUNNING',
    createdAtMs: task.createdAtMs,
    startedAtMs: isRunning ? task.startedAtMs : undefined,
    stoppedAtMs: isStopped ? task.stoppedAtMs : undefined,
    ending: isStopped ? task.ending : undefined,
  };
}
