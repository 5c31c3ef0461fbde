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

/** As `listRunners`, as the sweep judges them. Either sign of life counts. */
export async function listRegistrations(
  app: GitHubApp,
  where: RegistrationScope,
  isOurs: (name: string) => boolean,
): Promise<readonly Registration[]> {
  const runners = await listRunners(app, where, isOurs);
  return runners.map(({ isOnline, isBusy, ...runner }) => ({
    ...where,
    ...runner,
    online: isOnline || isBusy,
  }));
}

/** The runners of a scope whose names are ours; a record that cannot be read is none of them. Throws ServiceError unless every page could be read. */
export async function listRunners(
  app: GitHubApp,
  { account, scope }: RegistrationScope,
  isOurs: (name: string) => boolean,
) {
  const records = await named('list runners', () =>
    app.asInstallation(account, (octokit) =>
      pages(octokit, 'GET /{+scope}/actions/runners', 'runners', { scope }),
    ),
  );
  return readRecords(records, readRunner).items.filter(({ runnerName }) => isOurs(runnerName));
}

function readRunner({ id, name, status, busy }: Json) {
  if (!isId(id) || !isText(name)) return undefined;
  // `busy: false` proves nothing (terraform-aws-github-runner#5085).
  return { runnerId: id, runnerName: name, isOnline: status === 'online', isBusy: busy === true };
}
