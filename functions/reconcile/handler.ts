import { ECSClient } from '@aws-sdk/client-ecs';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { createParameterStore } from '../aws/parameters.ts';
import { bundledPolicy } from '../bundled-policy.ts';
import { readStageConfiguration } from '../config.ts';
import type { DeadLetterPort } from '../core/dead-letter.ts';
import type { Doubt } from '../core/doubt.ts';
import { describeError } from '../core/errors.ts';
import { parseRunnerName } from '../core/identity.ts';
import type { ReconcilePorts } from '../core/ports.ts';
import { explain } from '../core/reasons.ts';
import { listTasks } from '../ecs/tasks.ts';
import type { GitHubApp } from '../github/app.ts';
import { listActiveJobs } from '../github/jobs.ts';
import { createReporter, type Reporter } from '../log.ts';
import { createDeadLetterPort } from '../roots/dead-letter-port.ts';
import { createDoubtPort } from '../roots/doubt-port.ts';
import { keepGitHubApp } from '../roots/github.ts';
import { createLaunchPorts } from '../roots/launch-ports.ts';
import { type ReconcileReport, reconcile } from './reconcile.ts';
import { type TakenDoubt, takeDoubt } from './take-doubt.ts';

/** Launching ends so long before the function's time does. */
const RESERVE_MS = 20_000;
/** Reads of one look at a repository: a matrix of 256 jobs takes seven. */
const MOST_READS = 200;

interface Root {
  readonly prefix: string;
  readonly ports: ReconcilePorts & DeadLetterPort;
  readonly reporter: Reporter;
  readonly github: () => Promise<GitHubApp>;
}

let root: Root | undefined;

/** Doubts from the queue, each with an outcome of its own: one that fails comes back, and its neighbours do not. */
export async function handler(event: SQSEvent, context?: Context): Promise<SQSBatchResponse> {
  root ??= compose();
  const { reporter } = root;
  if (context) reporter.logger.addContext(context);
  const remainingMs = context?.getRemainingTimeInMillis?.() ?? 120_000;
  const signal = AbortSignal.timeout(Math.max(1_000, remainingMs - RESERVE_MS));
  const failed = new Set<SQSRecord>();
  const failedGroups = new Set<string | undefined>();
  for (const record of event.Records) {
    const group = record.attributes.MessageGroupId;
    // In a FIFO queue what follows a failure in its group comes back with it.
    const isDone = !failedGroups.has(group) && (await takeOne(record, root, signal));
    if (isDone) continue;
    failed.add(record);
    failedGroups.add(group);
  }
  await reportRateLimit(root);
  reporter.flush();
  return { batchItemFailures: [...failed].map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

async function takeOne(
  { messageId, body, attributes }: SQSRecord,
  { prefix, ports, reporter }: Root,
  signal: AbortSignal,
): Promise<boolean> {
  const message = { id: messageId, group: attributes.MessageGroupId ?? 'none', body };
  const reconciling = { policy: bundledPolicy(), prefix, signal };
  const taken = await takeDoubt(message, {
    ...ports,
    reconcile: (doubt) => reconcile(doubt, ports, reconciling),
  });
  report(taken, messageId, prefix, reporter);
  return taken.kind !== 'failed';
}

function compose(): Root {
  const stage = readStageConfiguration(process.env);
  const parameters = createParameterStore(new SSMClient({}), stage.parameterPath, () => Date.now());
  const github = keepGitHubApp(parameters, stage.githubApiUrl);
  const ecs = new ECSClient({});
  return {
    prefix: stage.stack,
    github,
    reporter: createReporter('reconcile', stage.stage),
    ports: {
      ...createLaunchPorts(stage, process.env, github),
      ...createDoubtPort(stage),
      ...createDeadLetterPort(stage),
      listActiveJobs: async (repository) => listActiveJobs(await github(), repository, MOST_READS),
      listTasks: () => listTasks(ecs, stage.clusterArn, stage.stack),
      now: () => Date.now(),
    },
  };
}

async function reportRateLimit({ github, reporter }: Root): Promise<void> {
  const remaining = await github().then(
    (app) => app.rateLimitRemaining(Date.now()),
    () => undefined,
  );
  if (remaining !== undefined) reporter.count('RateLimitRemaining', remaining);
}

function report(taken: TakenDoubt, messageId: string, prefix: string, reporter: Reporter): void {
  const { logger, count } = reporter;
  if (taken.kind === 'reconciled') {
    reportLaunches(taken.report, prefix, reporter);
    reportReconciled(taken.doubt, taken.report, reporter);
  } else if (taken.kind === 'buried') {
    logger.error('a message is no doubt: it went to the dead-letter queue', { messageId });
    count('Reconciles', 1, { outcome: 'malformed' });
  } else {
    const { doubt, error } = taken;
    const repository = doubt && nameOf(doubt);
    logger.error('a message failed, and comes again', { messageId, repository, error: describeError(error) });
    count('Reconciles', 1, { outcome: 'failed' });
  }
}

/**
 * A line for each launch, with its job, as the webhook's has it. In one line a round of a thousand would come near the
 * 256 KB at which a log event is cut (docs.aws.amazon.com: CloudWatch Logs quotas).
 */
function reportLaunches(
  { plan, launches }: ReconcileReport,
  prefix: string,
  { logger }: Pick<Reporter, 'logger'>,
): void {
  const planned = new Map(plan?.launches.map((one) => [one.launch.jobId, one]));
  for (const outcome of launches) {
    const one = planned.get(parseRunnerName(prefix, outcome.runnerName)?.jobId ?? 0);
    const { jobId, runId, repository, labels, asked, given } = one?.launch ?? {};
    logger.info(explain(outcome.kind), {
      reason: outcome.kind,
      job: jobId,
      run: runId,
      repository: repository && `${repository.owner}/${repository.name}`,
      ...{ labels, asked, given, queuedAtMs: one?.queuedAtMs, outcome },
    });
  }
}

const nameOf = ({ repository }: Doubt): string => `${repository.owner}/${repository.name}`;

function reportReconciled(
  doubt: Doubt,
  { plan, launches, doubtedAgain, longestWaitMs, problem }: ReconcileReport,
  { logger, count, seconds }: Omit<Reporter, 'flush'>,
): void {
  const waiting = plan?.waiting ?? [];
  logger[problem ? 'warn' : 'info']('reconciled', {
    repository: nameOf(doubt),
    matched: plan?.matched.length,
    waiting,
    leftAlone: plan?.leftAlone,
    refusals: plan?.launches.flatMap(({ launch: { jobId, refusal } }) =>
      refusal ? [{ jobId, ...refusal }] : [],
    ),
    launchCount: launches.length,
    doubtedAgain,
    problem,
  });
  count('Reconciles', 1, { outcome: problem ? 'unread' : doubtedAgain ? 'doubted-again' : 'settled' });
  for (const { kind } of launches) count('Launches', 1, { outcome: kind });
  count('JobsWaiting', waiting.length);
  seconds('LongestWaitSeconds', longestWaitMs / 1000);
  count('EarlierLaunches', plan?.mostEarlierLaunches ?? 0);
}
