import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Lays out a runner's root as the official image has it, with stand-ins for the listener and the worker. The
 * launcher names the node that runs this process: a task's PATH need not have one.
 */
export function layOutRunnerRoot(directory: string): void {
  const bin = path.join(directory, 'bin');
  mkdirSync(bin, { recursive: true });
  const program = path.join(import.meta.dirname, 'listener.ts');
  const launcher = path.join(bin, 'Runner.Listener');
  writeFileSync(launcher, `#!/bin/sh\nexec '${process.execPath}' '${program}' "$(dirname "$0")" "$@"\n`);
  chmodSync(launcher, 0o755);
  copyFileSync(path.join(import.meta.dirname, 'worker.sh'), path.join(bin, 'Runner.Worker'));
  chmodSync(path.join(bin, 'Runner.Worker'), 0o755);
}
