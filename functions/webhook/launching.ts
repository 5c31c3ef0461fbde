import { ECSClient } from '@aws-sdk/client-ecs';
import { KMSClient } from '@aws-sdk/client-kms';
import type { GitHubParameters } from '../aws/parameters.ts';
import { sealConfig } from '../aws/seal.ts';
import { readLaunchConfiguration, type StageConfiguration } from '../config.ts';
import type { JobPorts, LaunchPorts } from '../core/ports.ts';
import { runTask } from '../ecs/run-task.ts';
import { createGitHubApp } from '../github/app.ts';
import { createJitConfig } from '../github/jit-config.ts';
import { isJobQueued } from '../github/jobs.ts';
import { removeRunner } from '../github/runners.ts';

/** The ports of a launch on the real clients. This module and all it imports load only when a job wants a runner. */
export function createLaunching(
  stage: StageConfiguration,
  environment: NodeJS.ProcessEnv,
): (parameters: GitHubParameters) => LaunchPorts & JobPorts {
  const { keyArn, ...rest } = readLaunchConfiguration(environment);
  const placement = { clusterArn: stage.clusterArn, ...rest };
  const kms = new KMSClient({ maxAttempts: 2 });
  // One attempt: only then is a refusal firm (rule 5).
  const ecs = new ECSClient({ maxAttempts: 1 });
  return ({ appId, privateKey }) => {
    const app = createGitHubApp({ appId, privateKey, apiUrl: stage.githubApiUrl });
    return {
      createJitConfig: (request, signal) => createJitConfig(app, request, signal),
      seal: (config, runner, signal) =>
        sealConfig(kms, { keyArn, stack: stage.stack }, config, runner, signal),
      runTask: (request, signal) => runTask(ecs, placement, request, signal),
      removeRunner: (account, scope, runnerId, signal) => removeRunner(app, account, scope, runnerId, signal),
      isJobQueued: (account, repository, jobId, signal) =>
        isJobQueued(app, account, repository, jobId, signal),
    };
  };
}
