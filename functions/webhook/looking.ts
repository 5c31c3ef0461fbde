import { ECSClient } from '@aws-sdk/client-ecs';
import { listFewTasks } from '../aws/ecs/tasks.ts';
import type { StageConfiguration } from '../config.ts';
import type { LookPorts } from '../core/ports.ts';
import { ServiceError } from '../core/words/errors.ts';
import type { GitHubApp } from '../github/app.ts';
import { lookAtJobs } from '../github/job-look.ts';

/** More tasks than these take more calls than a delivery has time for. */
const MOST_TASKS = 500;

/** The ports of a look at one job. Loaded only for what a delivery alone does not decide. */
export function createLooking(
  stage: Pick<StageConfiguration, 'clusterArn' | 'runnerPrefix'>,
  github: () => Promise<GitHubApp>,
): LookPorts {
  const ecs = new ECSClient({});
  return {
    listFewTasks: (signal) =>
      listFewTasks(ecs, stage.clusterArn, stage.runnerPrefix, { mostTasks: MOST_TASKS, signal }),
    readJob: async (repository, jobId, signal) => {
      const one = { isNamedOnly: true, resumeAfterRunId: undefined, mostReads: 1 };
      const look = await lookAtJobs(await github(), { ...one, repository, jobIds: [jobId], signal });
      if (look.problem !== undefined || signal.aborted)
        throw new ServiceError(
          { service: 'github', operation: 'read job' },
          look.problem ?? 'no time was left',
        );
      return look.jobs[0];
    },
  };
}
