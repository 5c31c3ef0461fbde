import { isAllowed, isAllowedPublic, scopeOf } from './allow.ts';
import type { Delivery, RepositoryFacts } from './events.ts';
import { readLabels } from './labels.ts';
import type { Policy, SizeRequest, TaskSize } from './policy.ts';
import type { Reason } from './reasons.ts';

/** Where a runner registers: `orgs/acme` or `repos/acme/web`, the path under GitHub's API. */
export type Scope = `orgs/${string}` | `repos/${string}/${string}`;

/** What is to be launched, for which job. Generation and time are the launch's, not the decision's. */
export interface Launch {
  readonly verdict: 'launch';
  readonly jobId: number;
  readonly runId: number;
  readonly repository: RepositoryFacts;
  readonly installationId: number | undefined;
  readonly scope: Scope;
  readonly runnerGroupId: number;
  /** Exactly the labels that the job asks for, in lower case: GitHub implies none, not even `self-hosted`. */
  readonly labels: readonly string[];
  readonly asked: SizeRequest;
  readonly given: TaskSize;
}

/** `ignore`: not ours, or not yet. `refuse`: ours by its label, and cannot be served. */
export interface NoLaunch {
  readonly verdict: 'ignore' | 'refuse';
  readonly reason: Reason;
  readonly detail?: string;
}

const no = (verdict: NoLaunch['verdict'], reason: Reason, detail?: string): NoLaunch => ({
  verdict,
  reason,
  ...(detail !== undefined && { detail }),
});
const ignore = (reason: Reason, detail?: string) => no('ignore', reason, detail);

/** A queued job, from a delivery or from GitHub's list. */
export interface QueuedJob {
  readonly jobId: number;
  readonly runId: number;
  readonly labels: readonly string[];
  readonly repository: RepositoryFacts;
  readonly installationId: number | undefined;
}

/** Whether a delivery wants a runner, which one, and if not, why. Total and pure; a "no" is an answer. */
export function decideLaunch(
  delivery: Exclude<Delivery, { kind: 'malformed' }>,
  policy: Policy,
): Launch | NoLaunch {
  if (delivery.kind === 'ping') return ignore('ping');
  if (delivery.kind === 'other') return ignore('event-not-handled', delivery.event);
  const { event } = delivery;
  if (event.action !== 'queued') return ignore('action-not-queued', event.action);
  // `queued` with status `waiting` comes with a `deployment`: an environment approval is outstanding.
  if (event.status !== 'queued') return ignore('waiting-for-approval', event.status);
  return decideQueued(event, policy);
}

/** Whether a queued job is ours, and how it is launched: the same for the webhook and for reconcile. */
export function decideQueued(job: QueuedJob, policy: Policy): Launch | NoLaunch {
  const { jobId, runId, repository, installationId } = job;
  const reading = readLabels(job.labels, policy);
  if (reading.kind === 'foreign') return ignore(reading.reason, reading.detail);
  const closed = closedTo(repository, policy);
  if (closed !== undefined) return ignore(closed, `${repository.owner}/${repository.name}`);
  if (reading.kind === 'refused') return no('refuse', reading.reason, reading.detail);
  const { asked, given } = reading;
  const scope = scopeOf(repository, policy);
  // Runner groups are an organisation's; a repository has only the default one.
  const runnerGroupId = scope.startsWith('orgs/') ? policy.runnerGroupId : 1;
  const labels = [...new Set(job.labels.map((label) => label.toLowerCase()))];
  const what = { jobId, runId, repository, installationId, labels, asked, given };
  return { verdict: 'launch', scope, runnerGroupId, ...what };
}

/** Before a label is refused: nobody outside the allow-list learns what the policy holds. */
function closedTo(repository: RepositoryFacts, policy: Policy): Reason | undefined {
  if (!isAllowed(repository, policy)) return 'repository-not-allowed';
  if (repository.isPublic && !isAllowedPublic(repository, policy)) return 'public-repository-not-allowed';
  return undefined;
}
