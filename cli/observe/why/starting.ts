import { PROVIDERS } from '../../../functions/core/job/providers.ts';
import type { JobView, LaunchView, Phase, TaskView } from '../snapshot.ts';
import type { Observed } from './observed.ts';
import { compare } from './usual.ts';
import { type Wait, type WaitKind, wait } from './waits.ts';

/** Where a task of its own is under way, or was and runs another job. */
export function whyItIsStarting(job: JobView, world: Observed): Wait | undefined {
  const alive = job.launches
    .filter(({ outcome }) => outcome === 'launched')
    .map((launch) => ({ launch, task: world.tasks.get(launch.runnerName) }))
    .filter(({ task }) => task?.status !== 'STOPPED');
  const isTaken = ({ task }: { task: TaskView | undefined }) =>
    task?.runsJobId !== undefined && task.runsJobId !== job.jobId;
  const own = alive.findLast((one) => !isTaken(one));
  if (own !== undefined) return whyItsTask(own.launch, own.task, world);
  const taken = alive.findLast(isTaken);
  return taken?.task && displaced(taken.task, world);
}

function displaced({ runnerName, runsJobId = 0 }: TaskView, world: Observed): Wait {
  const thief = world.jobs.get(runsJobId);
  const free = thief && freeRunnerOf(thief, world);
  const next =
    free === undefined
      ? 'Reconcile launches another, usually within a minute.'
      : `It takes the runner that was launched for that job, ${free.runnerName}, or reconcile launches another.`;
  return wait(
    'displaced',
    `Its runner ${runnerName} took another job that asks for the same labels, ${thief?.name ?? `job ${runsJobId}`}.`,
    next,
  );
}

/** What was launched for a job that then took another's runner. */
const freeRunnerOf = ({ launches }: JobView, { tasks }: Observed): TaskView | undefined =>
  launches
    .flatMap(({ runnerName }) => tasks.get(runnerName) ?? [])
    .find(({ status, runsJobId }) => status !== 'STOPPED' && runsJobId === undefined);

type Stage = Extract<WaitKind & Phase, 'network' | 'pull' | 'start' | 'connect' | 'assign'>;

/** What happens in each stage, and what to do if it takes long. */
const STAGES: Readonly<Record<Stage, readonly [does: string, ifLong: string]>> = {
  network: ['Fargate gives its task a place and a network', 'Check that the subnets have free addresses.'],
  pull: ['Its task pulls the image', 'Check the subnets’ way out and the registry.'],
  start: ['Its container starts', 'Run oneshot doctor: it checks every link.'],
  connect: ['Its runner connects to GitHub', 'See what it says with oneshot logs.'],
  assign: [
    'Its runner is ready, and GitHub has not given it the job',
    'See githubstatus.com, and check that the runner group includes the repository.',
  ],
};

/** On an instance of its own, which is started for it. Other tasks say nothing of how long that takes. */
const INSTANCE = {
  does: 'ECS starts an instance for its task',
  ifLong: 'It tries again about every five minutes: see with oneshot doctor whether EC2’s quota has room.',
  longMs: 180_000,
};

function whyItHasNoInstance({ createdAtMs }: TaskView, { nowMs }: Observed): Wait {
  const { words } = compare([], 'network', createdAtMs, nowMs);
  const isLong = nowMs - createdAtMs > INSTANCE.longMs;
  return wait('network', `${INSTANCE.does}${words}.`, isLong ? INSTANCE.ifLong : undefined);
}

function whyItsTask(launch: LaunchView, task: TaskView | undefined, observed: Observed): Wait {
  const { snapshot, nowMs } = observed;
  if (task !== undefined && isStopping(task))
    return wait('stopping', `Its task ${task.runnerName} stops without it: reconcile launches another.`);
  const { stage, sinceMs } = stageOf(launch, task);
  if (stage === 'network' && task !== undefined && !PROVIDERS[task.provider].isFargate)
    return whyItHasNoInstance(task, observed);
  const [does, ifLong] = STAGES[stage];
  const { words, isLonger } = compare(snapshot.phases, stage, sinceMs, nowMs);
  return wait(stage, `${does}${words}.`, isLonger ? ifLong : undefined);
}

const isStopping = ({ status }: TaskView): boolean => /^(DEACTIVATING|STOPPING|DEPROVISIONING)$/.test(status);

/** How far it has come. What ECS does not show yet was launched a moment ago. */
function stageOf(
  launch: LaunchView,
  task: TaskView | undefined,
): { readonly stage: Stage; readonly sinceMs: number | undefined } {
  if (task === undefined) return { stage: 'network', sinceMs: launch.atMs };
  const { idleAtMs, startedAtMs, createdAtMs, status, phases } = task;
  const { network, pull } = phases;
  const after = (...seconds: (number | undefined)[]) =>
    seconds.includes(undefined)
      ? undefined
      : createdAtMs + 1000 * seconds.reduce<number>((sum, one) => sum + (one ?? 0), 0);
  if (idleAtMs !== undefined) return { stage: 'assign', sinceMs: idleAtMs };
  if (startedAtMs !== undefined) return { stage: 'connect', sinceMs: startedAtMs };
  if (pull !== undefined || status === 'ACTIVATING') return { stage: 'start', sinceMs: after(network, pull) };
  if (network !== undefined || status === 'PENDING') return { stage: 'pull', sinceMs: after(network) };
  return { stage: 'network', sinceMs: createdAtMs };
}
