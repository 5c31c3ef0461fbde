import { partsOf } from '../core/job/repository.ts';
import type { JitConfigRequest } from '../core/ports.ts';
import type { JitConfigOutcome } from '../core/words/outcomes.ts';
import type { GitHubApp } from './app.ts';
import { classifyGitHubError, hasStatus } from './errors.ts';
import { CREATE_JIT_CONFIG } from './faults.ts';

/**
 * Registers a runner and gets its JIT config. One call, no retry: a second one could not tell its own first from
 * another launch's. Source: docs.github.com, Create configuration for a just-in-time runner.
 */
export async function createJitConfig(
  app: GitHubApp,
  request: JitConfigRequest,
  signal: AbortSignal,
): Promise<JitConfigOutcome> {
  try {
    const at = partsOf(request.scope);
    const runner = {
      name: request.runnerName,
      runner_group_id: request.runnerGroupId,
      labels: [...request.labels],
      work_folder: '_work',
      request: { signal },
    };
    const { data } = await app.asInstallation(request.account, async ({ rest: { actions } }) =>
      'org' in at
        ? actions.generateRunnerJitconfigForOrg({ ...at, ...runner })
        : actions.generateRunnerJitconfigForRepo({ ...at, ...runner }),
    );
    return { kind: 'created', runnerId: data.runner.id, encodedJitConfig: data.encoded_jit_config };
  } catch (error) {
    return hasStatus(error, 409)
      ? { kind: 'taken' }
      : classifyGitHubError(CREATE_JIT_CONFIG, error, Date.now());
  }
}
