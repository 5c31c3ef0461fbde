import type { Policy } from '../core/job/policy.ts';
import { PIPELINE_IMAGE, runnerVersionOf } from '../core/task/runner-version.ts';
import type { GitHubApp } from '../github/app.ts';
import { readVersionEnd } from '../github/runner-version.ts';
import { listScopes } from '../github/scopes.ts';

interface VersionSources {
  /** As it was deployed: a name with a tag, or `pipeline`. */
  readonly image: string | undefined;
  readonly readImageVersions: () => Promise<readonly string[]>;
  readonly openGitHub: () => Promise<GitHubApp>;
  readonly policy: Policy;
}

/**
 * When GitHub stops to take the runner in the image, the older of two; epoch milliseconds. `undefined` where that is not
 * planned or the version is not known.
 */
export async function readImageEnd(sources: VersionSources): Promise<number | undefined> {
  const versions = await versionsOf(sources);
  if (versions.length === 0) return undefined;
  const app = await sources.openGitHub();
  const { items, errors } = await listScopes(app, sources.policy);
  const scope = items[0]; // any scope can be asked
  if (scope === undefined && errors[0] !== undefined) throw errors[0];
  if (scope === undefined) return undefined;
  const ends = await Promise.all(versions.map((version) => readVersionEnd(app, scope, version)));
  const known = ends.filter((endsAtMs) => endsAtMs !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

async function versionsOf({ image = '', readImageVersions }: VersionSources): Promise<readonly string[]> {
  if (image === PIPELINE_IMAGE) return readImageVersions();
  return [runnerVersionOf(image)].filter((version) => version !== undefined);
}
