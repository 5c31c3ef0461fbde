import { PROVIDERS } from '../../functions/core/job/providers.ts';
import { type TaskEnding, taskEnding } from '../../functions/core/task/exit-codes.ts';
import { INSTANCE, STAGES_AS_ONE } from '../../model/ecs/times.ts';
import type { GitHub } from '../github/github.ts';
import type { Runner } from '../github/types.ts';
import { MINUTE, SECOND, type World } from '../world.ts';
import type { Task } from './task.ts';

const isDocker = ({ request }: Task): boolean => request.launch.given.provider === 'docker';
/** The supervisor's wait for the daemon (ONESHOT_DOCKER_TIMEOUT_SECONDS in infra/docker.yml). */
const DAEMON_WAIT_MS = 120 * SECOND;

/** What happens inside a task: it boots, its listener connects, takes a job or idles out; or the host ends it. */
export class Supervisor {
  readonly #world: World;
  readonly #github: GitHub;
  readonly #end: (task: Task, ending: TaskEnding) => void;

  constructor(world: World, github: GitHub, end: (task: Task, ending: TaskEnding) => void) {
    this.#world = world;
    this.#github = github;
    this.#end = end;
  }

  boot(task: Task): void {
    const { clock } = this.#world;
    if (this.#world.strikes('task-fails-to-start'))
      clock.after(this.#world.between(...STAGES_AS_ONE.failedStartSeconds) * SECOND, () =>
        this.#end(task, taskEnding(undefined)),
      );
    else if (!this.#isStuck(task)) clock.after(this.#bootMs(task), () => this.#running(task));
  }

  #isStuck(task: Task): boolean {
    return (
      this.#world.strikes('task-stuck') || (isDocker(task) && this.#world.strikes('docker-capacity-never'))
    );
  }

  /** The usual, late but still supply, and so slow that it may no longer be. */
  #bootMs(task: Task): number {
    const world = this.#world;
    if (isDocker(task))
      return world.strikes('docker-capacity-late')
        ? world.between(...INSTANCE.lateBootMs)
        : world.between(...STAGES_AS_ONE.instanceBootSeconds) * SECOND;
    if (world.strikes('task-boots-slowly')) return world.between(...STAGES_AS_ONE.slowBootMinutes) * MINUTE;
    if (world.strikes('task-boots-late')) return world.between(...STAGES_AS_ONE.lateBootMinutes) * MINUTE;
    return world.between(...STAGES_AS_ONE.bootSeconds) * SECOND;
  }

  #running(task: Task): void {
    if (task.stoppingAtMs !== undefined) return;
    const { clock } = this.#world;
    task.startedAtMs = this.#world.nowMs;
    if (isDocker(task) && this.#world.strikes('docker-daemon-missing')) {
      clock.after(DAEMON_WAIT_MS, () => this.#end(task, 'docker-not-ready'));
      return;
    }
    clock.after(this.#world.between(2, 8) * SECOND, () => this.#connect(task));
    if (
      PROVIDERS[task.request.launch.given.provider].isInterruptible &&
      this.#world.strikes('spot-interrupted')
    )
      clock.after(this.#world.between(0, 8) * MINUTE, () => this.#takeBack(task));
    if (this.#world.strikes('task-host-killed'))
      clock.after(this.#world.between(0, 8) * MINUTE, () => this.#end(task, 'unexplained'));
  }

  #takeBack(task: Task): void {
    if (task.stoppingAtMs !== undefined) return;
    task.isTakenBack = true;
    if (task.runner !== undefined) task.runner.isTakenBack = true;
    this.#end(task, task.runner?.busy ? 'interrupted-during-job' : 'interrupted-before-job');
  }

  #connect(task: Task): void {
    if (task.stoppingAtMs !== undefined) return;
    const runner = this.#github.connect(task.request.runnerId);
    if (runner === undefined) {
      this.#end(task, 'registration-gone');
      return;
    }
    task.runner = runner;
    runner.end = (ending) => this.#end(task, ending);
    this.#github.offer(runner);
    const idleMs = this.#world.policy.timeouts.idleSeconds * SECOND;
    this.#world.clock.after(idleMs, () => this.#endIdle(task, runner));
    if (this.#world.strikes('idle-removed'))
      this.#world.clock.after(this.#world.between(0, idleMs), () => this.#github.removeIdle(runner));
  }

  /** Idle is the supervisor's to judge: with a job message on its way it waits. */
  #endIdle(task: Task, runner: Runner): void {
    if (task.stoppingAtMs !== undefined || runner.busy) return;
    if (runner.job === null) this.#end(task, 'idle');
    else this.#world.clock.after(10 * SECOND, () => this.#endIdle(task, runner));
  }
}
