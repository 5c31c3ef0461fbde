import { spawnSync } from 'node:child_process';
import { createStandInDaemons } from './stand-in.ts';
import { createTaskDaemons, type TaskDaemons, type TaskDaemonsOptions } from './task-daemons.ts';

/** Real daemons where this machine can have them; elsewhere those that only answer, so that tasks with Docker live. */
export function createDaemonsHere(options: TaskDaemonsOptions): TaskDaemons {
  const real = createTaskDaemons(options);
  const why = real.whyNone() ?? whyNoImage();
  return why === undefined ? real : { ...createStandInDaemons(options), whyNone: () => why };
}

/** The demonstration's jobs make their image of busybox alone (local/world/docker-jobs.ts). */
const whyNoImage = (): string | undefined =>
  spawnSync('sh', ['-c', 'command -v busybox']).status === 0
    ? undefined
    : 'busybox not found: apt-get install busybox-static';
