import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Policy } from '../../functions/core/policy.ts';
import { type AwsWorld, startAws, type WorldTask } from '../aws/index.ts';
import { type GitHubWorld, generateAppKey, startGitHub } from '../github/index.ts';
import type { Installation } from '../github/types.ts';
import { createFunction, type LocalFunction } from '../lambda/function.ts';
import { startHttpApi } from '../lambda/http-api.ts';
import { layOutRunnerRoot } from '../runner/prepare-root.ts';
import { installationFor } from './accounts.ts';
import { createClock, type WorldClock } from './clock.ts';
import { createFaults, type Faults } from './faults.ts';
import { Ledger } from './ledger.ts';
import { createTaskRoots } from './task-root.ts';

export interface WorldOptions {
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
  readonly installation: Installation;
  readonly webhookUrl: string;
  readonly webhookSecret: string;
  readonly functions: { readonly webhook: LocalFunction; readonly sweep: LocalFunction };
  /** Every line that the functions wrote to their logs. */
  readonly logs: readonly string[];
  /** Runs the sweep now; a failed one rejects. */
  sweep(): Promise<unknown>;
  close(): Promise<void>;
}

const STACK = 'oneshot-local';
const STAGE = 'local';
const APP_ID = 123_456;
const ROOT = path.join(import.meta.dirname, '../..');

/** Starts the embedded world with the packaged functions deployed in it. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const { speed, policy, bundles, random = Math.random } = options;
  for (const name of ['webhook', 'sweep'])
    if (!existsSync(path.join(bundles, name, 'index.js')))
      throw new Error(`no bundle of ${name}: run npm run build`);
  const clock = createClock(speed);
  const faults = createFaults(random);
  const ledger = new Ledger();
  const roots = createTaskRoots();
  const installation = installationFor(policy);
  const webhookSecret = randomBytes(20).toString('hex');
  const appKey = await generateAppKey();
  const shared = { clock, faults, ledger, random };
  const github = await startGitHub({
    ...shared,
    webhookSecret,
    app: { id: APP_ID, publicKeyPem: appKey.publicKeyPem },
    installations: [installation],
  });
  const aws = await startAws({
    ...shared,
    stack: STACK,
    taskEnvironment: taskEnvironment(policy, speed),
    taskCommand: (task) => supervisor(task, roots.make(task.id)),
  });
  const parameterPath = `/oneshot/${STAGE}/github`;
  const parameters = {
    'app-id': String(APP_ID),
    'private-key': appKey.privateKeyPem,
    'webhook-secret': webhookSecret,
  };
  for (const [name, value] of Object.entries(parameters))
    aws.parameters.put(`${parameterPath}/${name}`, value);

  const logs: string[] = [];
  const environment = functionEnvironment(aws, github.url, parameterPath);
  const deploy = (name: string, timeoutSeconds: number, maximumInstances: number) =>
    createFunction({
      name: `${STACK}-${name}`,
      bundle: path.join(bundles, name, 'index.js'),
      environment,
      clock,
      timeoutSeconds,
      maximumInstances,
      onLog: (line) => void logs.push(line),
    });
  const functions = { webhook: deploy('webhook', 10, 4), sweep: deploy('sweep', 60, 1) };
  const api = await startHttpApi(functions.webhook, options.webhookPort);
  const webhookUrl = `${api.url}/webhook`;
  github.setWebhookUrl(webhookUrl);
  const sweep = () => functions.sweep.invoke(scheduledEvent(clock));
  const schedule = startSchedule(sweep, options.sweepEverySeconds ?? 60, clock);
  return {
    ...{
      clock,
      faults,
      ledger,
      github,
      aws,
      installation,
      webhookUrl,
      webhookSecret,
      functions,
      logs,
      sweep,
    },
    async close() {
      schedule.stop();
      await github.close();
      await aws.close();
      await api.close();
      for (const deployed of Object.values(functions)) deployed.close();
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
function supervisor(_task: WorldTask, directory: string) {
  layOutRunnerRoot(directory);
  return {
    command: 'bash',
    args: [path.join(ROOT, 'image', 'entrypoint.sh')],
    cwd: directory,
    env: { ONESHOT_RUNNER_ROOT: directory, HOME: directory, PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
  };
}

function functionEnvironment(
  aws: AwsWorld,
  githubUrl: string,
  parameterPath: string,
): Record<string, string> {
  return {
    ONESHOT_STAGE: STAGE,
    ONESHOT_STACK: STACK,
    ONESHOT_PARAMETER_PATH: parameterPath,
    ONESHOT_CLUSTER: aws.clusterArn,
    ONESHOT_TASK_DEFINITION_X64: aws.taskDefinitionArns.x64,
    ONESHOT_TASK_DEFINITION_ARM64: aws.taskDefinitionArns.arm64,
    ONESHOT_SUBNETS: 'subnet-0aaaaaaaaaaaaaaaa,subnet-0bbbbbbbbbbbbbbbb',
    ONESHOT_SECURITY_GROUPS: 'sg-0aaaaaaaaaaaaaaaa',
    ONESHOT_ASSIGN_PUBLIC_IP: 'DISABLED',
    ONESHOT_KEY_ARN: aws.keyArn,
    GITHUB_API_URL: githubUrl,
    AWS_REGION: aws.region,
    AWS_ENDPOINT_URL: aws.url,
    AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey,
    AWS_SESSION_TOKEN: aws.credentials.sessionToken ?? '',
  };
}

const scheduledEvent = (clock: WorldClock) => ({
  version: '0',
  source: 'aws.events',
  'detail-type': 'Scheduled Event',
  time: clock.nowIso(),
  detail: {},
});

/** One sweep after another, never two at once; what a failed one says is in the function's log. */
function startSchedule(
  sweep: () => Promise<unknown>,
  everySeconds: number,
  clock: WorldClock,
): { stop(): void } {
  let isStopped = everySeconds === 0;
  const loop = async () => {
    while (!isStopped) {
      await clock.sleep(everySeconds * 1000);
      if (!isStopped) await sweep().catch(() => undefined);
    }
  };
  void loop();
  return {
    stop() {
      isStopped = true;
    },
  };
}
