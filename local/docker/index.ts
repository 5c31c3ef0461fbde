export { type Daemon, startDaemon, stopDaemon, whyNoDaemon } from './daemon.ts';
export { createDaemonsHere } from './daemons-here.ts';
export { leftoversOf } from './leftovers.ts';
export { createStandInDaemons } from './stand-in.ts';
export { createTaskDaemons, type TaskDaemons, type TaskDaemonsOptions } from './task-daemons.ts';
