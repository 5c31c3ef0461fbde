import { ECSClient } from '@aws-sdk/client-ecs';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { Context, ScheduledEvent } from 'aws-lambda';
import { createParameterStore } from '../aws/parameters.ts';
import { bundledPolicy } from '../bundled-policy.ts';
import { readStageConfiguration } from '../config.ts';
import { describeError } from '../core/errors.ts';
import { parseRunnerName } from '../core/identity.ts';
import { wholeOf } from '../core/partial-listing.ts';
import type { Policy } from '../core/policy.ts';
import type { SweepMemory, SweepPorts } from '../core/ports.ts';
import { runnerVersionOf } from '../core/runner-version.ts';
import { listTasks, stopTask } from '../ecs/tasks.ts';
import type { GitHubApp } from '../github/app.ts';
import { listDeliveries, redeliver } from '../github/deliveries.ts';
import { readVersionEnd } from '../github/runner-version.ts';
import { listRegistrations, removeRunner } from '../github/runners.ts';
import { listRepositories, listScopes } from '../github/scopes.ts';
import { createReporter, type Reporter } from '../log.ts';
import { createDoubtPort } from '../roots/doubt-port.ts';
import { keepGitHubApp } from '../roots/github.ts';
import { type SweepReport, sweep } from './sweep.ts';

interface Root {
  readonly ports: SweepPorts;
  readonly memory: SweepMemory;
  readonly reporter: Reporter;
}

let root: Root | undefined;

/** One scheduled pass. Throws all that went wrong together, so that the invocation counts as failed. */
export async function handler(_event: ScheduledEvent, context?: Context): Promise<SweepReport> {
  root ??= compose();
  const { ports, memory, reporter } = root;
  if (context) reporter.logger.addContext(context);
  const done = await sweep(ports, memory, bundledPolicy(), Date.now());
  report(done, reporter);
  if (done.errors.length > 0)
    throw new AggregateError(done.errors, done.errors.map((error) => error.message).join('; '));
  return done;
}

function compose(): Root {
  const stage = readStageConfiguration(process.env);
  const policy = bundledPolicy();
  const parameters = createParameterStore(new SSMClient({}), stage.parameterPath, () => Date.now());
  const ecs = new ECSClient({});
  const github = keepGitHubApp(parameters, stage.githubApiUrl);
  const isOurs = (name: string) => parseRunnerName(stage.stack, name) !== undefined;
  return {
    reporter: createReporter('sweep', stage.stage),
    memory: {
      looks: [],
      lastLookAtMs: 0,
      settledTaskArns: new Set(),
      lastDoubtOfBusyAtMs: 0,
      lastDoubtOfAllAtMs: 0,
      version: { endsAtMs: undefined, readAtMs: 0 },
    },
    ports: {
      ...createDoubtPort(stage),
      listTasks: () => listTasks(ecs, stage.clusterArn, stage.stack),
      stopTask: (taskArn, reason) => stopTask(ecs, stage.clusterArn, taskArn, reason),
      listScopes: async () => wholeOf(await listScopes(await github(), policy)),
      listRepositories: async () => wholeOf(await listRepositories(await github(), policy)),
      listRegistrations: async (scope) => listRegistrations(await github(), scope, isOurs),
      removeRunner: async (account, scope, runnerId) =>
        removeRunner(await github(), account, scope, runnerId),
      listDeliveries: async (sinceMs) => listDeliveries(await github(), sinceMs),
      readVersionEnd: () => versionEndOf(stage.image, github, policy),
      redeliver: async (deliveryId) => redeliver(await github(), deliveryId),
    },
  };
}

/** Any scope can be asked. */
async function versionEndOf(image = '', github: () => Promise<GitHubApp>, policy: Policy) {
  const version = runnerVersionOf(image);
  if (version === undefined) return undefined;
  const app = await github();
  const { items, errors } = await listScopes(app, policy);
  const scope = items[0];
  if (scope === undefined && errors[0] !== undefined) throw errors[0];
  return scope && readVersionEnd(app, scope, version);
}

/** One line, and one metric each, for what was seen, done and left alone. */
function report(done: SweepReport, { logger, count, flush }: Reporter): void {
  const { seen, stopped, removed, left, doubted, redelivered, versionEndsSoon, errors } = done;
  const leftByReason = Object.groupBy(left, ({ reason }) => reason);
  const leftCounts = Object.fromEntries(
    Object.entries(leftByReason).map(([reason, items]) => [reason, items.length]),
  );
  const names = <Item extends { runnerName: string; reason: string }>(items: readonly Item[]) =>
    items.map(({ runnerName, reason }) => ({ runnerName, reason }));
  logger[errors.length > 0 ? 'error' : 'info']('swept', {
    seen,
    stopped: names(stopped),
    removed: names(removed),
    left: leftCounts,
    doubted: doubted.map(({ owner, name }) => `${owner}/${name}`),
    redelivered,
    versionEndsSoon,
    errors: errors.map(describeError),
  });
  // A quiet system emits nothing: each series costs as long as it is emitted.
  const counts = {
    TasksLive: seen.live?.tasks ?? 0,
    VcpusLive: seen.live?.vcpus ?? 0,
    TasksStopped: stopped.length,
    RunnersRemoved: removed.length,
    RepositoriesDoubted: doubted.length,
    DeliveriesRedelivered: redelivered.length,
    RunnerVersionEndsSoon: Number(versionEndsSoon),
    SweepErrors: errors.length,
  } as const;
  for (const [name, value] of Object.entries(counts))
    if (value > 0) count(name as keyof typeof counts, value);
  flush();
}
