import type { Account, Scope } from '../core/job/repository.ts';
import type { Registration } from '../core/plan/plan-sweep.ts';
import type { RegistrationScope } from '../core/ports.ts';
import { isId, isText, type Json } from '../kit/json.ts';
import type { GitHubApp } from './app.ts';
import { hasStatus, named } from './errors.ts';
import { pages } from './pages.ts';
import { readRecords } from './records.ts';

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

/** The runners of a scope whose names are ours; a record that cannot be read is none of them. Throws ServiceError unless every page could be read. */
export async function listRegistrations(
  app: GitHubApp,
  { account, scope }: RegistrationScope,
  isOurs: (name: string) => boolean,
): Promise<readonly Registration[]> {
  const records = await named('list runners', () =>
    app.asInstallation(account, (octokit) =>
      pages(octokit, 'GET /{+scope}/actions/runners', 'runners', { scope }),
    ),
  );
  return readRecords(records, readRunner)
    .items.filter(({ runnerName }) => isOurs(runnerName))
    .map((runner) => ({ account, scope, ...runner }));
}

function readRunner({ id, name, status, busy }: Json) {
  if (!isId(id) || !isText(name)) return undefined;
  // Either sign of life counts; `busy: false` alone proves nothing (terraform-aws-github-runner#5085).
  return { runnerId: id, runnerName: name, online: status === 'online' || busy === true };
}
