import type { RunTaskRequest } from '../../functions/core/ports.ts';
import { TokenBucket } from '../token-bucket.ts';
import { MINUTE, type World } from '../world.ts';
import type { Task } from './task.ts';

/** How long ECS shows a stopped task and remembers its token. */
export const VISIBLE_AFTER_STOP_MS = 60 * MINUTE;

type Answer = { readonly taskArn: string } | { readonly failure: { readonly reason: string } };

/** An AWS SDK exception, as far as the real classification reads it. */
const failure = (name: string, message: string, attempts = 1): Error =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode: 400, attempts, requestId: 'r' } });

/** RunTask: client tokens, rates and capacity. docs.aws.amazon.com: 20 calls a second; a bucket of 100 launches, refilled at 20 a second, each for on-demand and Spot. */
export class RunTask {
  readonly #byToken = new Map<string, Task>();
  readonly #refusedTokens = new Set<string>();
  readonly #calls = new TokenBucket(20, 20);
  readonly #launches = { onDemand: new TokenBucket(100, 20), spot: new TokenBucket(100, 20) };
  readonly #world: World;
  readonly #create: (request: RunTaskRequest) => Task;

  constructor(world: World, create: (request: RunTaskRequest) => Task) {
    this.#world = world;
    this.#create = create;
  }

  /** Answers, or throws as the SDK does. */
  run(request: RunTaskRequest): Answer {
    const world = this.#world;
    world.counts.launchCalls += 1;
    const known = this.#findByToken(request);
    if (known !== undefined) return { taskArn: known.arn };
    const bucket = request.launch.given.spot ? this.#launches.spot : this.#launches.onDemand;
    if (!this.#calls.take(world.nowMs) || !bucket.take(world.nowMs) || world.strikes('ecs-throttle'))
      throw this.#throttle();
    if (this.#isFull(request))
      return this.#refuse(request, 'Capacity is unavailable at this time. Please try again later');
    if (world.strikes('ecs-failure')) return this.#refuse(request, world.pick(['RESOURCE:ENI', 'MISSING']));
    const task = this.#create(request);
    this.#byToken.set(request.runnerName, task);
    if (world.strikes('ecs-retried-throttle')) throw failure('ThrottlingException', 'Rate exceeded', 2);
    return { taskArn: task.arn };
  }

  #findByToken({ runnerName, sealedConfig }: RunTaskRequest): Task | undefined {
    const known = this.#byToken.get(runnerName);
    const isRemembered = (known?.stoppedAtMs ?? Infinity) + VISIBLE_AFTER_STOP_MS > this.#world.nowMs;
    if (known !== undefined && isRemembered && known.request.sealedConfig === sealedConfig) return known;
    if ((known !== undefined && isRemembered) || this.#refusedTokens.has(runnerName))
      throw failure('ConflictException', 'clientToken was used with other parameters');
    return undefined;
  }

  #isFull({ launch }: RunTaskRequest): boolean {
    const world = this.#world;
    const hasNoSpot = world.isDuring('ecs-no-spot') || world.strikes('ecs-spot-flickers');
    const hasNoLarge = world.isDuring('ecs-no-large');
    return (
      (launch.given.spot && hasNoSpot) ||
      (launch.given.vcpu >= 4 && hasNoLarge) ||
      world.isDuring('ecs-no-capacity-25-minutes') ||
      world.isDuring('ecs-no-capacity-70-minutes')
    );
  }

  #throttle(): Error {
    this.#world.counts.refused += 1;
    return this.#world.random() < 0.5
      ? failure('ThrottlingException', 'Rate exceeded')
      : failure('InvalidParameterException', 'Too many concurrent attempts to create a new task');
  }

  /** Whether ECS keeps the token of a call that it refused, nobody has written down (ADR 10). */
  #refuse({ runnerName }: RunTaskRequest, reason: string): Answer {
    this.#world.counts.refused += 1;
    if (this.#world.strikes('ecs-refused-token-kept')) this.#refusedTokens.add(runnerName);
    return { failure: { reason } };
  }
}
