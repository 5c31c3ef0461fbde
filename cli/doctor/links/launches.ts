import { ofLastHour } from '../last-hour.ts';
import { fail, link, ok, warn } from '../link.ts';

/** The same fix, whether RunTask says it or the task that it started. */
export const ADDRESS_FIX =
  'give the stack larger subnets, or more of them (docs/configuration.md, network); then deploy again';
export const CAPACITY_FIX = 'AWS has none in these zones now; jobs are tried again. Add zones, or use arm64';

/** What to do about a refused launch, by the kind of refusal (functions/core/words/outcomes.ts), worst first. */
const FIXES = {
  'not-permitted':
    'grant what the message names: the App’s permissions on GitHub, or deploy again for the role',
  'not-found':
    'the runner group, the cluster or a task definition is gone: the message names it; deploy again',
  'no-address': ADDRESS_FIX,
  'vcpu-quota': 'ask for more: Service Quotas, AWS Fargate, on-demand (or Spot) vCPU resource count',
  'invalid-request': 'the message names a label, a size or a subnet that the API does not accept: correct it',
  'no-capacity': CAPACITY_FIX,
  'primary-limit':
    'GitHub’s hourly calls are used up; it passes by itself. Serve fewer repositories per App, or get Enterprise limits',
  'secondary-limit': 'GitHub’s calls for this minute are used up; it passes by itself',
  throttled: 'ECS’s rate is used up; it passes by itself',
};
const PASSING = new Set(['no-capacity', 'primary-limit', 'secondary-limit', 'throttled']);

/** Refused and unknown launches: the words of GitHub or AWS, by kind. */
const REFUSED = ofLastHour(({ jobs }) => {
  const failed = jobs.flatMap(({ launches: all }) =>
    all.filter(({ outcome }) => outcome === 'refused' || outcome === 'unknown'),
  );
  return new Map(failed.map(({ outcome, refusal, detail = '' }) => [refusal ?? outcome, detail]));
});

export const launches = link({
  id: 'launches',
  title: 'launches are not refused',
  tries: 'the functions’ logs of the last hour',
  needs: ['cluster', 'app'],
  reads: { refusals: REFUSED },
  judge: ({ refusals }) => {
    const worst = Object.entries(FIXES).find(([kind]) => refusals.has(kind));
    if (worst === undefined)
      return refusals.size === 0
        ? ok('none in the last hour')
        : warn(
            [...refusals.values()].join('; '),
            'calls got no answer; reconcile finds out what became of them',
          );
    const [kind, fix] = worst;
    return (PASSING.has(kind) ? warn : fail)(`${kind}: ${refusals.get(kind)}`, fix);
  },
});
