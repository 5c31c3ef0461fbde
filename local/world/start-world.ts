import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Policy } from '../../functions/core/job/policy.ts';
import type { Boot } from '../../model/ecs/times.ts';
import { type AwsWorld, startAws } from '../aws/index.ts';
import { createTaskDaemons, type TaskDaemons, type TaskDaemonsOptions } from '../docker/index.ts';
import { type GitHubWorld, generateAppKey, startGitHub } from '../github/index.ts';
import type { GitHubOptions, Installation } from '../github/types.ts';
import type { LocalFunction } from '../lambda/function.ts';
import { startTaskClock } from '../task/clock-service.ts';
import { type AccountOptions, installationsFor } from './accounts.ts';
import { createClock, type WorldClock } from './clock.ts';
import { bundleOf, deploy, scheduledEvent } from './deploy.ts';
import { readDeployment } from './deployment.ts';
import { readDockerCapacity } from './docker-deployment.ts';
import { createFaults, type Faults } from './faults.ts';
import { Ledger } from './ledger.ts';
import type { RunnerRelease } from './runner-release.ts';
import { describeStack } from './stack.ts';
import { createSupervisors, taskEnvironment } from './supervisor.ts';
import { createTaskRoots, type TaskRoots } from './task-root.ts';
import { createVirtualClock } from './virtual-clock.ts';

export interface WorldOptions
  extends AccountOptions,
    Pick<GitHubOptions, 'actions' | 'repositories' | 'tls'> {
  /**
   * If not said, one that stands still while anything works, and runs at the real pace where nobody waits; with a `runner`
   * the real time, and no other will do.
   */
  readonly clock?: WorldClock;
  /** What tasks run, instead of a stand-in: see `readRunnerRelease`. */
  readonly runner?: RunnerRelease;
  /** How long each stage of a task takes: as on Fargate, if not said. */
  readonly boot?: Partial<Boot>;
  readonly policy: Policy;
  /** With capacity for jobs that need Docker, as by the parameter `docker`. */
  readonly hasDocker?: boolean;
  /** What tasks with Docker have for a daemon. Default: a real one, where this machine can have it. */
  readonly daemonsBy?: (options: TaskDaemonsOptions) => TaskDaemons;
  /** Where `npm run build` put the bundles. */
  readonly bundles: string;
  /** Returns 0 (inclusive) to 1 (exclusive); seeded, the world's choices can be played again. */
  readonly random?: () => number;
  /** The schedule's rate; 0 for no sweep but those that are asked for. */
  readonly sweepEverySeconds?: number;
  /** The function `summary` is deployed, and there is SUMMARY_TOPIC for it. Nothing but the caller invokes it. */
  readonly weeklySummary?: boolean;
  /** Ports of the servers, for a world that stays up; free ones otherwise. */
  readonly webhookPort?: number;
  /** Processes of the webhook at once, of as many as Lambda would start: where slow answers keep more of them busy. */
  readonly webhookInstances?: number;
}

/** GitHub, AWS and the deployed functions, all on loopback. */
export interface World {
  readonly clock: WorldClock;
  readonly faults: Faults;
  readonly ledger: Ledger;
  readonly github: GitHubWorld;
  readonly aws: AwsWorld;
  /** The first of them, as it was at the start. */
  readonly installation: Installation;
  /** Those that the world was started with. */
  readonly installations: readonly Installation[];
  /** What was deployed. */
  readonly policy: Policy;
  /** What tasks run; none where a stand-in does. */
  readonly runner: RunnerRelease | undefined;
  /** Of tasks with Docker. */
  readonly daemons: Pick<TaskDaemons, 'whyNone'>;
  readonly webhookUrl: string;
  readonly webhookSecret: string;
  /** Of the App, in PEM form. */
  readonly privateKey: string;
  /** By their names in serverless.yml. */
  readonly functions: ReadonlyMap<string, LocalFunction>;
  /** Every line that the functions wrote to their logs. */
  readonly logs: readonly string[];
  /** How often each job has begun on a runner. */
  readonly begun: ReadonlyMap<number, number>;
  /** Runs the sweep now; a failed one rejects. */
  sweep(): Promise<unknown>;
  close(): Promise<void>;
}

export const STACK = 'oneshot-local';
/** As on AWS: the stack's name, and digits of its id. */
export const RUNNER_PREFIX = `${STACK}-5e1fc0de`;
const STAGE = 'local';
/** Whom the weekly summary tells. */
export const SUMMARY_TOPIC = `arn:aws:sns:us-east-1:123456789012:${STACK}-alarms`;
export const PARAMETER_PATH = `/oneshot/${STAGE}/github`;
/** As infra/cluster.yml names it. */
export const RUNNER_LOG_GROUP = `/oneshot/${STAGE}/runners`;
const APP_ID = 123_456;

/** Starts the embedded world with the packaged functions deployed in it. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const { runner, policy, bundles, random = Math.random, daemonsBy = createTaskDaemons } = options;
  const clock = options.clock ?? (runner ? createClock(1) : createVirtualClock());
  if (runner && (clock.standsStill || clock.speed !== 1))
    throw new Error('a real runner lives in real time: give createClock(1) as clock, or none');
  const { weeklySummary = false } = options;
  const deployment = readDeployment({ weeklySummary });
  for (const definition of deployment.functions)
    if (!existsSync(bundleOf(bundles, definition)))
      throw new Error(`no bundle of ${definition.name}: run npm run build`);
  const faults = createFaults(random);
  const ledger = new Ledger();
  const roots = createTaskRoots();
  const daemons = daemonsBy({ base: roots.base, areAwaited: clock.standsStill });
  const installations = installationsFor(policy, options);
  const [installation] = installations;
  if (installation === undefined) throw new Error('the App is installed nowhere');
  const webhookSecret = randomBytes(20).toString('hex');
  const appKey = await generateAppKey();
  const shared = { clock, faults, ledger, random };
  const taskClock = clock.standsStill ? await startTaskClock(clock) : undefined;
  const { actions, repositories, tls } = options;
  const github = await startGitHub({
    ...shared,
    ...(actions !== undefined && { actions }),
    ...(repositories !== undefined && { repositories }),
    ...(tls !== undefined && { tls }),
    webhookSecret,
    app: { id: APP_ID, publicKeyPem: appKey.publicKeyPem },
    installations,
    // Time does not pass while a listener is at work.
    ...(taskClock && { patienceMs: 0, polls: taskClock.polls }),
  });
  const aws = await startAws({
    ...shared,
    stack: STACK,
    ...(options.boot && { boot: options.boot }),
    taskEnvironment: taskEnvironment(STACK, policy, github.caPem),
    ...(options.hasDocker && { docker: readDockerCapacity() }),
    doubtQueue: {
      delaySeconds: deployment.queue.delaySeconds,
      visibilityTimeoutSeconds: deployment.queue.visibilitySeconds,
    },
    maximumReceives: deployment.queue.maximumReceives,
    taskDefinition: { image: deployment.image },
    taskCommand: createSupervisors({ faults, taskClock, roots, runner, daemons }),
  });
  aws.on('task-state-change', ({ detail }) => {
    if (detail.lastStatus !== 'STOPPED') return;
    const taskId = detail.taskArn?.split('/').at(-1) ?? '';
    void daemons.stop(taskId).finally(() => roots.remove(taskId));
  });
  const parameters = {
    'app-id': String(APP_ID),
    'private-key': appKey.privateKeyPem,
    'webhook-secret': webhookSecret,
  };
  for (const [name, value] of Object.entries(parameters))
    aws.parameters.put(`${PARAMETER_PATH}/${name}`, value);

  for (const { name } of deployment.functions) aws.logs.createGroup(`/aws/lambda/${STACK}-${name}`);
  aws.logs.createGroup(RUNNER_LOG_GROUP);
  aws.on('task-log', ({ arn, line }) =>
    aws.logs.put(RUNNER_LOG_GROUP, `runner/runner/${arn.split('/').at(-1)}`, line),
  );
  if (weeklySummary) aws.accountState.topics.set(SUMMARY_TOPIC, []);
  const logs: string[] = [];
  const environment = { ...functionEnvironment(aws, github.url), ...trust(github.caPem, roots) };
  const { functions, url, close } = await deploy({
    webhookInstances: options.webhookInstances,
    deployment,
    bundles,
    aws,
    clock,
    faults,
    stack: STACK,
    environment,
    scheduleEverySeconds: options.sweepEverySeconds ?? 60,
    webhookPort: options.webhookPort,
    deliveryOf: (guid) => github.log.workOf(guid),
    onLog: (line, functionName) => {
      logs.push(line);
      aws.logs.put(`/aws/lambda/${functionName}`, 'instance', line);
      aws.metrics.note(line);
    },
  });
  const webhookUrl = `${url}/webhook`;
  describeStack(aws, {
    stack: STACK,
    deployment,
    environment,
    webhookUrl,
    runnerLogGroup: RUNNER_LOG_GROUP,
  });
  github.setWebhookUrl(webhookUrl);
  const begun = countBeginnings(github);
  const sweep = async () => functions.get('sweep')?.invoke(scheduledEvent(clock)).finally(clock.hurry());
  return {
    clock,
    faults,
    ledger,
    github,
    aws,
    installation,
    installations,
    policy,
    runner,
    daemons,
    webhookUrl,
    webhookSecret,
    privateKey: appKey.privateKeyPem,
    functions,
    logs,
    begun,
    sweep,
    async close() {
      clock.stop();
      await github.close();
      await close();
      await aws.close();
      taskClock?.close();
      await daemons.stopAll();
      roots.removeAll();
    },
  };
}

/** Node reads authorities from a file, once, when it starts. */
function trust(caPem: string | undefined, { base }: TaskRoots): Record<string, string> {
  if (caPem === undefined) return {};
  const file = path.join(base, 'authority.pem');
  writeFileSync(file, caPem);
  return { NODE_EXTRA_CA_CERTS: file };
}

function functionEnvironment(aws: AwsWorld, githubUrl: string): Record<string, string> {
  return {
    ONESHOT_STAGE: STAGE,
    ONESHOT_STACK: STACK,
    ONESHOT_RUNNER_PREFIX: RUNNER_PREFIX,
    ONESHOT_PARAMETER_PATH: PARAMETER_PATH,
    ONESHOT_CLUSTER: aws.clusterArn,
    ONESHOT_TASK_DEFINITION_X64: aws.taskDefinitionArns.x64,
    ONESHOT_TASK_DEFINITION_ARM64: aws.taskDefinitionArns.arm64,
    ...dockerDefinitions(aws),
    ONESHOT_SUBNETS: 'subnet-0aaaaaaaaaaaaaaaa,subnet-0bbbbbbbbbbbbbbbb',
    ONESHOT_SECURITY_GROUPS: 'sg-0aaaaaaaaaaaaaaaa',
    ONESHOT_ASSIGN_PUBLIC_IP: 'DISABLED',
    ONESHOT_KEY_ARN: aws.keyArn,
    ONESHOT_IMAGE: readDeployment().image,
    ONESHOT_DOUBT_QUEUE_URL: aws.queues.doubts.url,
    ONESHOT_DEAD_DOUBT_QUEUE_URL: aws.queues.deadLetters.url,
    ONESHOT_SUMMARY_TOPICS: SUMMARY_TOPIC,
    GITHUB_API_URL: githubUrl,
    AWS_REGION: aws.region,
    AWS_ENDPOINT_URL: aws.url,
  };
}

const dockerDefinitions = ({
  dockerTaskDefinitionArns: { x64, arm64 },
}: AwsWorld): Record<string, string> => ({
  ...(x64 && { ONESHOT_TASK_DEFINITION_DOCKER_X64: x64 }),
  ...(arm64 && { ONESHOT_TASK_DEFINITION_DOCKER_ARM64: arm64 }),
});

function countBeginnings(github: GitHubWorld): ReadonlyMap<number, number> {
  const begun = new Map<number, number>();
  github.on('job', ({ id, status }) => {
    if (status === 'in_progress') begun.set(id, (begun.get(id) ?? 0) + 1);
  });
  return begun;
}
