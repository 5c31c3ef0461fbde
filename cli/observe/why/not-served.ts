import { isAllowed } from '../../../functions/core/job/allow.ts';
import { readLabels } from '../../../functions/core/job/labels.ts';
import type { Policy } from '../../../functions/core/job/policy.ts';
import { explain, isUnservable, type Reason } from '../../../functions/core/words/reasons.ts';
import type { JobView } from '../snapshot.ts';
import { nearestLabel } from './nearest-label.ts';
import type { Observed } from './observed.ts';
import { ownPolicy } from './own-policy.ts';
import { type Wait, wait } from './waits.ts';

type Asked = Pick<JobView, 'labels' | 'repository' | 'reason' | 'rejection' | 'phase'>;

/** Where no runner of this deployment will run its steps: by its labels, its repository, or the policy. */
export function whyItIsNotServed(job: Asked, { snapshot }: Pick<Observed, 'snapshot'>): Wait | undefined {
  const { repository, rejection, phase } = job;
  const policy = ownPolicy(repository, snapshot);
  const reason = judged(job, policy);
  if (rejection !== undefined)
    return wait(
      'unservable',
      rejection,
      phase === 'ignored'
        ? TOLD_HERE_ALONE
        : 'A runner fails the job with these words, so that it does not wait.',
    );
  if (isUnservable(reason)) return wait('unservable', `${explain(reason, policy?.refuse)}.`, TOLD_HERE_ALONE);
  if (reason === 'rejections-over-limit')
    return wait(
      'unservable',
      `Its label cannot be served, and ${explain(reason)}: correct the label in runs-on.`,
    );
  if (reason === 'repository-not-allowed')
    return wait(
      'repository-not-allowed',
      `runners.yml does not allow ${repository}: add it to allow.repositories and deploy.`,
    );
  if (reason === 'public-repository-not-allowed')
    return wait(
      'repository-not-allowed',
      `${repository} is public, and allow.publicRepositories of runners.yml does not name it.`,
      'Anyone can open a pull request there: name it only if that code may run on your runners, and deploy.',
    );
  if (reason !== 'label-missing' && reason !== 'label-not-ours') return undefined;
  return wait('label-not-ours', notOurs(job, policy));
}

/** `rejections` of runners.yml may also be off. */
const TOLD_HERE_ALONE =
  'No runner fails it with these words, as that runner could be given a job that is served: correct the label, or cancel the job.';

/** What the policy says of a job that GitHub lists and no delivery told of. */
function judged(
  { reason, phase, labels, repository }: Asked,
  policy: Policy | undefined,
): Reason | undefined {
  if (reason !== undefined || phase !== 'ignored' || policy === undefined) return reason;
  const reading = readLabels(labels, policy);
  if (reading.kind === 'foreign') return reading.reason;
  const [owner = '', name = ''] = repository.split('/');
  if (!isAllowed({ owner, name }, policy)) return 'repository-not-allowed';
  if (policy.refuse !== undefined) return 'refused-by-rule';
  return reading.kind === 'unservable' ? reading.reason : 'public-repository-not-allowed';
}

function notOurs({ labels }: Asked, policy: Policy | undefined): string {
  const asked = labels.length === 0 ? 'no label' : labels.join(', ');
  const near = policy && nearestLabel(labels, policy);
  const toDo = near === undefined ? 'docs/labels.md lists them' : `the nearest label here is ${near}`;
  return `It asks for other runners (${asked}), which this deployment does not have: ${toDo}.`;
}
