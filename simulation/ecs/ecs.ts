import type { RunTaskRequest } from '../../functions/core/ports.ts';
import type { TaskEnding } from '../../functions/core/task/exit-codes.ts';
import type { TaskFact } from '../../functions/core/task/facts.ts';
import { isShown } from '../../model/ecs/launches.ts';
import { STAGES_AS_ONE } from '../../model/ecs/times.ts';
import type { GitHub } from '../github/github.ts';
import { MINUTE, SECOND, type World } from '../world.ts';
import { RunTask } from './run-task.ts';
import { Supervisor } from './supervisor.ts';
import { type Task, taskAt } from './task.ts';

/** ECS as far as a deployment meets it: tasks from their creation to their end, and lists of them that lag. */
export class Ecs {
  readonly tasks: Task[] = [];
  readonly live = new Set<Task>();
  readonly #liveNames = new Set<string>();
  readonly #launches: RunTask;
  readonly #supervisor: Supervisor;
  readonly #world: World;
  readonly #github: GitHub;
  onStopped: (fact: TaskFact) => void = () => undefined;

  constructor(world: World, github: GitHub) {
    this.#world = world;
    this.#github = github;
    this.#launches = new RunTask(world, (request) => this.#create(request));
    this.#supervisor = new Supervisor(world, github, (task, ending) => this.end(task, ending));
  }

  runTask(request: RunTaskRequest) {
    return this.#launches.run(request);
  }

  /** All that ECS shows, each task as it was up to a minute ago. */
  list(isWanted = (_: Task): boolean => true): TaskFact[] {
    const { nowMs } = this.#world;
    const list: TaskFact[] = [];
    for (const task of this.tasks) {
      if (!isShown(task.stoppedAtMs, nowMs) || !isWanted(task)) continue;
      const shown = taskAt(task, nowMs - this.#world.lag('ecs-lag', MINUTE));
      // A task that is not shown may be launched once more.
      if (shown === undefined) this.#world.noteStrike('ecs-lag');
      else list.push(shown);
    }
    return list;
  }

  find(runnerName: string): TaskFact | undefined {
    const task = this.tasks.find((one) => one.request.runnerName === runnerName);
    if (task === undefined || task.stoppingAtMs !== undefined) return undefined;
    const [shown] = this.list((one) => one === task);
    if (shown === undefined) task.isOverlooked = true;
    return shown;
  }

  mark(arn: string, jobId: number): void {
    const task = this.tasks.find((one) => one.arn === arn);
    // Its adapter takes a task that has stopped for done with.
    if (task === undefined || task.stoppedAtMs !== undefined) return;
    if (!this.#hasRun(task, jobId))
      this.#world.violate('false mark', `${task.request.runnerName} with job ${jobId}`);
    task.mark = { jobId, atMs: this.#world.nowMs };
  }

  noteJobOver(arn: string, atMs: number): void {
    const task = this.tasks.find((one) => one.arn === arn);
    if (task === undefined || task.stoppedAtMs !== undefined) return;
    if (task.runner?.busy)
      this.#world.violate('false mark', `${task.request.runnerName} is told that its job is over`);
    task.jobOver = { heardAtMs: atMs, atMs: this.#world.nowMs };
  }

  /** The job may be over before its mark comes. */
  #hasRun({ runner }: Task, jobId: number): boolean {
    return runner !== undefined && this.#github.jobs.get(jobId)?.runner === runner;
  }

  stop(arn: string, reason: string): void {
    const task = this.tasks.find((one) => one.arn === arn);
    if (task === undefined || task.stoppingAtMs !== undefined) return;
    const { nowMs, policy } = this.#world;
    const ageMs = nowMs - (task.startedAtMs ?? nowMs);
    if (task.runner?.busy && ageMs <= policy.timeouts.maximumAgeSeconds * SECOND)
      this.#world.violate('busy stopped', `${task.request.runnerName} (${reason})`);
    if ((task.runner?.endsAtMs ?? 0) > nowMs)
      this.#world.violate('busy stopped', `${task.request.runnerName} while it ends by itself (${reason})`);
    this.end(task, task.runner?.staysAfter ? 'interrupted-during-job' : 'over-maximum-age');
  }

  /** The supervisor ends, or the host ends it. */
  end(task: Task, ending: TaskEnding): void {
    if (task.stoppingAtMs !== undefined) return;
    task.stoppingAtMs = this.#world.nowMs;
    task.ending = ending;
    this.#world.tell(() => `task ${task.request.runnerName} ends: ${ending}`);
    if (task.runner !== undefined) this.#github.disconnect(task.runner);
    this.#world.clock.after(this.#world.between(...STAGES_AS_ONE.stopSeconds) * SECOND, () =>
      this.#stopped(task),
    );
  }

  #stopped(task: Task): void {
    const world = this.#world;
    task.stoppedAtMs = world.nowMs;
    this.live.delete(task);
    this.#liveNames.delete(task.request.runnerName);
    const fact = taskAt(task, world.nowMs);
    if (fact === undefined || world.strikes('eventbridge-lost')) return;
    const times = world.strikes('eventbridge-twice') ? 2 : 1;
    for (let n = 0; n < times; n++)
      world.clock.after(world.between(0.2, 3) * SECOND, () => this.onStopped(fact));
  }

  /** A limit in all may be passed by a reconcile of another repository, one of the repository may not (ADR 5). */
  #checkCapacity(repositoryId: number): void {
    const { nowMs, policy } = this.#world;
    const isOwn = ({ request }: Task) => request.launch.repository.id === repositoryId;
    const running = [...this.live].filter(isOwn).length;
    const refused = this.tasks.filter(
      (task) => task.request.launch.rejection && isOwn(task) && nowMs - task.createdAtMs < 60 * MINUTE,
    ).length;
    const expect = (count: number, most: number, what: string) => {
      if (count > most) this.#world.violate('over the limits', `${count} ${what}, at most ${most}`);
    };
    expect(running, policy.concurrency.runnersPerRepository ?? Infinity, 'tasks');
    // Webhooks start rejection tasks too, and do not see each other's (ADR 24).
    expect(refused, policy.rejections.maximumPerHour * 1.5, 'rejection tasks an hour');
  }

  #create(request: RunTaskRequest): Task {
    const world = this.#world;
    const { runnerName } = request;
    const task: Task = { arn: `arn:${this.tasks.length}`, request, createdAtMs: world.nowMs };
    if (this.#liveNames.has(runnerName)) world.violate('live twice', runnerName);
    this.#liveNames.add(runnerName);
    this.tasks.push(task);
    this.live.add(task);
    world.mostAtOnce = Math.max(world.mostAtOnce, this.live.size);
    this.#checkCapacity(request.launch.repository.id);
    world.countTask();
    world.tell(() => `task ${runnerName} created (${request.launch.labels.join(' ')})`);
    this.#supervisor.boot(task);
    return task;
  }
}
