import { setTimeout as pause } from 'node:timers/promises';
import { ECSClient } from '@aws-sdk/client-ecs';
import { KMSClient } from '@aws-sdk/client-kms';
import { runTask } from '../aws/ecs/run-task.ts';
import { sealConfig } from '../aws/seal.ts';
import { readLaunchConfiguration, type StageConfiguration } from '../config.ts';
import type { LaunchPorts } from '../core/ports.ts';
import type { GitHubApp } from '../github/app.ts';
import { createJitConfig } from '../github/jit-config.ts';
import { removeRunner } from '../github/runners.ts';

/** The ports of a launch on the real clients. This module and all it imports load only when a job wants a runner. */
export function createLaunchPorts(
  stage: StageConfiguration,
  environment: NodeJS.ProcessEnv,
  github: () => Promise<GitHubApp>,
): LaunchPorts {
  const { keyArn, ...rest } = readLaunchConfiguration(environment);
  const placement = { stack: stage.stack, clusterArn: stage.clusterArn, ...rest };
  const kms = new KMSClient({ maxAttempts: 2 });
  // One attempt: only then is a refusal firm (rule 5).
  const ecs = new ECSClient({ maxAttempts: 1 });
  return {
    createJitConfig: async (request, signal) => createJitConfig(await github(), request, signal),
    seal: (config, runner, signal) => sealConfig(kms, { keyArn, stack: stage.stack }, config, runner, signal),
    runTask: (request, signal) => runTask(ecs, placement, request, signal),
    removeRunner: async (account, scope, id, signal) =>
      removeRunner(await github(), account, scope, id, signal),
    pause: (milliseconds, signal) => pause(milliseconds, undefined, { signal }).catch(() => undefined),
    random: Math.random,
  };
}
