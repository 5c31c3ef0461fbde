/** What a task runs: the real supervisor, with a stand-in for the listener, or a real one. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Policy } from '../../functions/core/job/policy.ts';
import type { TaskCommand, WorldTask } from '../aws/index.ts';
import type { TaskDaemons } from '../docker/index.ts';
import { layOutRelease, layOutRunnerRoot } from '../runner/prepare-root.ts';
import { writeScript } from '../runner/script.ts';
import type { TaskClock } from '../task/clock-service.ts';
import type { Faults } from './faults.ts';
import { type RunnerRelease, releaseNear } from './runner-release.ts';
import type { TaskRoots } from './task-root.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const DAY_SECONDS = 86_400;
/** What tells a supervisor and a job's pause the world's time. */
const WORLD_TIME = path.join(ROOT, 'local/task/world-time.sh');
const WORLD_SLEEP = path.join(ROOT, 'local/runner/world-sleep.sh');

/** The task definitions' environment. `caPem`: an authority that GitHub is to be trusted by. */
export function taskEnvironment(
  stack: string,
  { timeouts }: Policy,
  caPem: string | undefined,
): Record<string, string> {
  return {
    ...(caPem !== undefined && { ONESHOT_CA_BUNDLE: caPem }),
    ONESHOT_STACK: stack,
    ONESHOT_IDLE_TIMEOUT_SECONDS: String(timeouts.idleSeconds),
    ONESHOT_MAXIMUM_AGE_SECONDS: String(timeouts.maximumAgeSeconds),
  };
}

interface Parts {
  readonly faults: Faults;
  /** None where tasks live in real time. */
  readonly taskClock: TaskClock | undefined;
  readonly roots: TaskRoots;
  readonly runner: RunnerRelease | undefined;
  readonly daemons: TaskDaemons;
}

type Command = TaskCommand | Promise<TaskCommand>;

/** Lays out a root for each task; returns what the task definition's command is on AWS. */
export function createSupervisors({ roots, runner, daemons, ...parts }: Parts): (task: WorldTask) => Command {
  const release = runner && releaseNear(runner, roots.base);
  return ({ id, task }) => {
    const root = roots.make(id);
    // Of this fault a real listener knows nothing.
    const stays = parts.faults.strikes('listener-stays');
    if (release === undefined || stays) layOutRunnerRoot(root);
    else layOutRelease(root, release.directory);
    if (stays) writeScript(root, { isServed: true, exitAfterSeconds: DAY_SECONDS, isDeaf: true });
    const command = commandOf(root, stays, parts.taskClock?.taskOf(id));
    if (!hasDocker(task)) return command;
    if (parts.faults.strikes('docker-daemon-missing')) return withVariables(command, absentIn(root));
    return daemons.start(id, root).then((variables) => withVariables(command, variables));
  };
}

/** Its task definition has a container more, which is the provider's that starts it. */
const hasDocker = ({ capacityProviderName }: WorldTask['task']): boolean =>
  capacityProviderName?.endsWith('-docker') ?? false;

/** A daemon that has died as it started. */
const absentIn = (root: string) => ({ DOCKER_HOST: `unix://${root}/absent.sock` });

const withVariables = (command: TaskCommand, variables: Readonly<Record<string, string>>): TaskCommand => ({
  ...command,
  env: { ...command.env, ...variables },
});

function commandOf(
  root: string,
  stays: boolean,
  { pulse, env }: Partial<ReturnType<TaskClock['taskOf']>> = {},
): TaskCommand {
  return {
    command: 'bash',
    args: [path.join(ROOT, 'image', 'entrypoint.sh')],
    cwd: root,
    env: {
      ONESHOT_RUNNER_ROOT: root,
      HOME: root,
      // A container has its own. What processes leave there that are killed goes with the root.
      TMPDIR: makeTemporaryDirectory(root),
      // Without it the supervisor would make one on this machine.
      RUNNER_TOOL_CACHE: path.join(root, 'tools'),
      // The supervisor itself would see to it.
      ...(stays && { ONESHOT_LEASE_SECONDS: String(DAY_SECONDS) }),
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      ...(env && { ...env, BASH_ENV: WORLD_TIME, WORLD_CLOCK_SLEEP: WORLD_SLEEP }),
    },
    ...(pulse && { pulse }),
  };
}

function makeTemporaryDirectory(root: string): string {
  const directory = path.join(root, 'tmp');
  mkdirSync(directory);
  return directory;
}
