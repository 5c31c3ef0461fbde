import type { Deployment } from '../deployment.ts';
import { createLogPace, type FunctionName, logGroupsOf } from '../observe/log-reader.ts';
import { createTail, type ReadingLimits, readPatiently } from '../observe/tail.ts';
import type { Pause } from '../pause.ts';
import { type Level, showFunctionLine } from './function-line.ts';
import type { Shown } from './shown.ts';

export interface FunctionsAsked {
  /** All where none is named. */
  readonly functions: readonly FunctionName[];
  readonly level: Level;
  readonly sinceMs: number;
}

const limitsOf = ({ now }: Deployment, pause: Pause): ReadingLimits => ({
  pace: createLogPace(),
  now,
  pause,
});

/** What the functions have written, in the order of time. */
export async function readFunctions(
  deployment: Deployment,
  { functions, level, sinceMs }: FunctionsAsked,
  pause: Pause,
): Promise<Shown[]> {
  const limits = limitsOf(deployment, pause);
  const shown: Shown[] = [];
  for (const group of logGroupsOf(deployment, ...functions)) {
    const lines = await readPatiently(deployment.logs, { group, startMs: sinceMs }, limits);
    shown.push(...lines.flatMap((line) => showFunctionLine(line, level)));
  }
  return shown.toSorted((a, b) => a.atMs - b.atMs);
}

const EVERY_MS = 3_000;

/** What the functions have written and write, until the signal. */
export async function followFunctions(
  deployment: Deployment,
  { functions, level, sinceMs }: FunctionsAsked,
  { print, pause, signal }: { print(lines: readonly Shown[]): void; pause: Pause; signal: AbortSignal },
): Promise<void> {
  const groups = logGroupsOf(deployment, ...functions);
  const tail = createTail(deployment.logs, groups, sinceMs, limitsOf(deployment, pause));
  for (; !signal.aborted; await pause(EVERY_MS))
    print((await tail.next()).flatMap((line) => showFunctionLine(line, level)));
}
