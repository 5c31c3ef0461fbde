import { confirm } from '@inquirer/prompts';
import { stopTask } from '../../functions/aws/ecs/tasks.ts';
import type { TaskFact } from '../../functions/core/task/facts.ts';
import type { AddCommand } from '../context.ts';
import { CliError, EXIT } from '../errors.ts';
import { readTaskFacts } from '../observe/look.ts';

export const addStop: AddCommand = (program, context) => {
  program
    .command('stop')
    .argument('<task>', 'the name of its runner, its id, or its ARN')
    .description('stop a task: its job fails, and GitHub does not start the job again')
    .option('--yes', 'do not ask', false)
    .action(async (which: string, { yes }: { yes: boolean }) => {
      const { connected, output } = context();
      const deployment = await connected();
      const { taskArn, runnerName, markedJobId } = findTask(await readTaskFacts(deployment), which);
      if (!(yes || (await agreed(runnerName, markedJobId)))) return;
      await stopTask(deployment.ecs, deployment.clusterArn, taskArn, 'oneshot stop, by hand');
      output.answer({ taskArn, runnerName }, () => `told ${runnerName} to stop; it has two minutes to end`);
    });
};

/** A task that lives, by the name of its runner, its id or its ARN. Throws CliError. */
export function findTask(tasks: readonly TaskFact[], which: string): TaskFact {
  const found = tasks.find(
    ({ runnerName, taskArn, lastStatus }) =>
      lastStatus !== 'STOPPED' &&
      (runnerName === which || taskArn === which || taskArn.endsWith(`/${which}`)),
  );
  if (found !== undefined) return found;
  throw new CliError(`no live task is called ${which}`, 'oneshot status lists them', EXIT.usage);
}

function agreed(runnerName: string, jobId: number | undefined): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new CliError('this command asks, and there is no terminal', 'give --yes', EXIT.usage);
  const runs = jobId === undefined ? 'No job is known to run on it.' : `It runs job ${jobId}, which fails.`;
  return confirm({ message: `Stop ${runnerName}? ${runs}`, default: false });
}
