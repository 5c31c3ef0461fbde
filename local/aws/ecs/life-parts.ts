import type { TaskStopCode } from '@aws-sdk/client-ecs';
import type { Boot } from '../../../model/ecs/times.ts';
import type { Hold, WorldClock } from '../../world/clock.ts';
import type { Faults } from '../../world/faults.ts';
import type { Gate } from './gate.ts';
import type { Instances } from './instances.ts';
import type { Stream, TaskProcess } from './process.ts';
import type { TaskRecord } from './task.ts';

/** What a life needs of the world. */
export interface LifeParts {
  readonly clock: WorldClock;
  readonly faults: Faults;
  readonly random: () => number;
  /** Of this life: how long each stage takes. */
  readonly dice: () => number;
  readonly boot: Boot;
  readonly gate: Gate;
  /** Of the provider of Managed Instances. */
  readonly instances: Instances;
  /** Starts the task's process; null when the task has none and lives until it is stopped. */
  readonly start: (
    task: TaskRecord,
    onLine: (stream: Stream, line: string) => void,
    work: Hold,
  ) => Promise<TaskProcess> | null;
  readonly changed: (task: TaskRecord) => void;
  readonly logged: (task: TaskRecord, stream: Stream, line: string) => void;
}

/** Why and by whom a task is stopped. */
export interface Stop {
  readonly code: TaskStopCode;
  readonly reason: string;
}

/** Handle on one task's life, from PROVISIONING to STOPPED. */
export interface Life {
  stop(stop: Stop): void;
  /** For a task without a process: as if its process had exited. */
  exit(code: number): void;
  /** Ends the process at once and the life with it: the world closes. Resolves when the process is gone. */
  abandon(): Promise<void>;
}
