import {
  chmodSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  statSync,
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
 * Lays out a runner's root from an unpacked release of the official runner, in few milliseconds: `bin` of hard links, as
 * the listener takes its root from the real place of its program, and `externals` as one symbolic link. The release stays
 * as it is: a runner writes beside the two, never into them. Nothing else of it is taken: a runner that was configured
 * there has its keys there.
 */
export function layOutRelease(directory: string, release: string): void {
  linkTree(path.join(path.resolve(release), 'bin'), path.join(directory, 'bin'));
  symlinkSync(path.join(path.resolve(release), 'externals'), path.join(directory, 'externals'));
}

/** What is a link in the release, as after an update of its own, is a file in the root. */
function linkTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    const [source, target] = [realpathSync(path.join(from, name)), path.join(to, name)];
    if (statSync(source).isDirectory()) linkTree(source, target);
    else if (!canLink(source, target)) copyFileSync(source, target);
  }
}

/** Another file system, and files of another user, take no links (proc(5), protected_hardlinks). */
export function canLink(source: string, target: string): boolean {
  try {
    linkSync(source, target);
    return true;
  } catch {
    return false;
  }
}
