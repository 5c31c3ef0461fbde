import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import type { Hold } from '../../world/clock.ts';

/**
 * How long a task's processes take to start, in world time. Tasks that start within this of each other start side by
 * side on this machine, and yet are ready in their order: none is before its time, however fast this machine is.
 */
export const START_MS = 1_000;

/** Told of what happens to a task's processes, so that the world's time waits for them where they work. */
export interface Pulse {
  /** They have begun, as this work. */
  begin(work: Hold): void;
  /** A signal has been sent to PID 1. */
  signalled(): void;
  /** None is left. */
  end(): void;
}

export interface TaskCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the task's own environment, and stronger than it. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Without one, time waits for no process of it. */
  readonly pulse?: Pulse;
}

export type Stream = 'stdout' | 'stderr';

/** A task's process: PID 1 of its container, with everything that it starts. */
export interface TaskProcess {
  /** Signals PID 1 only, as a container runtime does. */
  signal(name: NodeJS.Signals): void;
  /** Kills the whole tree. */
  kill(): void;
  /** The exit code as a container reports it: 128 + the signal's number for a process that was killed. */
  readonly exited: Promise<number>;
}

/** How long the pipes may stay open after PID 1 has ended and its group was killed. Real time. */
const DRAIN_MS = 250;

/** Starts a process in a group of its own. Rejects when it cannot be started. */
export async function startProcess(
  { command, args, cwd, pulse }: TaskCommand,
  env: Record<string, string>,
  onLine: (stream: Stream, line: string) => void,
  work: Hold,
): Promise<TaskProcess> {
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  readLines(child, 'stdout', onLine);
  readLines(child, 'stderr', onLine);
  const exited = ending(child);
  await once(child, 'spawn');
  pulse?.begin(work);
  // Not in the turn in which the end is told: what follows from it has begun then.
  void exited.then(() => setImmediate(() => pulse?.end()));
  return {
    signal(name) {
      child.kill(name);
      pulse?.signalled();
    },
    kill: () => killGroup(child),
    exited,
  };
}

function readLines(
  child: ChildProcess,
  stream: Stream,
  onLine: (stream: Stream, line: string) => void,
): void {
  const input = child[stream];
  if (input) createInterface({ input }).on('line', (line) => onLine(stream, line));
}

/** A container dies with its PID 1: what PID 1 leaves behind is killed. */
function ending(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      killGroup(child);
      const done = () => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
      child.once('close', done);
      setTimeout(done, DRAIN_MS).unref();
    });
    child.once('error', () => resolve(127));
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The group is gone: nothing is left to kill.
  }
}
