import { StopTaskCommand } from '@aws-sdk/client-ecs';
import { confirm } from '@inquirer/prompts';
import { CliError, EXIT } from '../errors.ts';
import type { AddCommand } from '../main.ts';
import { readTasks, type SeenTask } from '../observe/tasks.ts';

export const addStop: AddCommand = (program, context) => {
  program
    .command('stop')
    .argument('<task>', 'the name of its runner, its id, or its ARN')
    .description('stop a task; a job that it runs fails, and GitHub does not start it again')
    .option('--yes', 'do not ask', false)
    .action(async (which: string, { yes }: { yes: boolean }) => {
      const { installation, output } = context();
      const place = await installation();
      const task = findTask(await readTasks(place), which);
      const { taskArn, runnerName, markedJobId } = task.fact;
      if (!(yes || (await agreed(runnerName, markedJobId)))) return;
      const reason = 'oneshot stop, by hand';
      await place.ecs.send(new StopTaskCommand({ cluster: place.clusterArn, task: taskArn, reason }));
      output.answer({ taskArn, runnerName }, () => `told ${runnerName} to stop; it has two minutes to end`);
    });
};

function findTask(tasks: readonly SeenTask[], which: string): SeenTask {
  const live = tasks.filter(({ fact }) => fact.lastStatus !== 'STOPPED');
  const found = live.find(
    ({ fact }) => fact.runnerName === which || fact.taskArn === which || fact.taskArn.endsWith(`/${which}`),
  );
  if (found !== undefined) return found;
  throw new CliError(`no live task is called ${which}`, 'oneshot status lists them', EXIT.usage);
}

function agreed(runnerName: string, jobId: number | undefined): Promise<boolean> {
  if (!process.stdin.isTTY) throw new CliError('nobody is there to be asked', 'give --yes', EXIT.usage);
  const runs = jobId === undefined ? 'It runs no job that we know of.' : `It runs job ${jobId}, which fails.`;
  return confirm({ message: `Stop ${runnerName}? ${runs}`, default: false });
}
