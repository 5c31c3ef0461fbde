import { ECSClient } from '@aws-sdk/client-ecs';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { listTasks } from '../aws/ecs/tasks.ts';
import { createParameterStore } from '../aws/parameters.ts';
import { bundledPolicy } from '../bundled-policy.ts';
import { readStageConfiguration } from '../config.ts';
import type { DeadLetterPort } from '../core/plan/dead-letter.ts';
import type { Doubt } from '../core/plan/doubt.ts';
import type { ReconcilePorts } from '../core/ports.ts';
import { listDeployedTo } from '../github/deployments.ts';
import { lookAtJobs } from '../github/job-look.ts';
import { readRunOf, rerun } from '../github/reruns.ts';
import { timing } from '../kit/timing.ts';
import { createReporter, type Reporter } from '../log.ts';
import { type WatchedApp, watchGitHubApp } from '../stage/github.ts';
import { createLaunchPorts } from '../stage/launch.ts';
import { createQueuePorts } from '../stage/queue.ts';
import { type LookMemory, reconcile } from './reconcile.ts';
import { report } from './report.ts';
import { takeDoubt } from './take-doubt.ts';

/** Launching ends this long before the function's time does. */
const RESERVE_MS = 20_000;

interface Root {
  readonly prefix: string;
  readonly parameterPath: string;
  readonly ports: ReconcilePorts & DeadLetterPort;
  readonly reporter: Reporter;
  readonly github: WatchedApp;
  readonly memory: LookMemory;
}

let root: Root | undefined;

/** A doubt from the queue; one that fails comes back. They come one by one (`batchSize`), so none waits behind a failure. */
export async function handler(event: SQSEvent, context?: Context): Promise<SQSBatchResponse> {
  root ??= compose();
  const { reporter } = root;
  if (context) reporter.logger.addContext(context);
  const remainingMs = context?.getRemainingTimeInMillis?.() ?? 120_000;
  const signal = AbortSignal.timeout(Math.max(1_000, remainingMs - RESERVE_MS));
  const failed: SQSRecord[] = [];
  for (const record of event.Records) if (!(await takeOne(record, root, signal))) failed.push(record);
  await reportRateLimit(root);
  reporter.flush();
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

async function takeOne(
  { messageId, body, attributes }: SQSRecord,
  { prefix, parameterPath, ports, reporter, memory }: Root,
  signal: AbortSignal,
): Promise<boolean> {
  const message = { id: messageId, group: attributes.MessageGroupId ?? 'none', body };
  const policy = bundledPolicy();
  const context = { policy, prefix, signal, memory };
  const reconcileNow = (doubt: Doubt) => reconcile(doubt, ports, context);
  const taken = await takeDoubt(message, { ...ports, reconcile: reconcileNow }, Date.now());
  report(taken, messageId, { prefix, policy, parameterPath, reporter });
  return taken.kind !== 'failed';
}

function compose(): Root {
  const stage = readStageConfiguration(process.env);
  const parameters = createParameterStore(new SSMClient({}), stage.parameterPath, () => Date.now());
  const github = watchGitHubApp(parameters, stage.githubApiUrl);
  const ecs = new ECSClient({});
  return {
    memory: new Map(),
    prefix: stage.runnerPrefix,
    parameterPath: stage.parameterPath,
    github,
    reporter: createReporter('reconcile', stage.stage),
    ports: {
      ...createLaunchPorts(stage, process.env, github.open),
      ...createQueuePorts(stage),
      lookAtJobs: async (request) => lookAtJobs(await github.open(), request),
      readRunOf: async (repository, jobId, signal) =>
        readRunOf(await github.open(), repository, jobId, signal),
      listDeployedTo: async (repository, run, signal) =>
        listDeployedTo(await github.open(), repository, run, signal),
      rerun: async (repository, target, signal) => rerun(await github.open(), repository, target, signal),
      budgetOf: github.budgetOf,
      listTasks: () => listTasks(ecs, stage.clusterArn, stage.runnerPrefix),
      ...timing,
    },
  };
}

async function reportRateLimit({ github, reporter }: Root): Promise<void> {
  const remaining = await github.open().then(
    (app) => app.rateLimitRemaining(Date.now()),
    () => undefined,
  );
  if (remaining !== undefined) reporter.count('RateLimitRemaining', remaining);
}
