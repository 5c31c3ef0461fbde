import type { Policy } from '../../functions/core/policy.ts';
import type { Installation } from '../github/types.ts';

/**
 * The organisation that the App is installed on: the first owner that `runners.yml` allows, so that what is shown
 * is the user's own policy at work. Two repositories that are allowed, and for `owner/*` any two.
 */
export function installationFor({ allow }: Policy): Installation {
  const [first] = allow.repositories;
  if (first === undefined)
    throw new Error(
      'allow.repositories of runners.yml is empty, so no job would be served: put owner/* or owner/name there',
    );
  const [login = ''] = first.split('/');
  const named = allow.repositories.map((pattern) => pattern.split('/')).filter(([owner]) => owner === login);
  const names = named.some(([, name]) => name === '*')
    ? ['web', 'api']
    : named.map(([, name = '']) => name).slice(0, 2);
  return {
    id: 50_123_456,
    owner: { login, id: 9_876_543, type: 'Organization' },
    repositories: names.map((name, index) => ({ id: 700_000_001 + index, name, private: true })),
  };
}
