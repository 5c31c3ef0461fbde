import { RequestError } from '@octokit/request-error';
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
import type { Ecs } from './ecs.ts';
import type { GitHub, Repository } from './github.ts';
import { call, type Invocation } from './invocation.ts';
import type { DoubtQueue } from './queue.ts';
import type { World } from './world.ts';

export interface Services {
  readonly world: World;
  readonly github: GitHub;
  readonly ecs: Ecs;
  readonly queue: DoubtQueue;
  readonly deliveries: Deliveries;
  readonly repositories: readonly Repository[];
}

type Service = 'github' | 'ecs' | 'kms' | 'sqs';

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
    call(world, invocation, { service, effect, fault: serviceFault(service, operation), isAbortable });

  const doubting: DoubtPort = {
    doubt: (doubt) =>
      ask('sqs', 'SendMessage', () =>
        queue.send(writeDoubt(doubt), groupIdOf(doubt), deduplicationIdOf(doubt, world.nowMs)),
      ),
  };
  const removeRunner = (_account: unknown, scope: string, runnerId: number, signal?: AbortSignal) =>
    ask('github', `remove ${scope}`, () => remove(services, runnerId), signal !== undefined);
  const listTasks = () => ask('ecs', 'ListTasks', () => ecs.list());

  const launching: LaunchPorts = {
    createJitConfig: async (request) => {
      try {
        const effect = () => github.createJitConfig(request);
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
        if ('failure' in answer) {
          world.counts.refused += 1;
          return classifyRunTaskFailure(answer.failure);
        }
        return { kind: 'started', taskArn: answer.taskArn };
      } catch (error) {
        return classifyRunTaskError(error);
      }
    },
    removeRunner,
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
    listActiveJobs: ({ id }) =>
      ask('github', 'list jobs', () => {
        const { facts, reads } = github.listActiveJobs(id);
        world.counts.jobReads += reads;
        return facts;
      }),
    pause: (milliseconds) => invocation.pause(milliseconds),
    now: () => world.nowMs,
  };
  const read = <Result>(operation: string, effect: () => Result, reads: (result: Result) => number) =>
    ask('github', operation, () => {
      const result = effect();
      world.counts.otherReads += reads(result);
      return result;
    });
  const sweeping: SweepPorts = {
    ...doubting,
    removeRunner,
    listTasks,
    stopTask: (arn, reason) => ask('ecs', 'StopTask', () => ecs.stop(arn, reason)),
    listScopes: () =>
      read(
        'list scopes',
        () => scopesOf(services),
        () => 1,
      ),
    listRegistrations: (scope) =>
      read(
        'list runners',
        () => github.listRegistrations(scope),
        ({ length }) => Math.max(1, Math.ceil(length / 100)),
      ),
    listDeliveries: (sinceMs) =>
      read(
        'list deliveries',
        () => deliveries.list(sinceMs),
        ({ length }) => Math.max(1, Math.ceil(length / 100)),
      ),
    redeliver: (id) => ask('github', 'redeliver', () => deliveries.redeliver(id)),
    listRepositories: () =>
      read(
        'list repositories',
        () => repositories.map(doubtedRepository),
        () => 1,
      ),
  };
  return { launching, marking, settling, reconciling, sweeping };
}

/** No registration may go while a task could still use it. */
function remove({ world, github, ecs }: Services, runnerId: number): void {
  for (const task of ecs.live)
    if (task.request.runnerId === runnerId && github.runners.has(runnerId))
      world.violate('removed under a task', task.request.runnerName);
  github.delete(runnerId);
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
