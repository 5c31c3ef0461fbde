import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { seededRandom } from '../../model/dice.ts';
import { BOOT } from '../../model/ecs/times.ts';
import { Account } from './account/account.ts';
import { createCodeBuild } from './account/codebuild.ts';
import { createEcr } from './account/ecr.ts';
import { createQuotas } from './account/quotas.ts';
import { createMetricStore, type MetricStore } from './cloudwatch.ts';
import { type Cluster, createCluster } from './ecs/cluster.ts';
import type { Definition } from './ecs/definitions.ts';
import { createEcs } from './ecs/ecs.ts';
import { taskStateChange } from './ecs/event.ts';
import { createGate } from './ecs/gate.ts';
import { startProcess, type TaskCommand } from './ecs/process.ts';
import type { AwsCall, Deployment } from './iam/needs.ts';
import { createKeyring, type Keyring } from './keyring.ts';
import { createKey, createKms, type Key } from './kms.ts';
import { createLogStore, type LogStore } from './logs.ts';
import { createApp, listen } from './server.ts';
import { arnsOf, closeServer, createDefinitions, createQueues, snapshot } from './setup.ts';
import type { Queue } from './sqs/queue.ts';
import { createSqs, queueUrl } from './sqs/sqs.ts';
import { createParameterStore, type ParameterStore } from './ssm.ts';
import { createTaskEndpoint, taskEnvironment } from './task-endpoint.ts';
import type { AwsEvents, AwsOptions, AwsWorld, Credentials, WorldQueue } from './types.ts';

const DEFAULTS = { region: 'us-east-1', account: '123456789012', maximumProcesses: 8 };

/** Everything behind the server. */
interface Parts {
  readonly options: AwsOptions & { readonly region: string; readonly account: string };
  readonly events: EventEmitter<AwsEvents>;
  readonly keyring: Keyring;
  readonly key: Key;
  readonly store: ParameterStore;
  readonly logs: LogStore;
  readonly metrics: MetricStore;
  readonly account: Account;
  readonly queues: readonly Queue[];
  readonly definitions: readonly Definition[];
  readonly cluster: Cluster;
  /** Known when the server listens. */
  readonly endpoint: { url: string };
}

/** Starts the AWS half of the embedded world: ECS, KMS, SSM and SQS on one port of 127.0.0.1. */
export async function startAws(options: AwsOptions): Promise<AwsWorld> {
  const parts = createParts({ ...DEFAULTS, ...options });
  const { server, port } = await listen(createFront(parts), options.port ?? 0);
  parts.endpoint.url = `http://127.0.0.1:${port}`;
  return showWorld(parts, server);
}

function createParts(options: Parts['options']): Parts {
  const { clock, stack } = options;
  const arn = (service: string, rest: string) => arnIn(options, service, rest);
  const id = randomUUID();
  const key = createKey({ id, arn: arn('kms', `key/${id}`), alias: `alias/${stack}` });
  const events = new EventEmitter<AwsEvents>();
  const endpoint = { url: '' };
  const definitions = createDefinitions(options, arn);
  const account = new Account(options.account, options.region);
  if (options.docker) account.managedProviders.set(`${stack}-docker`, 'ACTIVE');
  return {
    options,
    events,
    endpoint,
    key,
    definitions,
    keyring: createKeyring(),
    store: createParameterStore(key, clock, arn('ssm', 'parameter')),
    logs: createLogStore(clock),
    metrics: createMetricStore(clock),
    account,
    queues: createQueues(options, arn('sqs', '').slice(0, -1)),
    cluster: buildCluster({ options, events, endpoint, definitions, account }),
  };
}

type OfCluster = Pick<Parts, 'options' | 'events' | 'endpoint' | 'definitions' | 'account'>;

function buildCluster(parts: OfCluster): Cluster {
  const { options, events, endpoint, definitions } = parts;
  const { clock, faults, stack, region, account } = options;
  const clusterArn = arnIn(options, 'ecs', `cluster/${stack}`);
  return createCluster({
    place: { region, account, clusterName: stack, clusterArn },
    definitions,
    managedProviders: parts.account.managedProviders,
    scaleInAfterSeconds: options.docker?.scaleInAfterSeconds ?? 0,
    clock,
    faults,
    random: options.random ?? seededRandom(1),
    boot: { ...BOOT, ...options.boot },
    gate: createGate(options.maximumProcesses ?? DEFAULTS.maximumProcesses),
    start: (task, onLine, work) => {
      const command = options.taskCommand(snapshot(task));
      if (!command) return null;
      const start = (ready: TaskCommand) => {
        const environment = { ...taskEnvironment(task, endpoint.url, region), ...ready.env };
        return startProcess(ready, environment, onLine, work);
      };
      return command instanceof Promise ? command.then(start) : start(command);
    },
    changed: (task) => {
      // The strict reading of "tags are deleted with the resource": nobody may count on a stopped task's tags.
      if (task.view.lastStatus === 'STOPPED') task.tags = [];
      const event = taskStateChange(task.view, new Date(clock.nowMs()));
      // Not in the task's own turn: a listener that throws must not end the task's life.
      setImmediate(() => events.emit('task-state-change', event));
    },
    logged: (task, stream, line) => void events.emit('task-log', { arn: task.arn, stream, line }),
  });
}

function createFront(parts: Parts) {
  const { options, events, keyring, key, store, logs, metrics, queues, cluster, endpoint } = parts;
  const { clock, faults, ledger, region, account, stack } = options;
  const services = [
    createEcs(cluster),
    createKms(key, stack),
    store.service,
    logs.service,
    metrics.service,
    createQuotas(parts.account),
    createEcr(),
    createCodeBuild(parts.account),
    createSqs({ clock, account, queues, url: () => endpoint.url }),
  ];
  const taskEndpoint = createTaskEndpoint({ cluster, keyring, clock, stack, account });
  const onCall = (call: AwsCall) => void events.emit('call', call);
  const deployment: Deployment = {
    region,
    account,
    stack,
    clusterArn: cluster.place.clusterArn,
    keyArn: key.arn,
    taskRoles: [],
    sourceIp: '',
    isStored: store.has,
  };
  const shared = { keyring, region, clock, faults, ledger, account: parts.account, deployment };
  return createApp({ ...shared, services, taskEndpoint, onCall });
}

function showWorld(parts: Parts, server: Server): AwsWorld {
  const { options, endpoint, key, definitions, store, logs, cluster, events } = parts;
  const { region, account, stack } = options;
  const killOnExit = () => void cluster.close();
  process.once('exit', killOnExit);
  return {
    url: endpoint.url,
    region,
    account,
    keyArn: key.arn,
    clusterArn: cluster.place.clusterArn,
    taskDefinitionArns: { x64: '', arm64: '', ...arnsOf(definitions, 'FARGATE') },
    dockerTaskDefinitionArns: arnsOf(definitions, 'MANAGED_INSTANCES'),
    queues: {
      doubts: showQueue(parts, `${stack}-doubts.fifo`),
      deadLetters: showQueue(parts, `${stack}-dead-doubts.fifo`),
    },
    queue: (name) => showQueue(parts, name),
    ...issueCredentials(parts),
    parameters: store,
    logs,
    metrics: parts.metrics,
    accountState: parts.account,
    tasks: () => [...cluster.tasks.values()].map(snapshot),
    exitTask: (arn, exitCode) => lifeOf(cluster, arn).exit(exitCode),
    interruptTask: (arn) => lifeOf(cluster, arn).stop(SPOT_INTERRUPTION),
    on: (event, listener) => void events.on(event, listener as never),
    off: (event, listener) => void events.off(event, listener as never),
    async close() {
      process.removeListener('exit', killOnExit);
      await cluster.close();
      await closeServer(server);
    },
  };
}

const SPOT_INTERRUPTION = { code: 'SpotInterruption', reason: 'Your Spot Task was interrupted.' } as const;

function issueCredentials({ keyring, options: { account, stack } }: Parts) {
  const sessionOf = (role: string) => {
    const arn = `arn:aws:sts::${account}:assumed-role/${role}/${role}`;
    const { accessKeyId, secretAccessKey, sessionToken } = keyring.issueSession({ kind: 'functions', arn });
    return { accessKeyId, secretAccessKey, sessionToken };
  };
  const user = (kind: 'deployer' | 'operator'): Credentials => {
    const { accessKeyId, secretAccessKey } = keyring.issueUser({
      kind,
      arn: `arn:aws:iam::${account}:user/${kind}`,
    });
    return { accessKeyId, secretAccessKey };
  };
  return {
    credentials: sessionOf(`${stack}-functions`),
    credentialsOf: (functionName: string) => sessionOf(`${stack}-${functionName}`),
    operatorCredentials: user('operator'),
    deployerCredentials: user('deployer'),
  };
}

function showQueue({ queues, endpoint, options: { account } }: Parts, name: string): WorldQueue {
  const queue = queues.find((candidate) => candidate.name === name);
  if (!queue) throw new Error(`no queue ${name}`);
  const url = queueUrl({ url: () => endpoint.url, account }, queue);
  const waitForMessage = (worldMs: number) => queue.waitForMessage(worldMs);
  return { name, url, arn: queue.arn, depth: () => queue.depth(), waitForMessage };
}

function lifeOf(cluster: Cluster, arn: string) {
  const task = cluster.tasks.get(arn);
  if (!task) throw new Error(`no task ${arn}`);
  return cluster.lifeOf(task);
}

function arnIn({ region, account }: Parts['options'], service: string, rest: string): string {
  return `arn:aws:${service}:${region}:${account}:${rest}`;
}
