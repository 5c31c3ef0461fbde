import path from 'node:path';
import { abandonDaemon, type Daemon, startDaemon, stopDaemon, whyNoDaemon } from './daemon.ts';

/** The daemons of a world's tasks: one for each that has Docker, as the container `dockerd` of its task definition. */
export interface TaskDaemons {
  /** Why tasks have none on this machine; `undefined` where they have. */
  readonly whyNone: () => string | undefined;
  /** Starts a task's daemon, which shares `_work` and `externals` of its root; returns what the runner is to have. */
  start(taskId: string, root: string): Promise<Readonly<Record<string, string>>>;
  /** A container that is not essential ends with its task. */
  stop(taskId: string): Promise<void>;
  stopAll(): Promise<void>;
}

export interface TaskDaemonsOptions {
  readonly base: string;
  /** A task starts when its daemon answers: where the world's time stands still, no time passes for the daemon's start. */
  readonly areAwaited: boolean;
}

/** Instead of the task definition's: here the socket is at no fixed place. */
export const variablesFor = (host: string) => ({ DOCKER_HOST: host, ONESHOT_DOCKER_TIMEOUT_SECONDS: '120' });

export function createTaskDaemons({ base, areAwaited }: TaskDaemonsOptions): TaskDaemons {
  const daemons = new Map<string, Daemon>();
  const stopping = new WeakMap<Daemon, Promise<void>>();
  const stopOnce = (daemon: Daemon): Promise<void> => {
    const promise = stopping.get(daemon) ?? stopDaemon(daemon);
    stopping.set(daemon, promise);
    return promise;
  };
  const whyNone = once(whyNoDaemon);
  const abandonAll = () => {
    for (const daemon of daemons.values()) abandonDaemon(daemon);
  };
  /** Until a daemon is gone it is there: who ends the world waits for it. */
  const stop = async (taskId: string) => {
    const daemon = daemons.get(taskId);
    if (daemon === undefined) return;
    await stopOnce(daemon);
    daemons.delete(taskId);
    if (daemons.size === 0) process.off('exit', abandonAll);
  };
  return {
    whyNone,
    async start(taskId, root) {
      const directory = path.join(base, `${taskId}-docker`);
      if (whyNone() !== undefined) return variablesFor(`unix://${directory}/absent`);
      const shares = ['_work', 'externals'].map((name) => path.join(root, name));
      const daemon = startDaemon({ directory, shares });
      // Somebody who does not wait for the end: a second Ctrl-C.
      if (daemons.size === 0) process.on('exit', abandonAll);
      daemons.set(taskId, daemon);
      if (areAwaited) await daemon.ready();
      return variablesFor(daemon.host);
    },
    stop,
    async stopAll() {
      await Promise.all([...daemons.keys()].map(stop));
    },
  };
}

/** It asks the machine, which takes a moment, where somebody wants to know. */
function once<T>(ask: () => T): () => T {
  let answer: { readonly value: T } | undefined;
  return () => {
    answer ??= { value: ask() };
    return answer.value;
  };
}
