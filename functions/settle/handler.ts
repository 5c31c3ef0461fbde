import { SSMClient } from '@aws-sdk/client-ssm';
import type { Context, EventBridgeEvent } from 'aws-lambda';
import { hardwareOf } from '../aws/ecs/hardware.ts';
import { readStateChange } from '../aws/ecs/state-change.ts';
import { taskFact, timeMs } from '../aws/ecs/task-fact.ts';
import { createParameterStore } from '../aws/parameters.ts';
import { bundledPolicy } from '../bundled-policy.ts';
import { readStageConfiguration } from '../config.ts';
import type { DeadLetterPort } from '../core/plan/dead-letter.ts';
import type { SettlePorts } from '../core/ports.ts';
import { ranToNormalEnd } from '../core/task/exit-codes.ts';
import { billedSeconds, taskCostUsd } from '../core/task/prices.ts';
import { taskPhases } from '../core/task/task-phases.ts';
import { describeError } from '../core/words/errors.ts';
import { removeRunner } from '../github/runners.ts';
import { createReporter, type Reporter } from '../log.ts';
import { settledLine } from '../records/settled.ts';
import { keepGitHubApp } from '../stage/github.ts';
import { createQueuePorts } from '../stage/queue.ts';
import { settle } from './settle.ts';

interface Root {
  readonly prefix: string;
  readonly region: string;
  readonly ports: SettlePorts & DeadLetterPort;
  readonly reporter: Reporter;
}

let root: Root | undefined;

type StateChange = EventBridgeEvent<'ECS Task State Change', unknown>;

/** One stopped task. Throws what went wrong together, so that Lambda tries again; settling twice is harmless. */
export async function handler(event: StateChange, context?: Context): Promise<void> {
  root ??= compose();
  const { prefix, region, ports, reporter } = root;
  if (context) reporter.logger.addContext(context);
  const detail = readStateChange(event.detail);
  if ('malformed' in detail) return bury(event, detail.malformed, root);
  const task = taskFact(detail, prefix);
  if (task === undefined || task.lastStatus !== 'STOPPED') {
    reporter.logger.info('not a stopped task of this deployment', { task: detail.taskArn });
    return;
  }
  const done = await settle(task, ports, {
    prefix,
    nowMs: Date.now(),
    isRerunOn: bundledPolicy().spot.rerun === 'once',
  });
  const { ending, errors } = done;
  const phases = taskPhases(detail);
  const hardware = hardwareOf(detail);
  const billed = billedSeconds(timeMs(detail.pullStartedAt), task.stoppedAtMs ?? 0);
  const costUsd = taskCostUsd(hardware, billed, region);
  const level = errors.length > 0 ? 'error' : 'info';
  const seconds = Object.fromEntries(phases.map(({ phase, seconds }) => [phase, seconds]));
  reporter.logger[level](
    'task stopped',
    settledLine(task, { ...done, hardware, costUsd, billedSeconds: billed, phases: seconds }),
  );
  reporter.count('TaskEndings', 1, { ending });
  if (task.stop !== undefined && !ranToNormalEnd(ending))
    reporter.count('TaskStops', 1, { cause: task.stop.cause });
  reporter.count('TaskCostUsd', costUsd);
  for (const { phase, seconds } of phases) reporter.seconds('TaskPhaseSeconds', seconds, { phase });
  reporter.flush();
  if (errors.length > 0) throw new AggregateError(errors, errors.map(describeError).join('; '));
}

/** No retry would make it readable. What its task has left behind, the sweep removes. */
async function bury(event: StateChange, reason: string, { ports, reporter }: Root): Promise<void> {
  reporter.logger.error('an event is not a task state change: it goes to the dead-letter queue', { reason });
  await ports.bury({ id: String(event.id), group: 'events', body: JSON.stringify(event), reason });
}

function compose(): Root {
  const stage = readStageConfiguration(process.env);
  const parameters = createParameterStore(new SSMClient({}), stage.parameterPath, () => Date.now());
  const github = keepGitHubApp(parameters, stage.githubApiUrl);
  return {
    prefix: stage.runnerPrefix,
    region: stage.region,
    reporter: createReporter('settle', stage.stage),
    ports: {
      ...createQueuePorts(stage),
      removeRunner: async (account, scope, runnerId) =>
        removeRunner(await github(), account, scope, runnerId),
    },
  };
}
