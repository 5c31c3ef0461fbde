import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { layOutRunnerRoot } from '../../local/runner/prepare-root.ts';
import { succeed } from './machine.ts';

/** What the official image has of itself (actions/runner, images/Dockerfile) and the Dockerfile does not add. */
const PACKAGES = ['ca-certificates', 'curl', 'git', 'jq', 'sudo', 'unzip'];

/**
 * A root file system that stands in for the official image: this machine's Debian, its user `runner`, and the stand-in
 * listener. apt reaches Debian's packages in it as this machine does; nothing of that is in the Dockerfile.
 */
export function makeStandInBase(directory: string, runnerVersion: string): void {
  const { codename, mirrors } = debian();
  const include = `--include=${PACKAGES.join(',')}`;
  succeed('debootstrap', ['--variant=minbase', include, codename, directory, ...mirrors]);
  for (const file of aptSettings()) copyFileSync(file, path.join(directory, file));
  const inside = (...command: string[]) => execFileSync('chroot', [directory, ...command]);
  inside('useradd', '--create-home', '--uid', '1001', '--shell', '/bin/bash', 'runner');
  const home = path.join(directory, 'home/runner');
  layOutRunnerRoot(home);
  tellVersion(path.join(home, 'bin/Runner.Listener'), runnerVersion);
  bringNode(path.join(home, 'externals/node24/bin'));
  inside('chown', '--recursive', 'runner:runner', '/home/runner');
}

/** The real listener tells its version; its stand-in has no reason to. */
function tellVersion(launcher: string, version: string): void {
  const [shebang, ...rest] = readFileSync(launcher, 'utf8').split('\n');
  const tell = `[ "$1" = --version ] && { echo ${version}; exit; }`;
  writeFileSync(launcher, [shebang, tell, ...rest].join('\n'));
  chmodSync(launcher, 0o755);
}

/** A runner brings its own Node.js; here it is the one that runs this. */
function bringNode(folder: string): void {
  mkdirSync(folder, { recursive: true });
  copyFileSync(process.execPath, path.join(folder, 'node'));
  chmodSync(path.join(folder, 'node'), 0o755);
}

const SOURCES = ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list'];

/** Of Debian's sources the first mirror; none, and debootstrap knows one itself. */
function debian(): { readonly codename: string; readonly mirrors: readonly string[] } {
  const codename = /^VERSION_CODENAME=(\w+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'stable';
  const text = SOURCES.filter(existsSync).map((file) => readFileSync(file, 'utf8'));
  const mirror = /^(?:URIs:|deb(?:\s+\[[^\]]*\])?)\s+(\S+)/m.exec(text.join('\n'))?.[1];
  return { codename, mirrors: mirror === undefined ? [] : [mirror] };
}

const aptSettings = (): string[] => {
  const configured = execFileSync('bash', [
    '-c',
    'grep -lis "^ *Acquire::" /etc/apt/apt.conf /etc/apt/apt.conf.d/* || true',
  ]);
  return [...SOURCES.filter(existsSync), ...String(configured).split('\n').filter(Boolean)];
};
