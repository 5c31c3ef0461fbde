import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CliError, EXIT } from '../errors.ts';
import type { Installation } from '../installation.ts';
import type { AddCommand } from '../main.ts';
import { jobIdOf } from '../observe/job-id.ts';
import { readTasks } from '../observe/tasks.ts';

export const addLogs: AddCommand = (program, context) => {
  program
    .command('logs')
    .argument('<job>', 'the job’s id or its address, or the name of a runner')
    .description(
      'what the supervisor and the listener wrote in the job’s tasks (the job’s own log is GitHub’s)',
    )
    .action(async (which: string) => {
      const { installation, output } = context();
      const place = await installation();
      const tasks = (await readTasks(place)).filter(({ fact }) =>
        isOf(fact.runnerName, fact.markedJobId, which),
      );
      if (tasks.length === 0)
        throw new CliError(
          `ECS shows no task of ${which}`,
          'ECS forgets a task an hour after its stop; oneshot doctor --job tells what the logs still know',
          EXIT.fault,
        );
      const found: { readonly runnerName: string; readonly lines: readonly string[] }[] = [];
      for (const { fact } of tasks) {
        const taskId = fact.taskArn.split('/').at(-1) ?? '';
        found.push({ runnerName: fact.runnerName, lines: await readLines(place, taskId) });
      }
      output.answer(found, () =>
        found.map(({ runnerName, lines }) => `== ${runnerName}\n${lines.join('\n')}`).join('\n\n'),
      );
    });
};

function isOf(runnerName: string, markedJobId: number | undefined, which: string): boolean {
  if (runnerName === which) return true;
  const jobId = jobIdOf(which);
  return (
    jobId !== undefined && (markedJobId === jobId || new RegExp(`-${jobId}-\\d+(-od)?$`).test(runnerName))
  );
}

async function readLines({ logs, runnerLogGroup }: Installation, taskId: string): Promise<string[]> {
  const lines: string[] = [];
  let nextToken: string | undefined;
  do {
    const command = new FilterLogEventsCommand({
      logGroupName: runnerLogGroup,
      // awslogs names a stream prefix/container/task id (infra/cluster.yml); the embedded world, prefix/task id.
      logStreamNamePrefix: 'runner/',
      ...(nextToken !== undefined && { nextToken }),
    });
    const page = await logs.send(command);
    const own = (page.events ?? []).filter(({ logStreamName }) => logStreamName?.endsWith(taskId));
    lines.push(...own.map(({ message = '' }) => message.trimEnd()));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return lines;
}
