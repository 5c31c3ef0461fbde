import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Directories of their own for the tasks of a world, all gone at its end. */
export function createTaskRoots() {
  const base = mkdtempSync(path.join(os.tmpdir(), 'oneshot-world-'));
  return {
    make(taskId: string): string {
      const directory = path.join(base, taskId);
      mkdirSync(directory, { recursive: true });
      return directory;
    },
    removeAll: () => rmSync(base, { recursive: true, force: true, maxRetries: 3 }),
  };
}
