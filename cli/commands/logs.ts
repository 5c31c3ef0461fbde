import { type CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { counted } from '../../functions/core/words/count.ts';
import type { AddCommand } from '../context.ts';
import { CliError, EXIT } from '../errors.ts';
import { requireJobId } from '../observe/job-id.ts';
import { lookAtJob } from '../observe/look.ts';
import type { TaskView } from '../observe/snapshot.ts';

const HOUR_MS = 3_600_000;

export const addLogs: AddCommand = (program, context) => {
  program
    .command('logs')
    .argument('<job>', 'the job’s id, or its address on GitHub')
    .description(
      'show what supervisor and listener wrote in the job’s tasks (the job’s own log is on GitHub)',
    )
    .option('--hours <n>', 'how many hours to look back', Number, 48)
    .action(async (which: string, { hours }: { hours: number }) => {
      const { connected, output } = context();
      const deployment = await connected();
      const jobId = requireJobId(which);
      const { tasks } = await lookAtJob(deployment, jobId, deployment.now() - hours * HOUR_MS);
      if (tasks.length === 0)
        throw new CliError(
          `no task of job ${jobId} in the last ${counted(hours, 'hour')}`,
          `oneshot doctor --job ${jobId} says why; --hours looks further back`,
          EXIT.fault,
        );
      const found: (Pick<TaskView, 'runnerName' | 'taskArn' | 'ending'> & { lines: readonly string[] })[] =
        [];
      for (const { runnerName, taskArn, ending } of tasks) {
        const lines = await readLines(deployment.logs, deployment.runnerLogGroup, taskArn);
        found.push({ runnerName, taskArn, ending, lines: lines.map((line) => attributed(line, runnerName)) });
      }
      output.answer(found, () =>
        found
          .map(
            ({ runnerName, ending, lines }) => `== ${runnerName} (${ending ?? 'lives'})\n${lines.join('\n')}`,
          )
          .join('\n\n'),
      );
    });
};

/**
 * A job can write into the stream of its task past the supervisor (docs/security.md), so a line is taken for a state only
 * if it names the runner whose stream it is in. Nothing is decided by one: how a task ended is in its exit code.
 */
function attributed(line: string, runnerName: string): string {
  const isState = line.startsWith('{"oneshot":');
  return !isState || isStateOf(line, runnerName) ? line : `not of this runner: ${line}`;
}

function isStateOf(line: string, runnerName: string): boolean {
  try {
    return JSON.parse(line).runner === runnerName;
  } catch {
    return false;
  }
}

/** The stream of a task: awslogs names it prefix/container/task id, both of infra/cluster.yml. */
const streamOf = (taskArn: string): string => `runner/runner/${taskArn.split('/').at(-1)}`;

async function readLines(
  client: CloudWatchLogsClient,
  logGroupName: string,
  taskArn: string,
): Promise<string[]> {
  const lines: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client.send(
      new FilterLogEventsCommand({
        logGroupName,
        logStreamNamePrefix: streamOf(taskArn),
        ...(nextToken !== undefined && { nextToken }),
      }),
    );
    lines.push(...(page.events ?? []).map(({ message = '' }) => message.trimEnd()));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return lines;
}
