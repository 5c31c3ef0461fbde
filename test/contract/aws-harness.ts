import { setImmediate as turn } from 'node:timers/promises';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { ECSClient, type RunTaskCommandInput } from '@aws-sdk/client-ecs';
import { KMSClient } from '@aws-sdk/client-kms';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { onTestFinished } from 'vitest';
import { type AwsOptions, type AwsWorld, type Credentials, startAws } from '../../local/aws/index.ts';
import { UNHELD, type WorldClock } from '../../local/world/clock.ts';
import { createFaults, type Faults } from '../../local/world/faults.ts';
import { Ledger } from '../../local/world/ledger.ts';

/** A world clock that moves only when it is told to. */
interface HandClock extends WorldClock {
  /** Moves on, and fires what falls due on the way in its order. */
  advance(worldMs: number): Promise<void>;
}

function createHandClock(): HandClock {
  const epochMs = Date.now();
  let nowMs = epochMs;
  const timers = new Set<{ atMs: number; action: () => void }>();
  const after = (worldMs: number, action: () => void) => {
    const timer = { atMs: nowMs + worldMs, action };
    timers.add(timer);
    return () => void timers.delete(timer);
  };
  const nextUntil = (endMs: number) =>
    [...timers].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
  const settle = async () => {
    for (let turns = 0; turns < 5; turns += 1) await turn();
  };
  const sleep = (worldMs: number) => new Promise<void>((resolve) => void after(worldMs, resolve));
  return {
    ...UNHELD,
    until: () => Promise.reject(new Error('nobody moves this clock but the test')),
    lag: sleep,
    speed: 1,
    epochMs,
    nowMs: () => nowMs,
    nowIso: () => new Date(nowMs).toISOString(),
    sleep,
    after,
    async advance(worldMs) {
      const endMs = nowMs + worldMs;
      await settle();
      for (let timer = nextUntil(endMs); timer; timer = nextUntil(endMs)) {
        timers.delete(timer);
        nowMs = Math.max(nowMs, timer.atMs);
        timer.action();
        await settle();
      }
      nowMs = endMs;
    },
  };
}

export interface TestWorld {
  readonly aws: AwsWorld;
  readonly clock: HandClock;
  readonly faults: Faults;
  readonly ledger: Ledger;
  readonly ecs: ECSClient;
  readonly kms: KMSClient;
  readonly logs: CloudWatchLogsClient;
  readonly ssm: SSMClient;
  readonly sqs: SQSClient;
}

export const STACK = 'oneshot-test';

/** A world of its own for one test, with the functions' clients, which do not retry. */
export async function openWorld(
  options: Partial<AwsOptions> & { credentials?: 'functions' | 'operator' } = {},
): Promise<TestWorld> {
  const clock = createHandClock();
  const faults = createFaults(() => 0.999);
  const ledger = new Ledger();
  const aws = await startAws({
    clock,
    faults,
    ledger,
    stack: STACK,
    taskEnvironment: { ONESHOT_STACK: STACK },
    taskCommand: () => null,
    ...options,
  });
  onTestFinished(() => aws.close());
  const credentials = options.credentials === 'operator' ? aws.operatorCredentials : aws.credentials;
  return { aws, clock, faults, ledger, ...clientsOf(aws, credentials) };
}

export function clientsOf(aws: AwsWorld, credentials: Credentials, maxAttempts = 1) {
  const config = { endpoint: aws.url, region: aws.region, credentials, maxAttempts };
  return {
    ecs: new ECSClient(config),
    kms: new KMSClient(config),
    logs: new CloudWatchLogsClient(config),
    ssm: new SSMClient(config),
    sqs: new SQSClient(config),
  };
}

/** RunTask as the launcher sends it. */
export function runTaskInput(aws: AwsWorld, changes: Partial<RunTaskCommandInput> = {}): RunTaskCommandInput {
  return {
    cluster: aws.clusterArn,
    taskDefinition: aws.taskDefinitionArns.x64,
    count: 1,
    capacityProviderStrategy: [{ capacityProvider: 'FARGATE', weight: 1 }],
    platformVersion: 'LATEST',
    networkConfiguration: {
      awsvpcConfiguration: { subnets: ['subnet-0a'], securityGroups: ['sg-0b'], assignPublicIp: 'ENABLED' },
    },
    enableECSManagedTags: true,
    propagateTags: 'TASK_DEFINITION',
    startedBy: 'oneshot-1-2-0',
    clientToken: 'oneshot-1-2-0',
    tags: [{ key: 'oneshot:repository', value: 'acme/web' }],
    overrides: {
      cpu: '1024',
      memory: '4096',
      containerOverrides: [
        { name: 'runner', environment: [{ name: 'ONESHOT_RUNNER_NAME', value: 'oneshot-1-2-0' }] },
      ],
    },
    ...changes,
  };
}

/** Long enough, in world time, for a task to be RUNNING; and from its end to STOPPED. */
export const BOOT_MS = 45_000;
export const WIND_DOWN_MS = 25_000;
