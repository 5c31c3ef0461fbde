import { appendFileSync } from 'node:fs';
import path from 'node:path';

/** UTC, as the listener stamps its lines. */
export const stamp = (): string => `${new Date().toISOString().slice(0, 19).replace('T', ' ')}Z`;

/** The official image sets `ACTIONS_RUNNER_PRINT_LOG_TO_STDOUT`, and the listener then writes every line twice. */
export function say(line: string): void {
  if (process.env['ACTIONS_RUNNER_PRINT_LOG_TO_STDOUT'] === '1')
    process.stdout.write(`[RUNNER ${stamp()} INFO Terminal] WRITE LINE: ${line}\n`);
  process.stdout.write(`${line}\n`);
}

export const complain = (line: string): void => void process.stderr.write(`${line}\n`);

/** A performance counter. One that cannot be written is passed over (actions/runner HostContext.cs). */
export function mark(counter: string): void {
  const directory = process.env['RUNNER_PERFLOG'];
  if (!directory) return;
  try {
    appendFileSync(path.join(directory, 'Runner.perf'), `${counter}:${new Date().toISOString()}\n`);
  } catch {
    // The job may have taken the directory away.
  }
}
