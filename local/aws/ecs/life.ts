import { INSTANCE } from '../../../model/ecs/times.ts';
import type { Hold } from '../../world/clock.ts';
import type { Instance } from './instances.ts';
import type { Life, LifeParts, Stop } from './life-parts.ts';
import { START_MS, type Stream, type TaskProcess } from './process.ts';
import { drawStartFailure, type StartFailure } from './start-failures.ts';
import type { TaskRecord } from './task.ts';
import {
  applyChange,
  changeContainer,
  changeInterface,
  keepLine,
  startSidecars,
  stopSidecars,
  type TaskChange,
} from './task-change.ts';

/** A started process counts as starting until its first line, its end, or this long. Real time. */
const STARTING_MS = 1_000;

/** ECS developer guide: "Amazon ECS task lifecycle". */
export function beginLife(task: TaskRecord, parts: LifeParts): Life {
  const life = new TaskLife(task, parts);
  void life.run();
  return life;
}

/** AWS-101. */
const INSTANCE_ENDS: Stop = { code: 'TerminationNotice', reason: 'Task stopped during instance draining' };

class TaskLife implements Life {
  readonly #task: TaskRecord;
  readonly #parts: LifeParts;
  readonly #stopAsked = Promise.withResolvers<'stop'>();
  readonly #exitAsked = Promise.withResolvers<number>();
  readonly #abandonAsked = Promise.withResolvers<'abandon'>();
  #process: TaskProcess | undefined;
  #instance: Instance | undefined;
  #forgetEnd: () => void = () => {};
  #abandoned = false;
  #started: () => void = () => {};

  constructor(task: TaskRecord, parts: LifeParts) {
    this.#task = task;
    this.#parts = parts;
  }

  stop({ code, reason }: Stop): void {
    if (this.#task.view.desiredStatus === 'STOPPED') return;
    this.#change({
      desiredStatus: 'STOPPED',
      stopCode: code,
      stoppedReason: reason,
      stoppingAt: this.#now(),
    });
    this.#stopAsked.resolve('stop');
  }

  exit(code: number): void {
    this.#exitAsked.resolve(code);
  }

  async abandon(): Promise<void> {
    this.#abandoned = true;
    this.#process?.kill();
    this.#stopAsked.resolve('stop');
    this.#exitAsked.resolve(137);
    this.#abandonAsked.resolve('abandon');
    await this.#process?.exited;
  }

  async run(): Promise<void> {
    this.#change({});
    if (await this.#boot()) await this.#running();
    await this.#windDown();
  }

  /** True when the task is RUNNING. */
  async #boot(): Promise<boolean> {
    const { boot, faults, random } = this.#parts;
    const failure = faults.strikes('task-fails-to-start') ? drawStartFailure(random) : undefined;
    if (await this.#waitForInstance()) return false;
    if (await this.#pause(boot.provisioningMs)) return false;
    if (failure?.state === 'PROVISIONING') return this.#failToStart(failure);
    const now = this.#now();
    changeInterface(this.#task, 'ATTACHED');
    this.#change({
      lastStatus: 'PENDING',
      connectivity: 'CONNECTED',
      connectivityAt: now,
      pullStartedAt: now,
    });
    if (await this.#pull()) return false;
    if (failure !== undefined) return this.#failToStart(failure);
    this.#change({ lastStatus: 'ACTIVATING', pullStoppedAt: this.#now() });
    if (await this.#pause(boot.activatingMs)) return false;
    return this.#start();
  }

  /** True when the task is to stop. On Fargate there is nothing to wait for. */
  async #waitForInstance(): Promise<boolean> {
    const { faults, instances, clock } = this.#parts;
    if (this.#task.definition.compatibility !== 'MANAGED_INSTANCES') return false;
    if (faults.strikes('docker-capacity-never')) {
      await this.#stopAsked.promise;
      return true;
    }
    if (faults.strikes('docker-capacity-late') && (await this.#pause(INSTANCE.lateBootMs))) return true;
    const instance = instances.place(this.#task, this.#parts.dice);
    this.#instance = instance;
    const endsInMs = instance.startedAtMs + INSTANCE.endAfterMs - clock.nowMs();
    this.#forgetEnd = clock.after(endsInMs, () => this.stop(INSTANCE_ENDS));
    const waitMs = Math.max(0, instance.readyAtMs - clock.nowMs());
    if (await this.#pause([waitMs, waitMs])) return true;
    this.#change({ containerInstanceArn: instance.arn });
    return false;
  }

  /** True when the task is to stop. */
  async #pull(): Promise<boolean> {
    if (this.#parts.faults.strikes('task-stuck')) {
      await this.#stopAsked.promise;
      return true;
    }
    const isThere =
      this.#instance !== undefined && this.#parts.instances.hasImages(this.#instance, this.#task);
    return !isThere && this.#pause(this.#parts.boot.pendingMs);
  }

  async #start(): Promise<boolean> {
    const work = this.#parts.clock.hold(START_MS);
    const isRunning = await this.#startBy(work);
    // What has begun holds time by itself.
    if (!isRunning || !this.#process) work.release();
    return isRunning;
  }

  async #startBy(work: Hold): Promise<boolean> {
    const leave = await this.#parts.gate.enter();
    if (this.#task.view.desiredStatus === 'STOPPED' || this.#abandoned) {
      leave();
      return false;
    }
    setTimeout(leave, STARTING_MS).unref();
    this.#started = leave;
    try {
      this.#process =
        (await this.#parts.start(this.#task, (stream, line) => this.#log(stream, line), work)) ?? undefined;
    } catch (cause) {
      leave();
      const reason = `CannotStartContainerError: ${cause instanceof Error ? cause.message : cause}`;
      return this.#failToStart({ isOfContainer: true, reason: () => reason });
    }
    // The world may have closed while the process started.
    if (this.#abandoned) this.#process?.kill();
    startSidecars(this.#task);
    changeContainer(this.#task, { lastStatus: 'RUNNING', runtimeId: `${this.#task.id}-0` });
    this.#change({ lastStatus: 'RUNNING', startedAt: this.#now() });
    return true;
  }

  async #running(): Promise<void> {
    if (this.#parts.faults.strikes('task-out-of-memory')) void this.#runOutOfMemory();
    const exited = this.#process?.exited ?? this.#exitAsked.promise;
    const first = await Promise.race([exited, this.#stopAsked.promise]);
    const code = first === 'stop' ? await this.#terminate(exited) : first;
    this.#started();
    changeContainer(this.#task, { lastStatus: 'STOPPED', exitCode: code });
    const executionStoppedAt = this.#now();
    if (this.#task.view.desiredStatus === 'STOPPED') return this.#change({ executionStoppedAt });
    const reason = 'Essential container in task exited';
    const end = {
      desiredStatus: 'STOPPED',
      stopCode: 'EssentialContainerExited',
      stoppedReason: reason,
    } as const;
    this.#change({ ...end, executionStoppedAt, stoppingAt: executionStoppedAt, lastStatus: 'DEACTIVATING' });
    await this.#pause(this.#parts.boot.deactivatingMs, false);
    this.#change({ lastStatus: 'STOPPING' });
  }

  /** SIGTERM, and SIGKILL after the container's stopTimeout. */
  async #terminate(exited: Promise<number>): Promise<number> {
    this.#change({ lastStatus: 'DEACTIVATING' });
    await this.#pause(this.#parts.boot.deactivatingMs, false);
    this.#change({ lastStatus: 'STOPPING' });
    if (!this.#process) return 143;
    this.#process.signal('SIGTERM');
    const kill = () => this.#process?.kill();
    const cancel = this.#parts.clock.after(this.#task.definition.stopTimeoutSeconds * 1000, kill);
    const code = await exited;
    cancel();
    return code;
  }

  async #windDown(): Promise<void> {
    this.#forgetEnd();
    stopSidecars(this.#task);
    this.#change({ lastStatus: 'DEPROVISIONING' });
    await this.#pause(this.#parts.boot.deprovisioningMs, false);
    changeInterface(this.#task, 'DELETED');
    if (this.#instance) this.#parts.instances.leave(this.#instance, this.#task);
    this.#change({ lastStatus: 'STOPPED', stoppedAt: this.#now(), connectivity: undefined });
  }

  /** ECS names memory at the container only (docs.aws.amazon.com, Troubleshooting Amazon ECS OutOfMemoryError errors). */
  async #runOutOfMemory(): Promise<void> {
    if (await this.#pause(this.#parts.boot.activatingMs)) return;
    changeContainer(this.#task, { reason: 'OutOfMemoryError: Container killed due to memory usage' });
    this.#process?.kill();
    this.exit(137);
  }

  /** False: the task is not RUNNING. */
  #failToStart({ isOfContainer, reason: words }: Pick<StartFailure, 'isOfContainer' | 'reason'>): false {
    const subnet = this.#task.view.attachments?.[0]?.details?.find(({ name }) => name === 'subnetId')?.value;
    const reason = words({ image: this.#task.definition.image, subnet: subnet ?? '' });
    if (isOfContainer) changeContainer(this.#task, { reason });
    this.#change({
      desiredStatus: 'STOPPED',
      stopCode: 'TaskFailedToStart',
      stoppedReason: reason,
      stoppingAt: this.#now(),
    });
    return false;
  }

  /** Waits a time between the bounds; true when a stop came first (unless the wait cannot be cut short). */
  async #pause([fromMs, toMs]: readonly [number, number], stoppable = true): Promise<boolean> {
    if (this.#abandoned) return true;
    const timer = Promise.withResolvers<'time'>();
    const durationMs = fromMs + this.#parts.dice() * (toMs - fromMs);
    const cancel = this.#parts.clock.after(durationMs, () => timer.resolve('time'));
    const first = await Promise.race([
      timer.promise,
      stoppable ? this.#stopAsked.promise : this.#abandonAsked.promise,
    ]);
    cancel();
    return first === 'stop';
  }

  #change(change: TaskChange): void {
    if (this.#abandoned) return;
    applyChange(this.#task, change, this.#parts.clock.nowMs());
    this.#parts.changed(this.#task);
  }

  #log(stream: Stream, line: string): void {
    this.#started();
    keepLine(this.#task, { stream, line, atMs: this.#parts.clock.nowMs() });
    this.#parts.logged(this.#task, stream, line);
  }

  #now(): Date {
    return new Date(this.#parts.clock.nowMs());
  }
}
