import type { Reason } from '../../../functions/core/words/reasons.ts';
import type { JobView } from '../snapshot.ts';
import { type Wait, wait } from './waits.ts';

/** What reconcile, or the webhook, said of a job that GitHub gives to no runner. */
const HELD: Readonly<Partial<Record<Reason, Wait>>> = {
  'waiting-for-approval': wait(
    'approval',
    'GitHub waits for the approval of its environment: approve it on the run’s page.',
  ),
  'waiting-for-concurrency-group': wait(
    'concurrency-group',
    'GitHub waits for another job or run of its concurrency group to end.',
  ),
  'not-runnable-yet': wait(
    'held-by-github',
    'GitHub holds it back, though other jobs of its run have run: max-parallel or a concurrency group.',
  ),
  'group-excludes-repository': wait(
    'runner-group',
    'GitHub gives it to none of its runners: check that the runner group includes the repository',
    '(the organization’s settings, Actions, Runner groups), or correct runnerGroupId in runners.yml and deploy.',
  ),
  'over-a-day': wait('over-a-day', 'It was queued for a day, after which GitHub fails it: run it again.'),
};

const BY_STATUS: Readonly<Record<string, Reason>> = {
  waiting: 'waiting-for-approval',
  pending: 'waiting-for-concurrency-group',
};

/** Where GitHub holds a job back. GitHub's own list comes first: it is newer than a delivery. */
export function whyGitHubHoldsIt({ reason, statusAtGitHub }: JobView): Wait | undefined {
  const told = BY_STATUS[statusAtGitHub ?? ''] ?? reason;
  return told && HELD[told];
}
