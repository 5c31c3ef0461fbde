import { DescribeTasksCommand } from '@aws-sdk/client-ecs';
import type { AddCommand } from '../context.ts';
import { CliError, EXIT } from '../errors.ts';
import { readTaskFacts } from '../observe/look.ts';
import { openShell } from '../shell/open-shell.ts';
import { findTask } from './stop.ts';

export const addShell: AddCommand = (program, context) => {
  program
    .command('shell')
    .argument('<task>', 'the name of its runner, its id, or its ARN')
    .description('open a shell in a task as root, beside its job')
    .addHelpText(
      'after',
      '\nThe parameter execCommand: enabled must be deployed before the task starts, and this machine needs the AWS CLI with the Session ' +
        'Manager plugin. The shell can read and change all that the job has; CloudTrail records who opened it.',
    )
    .action(async (which: string) => {
      const { connected } = context();
      const deployment = await connected();
      const { taskArn, runnerName } = findTask(await readTaskFacts(deployment), which);
      const { tasks } = await deployment.ecs.send(
        new DescribeTasksCommand({ cluster: deployment.clusterArn, tasks: [taskArn] }),
      );
      if (tasks?.[0]?.enableExecuteCommand !== true)
        throw new CliError(
          `${runnerName} was started without ECS Exec`,
          'set execCommand: enabled in parameters.yml and deploy; tasks that start after that have it',
          EXIT.fault,
        );
      const code = await openShell(
        { region: deployment.region, cluster: deployment.clusterArn, taskArn },
        process.env,
      );
      if (code !== 0)
        throw new CliError(
          `aws ended with ${code} (see above)`,
          'oneshot status shows whether the task is still alive',
        );
    });
};
