import { PROVIDERS } from '../../functions/core/job/providers.ts';
import type { RunTaskRequest } from '../../functions/core/ports.ts';
import { Launches, NO_CAPACITY } from '../../model/ecs/launches.ts';
import type { World } from '../world.ts';
import type { Task } from './task.ts';

type Answer = { readonly taskArn: string } | { readonly failure: { readonly reason: string } };

/** An AWS SDK exception, as far as the real classification reads it. */
const failure = (name: string, message: string, attempts = 1): Error =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode: 400, attempts, requestId: 'r' } });

const callOf = ({ runnerName, sealedConfig, launch: { given } }: RunTaskRequest) => ({
  ...{ clientToken: runnerName, parameters: sealedConfig },
  ...{ count: 1, isSpot: PROVIDERS[given.provider].isInterruptible, vcpu: given.vcpu },
  isOnInstance: !PROVIDERS[given.provider].isFargate,
});

/** RunTask, as the SDK answers it. */
export class RunTask {
  readonly #launches = new Launches<Task>(({ stoppedAtMs }) => stoppedAtMs);
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
    const call = callOf(request);
    const verdict = this.#launches.judge(call, world.nowMs, world, world.random);
    if (verdict.kind === 'launch') return this.#launch(request);
    if (verdict.kind === 'conflict')
      throw failure('ConflictException', 'clientToken was used with other parameters');
    if (verdict.kind === 'known') {
      const [task] = verdict.tasks;
      return task ? { taskArn: task.arn } : { failure: { reason: NO_CAPACITY } };
    }
    world.counts.refused += 1;
    if (verdict.kind === 'failed') return { failure: verdict };
    throw world.random() < 0.5
      ? failure('ThrottlingException', 'Rate exceeded')
      : failure('InvalidParameterException', 'Too many concurrent attempts to create a new task');
  }

  #launch(request: RunTaskRequest): Answer {
    const task = this.#create(request);
    this.#launches.remember(callOf(request), [task], this.#world.nowMs);
    if (this.#world.strikes('ecs-retried-throttle')) throw failure('ThrottlingException', 'Rate exceeded', 2);
    return { taskArn: task.arn };
  }
}
