import { createStandInDaemons } from './stand-in.ts';
import { createTaskDaemons, type TaskDaemons, type TaskDaemonsOptions } from './task-daemons.ts';

/** Real daemons where this machine can have them; elsewhere those that only answer, so that tasks with Docker live. */
export function createDaemonsHere(options: TaskDaemonsOptions): TaskDaemons {
  const real = createTaskDaemons(options);
  const { whyNone } = real;
  return whyNone() === undefined ? real : { ...createStandInDaemons(options), whyNone };
}
