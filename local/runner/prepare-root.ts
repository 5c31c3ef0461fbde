import {
  chmodSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
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

/**
 * Lays out a runner's root from an unpacked release of the official runner. The release stays as it is: a runner
 * writes beside `bin` and `externals`, never into them. `bin` is a folder of links, as a runner takes its root from
 * the real place of its program.
 */
export function layOutRelease(directory: string, release: string): void {
  mkdirSync(directory, { recursive: true });
  linkTree(path.join(path.resolve(release), 'bin'), path.join(directory, 'bin'));
  symlinkSync(path.join(path.resolve(release), 'externals'), path.join(directory, 'externals'));
}

function linkTree(from: string, to: string): void {
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) linkTree(source, target);
    else linkOrCopy(source, target);
  }
}

/** Another file system, and files of another user, take no links. */
function linkOrCopy(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch {
    copyFileSync(source, target);
  }
}
