import { crc32 } from 'node:zlib';
import { seededRandom } from '../../../model/dice.ts';
import { isShown } from '../../../model/ecs/launches.ts';
import type { WorldClock } from '../../world/clock.ts';
import type { Faults } from '../../world/faults.ts';
import { AwsError } from '../errors.ts';
import type { Definition } from './definitions.ts';
import { Instances } from './instances.ts';
import { beginLife } from './life.ts';
import type { Life, LifeParts } from './life-parts.ts';
import type { Place, TaskRecord } from './task.ts';

/** The cluster: its tasks and their lives. */
export interface Cluster {
  readonly place: Place;
  readonly definitions: readonly Definition[];
  readonly clock: WorldClock;
  readonly faults: Faults;
  readonly random: () => number;
  /** The capacity providers that a launch may name. */
  providers: readonly string[];
  /** Providers of Managed Instances, which belong to this cluster without that. One that is not here does not exist. */
  readonly managedProviders: Map<string, 'ACTIVE' | 'DEPROVISIONING'>;
  /** All tasks there ever were, by ARN. */
  readonly tasks: ReadonlyMap<string, TaskRecord>;
  add(task: TaskRecord): void;
  lifeOf(task: TaskRecord): Life;
  /** Throws unless the request names this cluster. */
  expectCluster(name: string | undefined): void;
  /** By ARN or id, as long as ECS shows it. */
  find(name: string): TaskRecord | undefined;
  isVisible(task: TaskRecord): boolean;
  /** Ends everything at once; resolves when all processes are gone. */
  close(): Promise<void>;
}

export interface ClusterParts extends Omit<LifeParts, 'dice' | 'instances'> {
  readonly place: Place;
  readonly definitions: readonly Definition[];
  readonly managedProviders: Cluster['managedProviders'];
  /** How long the provider of Managed Instances keeps an instance without a task. */
  readonly scaleInAfterSeconds: number;
}

const seedOf = (random: () => number): number => Math.floor(random() * 2 ** 32);

export function createCluster(parts: ClusterParts): Cluster {
  const { place, definitions, clock, faults, random, managedProviders } = parts;
  const tasks = new Map<string, TaskRecord>();
  const lives = new Map<string, Life>();
  const instances = new Instances(parts);
  const salt = seedOf(random);
  const isVisible = ({ view }: TaskRecord) => isShown(view.stoppedAt?.getTime(), clock.nowMs());
  return {
    place,
    definitions,
    clock,
    faults,
    random,
    providers: ['FARGATE', 'FARGATE_SPOT'],
    managedProviders,
    tasks,
    isVisible,
    add(task) {
      tasks.set(task.arn, task);
      // By its name, and not by its turn: this machine's load decides who comes first.
      const dice = seededRandom(salt + crc32(task.view.startedBy ?? task.id));
      lives.set(task.arn, beginLife(task, { ...parts, instances, dice }));
    },
    lifeOf(task) {
      const life = lives.get(task.arn);
      if (!life) throw new Error(`no life of ${task.arn}`);
      return life;
    },
    expectCluster(name = 'default') {
      if (name === place.clusterArn || name === place.clusterName) return;
      throw new AwsError('ClusterNotFoundException', 'Cluster not found.');
    },
    find(name) {
      const task = tasks.get(name) ?? tasks.get(`${place.clusterArn.replace(':cluster/', ':task/')}/${name}`);
      return task && isVisible(task) ? task : undefined;
    },
    async close() {
      await Promise.all([...lives.values()].map((life) => life.abandon()));
    },
  };
}
