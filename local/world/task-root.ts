import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

export interface TaskRoots {
  /** The directory that has them all. */
  readonly base: string;
  make(taskId: string): string;
  /** A container is gone with its task, and so are the files of its job. */
  remove(taskId: string): void;
  /** Ends what still runs in them, as a container's end does, and removes them. */
  removeAll(): void;
}

/** Directories of their own for the tasks of a world, all gone at its end, and at that of this process. */
export function createTaskRoots(): TaskRoots {
  const base = mkdtempSync(path.join(os.tmpdir(), 'oneshot-world-'));
  const removeAll = () => {
    process.off('exit', removeAll);
    for (const pid of processesIn(base)) kill(pid);
    rmSync(base, { recursive: true, force: true, maxRetries: 3 });
  };
  // Somebody who does not wait for the end: a second Ctrl-C.
  process.on('exit', removeAll);
  return {
    base,
    make(taskId) {
      const directory = path.join(base, taskId);
      mkdirSync(directory, { recursive: true });
      return directory;
    },
    remove: (taskId) =>
      void rm(path.join(base, taskId), { recursive: true, force: true }).catch(() => undefined),
    removeAll,
  };
}

/** The supervisors, and all that came of them: their environment names their root. */
function processesIn(base: string): number[] {
  const root = `ONESHOT_RUNNER_ROOT=${base}/`;
  return list('/proc')
    .filter((name) => /^\d+$/.test(name) && read(`/proc/${name}/environ`).includes(root))
    .map(Number);
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
