import { isAllowed, isAllowedPublic } from '../../../functions/core/job/allow.ts';
import { isOfPattern } from '../../../functions/core/job/patterns.ts';
import type { Policy } from '../../../functions/core/job/policy.ts';
import { counted } from '../../../functions/core/words/count.ts';
import { fail, judged, link, ok, type Verdict, warn } from '../link.ts';
import { INSTALLATIONS, type InstallationFact } from './installation.ts';
import { POLICY } from './policy.ts';

export const repositories = link({
  id: 'repositories',
  title: 'the installation includes the allowed repositories',
  tries: 'GET /installation/repositories of each installation',
  needs: ['installation', 'policy'],
  reads: { installations: INSTALLATIONS, policy: POLICY },
  judge: ({ installations, policy }) =>
    judged(installations, '', (all) => judged(policy, '', (read) => judgeRepositories(all, read))),
});

function judgeRepositories(all: readonly InstallationFact[], policy: Policy): Verdict {
  const seen = all.flatMap(({ repositories }) => repositories);
  const allowed = policy.allow.repositories;
  const unmet = allowed.filter((pattern) => !seen.some(({ fullName }) => isOfPattern(pattern, fullName)));
  const fix = 'add them to the installation (Repository access), or take them out of runners.yml';
  if (unmet.length === allowed.length) return fail(`the App sees none of ${allowed.join(', ')}`, fix);
  if (unmet.length > 0) return warn(`the App does not see ${unmet.join(', ')}`, fix);
  const idle = idlePatterns(seen, policy);
  if (idle.length > 0)
    return warn(
      `rules name what the App does not see: ${idle.join(', ')}`,
      'correct the names under rules in runners.yml, so that those repositories do not have the terms of others',
    );
  const closed = seen.filter(({ fullName, isPublic }) => isPublic && isClosedPublic(fullName, policy));
  return closed.length === 0
    ? ok(counted(seen.length, 'repository', 'repositories'))
    : warn(
        `public, and so not served: ${closed.map(({ fullName }) => fullName).join(', ')}`,
        'anyone can open a pull request there: name each that you want in allow.publicRepositories',
      );
}

/** Of rules: a name with a typing error changes nothing, and nobody notices. */
const idlePatterns = (seen: readonly { readonly fullName: string }[], { rules }: Policy): string[] =>
  rules
    .flatMap(({ repositories: patterns }) => patterns)
    .filter((pattern) => !seen.some(({ fullName }) => isOfPattern(pattern, fullName)));

function isClosedPublic(fullName: string, policy: Policy): boolean {
  const [owner = '', name = ''] = fullName.split('/');
  return isAllowed({ owner, name }, policy) && !isAllowedPublic({ owner, name }, policy);
}
