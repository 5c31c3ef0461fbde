import * as v from 'valibot';

/** The runners' log group, among the services: a line there is never taken for a function's. */
export const RUNNER = 'runner';

/** Of a runner's log, where its job can write too: it is shown, and nothing is decided by it. */
export interface SupervisorState {
  readonly runnerName: string;
  /** The task in whose stream it was said. */
  readonly taskId: string;
  readonly state: string;
}

/** As image/README.md has it. */
const STATE = v.object({ oneshot: v.literal('state'), state: v.string(), runner: v.string() });

/** The state in a line of a runner's log; none in what its listener or its job said. */
export function readState(json: unknown, stream = ''): SupervisorState[] {
  const read = v.safeParse(STATE, json);
  if (!read.success) return [];
  const { runner: runnerName, state } = read.output;
  // awslogs names a stream prefix/container/task id, both of infra/cluster.yml.
  return [{ runnerName, state, taskId: taskIdOf(stream) }];
}

/** The last part of a task's ARN, or of its log stream. */
export const taskIdOf = (name: string): string => name.slice(name.lastIndexOf('/') + 1);
