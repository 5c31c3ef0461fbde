import { ECSClient } from '@aws-sdk/client-ecs';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { Context, ScheduledEvent } from 'aws-lambda';
import { listTasks, stopTask } from '../aws/ecs/tasks.ts';
import { readImageVersions } from '../aws/image-versions.ts';
import { createParameterStore } from '../aws/parameters.ts';
import { bundledPolicy } from '../bundled-policy.ts';
import { readStageConfiguration } from '../config.ts';
import { parseRunnerName } from '../core/job/identity.ts';

import { emptySweepMemory, type SweepMemory } from '../core/plan/sweep-memory.ts';
import type { SweepPorts } from '../core/ports.ts';

import { listDeliveries, redeliver } from '../github/deliveries.ts';
import { pollRepository } from '../github/poll.ts';
import { listRegistrations, removeRunner } from '../github/runners.ts';
import { listRepositories, listScopes } from '../github/scopes.ts';
import { timing } from '../kit/timing.ts';
import { createReporter, type Reporter } from '../log.ts';
import { sweptLine } from '../records/swept.ts';
import { watchGitHubApp } from '../stage/github.ts';
import { createQueuePorts } from '../stage/queue.ts';
import { readImageEnd } from '../stage/version-end.ts';
import { type SweepReport, sweep } from './sweep.ts';

interface Root {
  readonly ports: SweepPorts;
  readonly memory: SweepMemory;
  readonly reporter: Reporter;
}

let root: Root | undefined;

/** The pass ends this long before the function's time does, and says what it has done. */
const RESERVE_MS = 5_000;

/** One scheduled pass. Throws all that went wrong together, so that the invocation counts as failed. */
export async function handler(_event: ScheduledEvent, context?: Context): Promise<SweepReport> {
  root ??= compose();
  const { ports, memory, reporter } = root;
  if (context) reporter.logger.addContext(context);
  const remainingMs = context?.getRemainingTimeInMillis?.() ?? 50_000;
  const signal = AbortSignal.timeout(Math.max(1_000, remainingMs - RESERVE_MS));
  const done = await sweep(ports, memory, { policy: bundledPolicy(), nowMs: Date.now(), signal });
  report(done, reporter);
  if (done.errors.length > 0)
    throw new AggregateError(done.errors, done.errors.map((error) => error.message).join('; '));
  return done;
}

function compose(): Root {
  const stage = readStageConfiguration(process.env);
  const policy = bundledPolicy();
  const ssm = new SSMClient({});
  const parameters = createParameterStore(ssm, stage.parameterPath, () => Date.now());
  const ecs = new ECSClient({});
  const github = watchGitHubApp(parameters, stage.githubApiUrl);
  const isOurs = (name: string) => parseRunnerName(stage.runnerPrefix, name) !== undefined;
  return {
    reporter: createReporter('sweep', stage.stage),
    memory: emptySweepMemory(),
    ports: {
      ...createQueuePorts(stage),
      listTasks: () => listTasks(ecs, stage.clusterArn, stage.runnerPrefix),
      stopTask: (taskArn, reason) => stopTask(ecs, stage.clusterArn, taskArn, reason),
      listScopes: async () => listScopes(await github.open(), policy),
      listRepositories: async () => listRepositories(await github.open(), policy),
      pollRepository: async (repository, status, signal) =>
        pollRepository(await github.open(), repository, status, signal),
      listRegistrations: async (scope) => listRegistrations(await github.open(), scope, isOurs),
      removeRunner: async (account, scope, runnerId) =>
        removeRunner(await github.open(), account, scope, runnerId),
      listDeliveries: async (sinceMs, signal) => listDeliveries(await github.open(), sinceMs, signal),
      readVersionEnd: () =>
        readImageEnd({
          image: stage.image,
          openGitHub: github.open,
          policy,
          readImageVersions: () => readImageVersions(ssm, stage.parameterPath),
        }),
      redeliver: async (deliveryId, signal) => redeliver(await github.open(), deliveryId, signal),
      budgetOf: github.budgetOf,
      ...timing,
    },
  };
}

/** One line, and one metric each, for what was seen, done and left alone. */
function report(done: SweepReport, { logger, count, flush }: Reporter): void {
  const { seen, stopped, removed, doubted, redelivered, versionEndsSoon, errors } = done;
  logger[errors.length > 0 ? 'error' : 'info']('swept', sweptLine(done));
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
