import { readImageVersions } from '../../../functions/aws/image-versions.ts';
import type { RegistrationScope } from '../../../functions/core/ports.ts';
import { endsSoon, runnerVersionOf } from '../../../functions/core/task/runner-version.ts';
import { counted } from '../../../functions/core/words/count.ts';
import { readVersionEnd } from '../../../functions/github/runner-version.ts';
import { NOW_MS } from '../last-hour.ts';
import { after, fail, judged, link, looked, ok, warn } from '../link.ts';
import { asApp } from './app.ts';
import { IMAGE_NAMES } from './image.ts';
import { INSTALLATIONS, type InstallationFact } from './installation.ts';

const DAY_MS = 86_400_000;

/** A version that neither a tag names nor the pipeline built is not judged. Its end: when GitHub gives it no more jobs. */
const RUNNER_VERSION = after(IMAGE_NAMES, (names) =>
  looked('actions: read to the App', async ({ ssm, parameterPath }, ask) => {
    const app = await ask(asApp);
    const installations = await ask(INSTALLATIONS);
    const tagged = names.map(runnerVersionOf).find(Boolean);
    const version = tagged ?? (await readImageVersions(ssm, parameterPath)).toSorted(byVersion)[0];
    const all = installations.kind === 'read' ? installations.value : [];
    const scope = all.map(scopeOf).find(Boolean);
    if (version === undefined || scope === undefined) return { version: undefined, endsAtMs: undefined };
    return { version, endsAtMs: await readVersionEnd(app, scope, version) };
  }),
);

export const runnerVersion = link({
  id: 'runner-version',
  title: 'GitHub accepts the runner’s version',
  tries: 'GET .../actions/runners/deprecations/{version}, by the image’s tag or what the pipeline built',
  needs: ['image', 'app'],
  reads: { nowMs: NOW_MS, runnerVersion: RUNNER_VERSION },
  judge: (seen) =>
    judged(seen.runnerVersion, 'check whether GitHub is up (githubstatus.com)', ({ version, endsAtMs }) => {
      if (version === undefined) return ok('unknown: neither the image’s tag nor the pipeline says it');
      if (endsAtMs === undefined || !endsSoon(endsAtMs, seen.nowMs)) return ok(version);
      const fix = 'deploy with a newer image (parameter image; releases: github.com/actions/runner/releases)';
      if (endsAtMs <= seen.nowMs) return fail(`${version} is deprecated: it gets no jobs`, fix);
      return warn(
        `${version} gets jobs for ${counted(Math.ceil((endsAtMs - seen.nowMs) / DAY_MS), 'more day')}`,
        fix,
      );
    }),
});

/** Older first. */
const byVersion = (one: string, other: string): number => one.localeCompare(other, 'en', { numeric: true });

function scopeOf(installation: InstallationFact): RegistrationScope | undefined {
  const { account: owner, isOrganization, isSuspended, repositories } = installation;
  if (isSuspended) return undefined;
  const ownerType = isOrganization ? 'Organization' : 'User';
  const account = { owner, ownerType, installationId: undefined } as const;
  if (isOrganization) return { account, scope: `orgs/${owner}` };
  const name = repositories[0]?.fullName.split('/')[1];
  return name === undefined ? undefined : { account, scope: `repos/${owner}/${name}` };
}
