import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { COMPILE_CACHE } from './compile-cache.ts';

/**
 * Lays out a runner's root as the official image has it, with stand-ins for the listener and the worker. The
 * launcher names the node that runs this process: a task's PATH need not have one.
 */
export function layOutRunnerRoot(directory: string): void {
  const bin = path.join(directory, 'bin');
  mkdirSync(bin, { recursive: true });
  const program = path.join(import.meta.dirname, 'listener.ts');
  const launcher = path.join(bin, 'Runner.Listener');
  writeFileSync(
    launcher,
    `#!/bin/sh
# Node.js takes back SIGINT that was ignored when it began, so only the launcher can tell (its bit is 2).
while read -r key value; do
  case $key$value in SigIgn:*[2367abef]) export STANDIN_IGNORES_INT=1 ;; esac
done </proc/self/status
export NODE_COMPILE_CACHE='${COMPILE_CACHE.NODE_COMPILE_CACHE}'
exec '${process.execPath}' '${program}' "\${0%/*}" "$@"
`,
  );
  chmodSync(launcher, 0o755);
  copyFileSync(path.join(import.meta.dirname, 'worker.sh'), path.join(bin, 'Runner.Worker'));
  chmodSync(path.join(bin, 'Runner.Worker'), 0o755);
}
