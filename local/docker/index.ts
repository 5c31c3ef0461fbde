export { type Daemon, startDaemon, stopDaemon, whyNoDaemon } from './daemon.ts';
export { leftoversOf } from './leftovers.ts';
export { createTaskDaemons, type TaskDaemons } from './task-daemons.ts';
