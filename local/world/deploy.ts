import path from 'node:path';
import type { SQSEvent } from 'aws-lambda';
import type { AwsWorld } from '../aws/index.ts';
import type { WorldQueue } from '../aws/types.ts';
import { startEventRule } from '../lambda/event-rule.ts';
import { startEventSource } from '../lambda/event-source.ts';
import { createFunction, type InvokeOptions, type LocalFunction } from '../lambda/function.ts';
import { startHttpApi } from '../lambda/http-api.ts';
import { startSchedule } from '../lambda/schedule.ts';
import type { Hold, WorldClock } from './clock.ts';
import type { Deployment, FunctionDefinition, Trigger } from './deployment.ts';
import type { Faults } from './faults.ts';

export interface DeployOptions {
  readonly deployment: Deployment;
  readonly stack: string;
  /** The folder that holds `dist`. */
  readonly bundles: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly aws: AwsWorld;
  readonly clock: WorldClock;
  readonly faults: Faults;
  /** World seconds between two sweeps; 0 for none. */
  readonly scheduleEverySeconds: number;
  readonly webhookPort: number | undefined;
  readonly webhookInstances: number | undefined;
  /** The work of GitHub's delivery of this GUID. */
  readonly deliveryOf: (guid: string) => Hold | undefined;
  readonly onLog: (line: string, functionName: string) => void;
}

export interface Deployed {
  readonly functions: ReadonlyMap<string, LocalFunction>;
  /** Of the HTTP API. */
  readonly url: string;
  close(): Promise<void>;
}

interface Connection {
  stop(): void | Promise<void>;
  readonly url?: string;
}

/** Deploys what `serverless.yml` has: each function, and what starts it. */
export async function deploy(options: DeployOptions): Promise<Deployed> {
  const functions = new Map<string, LocalFunction>();
  const connections: Connection[] = [];
  for (const definition of options.deployment.functions) {
    const deployed = createLocalFunction(definition, options);
    functions.set(definition.name, deployed);
    for (const trigger of definition.triggers)
      connections.push(await connect(trigger, definition, deployed, options));
  }
  return {
    functions,
    url: connections.find(({ url }) => url)?.url ?? '',
    async close() {
      await Promise.all(connections.map((connection) => connection.stop()));
      for (const deployed of functions.values()) deployed.close();
    },
  };
}

function createLocalFunction(definition: FunctionDefinition, options: DeployOptions): LocalFunction {
  const { stack, bundles, aws, clock, onLog } = options;
  const [trigger] = definition.triggers;
  const { accessKeyId, secretAccessKey, sessionToken = '' } = aws.credentialsOf(definition.name);
  // A role of its own, as on AWS.
  const environment = {
    ...options.environment,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  };
  return createFunction({
    name: `${stack}-${definition.name}`,
    bundle: bundleOf(bundles, definition),
    timeoutSeconds: definition.timeoutSeconds,
    memoryMiB: definition.memoryMiB,
    recursiveLoop: definition.recursiveLoop,
    maximumInstances: trigger ? instancesFor(trigger, options) : 1,
    environment,
    clock,
    isOpen: () => options.aws.accountState.isOpen(`${stack}-${definition.name}`),
    onLog: (line) => onLog(line, `${stack}-${definition.name}`),
  });
}

/** `bundles` is what stands for `dist` in the handler's path. */
export const bundleOf = (bundles: string, { bundle }: FunctionDefinition): string =>
  path.join(bundles, path.relative('dist', bundle));

/** Fewer than Lambda would start, to spare the machine; an event over it waits. */
function instancesFor(trigger: Trigger, { webhookInstances = 4 }: DeployOptions): number {
  if (trigger.kind === 'queue') return trigger.maximumConcurrency;
  return { http: webhookInstances, event: 2, schedule: 1, calendar: 1 }[trigger.kind];
}

async function connect(
  trigger: Trigger,
  { maximumRetries }: FunctionDefinition,
  deployed: LocalFunction,
  options: DeployOptions,
): Promise<Connection> {
  const { aws, clock, faults, deployment, scheduleEverySeconds, webhookPort } = options;
  const invoke = (event: unknown) => deployed.invoke(event);
  switch (trigger.kind) {
    case 'http': {
      const { url, close } = await startHttpApi(deployed, {
        port: webhookPort,
        callerOf: options.deliveryOf,
      });
      return { url, stop: close };
    }
    case 'schedule':
      return startSchedule(() => invoke(scheduledEvent(clock)), scheduleEverySeconds, clock);
    case 'calendar':
      return { stop: () => undefined };
    case 'event': {
      const pattern = withArns(trigger.pattern, aws);
      return startEventRule({ bus: aws, pattern, clock, faults, maximumRetries, invoke });
    }
    case 'queue':
      return startEventSource({
        client: { region: aws.region, endpoint: aws.url, credentials: aws.operatorCredentials },
        queue: queueOf(trigger.queue, aws),
        region: aws.region,
        batchSize: trigger.batchSize,
        maximumConcurrency: trigger.maximumConcurrency,
        visibilitySeconds: deployment.queue.visibilitySeconds,
        isFed: () => aws.accountState.isFed(deployed.name),
        waitForMessage: queueOf(trigger.queue, aws).waitForMessage,
        invoke: (event: SQSEvent, how: InvokeOptions) => deployed.invoke(event, how),
        clock,
        faults,
      });
  }
}

export const scheduledEvent = (clock: WorldClock) => ({
  version: '0',
  source: 'aws.events',
  'detail-type': 'Scheduled Event',
  time: clock.nowIso(),
  detail: {},
});

function queueOf(name: string, { queues }: AwsWorld): WorldQueue {
  if (name !== 'DoubtQueue.Arn') throw new Error(`the embedded world has no queue ${name}`);
  return queues.doubts;
}

/** Puts the world's ARNs where the templates have `!GetAtt`. */
function withArns(value: unknown, aws: AwsWorld): unknown {
  if (value === 'Cluster.Arn') return aws.clusterArn;
  if (Array.isArray(value)) return value.map((item) => withArns(item, aws));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withArns(inner, aws)]));
}
