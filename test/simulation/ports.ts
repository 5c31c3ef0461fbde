import { RequestError } from '@octokit/request-error';
import type { DeadLetterPort } from '../../functions/core/dead-letter.ts';
import { deduplicationIdOf, groupIdOf, writeDoubt } from '../../functions/core/doubt.ts';
import { ServiceError } from '../../functions/core/errors.ts';
import type {
  DoubtPort,
  LaunchPorts,
  MarkPorts,
  ReconcilePorts,
  SettlePorts,
  SweepPorts,
} from '../../functions/core/ports.ts';
import { classifyRunTaskError, classifyRunTaskFailure } from '../../functions/ecs/classify.ts';
import { classifyGitHubError, hasStatus } from '../../functions/github/errors.ts';
import type { Deliveries } from './deliveries.ts';
import type { Ecs } from './ecs/ecs.ts';
import type { GitHub } from './github/github.ts';
import type { Repository } from './github/types.ts';
import { call, type Invocation, type Service } from './invocation.ts';
import type { DoubtQueue } from './queue.ts';
import type { TokenBucket } from './token-bucket.ts';
import type { World } from './world.ts';

export interface Services {
  readonly world: World;
  readonly github: GitHub;
  readonly ecs: Ecs;
  readonly queue: DoubtQueue;
  readonly deliveries: Deliveries;
  readonly ssm: TokenBucket;
  readonly repositories: readonly Repository[];
}

const pagesOf = ({ length }: readonly unknown[]): number => Math.max(1, Math.ceil(length / 100));

const serviceFault = (service: Service, operation: string) => (status: number | undefined) =>
  new ServiceError({ service, operation, ...(status !== undefined && { status }) }, 'the call failed');
/** Octokit gives status 500 to a request that got no answer. */
const octokitFault = (status: number | undefined) =>
  new RequestError('the call failed', status ?? 500, {
    request: { method: 'POST', url: 'https://github.test', headers: {} },
  });
const sdkFault = (status: number | undefined) =>
  Object.assign(new Error('the call failed'), {
    name: status === undefined ? 'TimeoutError' : 'ServerException',
    $metadata: { attempts: 1, ...(status !== undefined && { httpStatusCode: status }) },
  });

/** All ports of one invocation, on the models. What the real adapters conclude from an error, these do by their code. */
export function createPorts(services: Services, invocation: Invocation) {
  const { world, github, ecs, queue, deliveries, repositories } = services;
  const ask = <Result>(service: Service, operation: string, effect: () => Result, isAbortable = false) =>
    call(world, invocation, {
      service,
      effect,
      fault: serviceFault(service, operation),
      isAbortable,
      isList: operation.startsWith('list') || operation === 'ListTasks',
    });

  const doubting: DoubtPort = {
    doubt: (doubt) =>
      ask('sqs', 'SendMessage', () => {
        queue.send(writeDoubt(doubt), groupIdOf(doubt), deduplicationIdOf(doubt, world.nowMs));
        invocation.hasActed = true;
      }),
  };
  const removeRunner = (_account: unknown, scope: string, runnerId: number, signal?: AbortSignal) =>
    ask('github', `remove ${scope}`, () => remove(services, runnerId), signal !== undefined);
  const listTasks = () => ask('ecs', 'ListTasks', () => ecs.list());

  const launching: LaunchPorts = {
    createJitConfig: async (request) => {
      try {
        const effect = () => github.registrations.createJitConfig(request);
        const made = { service: 'github', effect, fault: octokitFault, isAbortable: true } as const;
        return { kind: 'created', ...(await call(world, invocation, made)) };
      } catch (error) {
        return hasStatus(error, 409) ? { kind: 'taken' } : classifyGitHubError(error, world.nowMs);
      }
    },
    seal: async (config) => {
      try {
        // Sealed anew each time: KMS gives another ciphertext for the same text.
        const sealedConfig = await ask('kms', 'Encrypt', () => `${config}#${world.random()}`, true);
        return { kind: 'sealed', sealedConfig };
      } catch {
        return { kind: 'unknown', detail: 'Encrypt failed' };
      }
    },
    runTask: async (request) => {
      try {
        const effect = () => ecs.runTask(request);
        const made = { service: 'ecs', effect, fault: sdkFault, isAbortable: true } as const;
        const answer = await call(world, invocation, made);
        if ('failure' in answer) return classifyRunTaskFailure(answer.failure);
        invocation.hasActed = true;
        return { kind: 'started', taskArn: answer.taskArn };
      } catch (error) {
        return classifyRunTaskError(error);
      }
    },
    removeRunner,
    pause: (milliseconds) => invocation.pause(milliseconds),
    random: () => world.random(),
  };
  const marking: MarkPorts = {
    ...doubting,
    findTask: (name) => ask('ecs', 'ListTasks', () => ecs.find(name)),
    markTask: (arn, jobId) => ask('ecs', 'TagResource', () => ecs.mark(arn, jobId)),
  };
  const settling: SettlePorts = { ...doubting, removeRunner };
  const reconciling: ReconcilePorts = {
    ...launching,
    ...doubting,
    listTasks,
    listActiveJobs: async ({ id }) => {
      const runIds = await ask('github', 'list runs', () => github.runs.listActive(id));
      return ask('github', 'list jobs', () => github.runs.listJobs(runIds));
    },
    now: () => world.nowMs,
  };
  const read = <Result>(operation: string, effect: () => Result, pages = (_: Result) => 1) =>
    ask('github', operation, () => {
      const result = effect();
      world.counts.otherReads += pages(result);
      return result;
    });
  /** With a token of the installation, whose budget it spends; what the App asks for itself has a budget of its own. */
  const readAsInstallation = <Result>(operation: string, effect: () => Result, pages = (_: Result) => 1) =>
    read(
      operation,
      () => {
        github.limits.spend();
        return effect();
      },
      pages,
    );
  const sweeping: SweepPorts = {
    ...doubting,
    removeRunner,
    listTasks,
    stopTask: (arn, reason) => ask('ecs', 'StopTask', () => ecs.stop(arn, reason)),
    listScopes: () => readAsInstallation('list scopes', () => scopesOf(services)),
    listRegistrations: (scope) =>
      readAsInstallation('list runners', () => github.registrations.list(scope), pagesOf),
    readVersionEnd: async () => undefined,
    listDeliveries: (sinceMs) => read('list deliveries', () => deliveries.list(sinceMs), pagesOf),
    redeliver: (id) => ask('github', 'redeliver', () => deliveries.redeliver(id)),
    listRepositories: () =>
      readAsInstallation('list repositories', () => repositories.map(doubtedRepository)),
  };
  const getParameters = () => ask('ssm', 'GetParameters', () => readParameters(services));
  const burying: DeadLetterPort = {
    bury: () =>
      ask('sqs', 'SendMessage', () => {
        world.counts.deadLetters += 1;
      }),
  };
  return { launching, marking, settling, reconciling, burying, sweeping, getParameters };
}

/** SSM: 40 calls a second, of all functions and of whatever else the account runs. */
function readParameters({ world, ssm }: Services): void {
  if (!ssm.take(world.nowMs) || world.strikes('ssmThrottled'))
    throw new ServiceError({ service: 'ssm', operation: 'GetParameters', status: 400 }, 'Rate exceeded');
}

/** No registration may go while a task could still use it. */
function remove({ world, github, ecs }: Services, runnerId: number): void {
  for (const task of ecs.live)
    if (task.request.runnerId === runnerId && github.registrations.all.has(runnerId))
      world.violate('removed under a task', task.request.runnerName);
  github.registrations.delete(runnerId);
}

const doubtedRepository = ({ id, name }: Repository) => ({
  id,
  owner: 'acme',
  name,
  ownerType: 'Organization' as const,
  isPublic: false,
  installationId: 77,
});

function scopesOf({ world, repositories }: Services) {
  const account = { owner: 'acme', ownerType: 'Organization', installationId: 77 } as const;
  return world.policy.scope === 'organization'
    ? [{ account, scope: 'orgs/acme' as const }]
    : repositories.map(({ name }) => ({ account, scope: `repos/acme/${name}` as const }));
}
