/**
 * The instances of a provider of ECS Managed Instances: started for a task, shared where its constraints allow, drained
 * after two weeks and ended when nothing has run on them for the provider's time. Sources: ECS developer guide, Managed
 * Instances (AWS-68, AWS-94, AWS-100, AWS-101).
 */
import { randomBytes } from 'node:crypto';
import { INSTANCE } from '../../../model/ecs/times.ts';
import type { WorldClock } from '../../world/clock.ts';
import type { Architecture } from './definitions.ts';
import type { Place, TaskRecord } from './task.ts';

export interface Instance {
  readonly arn: string;
  readonly architecture: Architecture;
  readonly vcpu: number;
  /** World time, epoch milliseconds, as all here. */
  readonly startedAtMs: number;
  readonly readyAtMs: number;
}

interface Held extends Instance {
  readonly tasks: Set<TaskRecord>;
  /** When each image was last used by a task that has ended. */
  readonly imagesAtMs: Map<string, number>;
  freeSinceMs: number;
}

export interface InstancesParts {
  readonly clock: WorldClock;
  readonly place: Place;
  /** How long the provider keeps an instance without a task. */
  readonly scaleInAfterSeconds: number;
}

/** The smallest that ECS takes here. */
const LEAST_VCPU = 2;

export class Instances {
  readonly #parts: InstancesParts;
  readonly #all = new Set<Held>();

  constructor(parts: InstancesParts) {
    this.#parts = parts;
  }

  /** The instance of a task: one that is there and has room, or a new one. `dice` returns 0 to 1. */
  place(task: TaskRecord, dice: () => number): Instance {
    this.#forgetIdle();
    const there = [...this.#all].find((instance) => this.#fits(task, instance));
    const instance = there ?? this.#start(task, dice);
    instance.tasks.add(task);
    return instance;
  }

  leave(instance: Instance, task: TaskRecord): void {
    const held = instance as Held;
    held.tasks.delete(task);
    held.freeSinceMs = this.#parts.clock.nowMs();
    for (const image of imagesOf(task)) held.imagesAtMs.set(image, held.freeSinceMs);
  }

  /** Whether nothing has to be pulled for it. */
  hasImages(instance: Instance, task: TaskRecord): boolean {
    const { tasks, imagesAtMs } = instance as Held;
    const used = [...tasks].filter((other) => other !== task && hasPulled(other)).flatMap(imagesOf);
    const since = this.#parts.clock.nowMs() - INSTANCE.imageCacheMs;
    return imagesOf(task).every((image) => used.includes(image) || (imagesAtMs.get(image) ?? 0) > since);
  }

  /** The provider ends those that nothing has used for its time. */
  #forgetIdle(): void {
    const { clock, scaleInAfterSeconds } = this.#parts;
    for (const held of this.#all)
      if (held.tasks.size === 0 && clock.nowMs() - held.freeSinceMs >= scaleInAfterSeconds * 1000)
        this.#all.delete(held);
  }

  #fits(task: TaskRecord, { tasks, architecture, vcpu, startedAtMs }: Held): boolean {
    const isDraining = this.#parts.clock.nowMs() - startedAtMs >= INSTANCE.drainAfterMs;
    const used = [...tasks].reduce((sum, other) => sum + vcpuOf(other), 0);
    const isShared = [...tasks].some(({ view }) => view.group === task.view.group);
    return (
      !isDraining &&
      architecture === task.definition.architecture &&
      used + vcpuOf(task) <= vcpu &&
      !(task.isAlone && isShared)
    );
  }

  #start(task: TaskRecord, dice: () => number): Held {
    const { clock, place } = this.#parts;
    const [least, most] = INSTANCE.bootMs;
    const startedAtMs = clock.nowMs();
    const held: Held = {
      arn: `arn:aws:ecs:${place.region}:${place.account}:container-instance/${place.clusterName}/${randomBytes(16).toString('hex')}`,
      architecture: task.definition.architecture,
      vcpu: Math.max(LEAST_VCPU, 2 ** Math.ceil(Math.log2(vcpuOf(task)))),
      startedAtMs,
      readyAtMs: startedAtMs + least + dice() * (most - least),
      tasks: new Set(),
      imagesAtMs: new Map(),
      freeSinceMs: startedAtMs,
    };
    this.#all.add(held);
    return held;
  }
}

const vcpuOf = ({ view }: TaskRecord): number => Number(view.cpu) / 1024;
const imagesOf = ({ definition }: TaskRecord): string[] => [
  ...definition.sidecars.map(({ image }) => image),
  definition.image,
];
const hasPulled = ({ view }: TaskRecord): boolean => view.pullStoppedAt !== undefined;
