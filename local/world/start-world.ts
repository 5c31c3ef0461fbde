import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Policy } from '../../functions/core/job/policy.ts';
import { type AwsWorld, startAws, type WorldTask } from '../aws/index.ts';
import { type GitHubWorld, generateAppKey, startGitHub } from '../github/index.ts';
import type { Installation } from '../github/types.ts';
import type { LocalFunction } from '../lambda/function.ts';
import { layOutRunnerRoot } from '../runner/prepare-root.ts';
import { writeScript } from '../runner/script.ts';
import { type AccountOptions, installationsFor } from './accounts.ts';
import { createClock, type WorldClock } from './clock.ts';
import { bundleOf, deploy, scheduledEvent } from './deploy.ts';
import { readDeployment } from './deployment.ts';
import { createFaults, type Faults } from './faults.ts';
import { Ledger } from './ledger.ts';
import { describeStack } from './stack.ts';
import { createTaskRoots } from './task-root.ts';

export interface WorldOptions extends AccountOptions {
  /** World seconds in a real one. */
  readonly speed: number;
  readonly policy: Policy;
  /** Where `npm run build` put the bundles. */
  readonly bundles: string;
  /** Returns 0 (inclusive) to 1 (exclusive); seeded, the world's choices can be played again. */
  readonly random?: () => number;
  /** The schedule's rate; 0 for no sweep but those that are asked for. */
  readonly sweepEverySeconds?: number;
  /** Ports of the servers, for a world that stays up; free ones otherwise. */
  readonly webhookPort?: number;
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
export const PARAMETER_PATH = `/oneshot/${STAGE}/github`;
/** As infra/cluster.yml names it. */
export const RUNNER_LOG_GROUP = `/oneshot/${STAGE}/runners`;
const APP_ID = 123_456;
const ROOT = path.join(import.meta.dirname, '../..');

/** Starts the embedded world with the packaged functions deployed in it. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const { speed, policy, bundles, random = Math.random } = options;
  const deployment = readDeployment();
  for (const definition of deployment.functions)
    if (!existsSync(bundleOf(bundles, definition)))
      throw new Error(`no bundle of ${definition.name}: run npm run build`);
  const clock = createClock(speed);
  const faults = createFaults(random);
  const ledger = new Ledger();
  const roots = createTaskRoots();
  const installations = installationsFor(policy, options);
  const [installation] = installations;
  if (installation === undefined) throw new Error('the App is installed nowhere');
  const webhookSecret = randomBytes(20).toString('hex');
  const appKey = await generateAppKey();
  const shared = { clock, faults, ledger, random };
  const github = await startGitHub({
    ...shared,
    webhookSecret,
    app: { id: APP_ID, publicKeyPem: appKey.publicKeyPem },
    installations,
  });
  const aws = await startAws({
    ...shared,
    stack: STACK,
    taskEnvironment: taskEnvironment(policy, speed),
    doubtQueue: {
      delaySeconds: deployment.queue.delaySeconds,
      visibilityTimeoutSeconds: deployment.queue.visibilitySeconds,
    },
    maximumReceives: deployment.queue.maximumReceives,
    taskDefinition: { image: deployment.image },
    taskCommand: (task) => supervisor(task, roots.make(task.id), faults),
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
  const logs: string[] = [];
  const environment = functionEnvironment(aws, github.url);
  const { functions, url, close } = await deploy({
    deployment,
    bundles,
    aws,
    clock,
    faults,
    stack: STACK,
    environment,
    scheduleEverySeconds: options.sweepEverySeconds ?? 60,
    webhookPort: options.webhookPort,
    onLog: (line, functionName) => {
      logs.push(line);
      aws.logs.put(`/aws/lambda/${functionName}`, 'instance', line);
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
  const sweep = async () => functions.get('sweep')?.invoke(scheduledEvent(clock));
  return {
    clock,
    faults,
    ledger,
    github,
    aws,
    installation,
    installations,
    policy,
    webhookUrl,
    webhookSecret,
    privateKey: appKey.privateKeyPem,
    functions,
    logs,
    begun,
    sweep,
    async close() {
      await github.close();
      await close();
      await aws.close();
      roots.removeAll();
    },
  };
}

/** The task definitions' environment. Tasks live in real time, so their limits are divided by the world's speed. */
function taskEnvironment({ timeouts }: Policy, speed: number): Record<string, string> {
  const real = (seconds: number) => String(Math.max(2, Math.round(seconds / speed)));
  return {
    ONESHOT_STACK: STACK,
    ONESHOT_IDLE_TIMEOUT_SECONDS: real(timeouts.idleSeconds),
    ONESHOT_MAXIMUM_AGE_SECONDS: real(timeouts.maximumAgeSeconds),
    // Processes do not start faster in a fast world: these two guard against a listener that hangs.
    ONESHOT_ASSIGNMENT_TIMEOUT_SECONDS: '60',
    ONESHOT_CONNECT_TIMEOUT_SECONDS: '60',
    ONESHOT_STOP_TIMEOUT_SECONDS: real(120),
  };
}

/** What the task definition's command is on AWS: the real supervisor, with a stand-in for the listener it runs. */
function supervisor(_task: WorldTask, directory: string, faults: Faults) {
  layOutRunnerRoot(directory);
  if (faults.strikes('listener-stays'))
    writeScript(directory, { isServed: true, exitAfterSeconds: 86_400, isDeaf: true });
  return {
    command: 'bash',
    args: [path.join(ROOT, 'image', 'entrypoint.sh')],
    cwd: directory,
    env: {
      ONESHOT_RUNNER_ROOT: directory,
      HOME: directory,
      // Without it the supervisor would make one on this machine.
      RUNNER_TOOL_CACHE: path.join(directory, 'tools'),
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    },
  };
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
    ONESHOT_SUBNETS: 'subnet-0aaaaaaaaaaaaaaaa,subnet-0bbbbbbbbbbbbbbbb',
    ONESHOT_SECURITY_GROUPS: 'sg-0aaaaaaaaaaaaaaaa',
    ONESHOT_ASSIGN_PUBLIC_IP: 'DISABLED',
    ONESHOT_KEY_ARN: aws.keyArn,
    ONESHOT_IMAGE: readDeployment().image,
    ONESHOT_DOUBT_QUEUE_URL: aws.queues.doubts.url,
    ONESHOT_DEAD_DOUBT_QUEUE_URL: aws.queues.deadLetters.url,
    GITHUB_API_URL: githubUrl,
    AWS_REGION: aws.region,
    AWS_ENDPOINT_URL: aws.url,
  };
}

function countBeginnings(github: GitHubWorld): ReadonlyMap<number, number> {
  const begun = new Map<number, number>();
  github.on('job', ({ id, status }) => {
    if (status === 'in_progress') begun.set(id, (begun.get(id) ?? 0) + 1);
  });
  return begun;
}
