import { ofLastHour } from '../last-hour.ts';
import { fail, link, ok, warn } from '../link.ts';

/** The same fix, whether RunTask says it or the task that it started. */
export const ADDRESS_FIX =
  'larger subnets, or more of them (docs/configuration.md, network); then deploy again';
export const CAPACITY_FIX =
  'AWS has none in these zones now; jobs are tried again. More zones, or arm64, help';

/** What to do about a refused launch, by the kind of refusal (functions/core/words/outcomes.ts), worst first. */
const FIXES = {
  'not-permitted': 'grant what the words name: the App’s permissions at GitHub, or deploy again for the role',
  'not-found':
    'the runner group, the cluster or a task definition is gone: look at the words, then deploy again',
  'no-address': ADDRESS_FIX,
  'vcpu-quota': 'ask for more: Service Quotas, AWS Fargate, on-demand (or Spot) vCPU resource count',
  'invalid-request': 'look at the words: a label, a size or a subnet that the API does not take',
  'no-capacity': CAPACITY_FIX,
  'primary-limit':
    'GitHub’s hour is used up; it passes by itself. Fewer repositories per App, or Enterprise limits',
  'secondary-limit': 'GitHub’s minute is used up; it passes by itself',
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
        : warn([...refusals.values()].join('; '), 'unanswered calls; reconcile sees what became of them');
    const [kind, fix] = worst;
    return (PASSING.has(kind) ? warn : fail)(`${kind}: ${refusals.get(kind)}`, fix);
  },
});
