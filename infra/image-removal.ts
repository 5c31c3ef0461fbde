import { DescribeTaskDefinitionCommand, type ECSClient } from '@aws-sdk/client-ecs';
import { refused } from './network-changes.ts';
import { readTasks } from './stack.ts';

/** Images as ECS names them: of the task that would be launched next, and of those that have not stopped. */
export interface ImagesInUse {
  readonly next: string;
  readonly running: readonly string[];
}

/** Of the stack's cluster and definitions. */
export async function readImagesInUse(ecs: ECSClient, stack: string): Promise<ImagesInUse> {
  const command = new DescribeTaskDefinitionCommand({ taskDefinition: `${stack}-x64` });
  const [definition, tasks] = await Promise.all([ecs.send(command), readTasks(ecs, stack)]);
  const live = tasks.filter(({ lastStatus }) => lastStatus !== 'STOPPED');
  return {
    next: definition.taskDefinition?.containerDefinitions?.[0]?.image ?? '',
    running: live.map(({ containers }) => containers?.[0]?.image ?? ''),
  };
}

/**
 * Throws ConfigurationError where the pipeline's repository would be removed under tasks that use it. Fargate loads an image
 * with a SOCI index while its task runs (ECS developer guide, Lazy loading container images): without the repository it would
 * miss files in the midst of a job.
 */
export function keepImagesInUse(repository: string, { next, running }: ImagesInUse): void {
  const isOurs = (image: string) => image.startsWith(`${repository}:`) || image.startsWith(`${repository}@`);
  if (isOurs(next))
    throw refused(
      'imagePipeline cannot be disabled while tasks are launched with its image: give another image and deploy that first',
    );
  const count = running.filter(isOurs).length;
  if (count > 0)
    throw refused(
      `imagePipeline cannot be disabled while tasks run its image, which they may still be loading (now: ${count}): none is ` +
        'launched with it any more, so wait until those have ended, then deploy again',
    );
}
