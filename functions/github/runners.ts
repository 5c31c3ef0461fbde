import { type Account, partsOf, type Scope } from '../core/job/repository.ts';
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
    app.asInstallation(account, async ({ rest: { actions } }) => {
      const at = partsOf(scope);
      const options = { runner_id: runnerId, ...(signal && { request: { signal } }) };
      const removal =
        'org' in at
          ? actions.deleteSelfHostedRunnerFromOrg({ ...at, ...options })
          : actions.deleteSelfHostedRunnerFromRepo({ ...at, ...options });
      await removal.catch((error: unknown) => {
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
  const at = partsOf(scope);
  const records = await named('list runners', () =>
    app.asInstallation(account, ({ rest: { actions } }) =>
      pages(
        (page) =>
          'org' in at
            ? actions.listSelfHostedRunnersForOrg({ ...at, ...page })
            : actions.listSelfHostedRunnersForRepo({ ...at, ...page }),
        'runners',
      ),
    ),
  );
  return readRecords(records, readRunner).items.filter(({ runnerName }) => isOurs(runnerName));
}

function readRunner({ id, name, status, busy }: Json) {
  if (!isId(id) || !isText(name)) return undefined;
  // `busy: false` proves nothing (terraform-aws-github-runner#5085).
  return { runnerId: id, runnerName: name, isOnline: status === 'online', isBusy: busy === true };
}
