import type { ChildProcess } from 'node:child_process';
import type { Hold } from '../world/clock.ts';

/** Where all instances wait for the world's time: this many, of as many as Lambda would start. */
const MOST_INSTANCES = 16;

interface Waiting extends PromiseWithResolvers<ChildProcess> {
  readonly work: Hold;
}

/** The instances of a function, each for one event at a time: a warm one is used again. */
export class Instances {
  readonly #start: () => ChildProcess;
  /** Fewer than Lambda would start, to spare the machine. */
  readonly #most: number;
  readonly #idle: ChildProcess[] = [];
  readonly #all = new Set<ChildProcess>();
  /** Those that wait for nothing but the world's time. */
  readonly #resting = new Set<ChildProcess>();
  readonly #waiting: Waiting[] = [];

  constructor(start: () => ChildProcess, most: number) {
    this.#start = start;
    this.#most = most;
  }

  /** Resolves with an instance for an event, which is this work. */
  take(work: Hold): Promise<ChildProcess> {
    const instance = this.#idle.pop() ?? (this.#all.size < this.#most ? this.#begin() : undefined);
    if (instance) return Promise.resolve(instance);
    const waiting = { ...Promise.withResolvers<ChildProcess>(), work };
    this.#waiting.push(waiting);
    this.#relieve();
    return waiting.promise;
  }

  /** Its event is over. */
  giveBack(instance: ChildProcess): void {
    this.#resting.delete(instance);
    const isUsable = instance.connected && instance.exitCode === null && !instance.killed;
    if (!isUsable) this.#all.delete(instance);
    if (this.#waiting.length > 0) this.#serve(isUsable ? instance : this.#begin());
    else if (isUsable) this.#idle.push(instance);
  }

  /** It waits for the world's time, or works again. */
  rests(instance: ChildProcess, isResting: boolean): void {
    if (isResting) this.#resting.add(instance);
    else this.#resting.delete(instance);
    this.#relieve();
  }

  close(reason: Error): void {
    // Else a killed instance would be followed by a new one for the event that waits, which nothing would end.
    for (const turn of this.#waiting.splice(0)) turn.reject(reason);
    for (const instance of this.#all) instance.kill('SIGKILL');
  }

  /** An event must not keep the time from passing that the instances wait for. */
  #relieve(): void {
    const isAnyAtWork = this.#resting.size < this.#all.size - this.#idle.length;
    if (isAnyAtWork || this.#waiting.length === 0) return;
    if (this.#all.size < Math.max(this.#most, MOST_INSTANCES)) this.#serve(this.#begin());
    else for (const { work } of this.#waiting) work.pause();
  }

  #serve(instance: ChildProcess): void {
    const next = this.#waiting.shift();
    next?.work.resume();
    next?.resolve(instance);
  }

  #begin(): ChildProcess {
    const instance = this.#start();
    this.#all.add(instance);
    instance.once('exit', () => {
      this.#all.delete(instance);
      const index = this.#idle.indexOf(instance);
      if (index >= 0) this.#idle.splice(index, 1);
    });
    return instance;
  }
}
