import { RequestError } from '@octokit/request-error';
import { classifyRunTaskError, classifyRunTaskFailure } from '../functions/aws/ecs/classify.ts';
import { parseRunnerName } from '../functions/core/job/identity.ts';
import type { Policy } from '../functions/core/job/policy.ts';
import {
  type Account,
  accountOf,
  fullName,
  type Repository as ServedRepository,
  scopeOf,
} from '../functions/core/job/repository.ts';
import { policyOf } from '../functions/core/job/rules.ts';
import type { DeadLetterPort } from '../functions/core/plan/dead-letter.ts';
import { deduplicationIdOf, groupIdOf, writeDoubt } from '../functions/core/plan/doubt.ts';
import type {
  DoubtPort,
  LaunchPorts,
  LookPorts,
  MarkPorts,
  ReconcilePorts,
  RegistrationScope,
  SettlePorts,
  SweepPorts,
} from '../functions/core/ports.ts';
import { ServiceError } from '../functions/core/words/errors.ts';
import { classifyGitHubError, hasStatus } from '../functions/github/errors.ts';
import type { PartialListing } from '../functions/kit/partial-listing.ts';
import type { TokenBucket } from '../model/token-bucket.ts';
import type { Deliveries } from './deliveries.ts';
import type { Ecs } from './ecs/ecs.ts';
import type { GitHub } from './github/github.ts';
import { Reads } from './github/reads.ts';
import { createRerunPorts } from './github/reruns.ts';
import type { Repository } from './github/types.ts';
import { call, type Invocation, type Service } from './invocation.ts';
import type { DoubtQueue } from './queue.ts';
import { STRANGERS } from './strangers.ts';
import type { World } from './world.ts';

export interface Services {
  /** What the names of the deployment's runners begin with. */
  readonly prefix: string;
  /** Its runners.yml. */
  readonly policy: Policy;
  /** Ids of the runners that it has registered. */
  readonly registered: Set<number>;
  readonly world: World;
  readonly github: GitHub;
  readonly ecs: Ecs;
  readonly queue: DoubtQueue;
  readonly deliveries: Deliveries;
  readonly ssm: TokenBucket;
  readonly repositories: readonly Repository[];
  /** When each repository was polled last. */
  readonly polls: Map<number, number>;
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
  const { world, github, ecs, queue, deliveries } = services;
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
        if (STRANGERS.some(({ id }) => id === doubt.repository.id))
          world.violate('stranger heeded', `a doubt of ${fullName(doubt.repository)}`);
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
        const effect = () => {
          const registration = github.registrations.createJitConfig(request);
          services.registered.add(registration.runnerId);
          return registration;
        };
        const made = { service: 'github', effect, fault: octokitFault, isAbortable: true } as const;
        return { kind: 'created', ...(await call(world, invocation, made)) };
      } catch (error) {
        return hasStatus(error, 409)
          ? { kind: 'taken' }
          : classifyGitHubError('create JIT config', error, world.nowMs);
      }
    },
    seal: async (config) => {
      try {
        // Sealed again each time: KMS gives another ciphertext for the same text.
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
    pause: (milliseconds, signal) => invocation.pause(milliseconds, signal),
    random: () => world.random(),
  };
  const marking: MarkPorts = {
    ...doubting,
    findTask: (name) => ask('ecs', 'ListTasks', () => ecs.find(name)),
    markTask: (arn, jobId) => ask('ecs', 'TagResource', () => ecs.mark(arn, jobId)),
    noteJobOver: (arn, atMs) => ask('ecs', 'TagResource', () => ecs.noteJobOver(arn, atMs)),
  };
  const looking: LookPorts = {
    listFewTasks: async () => listTasks(),
    readJob: async (repository, jobId, signal) => {
      const one = { isNamedOnly: true, resumeAfterRunId: undefined, mostReads: 1, signal };
      const look = await new Reads(services, invocation).lookAtJobs({ ...one, repository, jobIds: [jobId] });
      if (look.problem !== undefined) throw new Error(look.problem);
      return look.jobs[0];
    },
  };
  const settling: SettlePorts = { ...doubting, removeRunner };
  const timing = {
    budgetOf: ({ owner }: Account) => github.limits.budgetOf(owner),
    now: () => world.nowMs,
    endWithin: (milliseconds: number, signal: AbortSignal) => invocation.endWithin(milliseconds, signal),
  };
  const reconciling: ReconcilePorts = {
    ...launching,
    ...doubting,
    listTasks,
    lookAtJobs: (request) => new Reads(services, invocation).lookAtJobs(request),
    ...createRerunPorts(services, invocation),
    ...timing,
  };
  const read = <Result>(operation: string, effect: () => Result, pages = (_: Result) => 1) =>
    ask('github', operation, () => {
      const result = effect();
      world.counts.otherReads += pages(result);
      return result;
    });
  /** With a token of the installation, whose budget it spends; what the App asks for itself has a budget of its own. */
  const readAsInstallation = <Result>(
    owner: string,
    operation: string,
    effect: () => Result,
    pages = (_: Result) => 1,
  ) =>
    read(
      operation,
      () => {
        github.limits.spend(owner, operation);
        return effect();
      },
      pages,
    );
  // As the handler of the sweep, whose pages have the runners of others too.
  const isOurs = ({ runnerName }: { readonly runnerName: string }) =>
    parseRunnerName(services.prefix, runnerName) !== undefined;
  const sweeping: SweepPorts = {
    ...doubting,
    removeRunner,
    listTasks,
    stopTask: (arn, reason) => ask('ecs', 'StopTask', () => ecs.stop(arn, reason)),
    listScopes: () => readAsInstallation('acme', 'list scopes', () => scopesOf(services)),
    listRegistrations: (scope) =>
      readAsInstallation(
        scope.account.owner,
        'list runners',
        () => github.registrations.list(scope).filter(isOurs),
        pagesOf,
      ),
    readVersionEnd: async () => undefined,
    listDeliveries: (sinceMs) => read('list deliveries', () => deliveries.list(sinceMs), pagesOf),
    redeliver: (id) => ask('github', 'redeliver', () => deliveries.redeliver(id)),
    listRepositories: () =>
      readAsInstallation(
        'acme',
        'list repositories',
        () => listRepositories(services),
        ({ items }) => pagesOf(items),
      ),
    pollRepository: (repository) => new Reads(services, invocation).poll(repository),
    ...timing,
  };
  const getParameters = () => ask('ssm', 'GetParameters', () => readParameters(services));
  const burying: DeadLetterPort = {
    bury: () =>
      ask('sqs', 'SendMessage', () => {
        world.counts.deadLetters += 1;
      }),
  };
  return { launching, looking, marking, settling, reconciling, burying, sweeping, getParameters };
}

/** SSM: 40 calls a second, of all functions and of whatever else the account runs. */
function readParameters({ world, ssm }: Services): void {
  if (!ssm.take(world.nowMs) || world.strikes('ssm-throttle'))
    throw new ServiceError({ service: 'ssm', operation: 'GetParameters', status: 400 }, 'Rate exceeded');
}

/** No registration may go while a task could still use it, and none of another deployment at all. */
function remove({ world, github, ecs, registered }: Services, runnerId: number): void {
  if (!registered.has(runnerId)) world.violate('removed another’s', `runner ${runnerId}`);
  for (const task of ecs.live)
    if (task.request.runnerId === runnerId && github.registrations.all.has(runnerId))
      world.violate('removed under a task', task.request.runnerName);
  github.registrations.delete(runnerId);
}

export const doubtedRepository = ({ id, owner, name, installationId }: Repository): ServedRepository => ({
  ...{ id, owner, name, installationId },
  ownerType: 'Organization',
  isPublic: false,
});

/** What the App is installed on. */
function listRepositories({ world, repositories }: Services): PartialListing<ServedRepository> {
  const neighbours = world.neighbours.filter(({ kind }) => kind !== 'gone');
  const here = [...repositories, ...neighbours].filter((repository) => !world.isAway(repository));
  return { items: here.map(doubtedRepository), errors: [], malformedRecords: 0 };
}

function scopesOf(services: Services): PartialListing<RegistrationScope> {
  const { items } = listRepositories(services);
  const scopes = items.map((repository) => ({
    account: accountOf(repository),
    scope: scopeOf(repository, policyOf(repository, services.policy)),
  }));
  return {
    items: [...new Map(scopes.map((one) => [one.scope, one])).values()],
    errors: [],
    malformedRecords: 0,
  };
}
