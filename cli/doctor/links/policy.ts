import { readPolicy } from '../../policy.ts';
import { fail, judged, link, ok, tried } from '../link.ts';

export const POLICY = tried(() => readPolicy());

export const policy = link({
  id: 'policy',
  title: 'runners.yml names repositories',
  tries: 'reading runners.yml of this folder',
  needs: [],
  reads: { policy: POLICY },
  judge: (seen) =>
    judged(seen.policy, 'correct runners.yml, then deploy again', ({ allow }) =>
      allow.repositories.length > 0
        ? ok(allow.repositories.join(', '))
        : fail('allow.repositories is empty', 'put owner/name or owner/* there, then deploy again'),
    ),
});
