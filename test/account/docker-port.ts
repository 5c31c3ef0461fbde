import { setTimeout as pause } from 'node:timers/promises';
import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  DescribeTasksCommand,
  ECSClient,
  ListContainerInstancesCommand,
  StopTaskCommand,
  type Task,
} from '@aws-sdk/client-ecs';
import type { DockerPort, DockerRun, DockerSize } from './docker-questions.ts';
import type { LaunchOutcome, LaunchSize } from './questions.ts';

interface Deployment {
  readonly aws: { readonly region: string };
  readonly stack: string;
  readonly stage: string;
}

/** An instance comes, pulls two images, and the script tries what it tries. */
const RUN_ENDS_WITHIN_MS = 20 * 60_000;
const INSTANCE_GOES_WITHIN_MS = 15 * 60_000;
const LOOK_EVERY_MS = 5_000;

export function openDocker(
  deployment: Deployment,
  launch: (size: LaunchSize) => Promise<LaunchOutcome>,
): DockerPort {
  const { aws, stack: cluster } = deployment;
  const ecs = new ECSClient(aws);
  const start = (size: DockerSize, script: string) =>
    launch({ ...size, arch: 'x64', isSpot: false, dockerScript: script });
  return {
    async run(size, script) {
      const outcome = await start(size, script);
      if (outcome.taskArn === undefined) return notRun(outcome);
      const task = await stopped(ecs, cluster, outcome.taskArn, RUN_ENDS_WITHIN_MS);
      return { ...runOf(outcome, task), told: await linesOf(deployment, outcome.taskArn) };
    },
    async stopAtOnce(size) {
      const { taskArn, reason = '' } = await start(size, 'sleep 600');
      if (taskArn === undefined) throw new Error(`no task: ${reason}`);
      const startedMs = Date.now();
      await ecs.send(new StopTaskCommand({ cluster, task: taskArn, reason: 'asked' }));
      await stopped(ecs, cluster, taskArn, RUN_ENDS_WITHIN_MS);
      return { seconds: (Date.now() - startedMs) / 1000 };
    },
    async secondsUntilNoInstance() {
      const startedMs = Date.now();
      for (; Date.now() - startedMs < INSTANCE_GOES_WITHIN_MS; await pause(LOOK_EVERY_MS)) {
        const { containerInstanceArns = [] } = await ecs.send(new ListContainerInstancesCommand({ cluster }));
        if (containerInstanceArns.length === 0) return (Date.now() - startedMs) / 1000;
      }
      return undefined;
    },
  };
}

const notRun = (outcome: LaunchOutcome): DockerRun => ({
  ...{ outcome, exitCode: undefined, reason: outcome.reason ?? '', told: {}, secondsToRun: undefined },
});

function runOf(outcome: LaunchOutcome, task: Task): Omit<DockerRun, 'told'> {
  const { containers = [], createdAt, startedAt, stoppedReason: reason = '' } = task;
  const secondsToRun = createdAt && startedAt && (startedAt.getTime() - createdAt.getTime()) / 1000;
  return {
    outcome,
    exitCode: containers.find(({ name }) => name === 'runner')?.exitCode,
    reason,
    secondsToRun,
  };
}

async function stopped(ecs: ECSClient, cluster: string, taskArn: string, withinMs: number): Promise<Task> {
  for (const endsAtMs = Date.now() + withinMs; Date.now() < endsAtMs; await pause(LOOK_EVERY_MS)) {
    const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: [taskArn] }));
    if (tasks[0]?.lastStatus === 'STOPPED') return tasks[0];
  }
  await ecs.send(new StopTaskCommand({ cluster, task: taskArn, reason: 'asked, and never answered' }));
  throw new Error(`${taskArn} did not stop by itself`);
}

/** `probe NAME=VALUE` of the runner's log. */
async function linesOf({ aws, stage }: Deployment, taskArn: string): Promise<Record<string, string>> {
  const logStreamName = `runner/runner/${taskArn.split('/').at(-1)}`;
  const command = new GetLogEventsCommand({
    logGroupName: `/oneshot/${stage}/runners`,
    logStreamName,
    startFromHead: true,
  });
  const { events = [] } = await new CloudWatchLogsClient(aws).send(command);
  const told = events.flatMap(({ message = '' }) => {
    const [, name = '', value = ''] = /^probe (\w+)=(.*)$/.exec(message) ?? [];
    return name === '' ? [] : [[name, value] as const];
  });
  return Object.fromEntries(told);
}
