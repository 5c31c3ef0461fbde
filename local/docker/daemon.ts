/**
 * A real Docker daemon for one task, as the container `dockerd` of its task definition: processes, mounts, /tmp and /run
 * of its own, and gone with everything that a job made in it. Linux, root, and Debian's docker.io.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { request } from 'node:http';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { removeGroups, tryToRemoveGroups } from './leftovers.ts';
import { clearRules, type DaemonNetwork, giveBackNetwork, takeNetwork } from './network.ts';

interface DaemonOptions {
  /** All that it has is in this folder, which is made, and removed when it is stopped. */
  readonly directory: string;
  /** Folders that it shares with the runner, at the same paths: `_work` and `externals`. */
  readonly shares?: readonly string[];
  /** Where its images and containers are, if not in `directory`. */
  readonly dataRoot?: string;
  /** It writes rules, which are flushed when it is stopped: only in a network namespace that nothing else uses. */
  readonly hasFirewall?: boolean;
}

export interface Daemon {
  readonly directory: string;
  /** What its clients have as `DOCKER_HOST`. */
  readonly host: string;
  readonly network: DaemonNetwork;
  readonly hasFirewall: boolean;
  readonly log: () => string;
  /** Resolves to true when it answers, to false where it ended before or does not answer within minutes. */
  readonly ready: () => Promise<boolean>;
  /** As when its container is killed: all that runs in it dies with it. Resolves when nothing is left of that. */
  readonly kill: () => Promise<void>;
}

const ENDS_WITHIN_MS = 300;
/** Each waits a twentieth of a second, or, where the socket takes calls and does not answer, eight seconds. */
const MOST_TRIES = 2_400;
const SCRIPT = path.join(import.meta.dirname, 'container.sh');
/** All in one folder, the socket in one of its own, as it is a volume. */
const inFolder = (directory: string) => ({
  socket: path.join(directory, 'socket', 'docker.sock'),
  data: path.join(directory, 'data'),
  log: path.join(directory, 'log'),
});

/** Why no daemon can be started on this machine; `undefined` where one can. */
export function whyNoDaemon(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'a Docker daemon needs Linux and root';
  const isThere = (name: string) => spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;
  const missing = ['dockerd', 'docker', 'unshare', 'setpriv', 'ip', 'iptables'].filter(
    (name) => !isThere(name),
  );
  if (missing.length > 0)
    return `${missing.join(', ')} not found: apt-get install docker.io iproute2 iptables util-linux`;
  const isAllowed = spawnSync('unshare', ['--mount', '--pid', '--fork', '--mount-proc', 'true']).status === 0;
  return isAllowed ? undefined : 'namespaces cannot be made here';
}

/** Starts it, and does not wait until it answers. */
export function startDaemon(options: DaemonOptions): Daemon {
  const { directory, hasFirewall = false } = options;
  const { socket, log } = inFolder(directory);
  mkdirSync(path.dirname(socket), { recursive: true });
  const network = takeNetwork();
  const child = spawnDaemon(options, network);
  const ended = endOf(child, log);
  return {
    directory,
    host: `unix://${socket}`,
    network,
    hasFirewall,
    log: () => readFileSync(log, 'utf8'),
    ready: () => Promise.race([answers(socket, ended), ended.then(() => false)]),
    async kill() {
      for (const pid of childrenOf(child.pid)) process.kill(pid, 'SIGKILL');
      await ended;
    },
  };
}

/** Ends it with everything in it: containers, networks, volumes, images, processes, mounts. */
export async function stopDaemon(daemon: Daemon): Promise<void> {
  await daemon.kill();
  giveBackNetwork(daemon.network);
  if (daemon.hasFirewall) clearRules();
  await removeGroups(daemon.network.bridge);
  await rm(daemon.directory, { recursive: true, force: true, maxRetries: 5 });
}

/** The same, by a process that ends and cannot wait. */
export function abandonDaemon(daemon: Daemon): void {
  void daemon.kill();
  giveBackNetwork(daemon.network);
  // Until the kernel has ended what runs there.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ENDS_WITHIN_MS);
  tryToRemoveGroups(daemon.network.bridge);
  rmSync(daemon.directory, { recursive: true, force: true, maxRetries: 3 });
}

function spawnDaemon(
  { directory, dataRoot, shares = [], hasFirewall }: DaemonOptions,
  { bridge, prefix }: DaemonNetwork,
): ChildProcess {
  const folders = inFolder(directory);
  const data = dataRoot ?? folders.data;
  for (const folder of [data, ...shares]) mkdirSync(folder, { recursive: true });
  const flags = {
    'data-root': data,
    'exec-root': path.join(directory, 'exec'),
    pidfile: path.join(directory, 'pid'),
    bridge,
    'default-address-pool': `base=${prefix}.128.0/17,size=24`,
    'cgroup-parent': `/${bridge}`,
    'exec-opt': 'native.cgroupdriver=cgroupfs',
    'storage-driver': 'overlay2',
    ...(!hasFirewall && { iptables: 'false', 'ip-forward': 'false' }),
  };
  const hosts = [`--host=unix://${folders.socket}`, '--host=unix:///run/docker.sock'];
  const command = [
    'dockerd',
    ...hosts,
    ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`),
  ];
  // It dies with this process: nobody else would end it.
  const namespaces = [
    'unshare',
    '--mount',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
    'bash',
    SCRIPT,
  ];
  const kept = [directory, ...(dataRoot === undefined ? [] : [dataRoot]), ...shares];
  return spawn('setpriv', ['--pdeathsig', 'KILL', ...namespaces, ...kept, '--', ...command], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin', HOME: directory },
    detached: true,
  });
}

/** Resolves when its last process is gone: the first of a PID namespace outlives all others. */
function endOf(child: ChildProcess, log: string): Promise<void> {
  const file = createWriteStream(log);
  child.stdout?.pipe(file, { end: false });
  child.stderr?.pipe(file, { end: false });
  return new Promise((resolve) => {
    child.once('error', () => resolve());
    child.once('close', () => {
      file.end();
      resolve();
    });
  });
}

const childrenOf = (pid = 0): number[] => {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
};

async function answers(socketPath: string, ended: Promise<void>): Promise<boolean> {
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  for (let tries = 0; tries < MOST_TRIES && !isOver; tries++) {
    if (await answersOnce(socketPath)) return true;
    await pause(50);
  }
  return false;
}

function answersOnce(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const call = request({ socketPath, path: '/_ping', timeout: 8_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    call.on('timeout', () => call.destroy()).on('error', () => resolve(false));
    call.end();
  });
}
