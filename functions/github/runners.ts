import type { Scope } from '../core/decide-launch.ts';
import type { Registration } from '../core/plan-sweep.ts';
import type { Account, RegistrationScope } from '../core/ports.ts';
import type { GitHubApp } from './app.ts';
import { hasStatus, named } from './errors.ts';
import { pages } from './pages.ts';

interface Runner {
  readonly id: number;
  readonly name: string;
  readonly status: string;
  readonly busy: boolean;
}

/** Removes a registration by id (rule 2). 404 means that it is gone, which is what was wanted. */
export async function removeRunner(
  app: GitHubApp,
  account: Account,
  scope: Scope,
  runnerId: number,
  signal?: AbortSignal,
): Promise<void> {
  await named('remove runner', () =>
    app.asInstallation(account, async (octokit) => {
      const request = { scope, runner_id: runnerId, ...(signal && { request: { signal } }) };
      await octokit
        .request('DELETE /{+scope}/actions/runners/{runner_id}', request)
        .catch((error: unknown) => {
          if (!hasStatus(error, 404)) throw error;
        });
    }),
  );
}

/** The runners of a scope whose names are ours. Throws ServiceError unless every page could be read. */
export async function listRegistrations(
  app: GitHubApp,
  { account, scope }: RegistrationScope,
  isOurs: (name: string) => boolean,
): Promise<readonly Registration[]> {
  const runners = await named('list runners', () =>
    app.asInstallation(account, (octokit) =>
      pages<Runner>(octokit, 'GET /{+scope}/actions/runners', 'runners', { scope }),
    ),
  );
  return runners
    .filter((runner) => isOurs(runner.name))
    .map(({ id, name, status, busy }) => ({
      account,
      scope,
      runnerId: id,
      runnerName: name,
      // Either sign of life counts; `busy: false` alone proves nothing (terraform-aws-github-runner#5085).
      online: status === 'online' || busy,
    }));
}
