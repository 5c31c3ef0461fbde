import type { RegistrationScope } from '../core/ports.ts';
import type { GitHubApp } from './app.ts';
import { hasStatus, named } from './errors.ts';

/**
 * From when on GitHub registers no runner of a version, or gives it no jobs, whichever is first; epoch milliseconds.
 * `undefined` while it is not planned, and of a server that does not tell yet (github.blog, changelog of 3 September
 * 2026: GET .../actions/runners/deprecations/{version}). Throws ServiceError.
 */
export function readVersionEnd(
  app: GitHubApp,
  { account, scope }: RegistrationScope,
  version: string,
): Promise<number | undefined> {
  return named('runner version', async () => {
    try {
      const { data } = await app.asInstallation(account, (octokit) =>
        octokit.request('GET /{+scope}/actions/runners/deprecations/{version}', { scope, version }),
      );
      return earliestOf(Object(data));
    } catch (error) {
      if (hasStatus(error, 404)) return undefined;
      throw error;
    }
  });
}

function earliestOf(dates: Readonly<Record<string, unknown>>): number | undefined {
  const times = ['runtime_deprecates_at', 'registration_deprecates_at'].flatMap((key) => {
    const atMs = Date.parse(String(dates[key]));
    return Number.isNaN(atMs) ? [] : [atMs];
  });
  return times.length === 0 ? undefined : Math.min(...times);
}
