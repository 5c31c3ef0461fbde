/** One job in a task of the supervisor and a daemon, from its start to what is left of both. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Daemon, startDaemon, stopDaemon } from '../../local/docker/index.ts';
import type { StandInScript } from '../../local/runner/script.ts';
import { startTask, type Task } from '../../local/task/task.ts';
import { bind, leftOnMachine, mountDisk, writeBuildContext } from './machine.ts';

export interface DockerCase {
  readonly script?: string;
  readonly listener?: StandInScript;
  readonly environment?: Readonly<Record<string, string>>;
  /** A disk of this size for `_work` and the daemon's images, as on an instance. */
  readonly disk?: string;
  /** Real seconds after which the daemon is started. */
  readonly daemonAfterMs?: number;
  readonly act?: (playing: { readonly task: Task; readonly daemon: Daemon }) => Promise<void>;
}

interface Seen {
  readonly code: number | null;
  readonly ending: string | undefined;
  readonly states: readonly string[];
  readonly output: string;
  /** What the listener or the worker noted: nothing where neither was started. */
  readonly facts: number;
  /** Of the supervisor's: processes and files. */
  readonly leftover: readonly unknown[];
  readonly files: readonly string[];
  /** Of the daemon's, once the task is over. */
  readonly machine: readonly string[];
  readonly daemonLog: string;
}

const ENVIRONMENT = { ONESHOT_DOCKER_TIMEOUT_SECONDS: '60', ONESHOT_DOCKER_STORAGE_GIB: '100' };

export async function play(played: DockerCase): Promise<Seen> {
  const folder = mkdtempSync(path.join(tmpdir(), 'oneshot-docker-'));
  const undo: (() => void)[] = [];
  const directory = path.join(folder, 'daemon');
  let start = (): Daemon => startDaemon({ directory, hasFirewall: true });
  let daemon: Daemon | undefined;
  const task = await startTask({
    listener: { jobAfterSeconds: 0, jobSeconds: 0, ...played.listener, jobScript: scriptOf(played) },
    environment: {
      ...ENVIRONMENT,
      DOCKER_HOST: `unix://${directory}/socket/docker.sock`,
      BUILD_CONTEXT: path.join(folder, 'context'),
      ...played.environment,
    },
    onLaidOut(root) {
      writeBuildContext(path.join(folder, 'context'));
      start = layOutVolumes(root, folder, played.disk, undo);
      if (played.daemonAfterMs === undefined) daemon = start();
    },
  });
  if (played.daemonAfterMs !== undefined) await new Promise((r) => setTimeout(r, played.daemonAfterMs));
  daemon ??= start();
  try {
    await played.act?.({ task, daemon });
    const ended = await task.ended;
    // A container that is not essential is ended with its task.
    const daemonLog = daemon.log();
    await stopDaemon(daemon);
    const machine = leftOnMachine(daemon);
    return { ...ended, output: task.output(), facts: task.journal().length, machine, daemonLog };
  } finally {
    await stopDaemon(daemon);
    for (const each of undo.toReversed()) each();
    task.cleanUp();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A step as the worker runs it: with `-e`, so that what fails in Docker fails the job. */
const scriptOf = ({ script = 'true' }: DockerCase): string =>
  `set -eux; work="$ONESHOT_RUNNER_ROOT/_work"; ${script}`;

/** The volumes of the task definition. Returns what starts the daemon. */
function layOutVolumes(
  root: string,
  folder: string,
  size: string | undefined,
  undo: (() => void)[],
): () => Daemon {
  const shares = [path.join(root, '_work'), path.join(root, 'externals')];
  const options = { directory: path.join(folder, 'daemon'), shares, hasFirewall: true };
  if (size === undefined) return () => startDaemon(options);
  const disk = path.join(folder, 'disk');
  undo.push(mountDisk(disk, size), bind(path.join(disk, 'work'), path.join(root, '_work')));
  return () => startDaemon({ ...options, dataRoot: path.join(disk, 'docker') });
}
