import type { DockerCapacityPort } from './docker-capacity.ts';

/** A task that is not STOPPED yet. */
export interface LiveTask {
  readonly arn: string;
  /** It has been told to stop. */
  readonly isStopping: boolean;
}

/** What a removal does to a deployed stack, and undoes if there is no removal after all. */
export interface StackPort extends DockerCapacityPort {
  /** Whether the function is closed: it exists, and answers nobody. */
  isFunctionClosed(functionName: string): Promise<boolean>;
  /** Refused (`false`) where Lambda leaves too little concurrency to an account to reserve any. */
  closeFunction(functionName: string): Promise<boolean>;
  openFunction(functionName: string): Promise<void>;
  liveTasks(): Promise<readonly LiveTask[]>;
  stopTask(arn: string): Promise<void>;
  /** Whether the cluster exists and launches nothing. */
  isClusterClosed(): Promise<boolean>;
  /** From now on nothing is launched; refused (`false`) while there are tasks. */
  closeCluster(): Promise<boolean>;
  openCluster(): Promise<void>;
}

export interface DrainOptions {
  readonly functionNames: readonly string[];
  readonly nowMs: () => number;
  readonly wait: (ms: number) => Promise<void>;
  readonly tell: (line: string) => void;
}

/** A task has two minutes to end (`StopTimeout`), and ECS some time to take its network interface away. */
const LONGEST_MS = 10 * 60_000;
const LOOK_EVERY_MS = 5_000;

/**
 * Stops intake and then all tasks, so that the stack can be removed: a cluster with tasks cannot be deleted
 * (ECS API reference, DeleteCluster: ClusterContainsTasksException), nor a subnet with their interfaces.
 *
 * An invocation that is under way when its function is closed may still launch a task. So the cluster's capacity
 * providers are taken off at the end, which ECS refuses while a task uses one: if that succeeds there is no task, and
 * none comes, since a launch names a provider.
 *
 * Of the provider of tasks with Docker that proves nothing: it is the cluster's whether the list has it or not (AWS-67). It is
 * deleted before, and the tasks are looked at again once it is gone. ECS also keeps a cluster that has one
 * (ClusterContainsCapacityProviderException).
 */
export async function drain(stack: StackPort, options: DrainOptions): Promise<void> {
  const { functionNames, nowMs, wait, tell } = options;
  const startedMs = nowMs();
  const open: string[] = [];
  for (const name of functionNames) if (!(await stack.closeFunction(name))) open.push(name);
  if (open.length > 0) tell(staysOpen(open));
  for (;;) {
    const tasks = await stack.liveTasks();
    if (tasks.length === 0 && (await isClosed(stack))) return;
    for (const { arn, isStopping } of tasks) if (!isStopping) await stack.stopTask(arn);
    if (nowMs() - startedMs > LONGEST_MS) throw new Error(notDrained(tasks));
    tell(waitingFor(tasks));
    await wait(LOOK_EVERY_MS);
  }
}

/** Whether nothing is launched any more. Tasks that came before the provider was gone are seen at the next look. */
async function isClosed(stack: StackPort): Promise<boolean> {
  const docker = await stack.dockerCapacity();
  if (docker === 'none') return stack.closeCluster();
  if (docker === 'there') await stack.deleteDockerCapacity();
  return false;
}

const waitingFor = ({ length }: readonly LiveTask[]): string =>
  length === 0
    ? 'Waiting for the capacity of jobs with Docker to go'
    : `Waiting for ${length} ${length === 1 ? 'task' : 'tasks'} to stop`;

/** Nothing is lost by it: the tasks are stopped and the cluster is closed all the same, if the webhook lets up. */
const staysOpen = (names: readonly string[]): string =>
  `Lambda does not let an account with so little concurrency close ${names.join(', ')}: clear "Active" under Webhook in ` +
  "the App's settings if jobs are still queued, or the removal waits for their tasks.";

function notDrained(tasks: readonly LiveTask[]): string {
  const after = `After ${LONGEST_MS / 60_000} minutes`;
  const names = tasks.map(({ arn }) => arn).join(', ');
  const what =
    tasks.length === 0
      ? 'the cluster still has the capacity of jobs with Docker, so the stack cannot be removed'
      : `${tasks.length === 1 ? 'one task has' : `${tasks.length} tasks have`} not stopped, so the stack cannot be removed: ${names}`;
  return `${after} ${what}. Run the same command again.`;
}

/**
 * Undoes what a removal did that was then broken off: CloudFormation does not see it, and a deployment would leave a
 * stack that launches nothing. Says what it opened.
 */
export async function reopen(stack: StackPort, functionNames: readonly string[]): Promise<string[]> {
  const closed: string[] = [];
  for (const name of functionNames)
    if (await stack.isFunctionClosed(name)) {
      await stack.openFunction(name);
      closed.push(name);
    }
  if (await stack.isClusterClosed()) {
    await stack.openCluster();
    closed.push('the cluster');
  }
  return closed;
}
