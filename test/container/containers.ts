import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT, run, succeed } from './machine.ts';
import { makeStandInBase } from './stand-in-base.ts';

export const IMAGE = 'localhost/oneshot-runner';
const DOCKERFILE = path.join(ROOT, 'image/Dockerfile');
export const RUNNER_VERSION = /^ARG RUNNER_VERSION=(\S+)$/m.exec(readFileSync(DOCKERFILE, 'utf8'))?.[1] ?? '';
const BASE = `ghcr.io/actions/actions-runner:${RUNNER_VERSION}`;

const HOW = ['--isolation', 'chroot', '--format', 'docker', '--pull-never'];
export const RUNNER_IMAGE = 'localhost/oneshot-official-runner';
/** .NET needs ICU, whose package has its version in its name. */
const PUT_RUNNER = `FROM ${IMAGE}
USER root
RUN apt-get install --yes --no-install-recommends '^libicu[0-9]+$'
COPY --chown=runner:runner bin bin
COPY --chown=runner:runner externals externals
USER runner
`;

/** As a task on Fargate, and less: no capability at all, no new privileges, no network but what a test shares. */
const CONFINED = [
  ...['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
  ...['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'],
  // podman keeps a health check by a systemd timer; it is run by hand here.
  '--no-healthcheck',
];

/** `vfs` copies all of an image for each container, which takes its time; it works where layers cannot be mounted. */
function storageDriver(): 'overlay' | 'vfs' {
  const folder = mkdtempSync(path.join(tmpdir(), 'oneshot-container-'));
  const store = ['--root', `${folder}/store`, '--runroot', `${folder}/run`, '--storage-driver', 'overlay'];
  const { status } = spawnSync('podman', [...store, 'info']);
  rmSync(folder, { recursive: true, force: true });
  return status === 0 ? 'overlay' : 'vfs';
}

/** Images and containers of one run, in a directory of their own. */
export function openStore() {
  const directory = mkdtempSync(path.join(tmpdir(), 'oneshot-container-'));
  const folders = ['--root', `${directory}/store`, '--runroot', `${directory}/run`];
  const store = [...folders, '--storage-driver', storageDriver()];
  const podman = [...store, '--runtime', 'runc', '--cgroup-manager', 'cgroupfs'];
  const runArguments = (options: readonly string[]) => [...podman, 'run', ...CONFINED, ...options];
  const names: string[] = [];
  return {
    /** The Dockerfile on the stand-in base, which bears the official image's name in this store. */
    build(): void {
      const base = path.join(directory, 'base');
      makeStandInBase(base, RUNNER_VERSION);
      const archive = `${base}.tar`;
      succeed('tar', ['--create', '--file', archive, '--directory', base, '.']);
      execFileSync('podman', [...podman, 'import', '--quiet', archive, BASE]);
      rmSync(base, { recursive: true });
      rmSync(archive);
      succeed('buildah', [...store, 'build', ...HOW, '--tag', IMAGE, path.dirname(DOCKERFILE)]);
    },
    /** The same image, with an unpacked release of the official runner instead of the stand-in. */
    putRunner(release: string): void {
      const file = path.join(directory, 'Dockerfile.runner');
      writeFileSync(file, PUT_RUNNER);
      succeed('buildah', [...store, 'build', ...HOW, '--tag', RUNNER_IMAGE, '--file', file, release]);
    },
    podman: (...args: string[]) => run('podman', [...podman, ...args]),
    /** Runs on, by this name. */
    start(name: string, ...options: string[]): void {
      execFileSync('podman', runArguments(['--detach', '--name', name, ...options]));
      names.unshift(name);
    },
    /** A folder with a `docker` that is this podman, for a script that calls it; `more` is for each container. */
    dockerFolder(more: readonly string[]): string {
      const folder = path.join(directory, 'bin');
      mkdirSync(folder, { recursive: true });
      const quoted = (words: readonly string[]) => words.map((word) => `'${word}'`).join(' ');
      const script = [
        '#!/bin/sh',
        `[ "$1" = run ] || exec podman ${quoted(podman)} "$@"`,
        'shift',
        // Without a network where the script names none.
        'case "$*" in *--network*) ;; *) set -- --network none "$@" ;; esac',
        `exec podman ${quoted(runArguments(more))} "$@"`,
      ];
      writeFileSync(path.join(folder, 'docker'), `${script.join('\n')}\n`, { mode: 0o755 });
      return folder;
    },
    close(): void {
      // The last first: the others live in the first one's network, and podman removes none that another needs.
      for (const name of names) execFileSync('podman', [...podman, 'rm', '--force', '--time', '0', name]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
