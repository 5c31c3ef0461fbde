import type { TaskView } from '../observe/snapshot.ts';
import type { Line } from '../observe/tail.ts';
import type { Shown } from './shown.ts';

/** The stream of a task: awslogs names it prefix/container/task id, both of infra/cluster.yml. */
export const streamOf = (taskArn: string): string => `runner/runner/${taskArn.split('/').at(-1)}`;

export const showTaskLine = ({ atMs, text }: Line, { runnerName }: Pick<TaskView, 'runnerName'>): Shown => ({
  atMs,
  from: runnerName,
  text: attributed(text, runnerName),
});

/**
 * A job can write into the stream of its task past the supervisor (docs/security.md), so a line is taken for a state only
 * if it names the runner whose stream it is in. Nothing is decided by one: how a task ended is in its exit code.
 */
function attributed(line: string, runnerName: string): string {
  const isState = line.startsWith('{"oneshot":');
  return !isState || isStateOf(line, runnerName) ? line : `not of this runner: ${line}`;
}

function isStateOf(line: string, runnerName: string): boolean {
  try {
    return JSON.parse(line).runner === runnerName;
  } catch {
    return false;
  }
}
